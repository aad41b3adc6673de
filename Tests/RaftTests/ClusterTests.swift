import LeaseholdBase
import Testing

@testable import Raft

/// A few proposals and reads at whoever leads.
private func work(_ cluster: Cluster, _ count: UInt64) {
    for _ in 0..<count {
        guard let leader = cluster.ids.filter({ cluster.raft($0)?.isLeader == true }).randomElement(&cluster.random)
        else { return }
        let size = cluster.random.below(200)
        _ = cluster.propose(leader, [UInt8](repeating: UInt8(cluster.random.below(256)), count: Int(size)))
        if cluster.random.chance(1, in: 3) { cluster.read(leader) }
    }
}

extension Array {
    fileprivate func randomElement(_ random: inout RandomSource) -> Element? {
        isEmpty ? nil : self[Int(random.below(UInt64(count)))]
    }
}

/// Heals everything and waits until all nodes are up, agree on a leader and have committed the same.
private func converge(_ cluster: Cluster) throws -> Bool {
    cluster.faults = Faults()
    cluster.cut = []
    for id in cluster.ids {
        cluster.nodes[id]?.isDiskStalled = false
        cluster.startWriting(id)
        try cluster.start(id)
    }
    cluster.run(300)
    var asked: UInt64 = 0
    return cluster.run(atMost: 10_000) {
        // What an earlier leader left uncommitted needs one entry more of whoever leads now.
        if asked < cluster.time, let leader = cluster.leader {
            asked = cluster.time + 500_000_000
            _ = cluster.propose(leader, [1, 2, 3])
        }
        guard let leader = cluster.leader, let raft = cluster.raft(leader) else { return false }
        return raft.commitIndex == raft.lastIndex
            && cluster.ids.allSatisfy {
                cluster.raft($0)?.commitIndex == raft.lastIndex && cluster.raft($0)?.lastIndex == raft.lastIndex
            }
    }
}

@Suite struct ClusterTests {
    @Test func aQuietClusterElectsOnceAndKeepsItsLeader() throws {
        for seed in 1...20 as ClosedRange<UInt64> {
            let cluster = try Cluster(3, seed: seed)
            #expect(cluster.run(atMost: 3_000) { cluster.leader != nil })
            let leader = cluster.leader
            for _ in 0..<50 {
                work(cluster, 3)
                cluster.run(40)
            }
            #expect(cluster.failures == [])
            #expect(cluster.leader == leader)
            #expect(cluster.elections <= 2)
            #expect(cluster.readsAnswered > 10)
            #expect(cluster.judge.highestCommit > LogIndex(100))
        }
    }

    @Test(arguments: [3, 5] as [UInt64])
    func whateverTheNetworkAndTheCrashesDoNothingIsLostAndItHeals(nodes: UInt64) throws {
        var elections = 0
        var commits: UInt64 = 0
        for seed in 1...80 as ClosedRange<UInt64> {
            let cluster = try Cluster(nodes, seed: seed, logMemoryBytes: seed % 2 == 0 ? 1 << 20 : 4_000) {
                if seed % 5 != 0 { ($0.electionTimeout, $0.heartbeat) = (.milliseconds(60), .milliseconds(6)) }
                if seed % 4 == 1 { ($0.windowMessages, $0.appendBytes) = (2, 500) }
                if seed % 4 == 2 { ($0.windowMessages, $0.appendEntries) = (1, 1) }
            }
            try Self.storm(cluster)
            let isHealed = try converge(cluster)
            #expect(cluster.failures == [], "seed \(seed)")
            #expect(isHealed, "seed \(seed)")
            elections += cluster.elections
            commits += cluster.judge.highestCommit.rawValue
            if !cluster.failures.isEmpty { break }
        }
        // The runs were about something.
        #expect(elections > 300)
        #expect(commits > 2_000)
    }

    private static func storm(_ cluster: Cluster) throws {
        func draw(_ bound: UInt64) -> UInt64 { cluster.random.below(bound) }
        cluster.faults = Faults(
            loss: draw(3) * 10, duplication: draw(3) * 10,
            latency: 50_000...([60_000_000, 2_000_000, 2_000_000, 300_000][Int(draw(4))]),
            diskLatency: 80_000...(draw(3) == 0 ? 30_000_000 : 500_000), tail: draw(2) * 20, diskTail: draw(3) * 100,
            holdTurn: draw(2) * 40)
        let pace = [50, 150, 400][Int(draw(3))]
        for _ in 0..<40 where cluster.failures.isEmpty {
            var victim = cluster.ids[Int(draw(UInt64(cluster.ids.count)))]
            if draw(2) == 0, let leader = cluster.leader { victim = leader }
            switch draw(16) {
            case 0, 1: cluster.crash(victim)
            case 2, 3, 4: for id in cluster.ids { try cluster.start(id) }
            case 5: cluster.partition([victim])
            case 6: cluster.cut = [[victim, cluster.ids[Int(draw(UInt64(cluster.ids.count)))]]]
            case 7: cluster.cut = []
            case 8: cluster.turn(victim, .transfer(to: nil))
            case 9:
                cluster.nodes[victim]?.isDiskStalled.toggle()
                cluster.startWriting(victim)
            case 10, 11: cluster.isolate(victim)
            default: break
            }
            for _ in 0..<4 {
                work(cluster, draw(6))
                cluster.run(draw(UInt64(pace)) / 4)
            }
        }
    }
}
