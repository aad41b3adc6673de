extension Page {
    /// How it looks, in light and in dark.
    static let style = #"""
        :root { color-scheme: light; --back: #ffffff; --lane: #f5f6f8; --line: #d8dce2; --text: #1b1f24;
          --quiet: #66707c; --panel: #f0f2f5; --red: #d1242f; --redback: #ffebe9; --green: #1a7f37;
          --amber: #b7791f; --node: #24292f; --hatch: #9aa4b0; }
        :root[data-theme=dark] { color-scheme: dark; --back: #0f1318; --lane: #161b22; --line: #30363d;
          --text: #e6edf3; --quiet: #8d96a0; --panel: #1c2128; --red: #ff6a5f; --redback: #3d1513;
          --green: #3fb950; --amber: #e3b341; --node: #e6edf3; --hatch: #6e7681; }
        * { box-sizing: border-box; }
        body { margin: 0; background: var(--back); color: var(--text);
          font: 13px/1.4 system-ui, "DejaVu Sans", sans-serif; }
        header { padding: 10px 14px 6px; }
        header .first { display: flex; flex-wrap: wrap; gap: 6px 14px; align-items: baseline; }
        h1 { font-size: 17px; margin: 0; }
        .badge { font-weight: 700; padding: 1px 9px; border-radius: 4px; color: #fff; background: var(--green); }
        :root[data-theme=dark] .badge { color: #0f1318; }
        .failed .badge { background: var(--red); }
        .facts { margin: 6px 0 0; padding: 6px 10px; border-left: 4px solid var(--red);
          background: var(--redback); font-family: ui-monospace, "DejaVu Sans Mono", monospace; font-size: 12px; }
        .facts:empty { display: none; }
        code { font-family: ui-monospace, "DejaVu Sans Mono", monospace; font-size: 12px;
          background: var(--panel); padding: 1px 5px; border-radius: 3px; }
        .quiet { color: var(--quiet); }
        nav { display: flex; flex-wrap: wrap; gap: 4px 8px; align-items: center; padding: 4px 14px 6px; }
        button, select { font: inherit; color: inherit; background: var(--panel); border: 1px solid var(--line);
          border-radius: 4px; padding: 1px 8px; }
        button:hover { border-color: var(--quiet); }
        .legend { display: flex; flex-wrap: wrap; gap: 2px 12px; padding: 0 14px 6px; font-size: 12px; }
        .legend label { display: inline-flex; gap: 4px; align-items: center; cursor: pointer; }
        .legend input { margin: 0; width: 11px; height: 11px; }
        .legend i { display: inline-block; width: 16px; height: 9px; border-radius: 2px; }
        .legend .dot { width: 6px; height: 6px; border-radius: 3px; }
        .legend b { font-weight: 600; color: var(--quiet); }
        canvas { display: block; width: 100%; touch-action: none; }
        #overview { height: 40px; cursor: pointer; border-top: 1px solid var(--line); }
        #main { cursor: grab; border-top: 1px solid var(--line); border-bottom: 1px solid var(--line); }
        #main.dragged { cursor: grabbing; }
        #tip { position: fixed; display: none; pointer-events: none; max-width: 560px; padding: 5px 9px;
          background: var(--panel); border: 1px solid var(--quiet); border-radius: 5px; font-size: 12px;
          box-shadow: 0 3px 14px rgba(0, 0, 0, .3); white-space: pre-wrap; z-index: 2; }
        details { padding: 6px 14px 14px; }
        pre { font-family: ui-monospace, "DejaVu Sans Mono", monospace; font-size: 12px; margin: 6px 0 0;
          overflow-x: auto; }
        """#

    /// What is on it besides the two canvases.
    static let body = #"""
        <body>
        <header>
          <div class="first"><span class="badge" id="verdict"></span><h1 id="title"></h1>
            <span class="quiet" id="facts-of-run"></span></div>
          <div class="first"><span class="quiet">again with</span><code id="command"></code>
            <span class="quiet">hash</span><code id="hash"></code></div>
          <div class="facts" id="facts"></div>
        </header>
        <nav>
          <button id="whole" title="0">whole run</button>
          <button id="violation" title="V">violation</button>
          <button id="before" title="P">&#9664; previous</button>
          <button id="after" title="N">next &#9654;</button>
          <button id="out" title="&minus;">&minus;</button><button id="in" title="+">+</button>
          <label>name <select id="name"><option value="-1">all</option></select></label>
          <button id="theme" title="T">light / dark</button>
          <span class="quiet">wheel, + &minus; zoom &middot; drag, &larr; &rarr; pan &middot; N P next and previous election,
            crash or fault<span id="violation-key"> &middot; V violation</span> &middot; 0 whole run</span>
        </nav>
        <div class="legend" id="legend"></div>
        <canvas id="overview"></canvas>
        <canvas id="main"></canvas>
        <details id="more"><summary>Report and figures</summary><pre id="report"></pre></details>
        <div id="tip"></div>
        </body>
        """#
}
