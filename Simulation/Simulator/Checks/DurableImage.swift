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
    /// The term of each entry, by index; zero at index zero.
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
    var lastIndex: LogIndex { LogIndex(UInt64(terms.count - 1)) }
    /// The term of the entry there.
    var lastTerm: Term { terms[terms.count - 1] }

    /// The term of an entry, nil when it is not there.
    func term(at index: LogIndex) -> Term? {
        index.rawValue < UInt64(terms.count) ? terms[Int(index.rawValue)] : nil
    }

    mutating func recovered(term: Term, votedFor: NodeID?) { (self.term, self.votedFor) = (term, votedFor) }

    mutating func recovered(_ header: EntryHeader, payload: RawSpan) -> Bool {
        guard header.index.rawValue == UInt64(terms.count) else { return false }
        terms.append(header.term)
        return true
    }

    mutating func recovered(truncationAfter index: LogIndex) {
        terms.removeLast(max(0, terms.count - Int(index.rawValue) - 1))
    }

    mutating func recovered(commit index: LogIndex) {}
}
