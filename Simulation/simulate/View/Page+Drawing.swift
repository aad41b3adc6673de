extension Page {
    /// The canvas as a whole: axis, faults, lanes, the violation, and the overview above.
    static let drawing = #"""
        const main = document.getElementById("main"), overview = document.getElementById("overview");
        const pen = main.getContext("2d"), small = overview.getContext("2d");
        const font = "11px system-ui, 'DejaVu Sans', sans-serif";
        let colors = {};

        function fit(canvas, context, width, height) {
          const ratio = window.devicePixelRatio || 1;
          canvas.style.height = height + "px";
          canvas.width = Math.round(width * ratio);
          canvas.height = Math.round(height * ratio);
          context.setTransform(ratio, 0, 0, ratio, 0, 0);
        }

        function resize() {
          view.width = document.documentElement.clientWidth;
          fit(main, pen, view.width, height + 20);
          fit(overview, small, view.width, 40);
          draw();
        }

        let asked = false;
        function draw() {
          if (asked) return;
          asked = true;
          requestAnimationFrame(() => { asked = false; drawNow(); });
        }

        function drawNow() {
          for (const name of ["back", "lane", "line", "text", "quiet", "red", "hatch", "amber", "panel", "green"]) {
            colors[name] = css("--" + name);
          }
          pen.font = font;
          pen.fillStyle = colors.back;
          pen.fillRect(0, 0, view.width, height + 20);
          drawLaneGrounds();
          drawAxis();
          pen.save();
          pen.beginPath();
          pen.rect(gutter, axis, view.width - gutter, height);
          pen.clip();
          drawBeyond();
          drawFaults();
          for (const lane of lanes) lane.isNode ? drawNode(lane) : drawClient(lane);
          drawMessages();
          drawOverlaps();
          pen.restore();
          drawViolation();
          drawLabels();
          drawHint();
          drawOverview();
          rememberPlace();
        }

        function drawLaneGrounds() {
          for (const lane of lanes) {
            if (lane.place % 2 === 0) {
              pen.fillStyle = colors.lane;
              pen.fillRect(0, lane.top, view.width, lane.height);
            }
          }
          pen.strokeStyle = colors.quiet;
          pen.lineWidth = 1;
          const border = lanes[run.nodes] ? lanes[run.nodes].top + .5 : 0;
          pen.beginPath();
          pen.moveTo(0, border);
          pen.lineTo(view.width, border);
          pen.stroke();
        }

        function axisStep() {
          const wanted = span() / (view.width - gutter) * 110;
          let step = Math.pow(10, Math.floor(Math.log10(wanted)));
          for (const factor of [1, 2, 5, 10]) if (step * factor >= wanted) return Math.max(1, step * factor);
          return step * 10;
        }

        function drawAxis() {
          const step = axisStep();
          pen.textAlign = "left";
          pen.textBaseline = "middle";
          for (let time = Math.ceil(view.from / step) * step; time <= view.to; time += step) {
            const place = Math.round(x(time)) + .5;
            pen.strokeStyle = colors.line;
            pen.beginPath();
            pen.moveTo(place, 4);
            pen.lineTo(place, height);
            pen.stroke();
            pen.fillStyle = colors.quiet;
            const text = timeText(time, step);
            if (place + 4 + pen.measureText(text).width < view.width) pen.fillText(text, place + 4, 12);
          }
        }

        /// As much of a text as there is room for; what is left out shows.
        function fitted(text, room) {
          const width = pen.measureText(text).width;
          if (width <= room) return text;
          const count = Math.floor(text.length * room / width) - 2;
          return count < 4 ? "" : text.slice(0, count) + "\u2026";
        }

        /// A label inside a bar, or a shorter one, whichever there is room for.
        function labelIn(text, from, to, y, color, short) {
          const left = Math.max(from, gutter) + 4, room = Math.min(to, view.width) - left - 3;
          const shown = short === undefined ? fitted(text, room)
            : [text, short].find(text => pen.measureText(text).width <= room);
          if (!shown) return;
          pen.fillStyle = color;
          pen.textAlign = "left";
          pen.textBaseline = "middle";
          pen.fillText(shown, left, y);
        }

        function drawFaults() {
          for (const fault of faults) {
            if (fault.to < view.from || fault.from > view.to || fault.row >= faultRows) continue;
            const from = x(fault.from), to = Math.max(x(fault.to), from + 2);
            const top = faultsTop + fault.row * faultRow + 2;
            pen.globalAlpha = .85;
            pen.fillStyle = fault.color;
            pen.fillRect(from, top, to - from, faultRow - 3);
            pen.globalAlpha = 1;
            labelIn(fault.label, from, to, top + 6.5, "#ffffff", fault.label.split(" ")[0]);
          }
        }

        /// Slanted lines over a part of a lane.
        function hatch(from, to, top, bottom, color, gap) {
          const left = Math.max(from, gutter), right = Math.min(to, view.width);
          if (right <= left) return;
          pen.save();
          pen.beginPath();
          pen.rect(left, top, right - left, bottom - top);
          pen.clip();
          pen.strokeStyle = color;
          pen.lineWidth = 1.2;
          pen.beginPath();
          const tall = bottom - top;
          for (let place = Math.floor((left - tall) / gap) * gap; place < right; place += gap) {
            pen.moveTo(place, bottom);
            pen.lineTo(place + tall, top);
          }
          pen.stroke();
          pen.restore();
        }

        /// What lies behind the end of the run was never run.
        function drawBeyond() {
          const left = x(run.end);
          if (left >= view.width) return;
          pen.globalAlpha = .6;
          pen.fillStyle = colors.panel;
          pen.fillRect(left, axis, view.width - left, height);
          pen.globalAlpha = 1;
          if (view.width - left > 110) {
            pen.fillStyle = colors.quiet;
            pen.textAlign = "left";
            pen.textBaseline = "middle";
            pen.fillText("the run ended here", left + 8, lanes[0].top - 6);
          }
        }

        function drawViolation() {
          if (run.violationAt === undefined) return;
          const place = x(run.violationAt);
          if (place < gutter || place > view.width) return;
          pen.strokeStyle = colors.red;
          pen.lineWidth = 2;
          pen.beginPath();
          pen.moveTo(place, 0);
          pen.lineTo(place, height);
          pen.stroke();
          const text = (run.verdict === "crash" ? "CRASHED " : "VIOLATED ") + run.violation;
          pen.font = "bold " + font;
          const room = Math.max(place - gutter, view.width - place) - 10;
          const shown = fitted(text, room);
          const width = pen.measureText(shown).width + 12;
          const left = view.width - place > place - gutter ? place : place - width;
          pen.fillStyle = colors.red;
          pen.fillRect(left, 1, width, 19);
          pen.fillStyle = dark() ? "#0f1318" : "#ffffff";
          pen.textAlign = "left";
          pen.textBaseline = "middle";
          pen.fillText(shown, left + 6, 11);
          pen.font = font;
          pen.fillStyle = colors.red;
          for (const at of run.violationLanes) {
            if (!lanes[at]) continue;
            pen.beginPath();
            pen.arc(place, lanes[at].middle, 5, 0, 7);
            pen.fill();
          }
        }

        function drawLabels() {
          pen.fillStyle = colors.back;
          pen.fillRect(0, 0, gutter, height);
          pen.textAlign = "left";
          pen.textBaseline = "middle";
          pen.fillStyle = colors.quiet;
          pen.fillText("true time", 10, 12);
          if (faultRows > 0) pen.fillText("faults", 10, faultsTop + 8);
          for (const lane of lanes) {
            if (lane.place % 2 === 0) {
              pen.fillStyle = colors.lane;
              pen.fillRect(0, lane.top, gutter, lane.height);
            }
            const isBlamed = run.violationLanes.includes(lane.place);
            pen.font = "bold 12px system-ui, 'DejaVu Sans', sans-serif";
            pen.fillStyle = isBlamed ? colors.red : colors.text;
            pen.fillText(lane.label, 10, lane.middle);
            pen.font = font;
            for (const name of lane.rows) {
              pen.fillStyle = view.name < 0 || view.name === name ? colors.quiet : colors.line;
              pen.textAlign = "right";
              pen.fillText(fitted(run.names[name], gutter - 16), gutter - 6, rowTop(lane, name) + 6);
              pen.textAlign = "left";
            }
          }
          pen.strokeStyle = colors.line;
          pen.beginPath();
          pen.moveTo(gutter + .5, 0);
          pen.lineTo(gutter + .5, height);
          pen.stroke();
        }

        function drawOverview() {
          const width = view.width, place = time => gutter + time / run.end * (width - gutter);
          small.fillStyle = colors.back;
          small.fillRect(0, 0, width, 40);
          small.font = font;
          small.fillStyle = colors.quiet;
          small.textBaseline = "middle";
          small.fillText("whole run", 10, 12);
          small.fillText(timeText(run.end, 1e4), 10, 28);
          for (const [, from, to, role, term] of run.roles) {
            if (!/leader/i.test(run.roleNames[role])) continue;
            small.fillStyle = termColor(term);
            small.fillRect(place(from), 6, Math.max(1, place(to) - place(from)), 10);
          }
          small.globalAlpha = .55;
          for (const fault of faults) {
            small.fillStyle = fault.color;
            small.fillRect(place(fault.from), 19, Math.max(1.5, place(fault.to) - place(fault.from)), 7);
          }
          small.globalAlpha = 1;
          small.fillStyle = colors.hatch;
          for (const lane of lanes) {
            if (!lane.isNode) continue;
            for (const [, from, to] of lane.down) {
              small.fillRect(place(from), 28 + lane.place * 2, Math.max(1, place(to) - place(from)), 1.5);
            }
          }
          small.fillStyle = colors.red;
          for (const [, from, to] of run.overlaps) {
            small.fillRect(place(from), 2, Math.max(2, place(to) - place(from)), 36);
          }
          if (run.violationAt !== undefined) small.fillRect(place(run.violationAt) - 1, 0, 2, 40);
          const left = place(view.from), right = Math.max(place(view.to), left + 3);
          small.strokeStyle = colors.text;
          small.lineWidth = 1.5;
          small.strokeRect(left + .5, 1, Math.min(right, width - 1) - left - 1, 38);
          small.fillStyle = dark() ? "rgba(255,255,255,.10)" : "rgba(0,0,0,.07)";
          small.fillRect(left, 1, right - left, 38);
        }
        """#
}
