import Simulator

extension Command {
    static let trace = Command(
        "trace", parameters: ["FILE|SEED"],
        flags: [
            .value("from", "TIME", "simulated time from which on (default: the beginning)"),
            .value("to", "TIME", "simulated time up to which (default: the end)"), .profile, .time,
        ] + Flag.planted,
        summary: "Prints what happened in a run, line by line: packets, roles, faults, beliefs.",
        details: "Narrow it down with --from and --to, and with grep.",
        examples: [
            "simulate trace 42 --from 10s --to 10500ms", "simulate trace 42 --profile smoke --to 1s | grep 'node 1'",
        ]
    ) { arguments throws(CommandFailure) in
        let job = try Job(fileOrSeed: arguments).planting(arguments)
        job.plant()
        let from = try arguments.time("from") ?? 0
        let to = try arguments.time("to") ?? 86_400_000
        let recorder = TraceRecorder()
        let report = Simulation.run(job.expanded, recorder: recorder)
        let window = UInt64(max(0, from)) * 1_000_000...UInt64(max(from, to)) * 1_000_000
        for event in recorder.events where window.contains(event.at) {
            Terminal.say(FailureReport.line(event, nodes: report.plan.nodes))
        }
        for violation in report.violations { Terminal.say("VIOLATED \(violation)") }
        for stuck in report.stuck { Terminal.say("STUCK \(stuck)") }
        return 0
    }
}
