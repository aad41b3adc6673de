import LeaseholdBase
import Testing

@testable import Raft

@Suite struct ClusterTests {
    @Test func aQuietClusterElectsOnceAndKeepsItsLeader() throws {
        for seed in 1...20 as ClosedRange<UInt64> {
            let cluster = try Cluster(3, seed: seed)
            #expect(cluster.run(atMost: 3_000) { cluster.leader != nil })
            let leader = cluster.leader
            for _ in 0..<50 {
                cluster.work(3)
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
            try cluster.storm()
            let isHealed = try cluster.converge()
            #expect(cluster.failures == [], "seed \(seed)")
            #expect(isHealed, "seed \(seed)\n\(cluster.report)")
            elections += cluster.elections
            commits += cluster.judge.highestCommit.rawValue
            if !cluster.failures.isEmpty { break }
        }
        // The runs were about something.
        #expect(elections > 300)
        #expect(commits > 2_000)
    }
}
