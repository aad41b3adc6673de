import LeaseholdBase
import LeaseholdJournal
import Raft

/// What a node would know after losing its power at this moment with everything that was not synced.
///
/// Read by the production recovery from a copy of the disk's durable image: a promise that is not in here was made too
/// early. What a medium lost later was promised rightly: damage is mended in the copy.
struct DurableImage: JournalVisitor {
    /// The term on record, and who got the vote in it.
    private(set) var term = Term.zero
    private(set) var votedFor: NodeID?
    /// The last entry of the snapshot that the state begins with, zero without one. It stands for all before it.
    private(set) var base = LogPosition.zero
    /// The term of each entry from the base on.
    private var terms: [Term] = [.zero]
    /// Why nothing could be read, if so.
    private(set) var failure: String?

    /// Reads a node's durable image.
    init(of node: SimulatedNode, _ plan: Plan) {
        var copy = node.disk.durableCopy(repaired: true)
        var configuration = JournalConfiguration(budgetBytes: plan.disk.journalBytes)
        configuration.segmentBytes = plan.disk.segmentBytes
        do throws(JournalError) {
            _ = try Journal.recover(
                from: &copy, node: node.id, configuration: configuration, seed: 1, visitor: &self)
        } catch { failure = error.description }
    }

    /// The last index, zero when there is none.
    var lastIndex: LogIndex { base.index + UInt64(terms.count - 1) }
    /// The term of the entry there.
    var lastTerm: Term { terms[terms.count - 1] }

    /// The term of an entry, nil when it is not there, or is part of a snapshot that ends behind it.
    func term(at index: LogIndex) -> Term? {
        index >= base.index && index <= lastIndex ? terms[Int(index.rawValue - base.index.rawValue)] : nil
    }

    /// Whether an entry is there. What a snapshot stands for is committed: of its last entry the term is told, and states
    /// are compared by their digests.
    func holds(_ index: LogIndex, _ term: Term) -> Bool { index < base.index || self.term(at: index) == term }

    mutating func recovered(_ snapshot: InstalledSnapshot) -> Bool {
        base = LogPosition(index: snapshot.id.lastIndex, term: snapshot.id.lastTerm)
        terms = [base.term]
        return true
    }

    mutating func recovered(snapshotContent bytes: RawSpan) -> Bool { true }

    mutating func recoveredSnapshot() -> Bool { true }

    mutating func recovered(term: Term, votedFor: NodeID?) { (self.term, self.votedFor) = (term, votedFor) }

    mutating func recovered(_ header: EntryHeader, payload: RawSpan) -> Bool {
        guard header.index == lastIndex.next else { return false }
        terms.append(header.term)
        return true
    }

    mutating func recovered(truncationAfter index: LogIndex) {
        while lastIndex > max(index, base.index) { terms.removeLast() }
    }

    mutating func recovered(commit index: LogIndex) {}
}
