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
    cluster.run(3_000)
    if let leader = cluster.leader { _ = cluster.propose(leader, [1, 2, 3]) }
    return cluster.run(atMost: 10_000) {
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
        for seed in 1...150 as ClosedRange<UInt64> {
            let cluster = try Cluster(nodes, seed: seed, logMemoryBytes: seed % 2 == 0 ? 1 << 20 : 4_000) {
                if seed % 3 == 0 { ($0.windowMessages, $0.appendBytes) = (2, 500) }
            }
            cluster.faults = Faults(
                loss: cluster.random.below(3) * 10, duplication: cluster.random.below(3) * 10,
                latency: 50_000...(cluster.random.chance(1, in: 3) ? 60_000_000 : 2_000_000),
                diskLatency: 80_000...(cluster.random.chance(1, in: 3) ? 30_000_000 : 500_000),
                tail: cluster.random.below(2) * 20, holdTurn: cluster.random.below(2) * 40)
            for _ in 0..<25 where cluster.failures.isEmpty {
                let victim = cluster.ids[Int(cluster.random.below(nodes))]
                switch cluster.random.below(12) {
                case 0, 1: cluster.crash(victim)
                case 2, 3, 4: for id in cluster.ids { try cluster.start(id) }
                case 5: cluster.partition([victim])
                case 6: cluster.cut = [[victim, cluster.ids[Int(cluster.random.below(nodes))]]]
                case 7: cluster.cut = []
                case 8: cluster.turn(victim, .transfer(to: nil))
                case 9:
                    cluster.nodes[victim]?.isDiskStalled.toggle()
                    cluster.startWriting(victim)
                default: break
                }
                work(cluster, cluster.random.below(8))
                cluster.run(cluster.random.below(400))
            }
            let isHealed = try converge(cluster)
            #expect(cluster.failures == [], "seed \(seed)")
            #expect(isHealed, "seed \(seed)")
            elections += cluster.elections
            commits += cluster.judge.highestCommit.rawValue
            if !cluster.failures.isEmpty { break }
        }
        // The runs were about something.
        #expect(elections > 300)
        #expect(commits > 3_000)
    }
}
