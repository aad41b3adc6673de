public import LeaseholdBase

/// What a node wants done, in this order.
///
/// `send` with entries from the log, and `persist`, come from ``Raft/endTurn(now:into:)`` only: the entries they
/// name are in the log until the next call that changes the node, so they are to be encoded before it.
public enum RaftEffect: Hashable, Sendable {
    /// Send a message; its entries, if any, are `entriesFrom` and those behind it, as many as the message says.
    case send(to: NodeID, RaftMessage, entriesFrom: LogIndex, source: EntrySource)
    /// Make this durable, after all persists before it, and say so with ``RaftEvent/persisted(_:issuedIn:)``.
    case persist(Persist)
    /// Entries up to the index are committed: apply them.
    case committed(through: LogIndex)
    /// The reads up to the number may be answered once the index is applied.
    case readsReady(through: ReadNumber, index: LogIndex)
    /// The role, the term or the leader is another. On leaving leadership all outstanding reads are dead: their answer
    /// is that this node does not lead.
    case roleChanged(RaftRole, term: Term, leader: NodeID?)
    /// Read entries from the journal for a peer, at least one, and hand them in as
    /// ``RaftEvent/entriesRead(for:from:_:)``.
    case readBack(for: NodeID, from: LogIndex, maxBytes: Int)
    /// Send a snapshot, the newest there is, to a peer that needs entries which are compacted; the snapshot's index is
    /// at least this. Asked for again, it begins anew or goes on where it broke off.
    ///
    /// What becomes of it is told by ``RaftEvent/snapshotProgressed(to:)`` and
    /// ``RaftEvent/snapshotFailed(to:)``; that it has arrived, the peer tells by itself.
    case sendSnapshot(to: NodeID, atLeast: LogIndex)
    /// The snapshot for the peer is not needed any more. So are all when leadership ends.
    case stopSnapshot(to: NodeID)
    /// Replace the state by that of the snapshot of ``RaftEvent/snapshotReceived(from:_:)``: everything before it was
    /// applied, or never will be, and the entries behind it follow. Without this effect the snapshot is to be dropped.
    case installSnapshot(SnapshotPoint)
}

/// Where the entries of a message are.
public enum EntrySource: Hashable, Sendable {
    /// In the log in memory.
    case log
    /// In the batch of the event that caused the message.
    case readBack
}

/// A term and the vote given in it: written together, never apart (trap 6).
@frozen public struct HardState: Hashable, Sendable {
    /// The term.
    public var term: Term
    /// Who got this node's vote in the term.
    public var votedFor: NodeID?

    /// Joins a term and a vote.
    @inlinable public init(term: Term, votedFor: NodeID?) {
        self.term = term
        self.votedFor = votedFor
    }
}

/// All that one turn wants durable, to be written as one: first the hard state, then the restart, then the truncation,
/// then the entries.
public struct Persist: Hashable, Sendable {
    /// Counts the requests from 1 within one life of a process.
    public var number: PersistNumber
    /// The node's term when it asked; given back with the completion (trap 17).
    public var issuedIn: Term
    /// Term and vote, when they changed.
    public var hardState: HardState?
    /// The log begins anew behind this entry, which is the last of a snapshot that is durable: all entries that were
    /// asked for before are void. To be recovered by ``RaftRecovery/begin(behind:)``. What the journal has of before may
    /// go once this is durable, and not sooner (``Raft/releasableIndex``).
    public var restartBehind: LogPosition?
    /// What was asked for before behind this index is void.
    public var truncateAfter: LogIndex?
    /// Which entries of the log to write, maybe none.
    public var entries: Range<LogIndex>
    /// What is known to be committed: a hint for recovery, never ahead of the entries written.
    public var commit: LogIndex
}
