import Foundation
import LeaseholdBase
import Simulator

extension Command {
    static let run = Command(
        "run", parameters: ["SEED"],
        flags: [.profile, .time, .timeout, .present("verbose", "the plan too, and what nodes told last"), .json]
            + Flag.planted,
        summary: "Runs one seed and tells what it came to.",
        examples: ["simulate run 42", "simulate run 42 --profile disks --time 20s --json"]
    ) { arguments throws(CommandFailure) in try run(try Job(arguments), arguments) }

    static let replay = Command(
        "replay", parameters: ["FILE"],
        flags: [.timeout, .present("verbose", "the plan too, and what nodes told last"), .json] + Flag.planted,
        summary: "Runs the plan of a replay file, as plan, fleet --failures and shrink write it.",
        examples: ["simulate plan 42 > /tmp/42.json && simulate replay /tmp/42.json"]
    ) { arguments throws(CommandFailure) in
        try run(try Job(file: arguments.words[0]), arguments)
    }

    static let plan = Command(
        "plan", parameters: ["SEED"], flags: [.profile, .time],
        summary: "Prints everything that a seed does, as a replay file.",
        examples: ["simulate plan 42", "simulate plan 42 --profile clocks > /tmp/clocks-42.json"]
    ) { arguments throws(CommandFailure) in
        Terminal.say(JSONText.pretty(try Job(arguments).expanded))
        return 0
    }

    /// Runs one job in a process of its own, and tells.
    private static func run(_ job: Job, _ arguments: Arguments) throws(CommandFailure) -> Int32 {
        var job = try job.planting(arguments)
        job.isTold = true
        job.isVerbose = arguments.has("verbose")
        let timeout = try arguments.time("timeout") ?? 120_000
        // A trap ends a process without a word: the seed is told beforehand.
        Terminal.complain(job.title)
        let ending = try reporting { try Supervisor(jobs: 1, timeout: timeout).run(job) }
        var tally = Tally()
        tally.add(job, ending)
        if arguments.has("json") {
            Terminal.say(JSONText.line(RunSummary(job, ending, tally)))
        } else if case .answered(let result) = ending {
            for line in result.report { Terminal.say(line) }
        } else if let failure = tally.failures.first {
            for line in failure.report { Terminal.say(line) }
        }
        return tally.worst.exitCode
    }
}

extension Job {
    /// The seed that a command names, with the flags that say more about it.
    init(_ arguments: Arguments) throws(CommandFailure) {
        let profile: Profile = if let text = arguments.text("profile") { try simulate.profile(text) } else { .swarm }
        self.init(seed: try simulate.seed(arguments.words[0]), profile: profile, trouble: try arguments.trouble())
    }
}

/// A run for scripts.
private struct RunSummary: Encodable {
    var seed: UInt64
    var profile: Profile
    var outcome: Outcome
    var property: Int?
    var headline: String
    var hash: String?
    var figures: Figures?
    var report: [String]
    var command: String

    init(_ job: Job, _ ending: Ending, _ tally: Tally) {
        (seed, profile, outcome, command) = (job.seed, job.profile, tally.worst, job.command)
        let failure = tally.failures.first
        (property, headline, report) = (failure?.property, failure?.headline ?? "", failure?.report ?? [])
        if case .answered(let result) = ending { (hash, figures) = (hexadecimal(result.hash), result.figures) }
    }
}
