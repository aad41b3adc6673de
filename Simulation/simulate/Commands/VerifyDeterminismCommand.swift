import LeaseholdBase
import Simulator

extension Command {
    static let verifyDeterminism = Command(
        "verify-determinism", parameters: ["FILE|SEED"], flags: [.profile, .time, .timeout] + Flag.planted,
        summary: "Runs a seed in two processes and compares a hash after each event.",
        details: "The first difference is named, and what happened there in a third and a fourth run. Exits 13 then.",
        examples: ["simulate verify-determinism 42", "simulate verify-determinism 7 --profile disks"]
    ) { arguments throws(CommandFailure) in
        let job = try Job(fileOrSeed: arguments).planting(arguments)
        job.plant()
        let comparison = Determinism(job: job, timeout: try arguments.time("timeout") ?? 120_000)
        switch try reporting({ try comparison.compare() }) {
        case .same(let hash, let events):
            Terminal.say("\(job.title): the same in two processes, \(grouped(events)) events")
            Terminal.say("hash \(hexadecimal(hash))")
            return 0
        case .failed(let job, let ending):
            var tally = Tally()
            tally.add(job, ending)
            for line in tally.failures.first?.report ?? [] { Terminal.say(line) }
            return tally.worst.exitCode
        case .different(let place, let first, let second):
            Terminal.say("\(job.title) is NOT THE SAME in two processes: they part at event \(place + 1)")
            Terminal.say("  one has \(Self.word(first)), the other \(Self.word(second))")
            // What is not the same twice may be the same now; then the second run tells of the other way.
            for run in 1...2 {
                Terminal.say("  run \(run) of two more, around event \(place + 1):")
                for line in Self.happenings(job.expanded, around: UInt64(place + 1)) { Terminal.say("    " + line) }
            }
            return Outcome.determinism.exitCode
        }
    }

    private static func word(_ hash: UInt64?) -> String { hash.map { "hash \(hexadecimal($0))" } ?? "ended before" }

    private static func happenings(_ plan: Plan, around event: UInt64) -> [String] {
        let recorder = TraceRecorder(keepsHashes: true)
        _ = Simulation.run(plan, recorder: recorder)
        let place = Int(event) - 1
        let hash = recorder.hashes.indices.contains(place) ? recorder.hashes[place] : nil
        let near = recorder.events.filter { $0.event + 3 >= event && $0.event <= event }.suffix(8)
        return ["event \(event) \(word(hash))"] + near.map { clipped(FailureReport.line($0, nodes: plan.nodes)) }
    }
}
