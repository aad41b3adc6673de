extension Page {
    /// What is on the lanes: roles, commits, beliefs, messages. Thinned to a pixel when zoomed out.
    static let bars = #"""
        const barHeight = role => /leader/i.test(role) ? 22 : /candidate/i.test(role) ? 13 : 7;

        function drawNode(lane) {
          drawStrips(lane);
          for (const [, from, to, role, term] of lane.roles) {
            if (to < view.from || from > view.to) continue;
            const name = run.roleNames[role], tall = barHeight(name);
            const left = x(from), right = Math.max(x(to), left + 1);
            pen.fillStyle = termColor(term, /leader/i.test(name) ? 1 : .5);
            pen.fillRect(left, lane.middle - tall / 2, right - left, tall);
            if (/candidate/i.test(name)) hatch(left, right, lane.middle - tall / 2, lane.middle + tall / 2, colors.back, 5);
            if (/leader/i.test(name)) {
              labelIn(`leader, term ${term}`, left, right, lane.middle + .5, dark() ? "#0f1318" : "#ffffff", `${term}`);
            }
          }
          drawDown(lane);
          drawPaused(lane, lane.top + 10, lane.top + 44);
          drawTicks(lane.commits, lane.top + 40, 8, termlessTick());
          drawNotes(lane, lane.top + 51);
        }

        const termlessTick = () => dark() ? "#7ee787" : "#1a7f37";

        function drawStrips(lane) {
          for (const fault of lane.faults) {
            if (fault.to < view.from || fault.from > view.to) continue;
            const left = x(fault.from), right = Math.max(x(fault.to), left + 2);
            pen.fillStyle = fault.color;
            pen.globalAlpha = .07;
            pen.fillRect(left, lane.top, right - left, lane.height);
            pen.globalAlpha = .9;
            pen.fillRect(left, lane.top + 1, right - left, 3);
            pen.globalAlpha = 1;
          }
        }

        function drawDown(lane) {
          for (const [, from, to, why] of lane.down) {
            if (to < view.from || from > view.to) continue;
            const left = x(from), right = Math.max(x(to), left + 1.5);
            pen.fillStyle = colors.back;
            pen.fillRect(left, lane.top + 5, right - left, lane.height - 8);
            hatch(left, right, lane.top + 5, lane.top + lane.height - 3, colors.hatch, 7);
            pen.strokeStyle = colors.hatch;
            pen.strokeRect(left, lane.top + 5, right - left, lane.height - 8);
            if (right - Math.max(left, gutter) > 40) {
              const room = Math.min(right, view.width) - Math.max(left, gutter) - 6;
              const text = why && fitted("down: " + why, room - 4).length > 8 ? "down: " + why : "down";
              const width = pen.measureText(text).width + 8;
              pen.fillStyle = colors.back;
              pen.fillRect(Math.max(left, gutter) + 2, lane.middle - 8, Math.min(width, room), 16);
              labelIn(text, left, right, lane.middle, colors.quiet);
            }
          }
        }

        function drawPaused(lane, top, bottom) {
          for (const [, from, to] of lane.paused) {
            if (to < view.from || from > view.to) continue;
            const left = x(from), right = Math.max(x(to), left + 1.5);
            pen.globalAlpha = .25;
            pen.fillStyle = colors.amber;
            pen.fillRect(left, top, right - left, bottom - top);
            pen.globalAlpha = 1;
            hatch(left, right, top, bottom, colors.amber, 6);
            if (right - left > 70) {
              pen.fillStyle = colors.back;
              pen.fillRect(Math.max(left, gutter) + 2, bottom - 14, 50, 13);
              labelIn("stopped", left, right, bottom - 7, colors.amber, "");
            }
          }
        }

        /// One tick a pixel at most.
        function drawTicks(list, top, tall, color) {
          pen.strokeStyle = color;
          pen.lineWidth = 1;
          pen.beginPath();
          let last = -1;
          for (let index = firstAt(list, 1, view.from); index < list.length && list[index][1] <= view.to; index++) {
            const place = Math.round(x(list[index][1])) + .5;
            if (place === last) continue;
            last = place;
            pen.moveTo(place, top);
            pen.lineTo(place, top + tall);
          }
          pen.stroke();
        }

        function drawNotes(lane, y) {
          let last = -9;
          for (let index = firstAt(lane.notes, 1, view.from); index < lane.notes.length; index++) {
            const [, at, text, kind] = lane.notes[index];
            if (at > view.to) break;
            if (view.name >= 0 && kind === 0 && !word(text).includes(run.names[view.name])) continue;
            const place = x(at);
            if (place - last < 2) continue;
            last = place;
            pen.fillStyle = kind === 1 ? colors.amber : kind === 2 ? "#7c3aed" : colors.quiet;
            pen.beginPath();
            pen.arc(place, y, 2.2, 0, 7);
            pen.fill();
          }
        }

        function drawClient(lane) {
          drawStrips(lane);
          pen.strokeStyle = colors.line;
          pen.lineWidth = 1;
          pen.beginPath();
          pen.moveTo(gutter, lane.middle + .5);
          pen.lineTo(view.width, lane.middle + .5);
          pen.stroke();
          for (const [, name, token, from, to] of lane.beliefs) {
            if (to < view.from || from > view.to) continue;
            const left = x(from), right = Math.max(x(to), left + 1.5), top = rowTop(lane, name);
            const isQuiet = view.name >= 0 && view.name !== name;
            pen.fillStyle = nameColor(name, isQuiet ? .12 : .95);
            pen.fillRect(left, top, right - left, 11);
            if (!isQuiet) labelIn(`token ${token}`, left, right, top + 6, "#ffffff", `${token}`);
          }
          drawDown(lane);
          drawPaused(lane, lane.top + 5, lane.top + lane.height - 3);
          drawNotes(lane, lane.middle);
        }

        function drawOverlaps() {
          for (const [name, from, to, one, other] of run.overlaps) {
            if (to < view.from || from > view.to || (view.name >= 0 && view.name !== name)) continue;
            const left = x(from), right = Math.max(x(to), left + 4);
            const tops = [one, other].map(place => rowTop(lanes[place], name));
            pen.fillStyle = colors.red;
            pen.globalAlpha = .22;
            pen.fillRect(left, Math.min(...tops), right - left, Math.abs(tops[0] - tops[1]) + 11);
            pen.globalAlpha = 1;
            for (const top of tops) {
              pen.fillStyle = colors.red;
              pen.fillRect(left, top - 1, right - left, 13);
              labelIn("OVERLAP of " + run.names[name], left, right, top + 6, dark() ? "#0f1318" : "#ffffff", "OVERLAP");
            }
          }
        }

        // What is drawn of the messages, for hovering; and what is not, for the hint.
        let drawn = [], hidden = [];

        function drawMessages() {
          drawn = [];
          hidden = [];
          for (const kind of classes) {
            if (!kind.isShown) continue;
            const start = firstAt(kind.messages, 2, view.from - slowest), end = firstAt(kind.messages, 2, view.to);
            if (end - start > kind.most) { hidden.push(`${(end - start).toLocaleString("en")} ${kind.name}`); continue; }
            drawMessageClass(kind, start, end);
          }
        }

        function drawMessageClass(kind, start, end) {
          const color = kind.color[dark() ? 1 : 0];
          const lost = [];
          pen.strokeStyle = color;
          pen.fillStyle = color;
          pen.lineWidth = 1.2;
          pen.globalAlpha = kind.name === "heartbeats" ? .45 : .8;
          for (let index = start; index < end; index++) {
            const message = kind.messages[index], [from, to, sent, arrives] = message;
            const x0 = x(sent), y0 = lanes[from].middle;
            if (arrives < 0) { lost.push(message); continue; }
            const x1 = x(arrives), y1 = lanes[to].middle;
            if (x1 < gutter) continue;
            pen.beginPath();
            pen.moveTo(x0, y0);
            pen.lineTo(x1, y1);
            pen.stroke();
            arrow(x0, y0, x1, y1);
            drawn.push([x0, y0, x1, y1, message, kind]);
          }
          pen.globalAlpha = .85;
          for (const message of lost) {
            const x0 = x(message[2]), y0 = lanes[message[0]].middle;
            const x1 = x0 + 6, y1 = y0 + (lanes[message[1]].middle - y0) * .6;
            pen.setLineDash([4, 3]);
            pen.beginPath();
            pen.moveTo(x0, y0);
            pen.lineTo(x1, y1);
            pen.stroke();
            pen.setLineDash([]);
            pen.strokeStyle = colors.red;
            pen.beginPath();
            pen.moveTo(x1 - 4, y1 - 4);
            pen.lineTo(x1 + 4, y1 + 4);
            pen.moveTo(x1 - 4, y1 + 4);
            pen.lineTo(x1 + 4, y1 - 4);
            pen.stroke();
            pen.strokeStyle = color;
            drawn.push([x0, y0, x1, y1, message, kind]);
          }
          pen.globalAlpha = 1;
        }

        function arrow(x0, y0, x1, y1) {
          const length = Math.hypot(x1 - x0, y1 - y0);
          if (length < 12) return;
          const dx = (x1 - x0) / length, dy = (y1 - y0) / length;
          pen.beginPath();
          pen.moveTo(x1, y1);
          pen.lineTo(x1 - 7 * dx - 3 * dy, y1 - 7 * dy + 3 * dx);
          pen.lineTo(x1 - 7 * dx + 3 * dy, y1 - 7 * dy - 3 * dx);
          pen.fill();
        }

        function drawHint() {
          const parts = [];
          if (hidden.length) parts.push("zoom in for " + hidden.join(", "));
          if (run.dropped) parts.push(`${run.dropped.toLocaleString("en")} later events were not recorded`);
          if (!parts.length) return;
          const text = parts.join(" \u00b7 "), width = pen.measureText(text).width + 12;
          const top = height + 2;
          pen.globalAlpha = .85;
          pen.fillStyle = colors.panel;
          pen.fillRect(view.width - width - 4, top, width, 16);
          pen.globalAlpha = 1;
          pen.fillStyle = colors.quiet;
          pen.textAlign = "left";
          pen.textBaseline = "middle";
          pen.fillText(text, view.width - width + 2, top + 8);
        }
        """#
}
