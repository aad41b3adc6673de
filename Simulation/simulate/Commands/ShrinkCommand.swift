import Foundation
import Simulator

extension Command {
    static let shrink = Command(
        "shrink", parameters: ["FILE|SEED"],
        flags: [
            .value("output", "FILE", "where the smaller replay file goes (default: shrunk-SEED.json)"),
            .value("budget", "TIME", "real time that it may take (default 5m)"), .profile, .time, .timeout,
        ] + Flag.planted,
        summary: "Cuts a failing run to what matters, and writes it as a replay file.",
        details: """
            Drops whole classes of faults, then single faults, then shortens and softens what is left, then takes out
            nodes, clients, names and time, as long as the same property is violated (or it ends as badly in the same
            way). Each try runs in a child process. Exits 0 when a smaller or equal plan was written. Ctrl-C ends it with
            what it has found so far.
            """,
        examples: [
            "simulate plan 42 > /tmp/42.json && simulate shrink /tmp/42.json -o /tmp/small.json  # passes: nothing to shrink"
        ]
    ) { arguments throws(CommandFailure) in
        var run = try ShrinkRun(
            job: try Job(fileOrSeed: arguments).planting(arguments), timeout: try arguments.time("timeout") ?? 120_000)
        let path = arguments.text("output") ?? "shrunk-\(run.job.seed).json"
        try TextFile.expectWritable(path)
        return try reporting { try run.carryOut(budget: try arguments.time("budget") ?? 300_000, path: path) }
    }
}

extension Job {
    /// The run of a replay file.
    init(file path: String) throws(CommandFailure) {
        self.init(plan: try ReplayFile.read(path))
        replayCommand = "simulate replay \(shellQuoted(path))"
    }

    /// The run of a replay file, or of a seed when the word is a number.
    init(fileOrSeed arguments: Arguments) throws(CommandFailure) {
        let word = arguments.words[0]
        guard !word.drop(while: { $0 == "-" }).allSatisfy({ ("0"..."9").contains($0) }) else {
            try self.init(arguments)
            return
        }
        for flag in ["profile", "time"] where arguments.text(flag) != nil {
            throw CommandFailure("--\(flag) goes with a seed; what is in a file says it itself")
        }
        try self.init(file: word)
    }
}

/// Shrinks in child processes.
struct ShrinkRun {
    let job: Job
    private let supervisor: Supervisor

    init(job: Job, timeout: Int) throws(CommandFailure) {
        self.job = job
        supervisor = try Supervisor(jobs: 1, timeout: timeout)
    }

    /// How a run failed; two that are equal failed in the same way.
    private struct Failure: Equatable {
        var outcome: Outcome
        var property: Int?
    }

    private static func failure(_ ending: Ending) -> Failure {
        switch ending {
        case .answered(let result): Failure(outcome: result.outcome, property: result.property)
        case .crashed: Failure(outcome: .crash)
        case .timedOut: Failure(outcome: .timeout)
        }
    }

    /// Shrinks, tells what was kept, and writes it.
    mutating func carryOut(budget: Int, path: String) throws -> Int32 {
        let plan = job.expanded
        let first = try supervisor.run(job.running(plan))
        let wanted = Self.failure(first)
        guard wanted.outcome != .passed else {
            throw CommandFailure("\(job.title) passes: there is nothing to shrink")
        }
        var violatedAt: Int?
        if case .answered(let result) = first, let at = result.violatedAt { violatedAt = Int(at / 1_000_000) }
        Terminal.complain("\(job.title): \(wanted.outcome.rawValue), \(Self.headline(first))")
        let began = ContinuousClock.now
        let isOver = { Interruption.hasCome || began.duration(to: .now) >= .milliseconds(budget) }
        let (supervisor, template) = (self.supervisor, job)
        var shrinker = Shrinker(
            plan, isOver: isOver,
            progress: { step, smallest, runs in
                Terminal.progress("\(counted(runs, "run")), \(Self.size(smallest)): trying \(step)")
            },
            fails: { candidate in
                guard let ending = try? supervisor.run(template.running(candidate)), !Interruption.hasCome
                else { return false }
                return Self.failure(ending) == wanted
            })
        shrinker.shrink(violatedAt: violatedAt)
        Terminal.endProgress()
        try ReplayFile.write(shrinker.smallest, to: path)
        let cutShort = Interruption.hasCome ? " (interrupted)" : isOver() ? " (no time left)" : ""
        tell(plan, shrinker, cutShort, path: path)
        return Interruption.hasCome ? Outcome.interrupted.exitCode : 0
    }

    private func tell(_ plan: Plan, _ shrinker: Shrinker, _ cutShort: String, path: String) {
        Terminal.say("from  \(Self.size(plan))")
        Terminal.say(
            "to    \(Self.size(shrinker.smallest)), in \(counted(shrinker.runs, "run"))\(cutShort)")
        for fault in shrinker.smallest.faults.prefix(12) {
            Terminal.say(clipped("  " + fault.description(nodes: shrinker.smallest.nodes)))
        }
        if shrinker.smallest.faults.count > 12 { Terminal.say("  and \(shrinker.smallest.faults.count - 12) more") }
        Terminal.say("again with: simulate replay \(shellQuoted(path))\(job.plantedWords)")
    }

    private static func headline(_ ending: Ending) -> String {
        switch ending {
        case .answered(let result): result.headline
        case .crashed(let status, _): status
        case .timedOut(let limit): "no result within \(limit / 1_000) s"
        }
    }

    private static func size(_ plan: Plan) -> String {
        [
            counted(plan.faults.count, "fault"), counted(plan.nodes, "node"), counted(plan.clients, "client"),
            counted(plan.work.names, "name"), "\(plan.trouble) ms",
        ].joined(separator: ", ")
    }
}
