import LeaseholdBase
import Raft

/// What was ever committed: the first commit of an index fixes its entry for good.
///
/// A new leader holds all of it (property 5); whoever commits or applies an index has the very entry there, and all
/// before it (properties 10 and 6); the state at an index has one digest (6).
struct CommitLedger {
    private struct Entry {
        var chain: UInt64
        var term: Term
        /// Of the state behind it; zero when nobody has told.
        var digest: UInt64 = 0
    }

    /// By index less one.
    private var entries: [Entry] = []
    /// Up to which index entries were known to be committed in which term; both rise.
    private var knownIn: [(term: Term, index: LogIndex)] = []

    /// The greatest index that any node has known to be committed.
    var last: LogIndex { LogIndex(UInt64(entries.count)) }

    /// The term of a committed entry, zero of index zero.
    func term(at index: LogIndex) -> Term? {
        if index == .zero { return .zero }
        return index <= last ? entries[Int(index.rawValue) - 1].term : nil
    }

    /// The hash of the committed log up to an index.
    func chain(at index: LogIndex) -> UInt64 { index == .zero ? 1 : entries[Int(index.rawValue) - 1].chain }

    /// The digest of the state behind an entry, made odd; nil while nobody has told.
    func digest(at index: LogIndex) -> UInt64? {
        guard index > .zero, index <= last else { return nil }
        let digest = entries[Int(index.rawValue) - 1].digest
        return digest == 0 ? nil : digest
    }

    /// A node knows, in a term, that everything up to an index is committed.
    ///
    /// - Parameter fresh: Is called with each index that nobody knew of before, and its term, in order.
    mutating func committed(
        through index: LogIndex, in term: Term, by label: String, _ table: inout LogTable,
        termAt: (LogIndex) -> Term?, _ findings: inout Findings, fresh: (LogIndex, Term) -> Void
    ) {
        if index <= last {
            let held = termAt(index)
            guard let mark = table.mark(at: index, held), differs(mark.chain, chain(at: index)) else { return }
            let first = entries[Int(index.rawValue) - 1].term
            return findings.add(
                10, by: label, "commits entry \(index) of term \(held ?? .zero)",
                "entry \(index) of term \(first) was committed before, or another one below it")
        }
        // What was committed before stays in every log that has more of it.
        if last > .zero, let mark = table.mark(at: last, termAt(last)), differs(mark.chain, chain(at: last)) {
            let (held, first, at) = (termAt(last) ?? .zero, entries[entries.count - 1].term, last)
            findings.add(
                10, by: label, "commits \(index) and has an entry of term \(held) at \(at)",
                "entry \(at) of term \(first) was committed before, or another one below it")
            return
        }
        while last < index {
            let next = last.next
            guard let held = termAt(next) else { return }
            entries.append(Entry(chain: table.mark(at: next, held)?.chain ?? 0, term: held))
            fresh(next, held)
        }
        if let newest = knownIn.last, newest.term >= term {
            knownIn[knownIn.count - 1].index = index
        } else {
            knownIn.append((term, index))
        }
    }

    /// A node leads a term: it has every entry that was known to be committed in an earlier one (leader completeness).
    mutating func leads(
        _ term: Term, _ label: String, _ table: inout LogTable, termAt: (LogIndex) -> Term?,
        _ findings: inout Findings
    ) {
        guard let known = knownIn.last(where: { $0.term < term }) else { return }
        let held = termAt(known.index)
        let mark = table.mark(at: known.index, held)
        guard held == nil || mark.map({ differs($0.chain, chain(at: known.index)) }) ?? true else { return }
        let entry = entries[Int(known.index.rawValue) - 1].term
        findings.add(
            5, by: label,
            "leads term \(term) with \(held.map { "an entry of term \($0)" } ?? "no entry") at \(known.index)",
            "entry \(known.index) of term \(entry) was committed in term \(known.term), or another one below it")
    }

    /// The machine that is kept beside the world has applied an index.
    mutating func expect(_ digest: UInt64, at index: LogIndex) {
        if index > .zero, index <= last { entries[Int(index.rawValue) - 1].digest = digest | 1 }
    }

    /// A node has applied up to an index and has a state of a digest.
    mutating func applied(
        through index: LogIndex, _ digest: UInt64, by label: String, _ table: inout LogTable,
        termAt: (LogIndex) -> Term?, _ findings: inout Findings
    ) {
        guard index > .zero, index <= last else { return }
        let place = Int(index.rawValue) - 1
        let held = termAt(index)
        if let mark = table.mark(at: index, held), differs(mark.chain, entries[place].chain) {
            let first = entries[place].term
            findings.add(
                6, by: label, "has applied entry \(index) of term \(held ?? .zero)",
                "entry \(index) of term \(first) was applied first, or another one below it")
        }
        if entries[place].digest == 0 { entries[place].digest = digest | 1 }
        let expected = entries[place].digest
        guard expected != digest | 1 else { return }
        findings.add(
            6, by: label, "has state \(digest | 1) at index \(index)", "the same entries make state \(expected)")
    }

    private func differs(_ left: UInt64, _ right: UInt64) -> Bool { left != right && left != 0 && right != 0 }
}
