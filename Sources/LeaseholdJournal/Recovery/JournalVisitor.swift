public import LeaseholdBase
public import Raft

/// Takes what recovery finds, in the order in which it was written.
public protocol JournalVisitor {
    /// Current term and vote from here on.
    mutating func recovered(term: Term, votedFor: NodeID?)
    /// An entry behind the last one. The payload is lent for the length of the call.
    /// - Returns: False to refuse it, which ends the recovery with ``JournalError/refused(index:reason:)``.
    mutating func recovered(_ header: EntryHeader, payload: RawSpan) -> Bool
    /// The entries behind an index are void.
    mutating func recovered(truncationAfter index: LogIndex)
    /// Everything up to an index, which is not beyond the last, is known to be committed.
    mutating func recovered(commit index: LogIndex)
}
