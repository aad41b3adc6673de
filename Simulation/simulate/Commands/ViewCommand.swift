import Simulator

extension Command {
    static let view = Command(
        "view", parameters: ["FILE|SEED"],
        flags: [
            .value("output", "FILE.html", "where the page goes (default: SEED.html)"), .profile, .time, .timeout,
        ] + Flag.planted,
        summary: "Writes a page that shows a run: lanes, terms, messages, faults, beliefs.",
        details: """
            One file that needs nothing else; open it in a browser. It starts at the violation, or with the whole run
            when it passed. The part behind # in its address keeps the place, so a view can be passed on. A run that ends
            its process by a trap is shown up to there, and the exit status is 14; else it is 0.
            """,
        examples: ["simulate view 42 -o /tmp/42.html", "simulate view 42 --profile smoke -o /tmp/smoke.html"]
    ) { arguments throws(CommandFailure) in
        let job = try Job(fileOrSeed: arguments).planting(arguments)
        let path = arguments.text("output") ?? "\(job.seed).html"
        try TextFile.expectWritable(path)
        Terminal.complain(job.title)
        let seen = try Observation(of: job, arguments)
        try TextFile.write(Page.text(PictureBuilder.picture(of: seen, command: job.command)), to: path)
        let headline = FailureReport.headline(seen.report)
        Terminal.say(
            "\(job.title) \(seen.outcome.rawValue), hash \(PictureBuilder.hashText(seen.report)): \(path)"
                + (headline.isEmpty ? "" : "\n  \(headline)"))
        return seen.outcome == .crash ? Outcome.crash.exitCode : 0
    }
}
