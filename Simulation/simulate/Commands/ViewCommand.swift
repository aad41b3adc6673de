import Simulator

extension Command {
    static let view = Command(
        "view", parameters: ["FILE|SEED"],
        flags: [
            .value("output", "FILE.html", "where the page goes (default: SEED.html)"), .profile, .time,
        ] + Flag.planted,
        summary: "Writes a page that shows a run: lanes, terms, messages, faults, beliefs.",
        details: """
            One file that needs nothing else; open it in a browser. It starts at the violation, or with the whole run
            when it passed. The part behind # in its address keeps the place, so a view can be passed on.
            """,
        examples: ["simulate view 42 -o /tmp/42.html", "simulate view 42 --profile smoke -o /tmp/smoke.html"]
    ) { arguments throws(CommandFailure) in
        let job = try Job(fileOrSeed: arguments).planting(arguments)
        job.plant()
        Terminal.complain(job.title)
        let recorder = TraceRecorder()
        let report = Simulation.run(job.expanded, recorder: recorder)
        let path = arguments.text("output") ?? "\(job.seed).html"
        try TextFile.write(
            Page.text(PictureBuilder.picture(of: report, recorder: recorder, command: job.command)), to: path)
        Terminal.say("\(job.title) \(Outcome(report.verdict).rawValue), hash \(hash(report)): \(path)")
        return 0
    }

    private static func hash(_ report: Report) -> String { PictureBuilder.hashText(report) }
}
