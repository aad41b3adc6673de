public import LeaseholdBase

/// A wish to change the membership, as an operator names it. Checked against the membership that there is.
public enum MembershipChange: Hashable, Sendable {
    /// A new member that gets the log and does not count: the way into the cluster for every node. Its directory is
    /// empty, its incarnation is known, and its id is greater than any before (traps 31, 36).
    case addLearner(Member)
    /// Learners become voters and members go, as one change: both groups of voters agree to it, and there is no moment
    /// at which a node more or less counts. Nodes on either list may be none.
    case reshape(promote: [NodeID], remove: [NodeID])
    /// A member is reached elsewhere from now on.
    case setAddresses(NodeID, peer: String, client: String)

    /// A learner becomes a voter.
    public static func promote(_ id: NodeID) -> MembershipChange { .reshape(promote: [id], remove: []) }
    /// A member goes: a voter, a learner, the leader itself.
    public static func remove(_ id: NodeID) -> MembershipChange { .reshape(promote: [], remove: [id]) }
    /// A learner takes the place of a voter in one step: the number of voters stays as it is throughout.
    public static func replace(_ voter: NodeID, with learner: NodeID) -> MembershipChange {
        .reshape(promote: [learner], remove: [voter])
    }
}

/// What became of the wish to change the membership.
public enum MembershipResult: Hashable, Sendable {
    /// The change is in the leader's log and in force, under this index and term. It holds for good once that index is
    /// committed with that term, and is over once the membership is no longer joint.
    case appended(LogIndex, Term)
    /// Nothing was appended.
    case refused(MembershipRefusal)
}

/// Why a change of the membership was refused. Nothing was appended.
public enum MembershipRefusal: Error, Hashable, Sendable {
    /// This node does not lead.
    case notLeader
    /// Leadership is being handed over.
    case transferring
    /// No entry of this leader's own term is committed yet: an earlier leader's change might still be under way
    /// unseen (trap 27). To be asked again.
    case tooEarly
    /// Another change is not over: the entry at this index is uncommitted, or its joint membership is not left yet.
    case changeUnderWay(LogIndex)
    /// The change changes nothing.
    case unchanged
    /// The node is a member already.
    case alreadyMember(NodeID)
    /// The node is no member.
    case unknownMember(NodeID)
    /// Only a learner can be promoted, and this member is a voter.
    case alreadyVoter(NodeID)
    /// The node is on both lists, or twice on one.
    case contradiction(NodeID)
    /// The id is zero, or the incarnation is not known.
    case invalidMember(NodeID)
    /// Ids are not used twice, and a new one is greater than the highest that any member ever had.
    case idUsed(highest: NodeID)
    /// The id is greater than the highest by more than ``Membership/idStepLimit``.
    case idTooHigh(highest: NodeID)
    /// An address is empty, or longer than ``Membership/addressBytesLimit``.
    case invalidAddress
    /// Another member has that address.
    case addressTaken(by: NodeID)
    /// There are as many members as there can be: ``Membership/memberLimit``.
    case tooManyMembers
    /// No voter would be left.
    case noVoters
    /// The learner is so many entries behind, or too slow: as a voter it would hold up commits. To be asked again.
    case notCaughtUp(NodeID, entriesBehind: UInt64)
    /// Nothing is heard of the learner that is to vote. It may answer in a while.
    case unheard(NodeID)
    /// These voters were not heard for an election timeout, and without them the voters after the change are no
    /// quorum: nothing could be committed. This alone can be forced.
    case losesQuorum(silent: [NodeID])
}
