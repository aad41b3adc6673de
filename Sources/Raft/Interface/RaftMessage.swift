public import LeaseholdBase

/// What one node says to another. Outgoing and incoming are the same type.
///
/// Entries travel beside the message: it says how many there are.
public struct RaftMessage: Hashable, Sendable {
    /// The sender's term; for a pre-vote the term it would campaign in, and so for a granted pre-vote answer.
    public var term: Term
    /// What is said.
    public var body: Body

    /// Joins a term and what is said in it.
    public init(term: Term, body: Body) {
        self.term = term
        self.body = body
    }

    /// What a message can say.
    public enum Body: Hashable, Sendable {
        /// Would you vote for me, with this end of my log? Changes nothing at the receiver (thesis §9.6).
        case preVote(lastIndex: LogIndex, lastTerm: Term)
        /// The answer. A refusal carries the answerer's own term, so that a node behind learns it (trap 8).
        case preVoteAnswer(granted: Bool)
        /// Vote for me. A transfer's vote is not refused on account of a live leader.
        case vote(lastIndex: LogIndex, lastTerm: Term, transfer: Bool)
        /// The answer; a grant is durable when it is sent (trap 3).
        case voteAnswer(granted: Bool)
        /// Entries behind `previousIndex`, or none (a heartbeat or a probe), from the leader of the term.
        ///
        /// Without entries `commit` is no greater than what the receiver is known to hold (trap 13). `round` is the
        /// leader's count of heartbeats and reads, never used twice in a term (trap 21).
        case append(
            previousIndex: LogIndex, previousTerm: Term, commit: LogIndex, round: UInt64, entryCount: Int)
        /// The answer, with the highest round heard from this leader in this term.
        case appendAnswer(AppendAnswer, round: UInt64)
        /// Campaign at once: the leader hands over to you (thesis §3.10).
        case timeoutNow
        /// You ask for votes and are no member, as of the entry at this index and of this term, which is committed: if
        /// you do not hold it, be quiet until you do (trap 10).
        case removed(index: LogIndex, indexTerm: Term)
    }
}

/// How a follower answers an append.
public enum AppendAnswer: Hashable, Sendable {
    /// The follower's log is the leader's up to `match`, and durable.
    case accepted(match: LogIndex)
    /// The follower does not hold the entry before those sent. It may hold `hintIndex` of `hintTerm`, and nothing
    /// between there and the rejected index can agree.
    case rejected(previousIndex: LogIndex, hintIndex: LogIndex, hintTerm: Term)
}
