import LeaseholdBase

extension Raft {
    /// Begins to hand leadership to a voter, or to the most caught up of them (thesis §3.10).
    ///
    /// Proposals are refused until the hand-over is done or an election timeout has passed: then the leader goes on
    /// as before (trap 23).
    mutating func transferLeadership(to wanted: NodeID?, into effects: inout [RaftEffect]) {
        guard let leadership = role.leadership, let target = wanted ?? mostCaughtUp(leadership) else { return }
        guard target != id, membership.voters.contains(target), leadership.position(of: target) != nil else { return }
        guard leadership.transfer?.target != target else { return }
        let transfer = Leadership.Transfer(target: target, deadline: now + configuration.electionTimeout)
        marks.hit(.transferBegun)
        role.lead { $0.transfer = transfer }
        #if PLANTED_BUGS
        if planted(.transferNeverEnds) || planted(.transferToAnyoneNeverEnds) {
            role.lead { $0.transfer?.deadline = .never }
        }
        #endif
        advanceTransfer(into: &effects)
    }

    /// Tells the target to campaign once it holds the whole log.
    mutating func advanceTransfer(into effects: inout [RaftEffect]) {
        guard let leadership = role.leadership, let transfer = leadership.transfer, !transfer.isAsked,
            let position = leadership.position(of: transfer.target), leadership.peers[position].match == log.lastIndex
        else { return }
        role.lead { $0.transfer?.isAsked = true }
        send(.timeoutNow, to: transfer.target, into: &effects)
    }

    /// The leader hands over: campaign at once, without asking first.
    mutating func campaignForTransfer(from sender: NodeID, into effects: inout [RaftEffect]) {
        guard case .follower(let following) = role, following.leader?.id == sender, mayCampaign else { return }
        marks.hit(.campaignedForTransfer)
        startCampaign(transfer: true)
    }

    /// Of the voters, or of those named, the one that holds most of the log, and of equals the one that was heard last.
    func mostCaughtUp(_ leadership: Leadership, among named: [NodeID]? = nil) -> NodeID? {
        #if PLANTED_BUGS
        if planted(.transferToAnyoneNeverEnds) { return leadership.peers.first?.id }
        #endif
        var best: Progress?
        for peer in leadership.peers where membership.voters.contains(peer.id) && named?.contains(peer.id) ?? true {
            guard let other = best else {
                best = peer
                continue
            }
            if (peer.match, peer.answeredRound) > (other.match, other.answeredRound) { best = peer }
        }
        return best?.id
    }
}
