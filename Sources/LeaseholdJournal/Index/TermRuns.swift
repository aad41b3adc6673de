import LeaseholdBase

/// The term of every entry, as one item for each run of entries of the same term.
///
/// Memory: 16 bytes for each change of term in the log.
struct TermRuns: Sendable {
    private(set) var runs: [(first: LogIndex, term: Term)] = []
    private(set) var lastIndex: LogIndex = .zero
    /// The entry before the first that there is, and its term.
    private(set) var baseIndex: LogIndex = .zero
    private(set) var baseTerm: Term = .zero

    /// The term of the last entry; zero before the log.
    var lastTerm: Term { runs.last?.term ?? baseTerm }

    /// The log begins behind this entry: what there is is void.
    mutating func restart(after index: LogIndex, _ term: Term) {
        runs.removeAll()
        (baseIndex, baseTerm, lastIndex) = (index, term, index)
    }

    /// The entries up to this one, which is not behind the last, are gone.
    mutating func release(through index: LogIndex) {
        guard index > baseIndex, let term = term(at: index) else { return }
        let kept = runs.lastIndex { $0.first <= index.next } ?? 0
        runs.removeFirst(kept)
        if !runs.isEmpty, runs[0].first <= index {
            if lastIndex == index { runs.removeFirst() } else { runs[0].first = index.next }
        }
        (baseIndex, baseTerm) = (index, term)
    }

    /// The term of an entry that there is, or of the one before the first.
    /// - Complexity: O(log n) in the changes of term.
    func term(at index: LogIndex) -> Term? {
        guard index >= baseIndex, index <= lastIndex else { return nil }
        if index == baseIndex { return baseTerm }
        var low = 0
        var high = runs.count
        while low < high {
            let middle = (low + high) / 2
            if runs[middle].first <= index { low = middle + 1 } else { high = middle }
        }
        return low > 0 ? runs[low - 1].term : baseTerm
    }

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
        precondition(index >= baseIndex, "what is gone from the front of the log cannot be cut at its end")
        while let last = runs.last, last.first > index { runs.removeLast() }
        lastIndex = index
    }
}
