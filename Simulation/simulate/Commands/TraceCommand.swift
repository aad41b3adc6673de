import Simulator

extension Command {
    static let trace = Command(
        "trace", parameters: ["FILE|SEED"],
        flags: [
            .value("from", "TIME", "simulated time from which on (default: the beginning)"),
            .value("to", "TIME", "simulated time up to which (default: the end)"), .profile, .time, .timeout,
        ] + Flag.planted,
        summary: "Prints what happened in a run, line by line: packets, roles, faults, beliefs.",
        details: """
            Narrow it down with --from and --to, and with grep. A run that ends its process by a trap is told up to there,
            and the exit status is 14.
            """,
        examples: [
            "simulate trace 42 --from 10s --to 10500ms", "simulate trace 42 --profile smoke --to 1s | grep 'node 1'",
        ]
    ) { arguments throws(CommandFailure) in
        let from = try arguments.time("from", in: 0...Arguments.timeMost) ?? 0
        let to = try arguments.time("to", in: 0...Arguments.timeMost) ?? Arguments.timeMost
        guard from <= to else { throw CommandFailure("--from is later than --to") }
        let seen = try Observation(of: try Job(fileOrSeed: arguments).planting(arguments), arguments)
        let window = UInt64(from) * 1_000_000...UInt64(to) * 1_000_000
        for event in seen.recorder.events where window.contains(event.at) {
            Terminal.say(FailureReport.line(event, nodes: seen.report.plan.nodes))
        }
        for violation in seen.report.violations { Terminal.say("VIOLATED \(violation)") }
        for stuck in seen.report.stuck { Terminal.say("STUCK \(stuck)") }
        return seen.outcome == .crash ? Outcome.crash.exitCode : 0
    }
}

extension Observation {
    /// Watches a run for a command.
    init(of job: Job, _ arguments: Arguments) throws(CommandFailure) {
        let timeout = try arguments.time("timeout") ?? 120_000
        self = try reporting { try Observation(of: job, by: Supervisor(jobs: 1, timeout: timeout)) }
    }
}
