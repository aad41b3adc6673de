public import LeaseholdBase

/// What can happen to a node.
public enum RaftEvent: Sendable {
    /// Time has passed: to be told no later than ``Raft/deadline``.
    case tick
    /// A peer said something, with the entries that came beside it. The sender may be unknown to the membership.
    case received(from: NodeID, RaftMessage, EntryBatch)
    /// The persist with this number, and all before it, are durable. The term is the one in ``Persist/issuedIn``.
    case persisted(PersistNumber, issuedIn: Term)
    /// The state machine has applied everything up to the index.
    case applied(through: LogIndex)
    /// A connection to the node was closed or refused: if it is the leader, a hint that it is gone.
    case connectionLost(NodeID)
    /// This node's clock is proved to be the odd one (``Membership/clockStanding(of:comparedWith:)``), as it differs from
    /// those of these voters; of nobody: it is not, or not any more. A leader gives up, and the node keeps out of elections
    /// for a while.
    case clockIsOdd(differingFrom: [NodeID])
    /// Hand leadership to a voter, or to the one that is most caught up.
    case transfer(to: NodeID?)
    /// What a ``RaftEffect/readBack(for:from:maxBytes:)`` asked for; an empty batch when it could not be read.
    ///
    /// A `send` with source `readBack` that follows from it is among the effects of this very call, and its entries
    /// are those of this batch.
    case entriesRead(for: NodeID, from: LogIndex, EntryBatch)
    /// A snapshot at the index or behind it is durable, and the entries up to the index are wanted no more: the log may
    /// be released only then (trap 37). Those that are not applied or not durable stay. What the journal may give up
    /// for it is told by ``Raft/releasableIndex``.
    case compact(through: LogIndex)
    /// A snapshot from a peer is complete, checked and durable, and the next start would find it; its state is at hand.
    /// Whoever hands this in has carried out every effect of before: the log whose entries they name may go.
    ///
    /// Answered in this very call by ``RaftEffect/installSnapshot(_:)``, or by nothing if this node is past it by now
    /// (trap 38).
    case snapshotReceived(from: NodeID, SnapshotPoint)
    /// The peer has taken a part of the snapshot that is being sent to it.
    case snapshotProgressed(to: NodeID)
    /// The snapshot that is being sent to the peer cannot be sent, or was refused.
    case snapshotFailed(to: NodeID)
    /// Take no further part: the journal is poisoned, or the process ends.
    case stop
}

/// What became of a proposal.
public enum ProposalResult: Hashable, Sendable {
    /// It is in the leader's log under this index and term. It is committed if, and only if, that index is committed
    /// with that term.
    case appended(LogIndex, Term)
    /// This node does not lead; nothing was appended.
    case notLeader
    /// Leadership is being handed over; nothing was appended (trap 23).
    case transferring
    /// Too much is uncommitted; nothing was appended.
    case full
}

/// Numbers the reads that a node was asked for, rising within one life of a process and never used twice (trap 21).
@frozen public struct ReadNumber: Counter {
    /// The number.
    public let rawValue: UInt64
    /// Wraps a number.
    @inlinable public init(_ rawValue: UInt64) { self.rawValue = rawValue }
}

/// What a node is at the moment.
public enum RaftRole: Hashable, Sendable {
    /// Follows a leader, or waits for one.
    case follower
    /// Asks whether it would be elected.
    case preCandidate
    /// Asks to be elected.
    case candidate
    /// Leads its term.
    case leader
    /// Takes no further part.
    case stopped
}
