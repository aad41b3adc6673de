import LeaseholdBase

/// The term of every entry, as one item for each run of entries of the same term.
///
/// Memory: 16 bytes for each change of term in the log.
struct TermRuns: Sendable {
    private(set) var runs: [(first: LogIndex, term: Term)] = []
    private(set) var lastIndex: LogIndex = .zero

    /// The term of the last entry; zero before the log.
    var lastTerm: Term { runs.last?.term ?? .zero }

    /// Whether an entry can stand behind the last one.
    func follows(_ index: LogIndex, _ term: Term) -> Bool {
        index.rawValue == lastIndex.rawValue &+ 1 && term >= lastTerm && term > .zero
    }

    /// Adds an entry behind the last one.
    mutating func append(_ index: LogIndex, _ term: Term) {
        precondition(follows(index, term), "entries are chained by index and term")
        if term != lastTerm { runs.append((index, term)) }
        lastIndex = index
    }

    /// Forgets the entries behind an index.
    mutating func truncate(after index: LogIndex) {
        guard index < lastIndex else { return }
        while let last = runs.last, last.first > index { runs.removeLast() }
        lastIndex = index
    }
}
