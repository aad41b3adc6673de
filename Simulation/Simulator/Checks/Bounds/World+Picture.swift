import LeaseholdBase
import LeaseholdJournal
import LeaseholdReplica
import Raft

/// How the nodes and the paths between them are at one moment, as bits by place.
struct ClusterPicture {
    /// The nodes that are up and attentive, with quick disks and clocks that run as they should.
    var fit = 0
    /// For each node, those that it reaches and that reach it, over paths without faults.
    var reaches: [Int] = []
    /// Who leads the newest term, if anybody does that can go on with it.
    var leader: Int?
    /// Whose votes count, as bits, in each group of every membership that is in force on some member.
    var groups: [Int] = []
    /// The greatest term that any node is in.
    var newestTerm = Term.zero
}

extension World {
    /// How things are now.
    var picture: ClusterPicture {
        var picture = ClusterPicture()
        picture.reaches = [Int](repeating: 0, count: nodes.count)
        for node in nodes {
            if let raft = node.running?.replica.raft, raft.standing != .outsider {
                for group in [raft.membership.voters, raft.membership.outgoing] where !group.isEmpty {
                    let bits = group.reduce(0) { $0 | 1 << (Int($1.rawValue) - 1) }
                    if !picture.groups.contains(bits) { picture.groups.append(bits) }
                }
            }
            if isFit(node) { picture.fit |= 1 << node.place }
            if let term = node.running?.replica.raft.term { picture.newestTerm = max(picture.newestTerm, term) }
            for other in nodes where other.place < node.place {
                guard isClear(from: node.place, to: other.place), isClear(from: other.place, to: node.place) else {
                    continue
                }
                picture.reaches[node.place] |= 1 << other.place
                picture.reaches[other.place] |= 1 << node.place
            }
        }
        for node in nodes
        where node.running?.replica.raft.isLeader == true && node.running?.replica.raft.term == picture.newestTerm {
            if mayLeadOn(node) { picture.leader = node.place }
        }
        return picture
    }

    /// Whether a leader can go on leading. One that hears no majority, or whose disk hangs, is to be replaced within the
    /// time that a majority is given to settle, however well it is heard itself.
    private func mayLeadOn(_ leader: SimulatedNode) -> Bool {
        guard leader.disk.faults.stalledUntil <= now else { return false }
        guard let membership = leader.running?.replica.raft.membership else { return false }
        return membership.isQuorum { id in
            guard id != leader.id, let other = node(id) else { return id == leader.id }
            return other.isUp && network.paths[network.path(from: other.place, to: leader.place)].blocks == 0
        }
    }

    private func isFit(_ node: SimulatedNode) -> Bool {
        // One that waits for space asks for it again after a while only, though there is some by then.
        guard !(node.running?.inPlace { $0.journal.isDiskLow } ?? true) else { return false }
        return node.isUp && !node.isEnding && node.slowness == 0 && !node.isStopped(at: now) && !node.clock.isWrong
            && node.disk.faults.slowFactor <= 1
            && node.disk.faults.stalledUntil <= now && node.standsUntil <= now + longestAbsence
    }

    private func isClear(from: Int, to: Int) -> Bool {
        let path = network.paths[network.path(from: from, to: to)]
        return path.blocks == 0 && path.loss == 0 && path.delay == 0 && path.corruption == 0 && path.reordering == 0
            && path.replay == 0 && path.duplication == 0 && path.cloggedUntil <= now
    }

    /// Everything that is still under way though nobody asks for anything (property 24), in the core and at the clients.
    var inFlight: [String] {
        var found: [String] = []
        for node in nodes where core.contains(node.place) && isMember(node) {
            guard let replica = node.running?.replica else { continue }
            found += Bounds.inFlight(in: replica).map { "\(node.label) has \($0)" }
        }
        for client in clients {
            guard let core = client.core else { continue }
            found += Bounds.inFlight(in: core).map { "\(client.label) has \($0)" }
        }
        return found
    }
}
