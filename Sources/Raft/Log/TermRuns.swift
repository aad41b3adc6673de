import LeaseholdBase

/// Which term each index of the log has, kept as runs: one pair a change of term, over the whole log.
///
/// Entries leave memory, their terms do not: a run costs 16 bytes a leader change. So a consistency check or a
/// conflict search never meets an index of the log whose term is unknown, however far below the entries in memory it
/// lies (traps 12 and 16). A log that was compacted begins with a run at the last entry it has not any more.
struct TermRuns: Hashable, Sendable {
    struct Run: Hashable, Sendable {
        var first: LogIndex
        var term: Term
    }

    private(set) var runs: [Run] = []

    /// The term of the newest run, zero when the log is empty.
    var lastTerm: Term { runs.last?.term ?? .zero }

    /// The term of an index that the log holds, or behind which it begins.
    /// - Complexity: O(1) in the newest run, O(log runs) else.
    func term(at index: LogIndex) -> Term {
        guard let last = runs.last else { return .zero }
        if index >= last.first { return last.term }
        let position = runs.position(of: index)
        return position < 0 ? .zero : runs[position].term
    }

    /// Notes the term of the next entry.
    mutating func append(_ index: LogIndex, _ term: Term) {
        if term != lastTerm || runs.isEmpty { runs.append(Run(first: index, term: term)) }
    }

    /// Forgets the terms of the entries behind the index.
    mutating func truncate(after index: LogIndex) {
        while let last = runs.last, last.first > index { runs.removeLast() }
    }

    /// Forgets the terms of the entries before the index, and keeps its own.
    mutating func compact(through index: LogIndex) {
        let position = runs.position(of: index)
        guard position >= 0 else { return }
        runs.removeFirst(position)
        runs[0].first = index
    }

    /// Begins anew behind an entry.
    mutating func restart(behind position: LogPosition) {
        runs.removeAll(keepingCapacity: true)
        if position.index > .zero { runs.append(Run(first: position.index, term: position.term)) }
    }

    /// The greatest index at or below the given one whose term is at most the given one; zero when there is none.
    ///
    /// Terms never fall along a log, so all indices behind the result up to the given one have greater terms.
    func greatestIndex(atOrBelow index: LogIndex, termAtMost term: Term) -> LogIndex {
        var position = runs.position(of: index)
        var bound = index
        while position >= 0 {
            if runs[position].term <= term { return bound }
            bound = runs[position].first.previous
            position -= 1
        }
        return .zero
    }
}

extension [TermRuns.Run] {
    /// The position of the run that holds the index, -1 when it lies before the first.
    fileprivate func position(of index: LogIndex) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if self[middle].first <= index { low = middle + 1 } else { high = middle }
        }
        return low - 1
    }
}
