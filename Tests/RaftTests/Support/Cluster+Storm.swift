import LeaseholdBase

@testable import Raft

extension Cluster {
    func draw(_ bound: UInt64) -> UInt64 { random.below(bound) }

    func anyOf(_ nodes: [NodeID]) -> NodeID? { nodes.isEmpty ? nil : nodes[Int(draw(UInt64(nodes.count)))] }

    /// A few proposals and reads at whoever leads.
    func work(_ count: UInt64) {
        for _ in 0..<count {
            guard let leader = anyOf(ids.filter { raft($0)?.isLeader == true }) else { return }
            let size = draw(200)
            _ = propose(leader, [UInt8](repeating: UInt8(draw(256)), count: Int(size)))
            if random.chance(1, in: 3) { read(leader) }
        }
    }

    /// Everything that can go wrong with nodes, disks and links, with work meanwhile, and something else now and then.
    func storm(_ somethingElse: () throws -> Void = {}) throws {
        faults = Faults(
            loss: draw(3) * 10, duplication: draw(3) * 10,
            latency: 50_000...([60_000_000, 2_000_000, 2_000_000, 300_000][Int(draw(4))]),
            diskLatency: 80_000...(draw(3) == 0 ? 30_000_000 : 500_000), tail: draw(2) * 20, diskTail: draw(3) * 100,
            holdTurn: draw(2) * 40)
        isStormy = true
        let pace = [50, 150, 400][Int(draw(3))]
        for _ in 0..<40 where failures.isEmpty {
            var victim = ids[Int(draw(UInt64(ids.count)))]
            if draw(2) == 0, let leader { victim = leader }
            switch draw(16) {
            case 0, 1: crash(victim)
            case 2, 3, 4: for id in ids { try start(id) }
            case 5: partition([victim])
            case 6: cut = [[victim, ids[Int(draw(UInt64(ids.count)))]]]
            case 7: cut = []
            case 8: turn(victim, .transfer(to: nil))
            case 9:
                nodes[victim]?.isDiskStalled.toggle()
                startWriting(victim)
            case 10, 11: isolate(victim)
            default: break
            }
            for _ in 0..<4 {
                work(draw(6))
                run(draw(UInt64(pace)) / 4)
                try somethingElse()
            }
        }
    }

    /// Heals everything and waits until all members are up, agree on a leader, its membership and what is committed.
    func converge() throws -> Bool {
        faults = Faults()
        isStormy = false
        cut = []
        for id in ids {
            nodes[id]?.isDiskStalled = false
            startWriting(id)
            try start(id)
        }
        run(300)
        var asked: UInt64 = 0
        return run(atMost: 10_000) {
            // What an earlier leader left uncommitted needs one entry more of whoever leads now.
            if asked < time, let leader {
                asked = time + 500_000_000
                _ = propose(leader, [1, 2, 3])
            }
            guard let leader, let raft = raft(leader), raft.changeUnderWay == nil else { return false }
            guard raft.commitIndex == raft.lastIndex else { return false }
            return raft.membership.members.allSatisfy {
                let other = self.raft($0.id)
                return other?.commitIndex == raft.lastIndex && other?.lastIndex == raft.lastIndex
            }
        }
    }
}

extension Cluster {
    /// What every node is at, for the one who looks into a failure.
    var report: String {
        ids.map { id in
            guard let raft = raft(id) else { return "\(id) down" }
            let membership = raft.membership
            return "\(id) \(raft.currentRole) term \(raft.term) log \(raft.log.lastTerm)/\(raft.lastIndex)"
                + " commit \(raft.commitIndex) voters \(membership.voters) outgoing \(membership.outgoing)"
                + " learners \(membership.learners) under way \(raft.changeUnderWay.map(\.description) ?? "-")"
                + " \(raft.standing) told \(raft.isToldRemoved) dropped \(raft.droppedMessages)"
        }.joined(separator: "\n")
    }
}
