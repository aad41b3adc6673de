#if PLANTED_BUGS
import LeaseholdBase

/// What all rounds came to, one row a bug, in Markdown.
struct MutantTable {
    /// The table.
    let lines: [String]
    /// The bugs that were missed in a round, with what happened there.
    let missed: [String]

    init(_ bugs: [PlantedBug], _ searches: [MutantSearch]) {
        var lines = ["| bug | what it does | named | found by | median seeds | rounds |", "|---|---|---|---|---|---|"]
        var missed: [String] = []
        for bug in bugs {
            let own = searches.filter { $0.bug == bug }
            let taken = own.map { $0.isFound ? $0.taken : .max }.sorted()
            let median = taken.isEmpty ? Int.max : taken[(taken.count - 1) / 2]
            let finders = own.map(Self.finder).reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
            let row = [
                "`\(bug.rawValue)`", bug.trial.line, bug.trial.properties.map(String.init).joined(separator: ", "),
                finders.joined(separator: ", "), median == .max ? "more than \(bug.trial.seeds)" : "\(median)",
                "\(own.count(where: \.isFound)) of \(own.count)",
            ]
            lines.append("| " + row.joined(separator: " | ") + " |")
            missed += own.first { !$0.isFound }.map { [$0.line] } ?? []
        }
        self.lines = lines
        self.missed = missed
    }

    private static func finder(_ search: MutantSearch) -> String {
        switch search.ending {
        case .found(let property, _): "\(property)"
        case .trap: "trap"
        case .timeout: "no end"
        case .spent, nil: "nothing"
        }
    }

    /// A bug with its properties, profiles and budget, in one line.
    static func description(of bug: PlantedBug) -> String {
        let trial = bug.trial
        let properties = trial.properties.map(String.init).joined(separator: ", ")
        let profiles = trial.profiles.joined(separator: ", ")
        return "\(bug.rawValue): \(trial.line) (property \(properties); \(profiles); \(trial.seeds) seeds)"
    }
}
#endif
