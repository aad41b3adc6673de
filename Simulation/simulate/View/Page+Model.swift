extension Page {
    /// What is where: lanes, rows, classes of messages, and the part of time that is shown.
    static let model = #"""
        const gutter = 118, axis = 24, faultRow = 15;
        const classes = [
          { name: "votes", test: /vote|timeout now/, color: ["#c2410c", "#fb923c"], most: 500 },
          { name: "appends", test: /append/, color: ["#1d4ed8", "#6ea8fe"], most: 250 },
          { name: "acknowledgements", test: /accepted|rejected/, color: ["#6d28d9", "#b197fc"], most: 250 },
          { name: "requests", test: /request/, color: ["#15803d", "#4ade80"], most: 300 },
          { name: "answers", test: /answer|push/, color: ["#0f766e", "#2dd4bf"], most: 300 },
          { name: "heartbeats", test: /heartbeat/, color: ["#64748b", "#94a3b8"], most: 150 },
          { name: "others", test: /./, color: ["#8b7355", "#c4a882"], most: 150 },
        ];
        const groupColors = { packets: "#d97706", partitions: "#db2777", crashes: "#57606a", pauses: "#ca8a04",
          disks: "#7c3aed", clocks: "#0891b2", clients: "#65a30d", faults: "#57606a" };
        const dark = () => document.documentElement.dataset.theme === "dark";
        const css = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
        const termColor = (term, alpha) =>
          `hsla(${(term * 67 + 210) % 360}, ${dark() ? 60 : 58}%, ${dark() ? 58 : 50}%, ${alpha ?? 1})`;
        const nameColor = (name, alpha) =>
          `hsla(${(name * 83 + 150) % 360}, 50%, ${dark() ? 52 : 46}%, ${alpha ?? 1})`;
        const word = index => index < 0 ? "" : run.words[index];

        // Messages by class, each in the order in which they were sent.
        const wordClass = run.words.map(text => classes.findIndex(c => c.test.test(text)));
        let slowest = 0;
        for (const c of classes) { c.messages = []; c.isShown = true; }
        for (const message of run.messages) {
          const c = wordClass[message[4]];
          classes[c < 0 ? classes.length - 1 : c].messages.push(message);
          if (message[3] > 0) slowest = Math.max(slowest, message[3] - message[2]);
        }

        // Per lane what is drawn on it, in the order of time.
        const lanes = run.lanes.map((label, place) => ({
          label, place, isNode: place < run.nodes, up: [], down: [], paused: [], roles: [], commits: [], beliefs: [],
          notes: [], faults: [], rows: [], top: 0, height: 0, middle: 0,
        }));
        for (const row of run.up) lanes[row[0]].up.push(row);
        for (const row of run.paused) lanes[row[0]].paused.push(row);
        for (const row of run.roles) lanes[row[0]].roles.push(row);
        for (const row of run.commits) lanes[row[0]].commits.push(row);
        for (const row of run.notes) lanes[row[0]].notes.push(row);
        for (const row of run.beliefs) {
          const lane = lanes[row[0]];
          lane.beliefs.push(row);
          if (!lane.rows.includes(row[1])) lane.rows.push(row[1]);
        }
        for (const lane of lanes) {
          lane.rows.sort((a, b) => run.names[a] < run.names[b] ? -1 : 1);
          let last = 0, why = "not started yet";
          for (const [, from, to, reason] of lane.up) {
            if (from > last) lane.down.push([lane.place, last, from, why]);
            last = to;
            why = word(reason) || "ended";
          }
          if (last < run.end) lane.down.push([lane.place, last, run.end, why]);
        }
        // Faults in as few rows as there is room for, and as strips over the lanes that they strike.
        const faultEnds = [];
        const faults = run.faults.map(([number, from, to, text, group, ...struck]) => {
          let row = faultEnds.findIndex(end => end <= from);
          if (row < 0) row = faultEnds.length;
          faultEnds[row] = Math.max(to, from + 1);
          const fault = { number, from, to, text: word(text),
            label: word(text).replace(/^#\d+ (\w+) at \d+ ms for \d+ ms: /, "$1 "), color: groupColors[run.groups[group]] || "#57606a", row };
          for (const place of struck) lanes[place].faults.push(fault);
          return fault;
        });
        const faultRows = Math.min(faultEnds.length, 6);

        // Where things are from top to bottom.
        const faultsTop = axis;
        let height = faultsTop + faultRows * faultRow + 6;
        for (const lane of lanes) {
          lane.top = height;
          lane.height = lane.isNode ? 56 : 24 + Math.max(1, lane.rows.length) * 13;
          lane.middle = lane.top + (lane.isNode ? 26 : 13);
          height += lane.height;
        }
        const rowTop = (lane, name) => lane.top + 22 + lane.rows.indexOf(name) * 13;

        // What N and P jump to.
        const moments = [];
        for (const [, from, , role] of run.roles) if (/leader/i.test(run.roleNames[role])) moments.push(from);
        for (const row of run.up) { moments.push(row[1]); if (row[2] < run.end) moments.push(row[2]); }
        for (const fault of faults) moments.push(fault.from);
        for (const row of run.overlaps) moments.push(row[1]);
        moments.sort((a, b) => a - b);

        // The part of time that is shown, in microseconds.
        const view = { from: 0, to: run.end, name: -1, width: 1000, height };
        const span = () => view.to - view.from;
        const x = time => gutter + (time - view.from) / span() * (view.width - gutter);
        const timeAt = place => view.from + (place - gutter) / (view.width - gutter) * span();

        /// The first place in a list at which a column is at least a value.
        function firstAt(list, column, value) {
          let low = 0, high = list.length;
          while (low < high) {
            const middle = (low + high) >> 1;
            if (list[middle][column] < value) low = middle + 1; else high = middle;
          }
          return low;
        }

        function timeText(time, step) {
          const decimals = step >= 1e6 ? 0 : step >= 1e5 ? 1 : step >= 1e4 ? 2 : step >= 1e3 ? 3 : step >= 100 ? 4
            : step >= 10 ? 5 : 6;
          return (time / 1e6).toFixed(decimals) + " s";
        }
        function lengthText(time) {
          if (time >= 1e6) return (time / 1e6).toFixed(3) + " s";
          return time >= 1e3 ? (time / 1e3).toFixed(3) + " ms" : time + " \u00b5s";
        }
        """#
}
