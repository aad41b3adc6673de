public import LeaseholdBase
public import Raft

/// Takes what recovery finds, in the order in which it was written.
///
/// Where the journal begins with a snapshot, that comes first, and of the log only what is behind its last entry.
public protocol JournalVisitor {
    /// The state begins with this snapshot. Its content follows, then ``recoveredSnapshot()``.
    /// - Returns: False to refuse it, which ends the recovery with ``JournalError/refused(index:reason:)``; so do the next
    ///   two.
    mutating func recovered(_ snapshot: InstalledSnapshot) -> Bool
    /// The next bytes of the snapshot's content, lent for the length of the call.
    mutating func recovered(snapshotContent bytes: RawSpan) -> Bool
    /// All of the snapshot's content was given.
    mutating func recoveredSnapshot() -> Bool
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

/// A visitor that knows no snapshots refuses them.
extension JournalVisitor {
    /// Refuses.
    public mutating func recovered(_ snapshot: InstalledSnapshot) -> Bool { false }
    /// Refuses.
    public mutating func recovered(snapshotContent bytes: RawSpan) -> Bool { false }
    /// Refuses.
    public mutating func recoveredSnapshot() -> Bool { false }
}
