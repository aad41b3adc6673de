import Foundation
import Simulator

extension Command {
    static let fleet = Command(
        "fleet",
        flags: [
            .value("seeds", "A..B", "which seeds, both ends included"),
            .value("duration", "TIME", "begin no further seed after this much real time; without --seeds, fresh ones"),
            .value("jobs", "N", "child processes at once (default: the number of processors)"),
            .value("profile", "P", "one profile, or all (default): they take turns, seed by seed"), .time, .timeout,
            .value("verify", "N", "run one seed in N twice, in two processes, and compare (default 0: none)"),
            .value("failures", "DIR", "write a replay file there for each seed that fails"), .json,
        ],
        summary: "Runs many seeds in child processes, and adds up what they came to.",
        details: """
            Profiles take turns: the profile of a seed is the one at place (seed modulo their number) in the list
            \(Profile.supported.map(\.rawValue).joined(separator: ", ")). A seed that traps ends its child only and is
            reported with exit status 14; one that takes longer than --timeout is killed and reported with 15. Ctrl-C
            ends the children and prints the summary so far; the exit status is 130 then, unless a seed failed. Else it is
            that of the worst seed.
            """,
        examples: ["simulate fleet --seeds 1..200", "simulate fleet --duration 30s --profile swarm --failures /tmp"]
    ) { arguments throws(CommandFailure) in
        let range: ClosedRange<UInt64>? =
            if let text = arguments.text("seeds") { try seeds(text) } else { nil }
        let duration = try arguments.time("duration")
        guard range != nil || duration != nil else { throw CommandFailure("--seeds or --duration is missing") }
        let profiles: [Profile] =
            if let text = arguments.text("profile"), text != "all" { [try profile(text)] } else { Profile.supported }
        // Nobody has run these before: a thousand for each second that passes.
        let fresh = UInt64(Date().timeIntervalSince1970) * 1_000
        var fleet = FleetRun(
            first: range?.lowerBound ?? fresh, last: range?.upperBound, duration: duration, profiles: profiles,
            jobs: try arguments.integer("jobs", in: 1...256) ?? ProcessInfo.processInfo.activeProcessorCount,
            timeout: try arguments.time("timeout") ?? 120_000)
        fleet.trouble = try arguments.trouble()
        fleet.verifies = try arguments.integer("verify", in: 0...1_000_000_000) ?? 0
        if let directory = arguments.text("failures") {
            try TextFile.makeDirectory(directory)
            fleet.failures = directory
        }
        try reporting { try fleet.run() }
        let summary = FleetSummary(
            fleet.tally, firstSeed: fleet.first, seedsAsked: fleet.total, elapsed: fleet.elapsed,
            interrupted: Interruption.hasCome)
        if arguments.has("json") {
            Terminal.say(JSONText.line(summary))
        } else {
            for line in summary.lines { Terminal.say(line) }
        }
        return summary.outcome.exitCode
    }
}

/// Turns whatever goes wrong outside of a run into a failure with its message.
func reporting<Value>(_ work: () throws -> Value) throws(CommandFailure) -> Value {
    do { return try work() } catch let error as CommandFailure { throw error } catch {
        throw CommandFailure("\(error)")
    }
}
