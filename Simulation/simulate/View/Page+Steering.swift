extension Page {
    /// What is under the mouse.
    static let hovering = #"""
        const tip = document.getElementById("tip");

        function distance(px, py, [x0, y0, x1, y1]) {
          const dx = x1 - x0, dy = y1 - y0, length = dx * dx + dy * dy;
          const part = length ? Math.max(0, Math.min(1, ((px - x0) * dx + (py - y0) * dy) / length)) : 0;
          return Math.hypot(px - x0 - part * dx, py - y0 - part * dy);
        }

        /// Every line of detail there is at a point.
        function detailsAt(px, py) {
          if (px < gutter) return [];
          const time = timeAt(px), slack = span() / (view.width - gutter) * 3, lines = [];
          const covers = (from, to) => from - slack <= time && time <= to + slack;
          for (const fault of faults) {
            const top = faultsTop + fault.row * faultRow;
            if (py >= top && py < top + faultRow && fault.row < faultRows && covers(fault.from, fault.to)) {
              lines.push(`fault ${fault.text}`);
            }
          }
          const lane = lanes.find(lane => py >= lane.top && py < lane.top + lane.height);
          if (lane) laneDetails(lane, py, time, slack, covers, lines);
          let nearest = null, least = 6;
          for (const entry of drawn) {
            const away = distance(px, py, entry);
            if (away < least) { least = away; nearest = entry; }
          }
          if (nearest) {
            const [from, to, sent, arrives, text] = nearest[4];
            lines.unshift(`${run.lanes[from]} \u2192 ${run.lanes[to]}: ${word(text)}`
              + (arrives < 0 ? "\n  LOST, sent at " + timeText(sent, 1)
                : `\n  ${timeText(sent, 1)} to ${timeText(arrives, 1)}, ${lengthText(arrives - sent)}`));
          }
          return lines;
        }

        function laneDetails(lane, py, time, slack, covers, lines) {
          for (const fault of lane.faults) if (covers(fault.from, fault.to)) lines.push(`under fault ${fault.text}`);
          for (const [, from, to, why] of lane.down) {
            if (covers(from, to)) lines.push(`${lane.label} is down for ${lengthText(to - from)}: ${why}`);
          }
          for (const [, from, to] of lane.paused) {
            if (covers(from, to)) lines.push(`${lane.label} is stopped for ${lengthText(to - from)}`);
          }
          for (const [, from, to, role, term] of lane.roles) {
            if (covers(from, to)) {
              lines.push(`${lane.label} is ${run.roleNames[role]} in term ${term}, `
                + `${timeText(from, 1000)} to ${timeText(to, 1000)}`);
            }
          }
          for (const [, name, token, from, to] of lane.beliefs) {
            const top = rowTop(lane, name);
            if (covers(from, to) && py >= top && py < top + 13) {
              lines.push(`${lane.label} believes that it holds ${run.names[name]}, token ${token}\n`
                + `  ${timeText(from, 1)} to ${timeText(to, 1)}, ${lengthText(to - from)}`);
            }
          }
          const nearTicks = (list, make) => {
            for (let index = firstAt(list, 1, time - slack); index < list.length; index++) {
              if (list[index][1] > time + slack || lines.length > 9) break;
              lines.push(make(list[index]));
            }
          };
          if (lane.isNode) nearTicks(lane.commits, row => `commits ${row[2]} at ${timeText(row[1], 1)}`);
          nearTicks(lane.notes, row => `${timeText(row[1], 1)} ${word(row[2])}`);
        }

        function hover(event) {
          const box = main.getBoundingClientRect();
          const lines = detailsAt(event.clientX - box.left, event.clientY - box.top);
          if (!lines.length) { tip.style.display = "none"; return; }
          tip.textContent = timeText(timeAt(event.clientX - box.left), 1) + "\n" + lines.slice(0, 10).join("\n");
          tip.style.display = "block";
          const left = Math.min(event.clientX + 14, window.innerWidth - tip.offsetWidth - 8);
          const top = event.clientY + 16 + tip.offsetHeight > window.innerHeight
            ? event.clientY - tip.offsetHeight - 10 : event.clientY + 16;
          tip.style.left = Math.max(4, left) + "px";
          tip.style.top = Math.max(4, top) + "px";
        }
        """#

    /// Zooming, panning, jumping, filtering, and where it all starts.
    static let steering = #"""
        const margin = Math.max(run.end * .01, 4e5);

        function show(from, to) {
          let length = Math.max(20, Math.min(to - from, run.end + 2 * margin));
          from = Math.max(-margin, Math.min(from, run.end + margin - length));
          view.from = from;
          view.to = from + length;
          draw();
        }
        function zoom(factor, around) {
          const middle = around === undefined ? (view.from + view.to) / 2 : around;
          show(middle - (middle - view.from) * factor, middle + (view.to - middle) * factor);
        }
        const pan = part => show(view.from + span() * part, view.to + span() * part);
        const whole = () => show(-run.end * .01, run.end * 1.01);
        function toViolation() {
          if (run.violationAt !== undefined) show(run.violationAt - 1.2e6, run.violationAt + 4e5); else whole();
        }
        function jump(direction) {
          const middle = (view.from + view.to) / 2, slack = span() / 1000;
          const next = direction > 0 ? moments.find(time => time > middle + slack)
            : moments.findLast(time => time < middle - slack);
          if (next === undefined) return;
          const length = Math.min(span(), 4e6);
          show(next - length / 2, next + length / 2);
        }

        main.addEventListener("wheel", event => {
          event.preventDefault();
          const left = event.clientX - main.getBoundingClientRect().left;
          if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
            pan((event.deltaX || event.deltaY) / 1000);
          } else {
            zoom(Math.pow(1.0016, event.deltaY), timeAt(Math.max(gutter, left)));
          }
        }, { passive: false });
        let drag = null;
        main.addEventListener("pointerdown", event => {
          drag = { left: event.clientX, from: view.from, to: view.to };
          main.setPointerCapture(event.pointerId);
          main.classList.add("dragged");
        });
        main.addEventListener("pointermove", event => {
          if (!drag) return hover(event);
          const moved = (drag.left - event.clientX) / (view.width - gutter) * (drag.to - drag.from);
          show(drag.from + moved, drag.to + moved);
        });
        const letGo = () => { drag = null; main.classList.remove("dragged"); };
        main.addEventListener("pointerup", letGo);
        main.addEventListener("pointercancel", letGo);
        main.addEventListener("pointerleave", () => { tip.style.display = "none"; });
        main.addEventListener("dblclick", event => zoom(.25, timeAt(event.clientX)));
        let brushed = false;
        function brush(event) {
          const middle = (event.clientX - gutter) / (view.width - gutter) * run.end;
          const length = Math.min(span(), run.end / 3);
          show(middle - length / 2, middle + length / 2);
        }
        overview.addEventListener("pointerdown", event => {
          brushed = true;
          overview.setPointerCapture(event.pointerId);
          brush(event);
        });
        overview.addEventListener("pointermove", event => { if (brushed) brush(event); });
        overview.addEventListener("pointerup", () => { brushed = false; });

        const keys = {
          ArrowLeft: () => pan(-.2), ArrowRight: () => pan(.2), ArrowUp: () => zoom(.6), ArrowDown: () => zoom(1.6),
          "+": () => zoom(.5), "=": () => zoom(.5), "-": () => zoom(2), 0: whole, Home: whole, v: toViolation,
          n: () => jump(1), p: () => jump(-1), t: turnTheme,
        };
        window.addEventListener("keydown", event => {
          if (event.ctrlKey || event.metaKey || event.altKey || event.target.tagName === "SELECT") return;
          const action = keys[event.key] || keys[event.key.toLowerCase()];
          if (!action) return;
          event.preventDefault();
          action();
        });
        window.addEventListener("resize", resize);

        function turnTheme() {
          document.documentElement.dataset.theme = dark() ? "light" : "dark";
          makeLegend();
          draw();
        }

        function makeLegend() {
          const legend = document.getElementById("legend");
          legend.replaceChildren();
          const add = (color, text, kind, shape) => {
            const label = document.createElement("label"), mark = document.createElement("i");
            if (kind) {
              const box = document.createElement("input");
              box.type = "checkbox";
              box.checked = kind.isShown;
              box.addEventListener("change", () => { kind.isShown = box.checked; draw(); });
              label.append(box);
            }
            mark.style.background = color;
            if (shape) mark.className = shape;
            label.append(mark, text);
            legend.append(label);
          };
          const title = text => {
            const bold = document.createElement("b");
            bold.textContent = text;
            legend.append(bold);
          };
          title("Nodes:");
          add(termColor(1), "leader (thick; a colour a term)");
          add(`repeating-linear-gradient(135deg, ${css("--back")} 0 2px, ${termColor(1, .5)} 2px 5px)`, "candidate");
          add(termColor(1, .5), "follower (thin)");
          add(`repeating-linear-gradient(135deg, ${css("--hatch")} 0 2px, transparent 2px 5px)`, "down");
          add(`repeating-linear-gradient(135deg, ${css("--amber")} 0 2px, transparent 2px 5px)`, "stopped");
          add(termlessTick(), "commit (tick)");
          add("#7c3aed", "disk", null, "dot");
          add(css("--amber"), "said to the operator", null, "dot");
          title("Clients:");
          add(`linear-gradient(90deg, ${[0, 1, 2, 3].map(name => nameColor(name)).join(", ")})`,
            "believes that it holds a lease (a colour a name), with its token");
          add(css("--red"), "two believe at once");
          add(css("--quiet"), "asks or is answered", null, "dot");
          title("Messages:");
          for (const kind of classes) if (kind.messages.length) add(kind.color[dark() ? 1 : 0], kind.name, kind);
          if (run.groups.length) title("Faults:");
          for (const group of run.groups) add(groupColors[group], group);
        }

        /// The part of the address behind # keeps the place: from and to in seconds, name, theme.
        function rememberPlace() {
          const parts = [`from=${(view.from / 1e6).toFixed(6)}`, `to=${(view.to / 1e6).toFixed(6)}`];
          if (view.name >= 0) parts.push("name=" + encodeURIComponent(run.names[view.name]));
          parts.push("theme=" + (dark() ? "dark" : "light"));
          try { history.replaceState(null, "", "#" + parts.join("&")); } catch (error) { /* a page in a frame */ }
        }

        function start() {
          const place = new URLSearchParams(location.hash.slice(1));
          const prefersDark = matchMedia("(prefers-color-scheme: dark)").matches;
          const theme = place.get("theme");
          document.documentElement.dataset.theme =
            ["dark", "light"].includes(theme) ? theme : prefersDark ? "dark" : "light";
          const byId = id => document.getElementById(id);
          const isFailed = run.verdict !== "passed";
          document.body.classList.toggle("failed", isFailed);
          byId("verdict").textContent = isFailed ? "FAILED: " + run.verdict : "PASSED";
          byId("title").textContent = `seed ${run.seed}, profile ${run.profile}`;
          byId("facts-of-run").textContent = run.size;
          byId("command").textContent = run.command;
          byId("hash").textContent = run.hash;
          byId("facts").textContent = run.facts.join("\n");
          byId("facts").style.whiteSpace = "pre-wrap";
          byId("report").textContent = run.report.join("\n");
          for (const id of ["violation", "violation-key"]) byId(id).hidden = run.violationAt === undefined;
          run.names.forEach((name, index) => byId("name").append(new Option(name, index)));
          const named = run.names.indexOf(place.get("name"));
          if (named >= 0) { view.name = named; byId("name").value = named; }
          byId("name").addEventListener("change", event => { view.name = Number(event.target.value); draw(); });
          const press = { whole, violation: toViolation, before: () => jump(-1), after: () => jump(1),
            out: () => zoom(2), in: () => zoom(.5), theme: turnTheme };
          for (const id in press) byId(id).addEventListener("click", press[id]);
          makeLegend();
          resize();
          const [from, to] = ["from", "to"].map(name => Number.parseFloat(place.get(name)) * 1e6);
          if (from < to && to > 0 && from < run.end) show(from, to); else toViolation();
        }
        start();
        """#
}
