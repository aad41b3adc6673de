public import LeaseholdBase

/// Who belongs to the cluster and whose votes count: the payload of a ``EntryKind/membership`` entry.
///
/// It has the joint form from the start (thesis §4.3): while `outgoing` is not empty, everything needs a majority of
/// `voters` *and* a majority of `outgoing`. A membership is effective from the append of its entry, committed or not,
/// and stops being so when the entry is truncated (traps 28, 29).
public struct Membership: Hashable, Sendable {
    /// The cluster, fixed at its birth.
    public var clusterID: ClusterID
    /// All members, in order of their ids.
    public private(set) var members: [Member]
    /// Whose votes count, in order.
    public private(set) var voters: [NodeID]
    /// The voters being replaced, in order; empty when the membership is not joint.
    public private(set) var outgoing: [NodeID]
    /// Who gets the log and does not count, in order (trap 31).
    public private(set) var learners: [NodeID]

    /// The greatest id that any member ever had. No id is used twice: a node that was away would know it by the former
    /// directory and hear nothing from the new one, though that may lead by now (trap 36).
    public private(set) var highestID: NodeID

    /// The most members there can be.
    public static let memberLimit = 32

    /// A membership, or nil when its parts contradict one another: a voter or learner that is no member, a member
    /// that is neither, an id twice or zero, no voters, or more than the limit. Those who were members before and had
    /// greater ids are known by the highest.
    public init?(
        clusterID: ClusterID, members: [Member], voters: [NodeID], outgoing: [NodeID] = [], learners: [NodeID] = [],
        highestID: NodeID = NodeID(0)
    ) {
        self.clusterID = clusterID
        self.members = members.sorted { $0.id < $1.id }
        self.voters = voters.sorted()
        self.outgoing = outgoing.sorted()
        self.learners = learners.sorted()
        self.highestID = max(highestID, self.members.last?.id ?? NodeID(0))
        guard isSound else { return nil }
    }

    /// Nobody: the membership of a node that has no birth entry yet.
    public static let none = Membership()

    private init() {
        (clusterID, members, voters, outgoing, learners, highestID) = (.unborn, [], [], [], [], NodeID(0))
    }

    /// Whether two groups of voters must agree.
    public var isJoint: Bool { !outgoing.isEmpty }

    /// The member with an id.
    public func member(_ id: NodeID) -> Member? { members.first { $0.id == id } }

    /// Whether a node's vote counts in either group.
    public func isVoter(_ id: NodeID) -> Bool { voters.contains(id) || outgoing.contains(id) }

    /// Whether the voters for which this is true are a quorum, in both groups when there are two.
    public func isQuorum(_ isCounted: (NodeID) -> Bool) -> Bool {
        Quorum.reached(self) { isCounted($0) ? 1 : 0 } == 1
    }

    private var isSound: Bool {
        let ids = members.map(\.id)
        guard !voters.isEmpty, members.count <= Self.memberLimit, ids.first != NodeID(0) else { return false }
        for list in [ids, voters, outgoing, learners] {
            for (left, right) in zip(list, list.dropFirst()) where left == right { return false }
        }
        for id in voters + outgoing + learners where !ids.contains(id) { return false }
        for id in ids where !isVoter(id) && !learners.contains(id) { return false }
        for id in learners where isVoter(id) { return false }
        return true
    }
}
