public import LeaseholdBase

/// What a leader knows of one other member, for those who run the cluster.
public struct PeerProgress: Hashable, Sendable {
    /// The member.
    public let id: NodeID
    /// How far it holds the leader's log durably, as far as it has said.
    public let match: LogIndex
    /// When it was last heard in this term; nil if it was not.
    public let heardAt: SteadyTime?
    /// Whether it keeps up: a learner that does may be promoted.
    public let isCaughtUp: Bool
    /// Whether it needs entries that are compacted, and a snapshot is under way to it.
    public let isTakingSnapshot: Bool
}

/// Why leadership cannot be handed over as wished. Nothing has changed.
public enum TransferRefusal: Hashable, Sendable {
    /// This node does not lead.
    case notLeader
    /// It is being handed over already, to this node.
    case transferring(to: NodeID)
    /// This node leads already.
    case leadsAlready
    /// The node is no voter that stays one.
    case notVoter(NodeID)
    /// The node was not heard for an election timeout.
    case silent(NodeID)
    /// There is no other voter, or none was heard.
    case nobody
}

extension Raft {
    /// What this leader knows of the other members, in order of their ids; empty on any other node.
    public var peers: [PeerProgress] {
        guard let leadership = role.leadership else { return [] }
        let (limit, now, members) = (configuration.electionTimeout, now, membership)
        return leadership.peers.filter { members.member($0.id) != nil }.map {
            PeerProgress(
                id: $0.id, match: $0.match, heardAt: $0.heardAt, isCaughtUp: $0.isCaughtUp(within: limit, at: now),
                isTakingSnapshot: $0.isTakingSnapshot)
        }
    }

    /// What speaks against ``RaftEvent/transfer(to:)`` with this target, nil when nothing does: for those who answer an
    /// operator. The event itself does what it can, or nothing.
    public func objection(toTransferTo target: NodeID?) -> TransferRefusal? {
        guard let leadership = role.leadership else { return .notLeader }
        if let transfer = leadership.transfer { return .transferring(to: transfer.target) }
        let (limit, now) = (configuration.electionTimeout, now)
        func isHeard(_ id: NodeID) -> Bool { leadership.silent(of: [id], id: self.id, within: limit, at: now).isEmpty }
        guard let target else {
            return membership.voters.contains { $0 != id && isHeard($0) } ? nil : .nobody
        }
        if target == id { return .leadsAlready }
        guard membership.voters.contains(target) else { return .notVoter(target) }
        return isHeard(target) ? nil : .silent(target)
    }
}
