public import LeaseholdBase
public import Raft

/// What a record of a batch is.
@frozen public enum RecordKind: UInt8, Sendable {
    /// A byte of padding behind the last record; it has neither length nor body.
    case padding = 0
    /// Current term and vote (0 for none), eight bytes each.
    case hardState = 1
    /// Entries behind this index are void: eight bytes.
    case truncation = 2
    /// An entry as `EntryCodec` writes it.
    case entry = 3
    /// The mark of a snapshot that is durable under its name (trap 37): see ``SnapshotMark``.
    case snapshotMark = 4
}

/// Names the snapshot that counts from here on, which was durable under its name before the mark was written.
public struct SnapshotMark: Hashable, Sendable {
    /// The snapshot.
    public var id: SnapshotID
    /// Whether the log begins anew behind it: what was there before is void, and the next entry follows the snapshot's
    /// last. Otherwise the snapshot is of an entry of this log.
    public var restartsLog: Bool

    /// Joins the fields.
    package init(id: SnapshotID, restartsLog: Bool) {
        self.id = id
        self.restartsLog = restartsLog
    }
}

/// A record of a batch.
public enum JournalRecord: Hashable, Sendable {
    /// Current term and vote.
    case hardState(term: Term, votedFor: NodeID?)
    /// Entries behind this index are void.
    case truncation(after: LogIndex)
    /// An entry, with its payload's place behind the batch's header.
    case entry(EntryHeader, payload: Range<Int>)
    /// A snapshot counts from here on.
    case snapshot(SnapshotMark)
    /// A record of a kind that may be skipped.
    case skipped(kind: UInt8, length: Int)
}
