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
    /// Kept for the mark of a snapshot: last index and term, and what snapshots will need (trap 37).
    case snapshotMark = 4
}

/// A record of a batch.
public enum JournalRecord: Hashable, Sendable {
    /// Current term and vote.
    case hardState(term: Term, votedFor: NodeID?)
    /// Entries behind this index are void.
    case truncation(after: LogIndex)
    /// An entry, with its payload's place behind the batch's header.
    case entry(EntryHeader, payload: Range<Int>)
    /// A record of a kind that may be skipped.
    case skipped(kind: UInt8, length: Int)
}
