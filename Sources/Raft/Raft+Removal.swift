import LeaseholdBase

/// What a node is by the membership in force at it, as far as its log goes.
public enum MemberStanding: Hashable, Sendable {
    /// Its vote counts.
    case voter
    /// Its vote counts until the joint membership under way is left, and then it is no member.
    case outgoing
    /// It gets the log and does not count.
    case learner
    /// It is no member: not yet, not any more, or by another directory under its id (trap 36).
    case outsider
}

/// By what ``Raft/contacts`` are known to be the same as before.
public struct ContactsVersion: Hashable, Sendable {
    let membership: LogIndex
    let cuts: UInt64
    let departing: [NodeID]
}

/// How a node that is no member any more goes quietly (thesis §4.2.3; trap 10).
///
/// The leader feeds it until it has the entry by which it goes, committed: then it knows, and asks for no votes. If it
/// was away meanwhile, it asks for pre-votes when it comes back, which change nothing and are refused by all who hear a
/// leader; and any node that knows better tells it.
extension Raft {
    /// What this node is by the membership in force.
    public var standing: MemberStanding {
        guard membership.member(id) != nil, isOwnIncarnation else { return .outsider }
        if membership.voters.contains(id) { return .voter }
        return membership.outgoing.contains(id) ? .outgoing : .learner
    }

    /// Whether this node was told that it is no member, and does not hold the entries by which it could know better.
    public var isToldRemoved: Bool { !holdsNewsOfRemoval }

    /// Whom this node may have something to say to: the other members, and those a leader still tells that they are
    /// none.
    public var contacts: [Member] {
        membership.members.filter { $0.id != id } + (role.leadership?.departing.map(\.member) ?? [])
    }

    /// Changes whenever ``contacts`` may be others.
    public var contactsVersion: ContactsVersion {
        ContactsVersion(
            membership: memberships.currentIndex, cuts: log.cuts,
            departing: role.leadership?.departing.map(\.member.id) ?? [])
    }

    /// Whether this log reaches as far as the entry by which this node was said to be removed.
    ///
    /// To be quiet until it does costs the cluster nothing, whoever said it and however old the news is. The entry is
    /// committed; a node whose log is older than it does not hold it, and can win no election.
    var holdsNewsOfRemoval: Bool { (log.lastTerm, log.lastIndex) >= (removal.term, removal.index) }

    /// Tells a node that asks for a pre-vote that it is no member, if that is certain.
    mutating func tellRemoved(_ asker: NodeID, into effects: inout [RaftEffect]) {
        guard !membership.members.isEmpty, membership.member(asker) == nil, changeUnderWay == nil else { return }
        let index = max(memberships.currentIndex, log.start.index)
        guard let indexTerm = log.term(at: index) else { return }
        marks.hit(.removedNodeTold)
        send(.removed(index: index, indexTerm: indexTerm), to: asker, into: &effects)
    }

    /// This node is told that it is no member as of a committed entry. If it holds that entry, it now knows it to be
    /// committed, and what it is; if its log is older, it is quiet until it is not.
    mutating func takeRemoval(_ index: LogIndex, _ indexTerm: Term, into effects: inout [RaftEffect]) {
        guard !role.isLeader else { return }
        if log.term(at: index) == indexTerm { commit(through: index, into: &effects) }
        if (indexTerm, index) > (removal.term, removal.index) { removal = (index, indexTerm) }
        guard !mayCampaign, case .preCandidate = role else { return }
        marks.hit(.quietAsRemoved)
        stepDown()
    }
}
