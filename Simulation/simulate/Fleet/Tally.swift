package import Simulator

/// What the seeds of a fleet came to, added up.
package struct Tally: Sendable {
    /// A seed that did not pass.
    package struct Failure: Codable, Sendable {
        package var seed: UInt64
        package var profile: Profile
        package var outcome: Outcome
        package var property: Int?
        package var headline: String
        package var command: String
        package var report: [String]
        package var replayFile: String?
    }

    /// Seeds run.
    package private(set) var seeds = 0
    /// Of those, how many ended how, in the order of `Outcome.allCases`.
    private var outcomes = [Int](repeating: 0, count: Outcome.allCases.count)
    /// How many of each profile ran and passed, in the order of `Profile.allCases`.
    package private(set) var profiles = [(ran: Int, passed: Int)](
        repeating: (0, 0), count: Profile.allCases.count)
    /// All figures together.
    package private(set) var figures = Figures()
    /// All marks hit.
    package private(set) var coverage = Coverage()
    /// Processor time of the runs, in microseconds.
    package private(set) var cpuMicros = 0
    /// Seeds run a second time and compared.
    package internal(set) var verified = 0
    /// What did not pass, in the order in which it ended.
    package private(set) var failures: [Failure] = []

    /// Nothing yet.
    package init() {}

    /// How many ended so.
    package func count(_ outcome: Outcome) -> Int {
        Outcome.allCases.firstIndex(of: outcome).map { outcomes[$0] } ?? 0
    }

    /// Whether every profile there is was run.
    package var isOfEveryProfile: Bool {
        zip(Profile.allCases, profiles).allSatisfy { $0.1.ran > 0 }
    }

    /// How the fleet ended: as the worst of its seeds, or as empty when together they left a mark out.
    package var outcome: Outcome {
        guard worst == .passed else { return worst }
        // Fewer profiles are about fewer branches.
        return lacking.isEmpty ? .passed : .empty
    }

    /// What so many seeds together should have hit or seen, and did not.
    package var lacking: [String] {
        var lacking: [String] = []
        if figures.hasJudgedNoExpiry, figures.expiries >= Figures.expiriesAtLeast { lacking.append("expiries in time") }
        guard isOfEveryProfile else { return lacking }
        return lacking + CoverageVerdict(coverage).missing(after: seeds) + figures.lacking(overall: seeds)
    }

    /// The worst that there was.
    package var worst: Outcome {
        Outcome.allCases.filter { count($0) > 0 }.max { $0.badness < $1.badness } ?? .passed
    }

    /// A seed has ended.
    package mutating func add(_ job: Job, _ ending: Ending, replayFile: String? = nil) {
        seeds += 1
        var failure = Failure(
            seed: job.seed, profile: job.profile, outcome: .crash, headline: "", command: job.command, report: [],
            replayFile: replayFile)
        switch ending {
        case .answered(let result):
            failure.outcome = result.outcome
            failure.property = result.property
            failure.headline = result.headline
            failure.report = result.report
            figures.add(result.figures)
            coverage.add(result.coverage)
            cpuMicros += result.cpuMicros
        case .crashed(let status, let lastWords):
            failure.headline = "the process was gone: \(status)"
            failure.report = Self.report(job, .crash, failure.headline, lastWords)
        case .timedOut(let limit):
            failure.outcome = .timeout
            failure.headline = "no result within \(limit / 1_000) s of real time"
            failure.report = Self.report(job, .timeout, failure.headline, [])
        }
        note(failure.outcome)
        let place = Profile.allCases.firstIndex(of: job.profile) ?? 0
        profiles[place].ran += 1
        if failure.outcome == .passed { profiles[place].passed += 1 } else { failures.append(failure) }
    }

    /// A seed did not run the same twice.
    package mutating func differ(_ job: Job, _ headline: String) {
        note(.determinism)
        failures.append(
            Failure(
                seed: job.seed, profile: job.profile, outcome: .determinism, headline: headline,
                command: "simulate verify-determinism \(job.seed) --profile \(job.profile.rawValue)", report: []))
    }

    private mutating func note(_ outcome: Outcome) {
        if let place = Outcome.allCases.firstIndex(of: outcome) { outcomes[place] += 1 }
    }

    /// What there is to say of a process that said nothing.
    package static func report(_ job: Job, _ outcome: Outcome, _ headline: String, _ lastWords: [String]) -> [String] {
        ["\(job.title) FAILED: \(outcome.rawValue)", clipped("  " + headline)]
            + (lastWords.isEmpty ? [] : ["  its last words:"]) + lastWords.map { clipped("    " + $0) }
            + ["  again with: \(job.command)"]
    }
}
