import LeaseholdBase
import LeaseholdClientCore
import LeaseholdJournal
import LeaseholdReplica
import LeaseholdWire
import Raft

/// What a client does as an operator who changes the membership.
extension SimulatedClient {
    /// Asks for the changes of the plan that are due and its own.
    func changeMembers(_ world: World, _ now: SteadyTime) {
        let own = (world.plan.members ?? []).filter { $0.client == number - 1 }
        while memberChangesMade < own.count, UInt64(max(0, own[memberChangesMade].at)) * 1_000_000 <= world.now {
            let change = own[memberChangesMade]
            memberChangesMade += 1
            if change.kind == .handOver || change.kind == .remove || change.kind == .replace {
                world.checks.leaderAsked()
            }
            if change.kind == .handOver {
                handOver(to: change.node, now)
                continue
            }
            // A node that does not run cannot be asked who it is.
            guard let wanted = world.change(of: change) else { continue }
            inquired("\(change.kind.rawValue) node \(change.node + 1)", .members) { core throws(SubmissionError) in
                try core.changeMembers(MemberRequest(wanted), timeout: .seconds(15), now: now)
            }
        }
    }

    private func handOver(to place: Int, _ now: SteadyTime) {
        let target = place < 0 ? nil : NodeID(UInt64(place + 1))
        inquired("hand over to \(target?.description ?? "any")", .members) { core throws(SubmissionError) in
            try core.transferLeadership(to: target, timeout: .seconds(5), now: now)
        }
    }
}

extension World {
    /// What an operator asks the cluster for.
    func change(of change: MemberChange) -> MembershipChange? {
        func id(_ place: Int) -> NodeID { NodeID(UInt64(place + 1)) }
        switch change.kind {
        case .handOver: return nil
        case .add:
            guard change.node < nodes.count, let replica = nodes[change.node].replica else { return nil }
            let (own, incarnation) = (nodes[change.node].own, replica.journal.identity.incarnation)
            return .addLearner(
                Member(
                    id: own.id, peerAddress: own.peerAddress, clientAddress: own.clientAddress,
                    incarnation: incarnation))
        case .promote: return .promote(id(change.node))
        case .remove: return .remove(id(change.node))
        case .replace: return .replace(id(change.node), with: id(change.other))
        }
    }

    /// The membership that counts now, as far as anybody knows: of the newest leader, or else the longest log's.
    var membership: Membership {
        var newest: (term: Term, isLeader: Bool, index: LogIndex) = (.zero, false, .zero)
        var found = Membership.none
        for node in nodes {
            guard let raft = node.running?.replica.raft, raft.standing != .outsider else { continue }
            let (term, isLeader, index) = (raft.isLeader ? raft.term : raft.log.lastTerm, raft.isLeader, raft.lastIndex)
            let isNewer = (term, isLeader ? 1 : 0, index) > (newest.term, newest.isLeader ? 1 : 0, newest.index)
            if isNewer { (newest, found) = ((term, isLeader, index), raft.membership) }
        }
        return found
    }

    /// Whether a node belongs to the cluster; while nobody knows, whether it was there from the beginning.
    func isMember(_ node: SimulatedNode) -> Bool {
        guard plan.members != nil || plan.founders != nil else { return true }
        let membership = membership
        guard membership != .none else { return node.place < plan.founders ?? plan.nodes }
        return membership.member(node.id) != nil
    }
}
