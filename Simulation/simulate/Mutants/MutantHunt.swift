#if PLANTED_BUGS
import LeaseholdBase
import Simulator

/// The search for one bug in one round: seed after seed until one fails or the budget is spent.
struct MutantSearch: Sendable {
    /// How it ended.
    enum Ending: Sendable {
        /// A property that is named for the bug was violated: its number, and what was seen.
        case found(Int, String)
        /// No seed of the budget violated one.
        case spent
    }

    /// A seed that failed in another way than the bug is to be found by: by a property that is not named for it, a trap, or
    /// no end. It finds nothing.
    struct Stray: Sendable {
        var seed: UInt64
        var profile: String
        /// The property's number; nil for all else.
        var property: Int?
        var what: String
    }

    /// What is looked for.
    let bug: PlantedBug
    /// The first seed.
    let from: UInt64
    /// How many seeds it may take.
    let budget: Int
    /// How many were begun.
    var taken = 0
    /// Whether one is under way.
    var isUnderWay = false
    /// How it ended, once it has.
    var ending: Ending?
    /// What failed and found nothing.
    var strays: [Stray] = []
    /// What the latest seed was violated by, until the same seed has been run without the bug.
    var suspicion: (property: Int, what: String)?

    /// The last seed that was begun, and the profile it was run in.
    var last: (seed: UInt64, profile: String) {
        let offset = max(0, taken - 1)
        let profiles = bug.trial.profiles
        return (from + UInt64(offset), profiles[offset % profiles.count])
    }

    /// The property that found it, if one did that is named for it.
    var finder: Int? {
        if case .found(let property, _) = ending { return property }
        return nil
    }

    /// Notes what the latest seed came to with the bug.
    mutating func take(failed property: Int?, _ what: String) {
        if let property, bug.trial.properties.contains(property) {
            suspicion = (property, what)
        } else {
            strays.append(Stray(seed: last.seed, profile: last.profile, property: property, what: what))
        }
    }

    /// Notes what it came to without: only what the bug alone brings about has found it.
    mutating func takeControl(failed property: Int?) {
        guard let found = suspicion else { return }
        suspicion = nil
        if let property, bug.trial.properties.contains(property) {
            let what = "without the bug too, \(found.what)"
            strays.append(Stray(seed: last.seed, profile: last.profile, property: property, what: what))
        } else {
            ending = .found(found.property, found.what)
        }
    }

    /// One line.
    var line: String {
        let what =
            switch ending {
            case .found(_, let what): what
            case .spent: "nothing found" + (strays.last.map { "; seed \($0.seed) \($0.profile): \($0.what)" } ?? "")
            case nil: "interrupted"
            }
        return
            "\(bug.rawValue) \(finder == nil ? "NOT FOUND" : "found") after \(counted(taken, "seed")) (\(last.profile) \(last.seed)): "
            + what
    }
}

/// Looks for bugs in several rounds, one seed of each search at a time, in child processes.
struct MutantHunt {
    /// How far apart the first seeds of two rounds are.
    static let stride: UInt64 = 1_000_000

    private var searches: [MutantSearch] = []
    private var first = 0

    /// A hunt that has not begun.
    init(_ bugs: [PlantedBug], rounds: Int, from: UInt64, most: Int) {
        // Round by round, so that a hunt that is cut short has looked for every bug.
        for round in 0..<rounds {
            searches += bugs.map { bug in
                MutantSearch(
                    bug: bug, from: from + UInt64(round) * Self.stride, budget: min(most, bug.trial.seeds))
            }
        }
    }

    /// The searches that have ended.
    var results: [MutantSearch] { searches.filter { $0.ending != nil } }
    /// Whether all have.
    var isComplete: Bool { searches.allSatisfy { $0.ending != nil } }

    /// Runs it all.
    mutating func run(_ supervisor: Supervisor) throws {
        var hunt = self
        var done = 0
        try supervisor.run(
            next: { hunt.next() },
            done: { job, ending, _ in
                guard let line = hunt.take(job, ending) else { return }
                done += 1
                Terminal.complain("\(done) of \(hunt.searches.count): \(line)")
            })
        self = hunt
    }

    private mutating func next() -> Job? {
        while first < searches.count, searches[first].ending != nil { first += 1 }
        for place in searches.indices.dropFirst(first)
        where searches[place].ending == nil && !searches[place].isUnderWay {
            let isControl = searches[place].suspicion != nil
            if !isControl { searches[place].taken += 1 }
            searches[place].isUnderWay = true
            let (seed, name) = searches[place].last
            var job = Job(number: place, seed: seed, profile: Profile(rawValue: name) ?? .swarm)
            job.plan = searches[place].bug.script(job.expanded)
            job.bug = isControl ? nil : searches[place].bug.rawValue
            return job
        }
        return nil
    }

    /// Notes what a seed came to; a line when the search has ended by it.
    private mutating func take(_ job: Job, _ ending: Ending) -> String? {
        let place = job.number
        searches[place].isUnderWay = false
        let failure = Self.failure(of: ending)
        if searches[place].suspicion != nil {
            searches[place].takeControl(failed: failure?.property)
        } else if let failure {
            searches[place].take(failed: failure.property, failure.what)
        }
        let search = searches[place]
        if search.ending == nil, search.suspicion == nil, search.taken >= search.budget {
            searches[place].ending = .spent
        }
        return searches[place].ending == nil ? nil : searches[place].line
    }

    /// What a seed failed by: a property, or something else.
    private static func failure(of ending: Ending) -> (property: Int?, what: String)? {
        switch ending {
        case .crashed(let status, let words):
            let said = words.first { $0.contains("atal error") } ?? words.last ?? ""
            return (nil, "a trap, \(status): \(said)")
        case .timedOut: return (nil, "no end")
        case .answered(let result):
            switch result.outcome {
            case .passed, .empty, .determinism, .crash, .timeout, .interrupted: return nil
            case .safety, .liveness, .linearizability:
                // What did not happen after healing is liveness, whatever it was.
                return (result.property ?? 22, result.headline)
            }
        }
    }
}
#endif
