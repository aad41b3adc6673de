#if PLANTED_BUGS
import LeaseholdBase

/// What all rounds came to, one row a bug, in Markdown.
struct MutantTable {
    /// The table.
    let lines: [String]
    /// The bugs that were missed in a round, with what happened there.
    let missed: [String]
    /// The bugs that were not looked for in each round, as the hunt was cut short.
    let unreached: [String]
    /// The bugs that made seeds fail by what is not named for them.
    let strays: [String]

    init(_ bugs: [PlantedBug], rounds: Int, _ searches: [MutantSearch]) {
        var lines = [
            "| bug | what it does | named | found by | seeds, round by round | median | budget |",
            "|---|---|---|---|---|---|---|",
        ]
        var missed: [String] = []
        var unreached: [String] = []
        var strays: [String] = []
        for bug in bugs {
            let own = searches.filter { $0.bug == bug }
            let taken = own.map { $0.finder == nil ? .max : $0.taken }
            let median = taken.isEmpty ? Int.max : taken.sorted()[(taken.count - 1) / 2]
            let finders = Set(own.compactMap(\.finder)).sorted()
            let row = [
                "`\(bug.rawValue)`", bug.trial.line + (bug.hasScript ? " (a plan of its own)" : ""),
                Self.list(bug.trial.properties), Self.list(finders),
                taken.map(Self.count).joined(separator: ", "), Self.count(median), "\(bug.trial.seeds)",
            ]
            lines.append("| " + row.joined(separator: " | ") + " |")
            if let first = own.first(where: { $0.finder == nil }) {
                missed.append(first.line)
            } else if own.count < rounds {
                unreached.append("\(bug.rawValue): \(own.count) of \(counted(rounds, "round")) done")
            }
            let others = own.flatMap(\.strays)
            if let first = others.first {
                strays.append(
                    "\(bug.rawValue): \(others.count) of \(own.map(\.taken).reduce(0, +)) seeds failed otherwise, "
                        + "first \(first.profile) \(first.seed): \(first.what)")
            }
        }
        self.lines = lines
        (self.missed, self.unreached) = (missed, unreached)
        self.strays = strays
    }

    private static func list(_ numbers: [Int]) -> String { numbers.map(String.init).joined(separator: ", ") }

    private static func count(_ seeds: Int) -> String { seeds == .max ? "none" : "\(seeds)" }

    /// A bug with its properties, profiles and budget, in one line.
    static func description(of bug: PlantedBug) -> String {
        let trial = bug.trial
        let properties = trial.properties.map(String.init).joined(separator: ", ")
        let profiles = trial.profiles.joined(separator: ", ")
        return "\(bug.rawValue): \(trial.line) (property \(properties); \(profiles); \(trial.seeds) seeds)"
    }
}
#endif
