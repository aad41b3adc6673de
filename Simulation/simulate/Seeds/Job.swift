package import Simulator

/// What a child process is to run: one line of JSON on its standard input.
package struct Job: Codable, Sendable {
    /// Which of its parent's jobs it is.
    package var number: Int
    /// From which the plan is drawn when there is none.
    package var seed: UInt64
    /// The profile that it is drawn for.
    package var profile: Profile
    /// For how many milliseconds of true time things go wrong; nil: as the profile draws it.
    package var trouble: Int?
    /// The plan itself.
    package var plan: Plan?
    /// Whether a failure is run once more with a recorder, so that its report can tell what happened last.
    package var isTold = false
    /// Whether the plan is told too.
    package var isVerbose = false
    /// The line that runs it again, if it came from a file.
    package var replayCommand: String?
    /// Where the running hashes go, eight bytes each; nil when nobody wants them.
    package var hashes: String?
    /// Where the number of each event goes before it happens; nil when nobody wants it.
    package var eventFile: String?
    /// Where the run ends, as it would end its process there.
    package var abort: Run.Abort?
    /// A child that may not have it, because it ran the same before.
    package var avoids: Int?

    #if PLANTED_BUGS
    /// The mistake to make on purpose.
    package var bug: String?
    #endif
    /// A seed of a profile.
    package init(number: Int = 0, seed: UInt64, profile: Profile, trouble: Int? = nil) {
        self.number = number
        self.seed = seed
        self.profile = profile
        self.trouble = trouble
    }

    /// A plan.
    package init(number: Int = 0, plan: Plan) {
        self.init(number: number, seed: plan.seed, profile: plan.profile)
        self.plan = plan
    }

    /// What is run.
    package var expanded: Plan { plan ?? Simulation.plan(profile: profile, seed: seed, trouble: trouble) }

    /// For people.
    package var title: String { "seed \(seed) profile \(profile.rawValue)" }

    /// The line that runs it again.
    package var command: String {
        if let replayCommand { return replayCommand + plantedWords }
        let time = trouble.map { " --time \($0 % 1_000 == 0 ? "\($0 / 1_000)s" : "\($0)ms")" } ?? ""
        return "simulate run \(seed)" + (profile == .swarm ? "" : " --profile \(profile.rawValue)") + time
            + plantedWords
    }
}

/// What became of a job, as its child says it: one line of JSON on its standard output.
package struct SeedResult: Codable, Sendable {
    /// The job's number.
    package var number: Int
    /// How it ended.
    package var outcome: Outcome
    /// The property that is violated, if one is.
    package var property: Int?
    /// When it was violated, in nanoseconds of true time.
    package var violatedAt: UInt64?
    /// What was seen first, in one line; empty when all is well.
    package var headline = ""
    /// How much of everything there was.
    package var figures = Figures()
    /// Which marks of the production code were hit.
    package var coverage = Coverage()
    /// The hash over all that happened.
    package var hash: UInt64 = 0
    /// The report for people; empty when nobody asked for it.
    package var report: [String] = []
    /// Real time that the run took, in microseconds.
    package var micros = 0
    /// Processor time that it took, in microseconds.
    package var cpuMicros = 0
    /// The plan, when it failed and was not given.
    package var plan: Plan?

    /// The start of a result.
    package init(number: Int, outcome: Outcome) {
        self.number = number
        self.outcome = outcome
    }
}
