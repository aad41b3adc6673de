import LeaseholdBase
import Testing

@testable import Raft

@Suite struct SnapshotClusterTests {
    /// Snapshots taken, sent, lost and installed, logs compacted at once or late, members changing, under all faults.
    @Test func whateverHappensMeanwhileSnapshotsStandForTheLog() throws {
        var taken = 0
        var installed = 0
        var marks = MarkSet<RaftMark>()
        for seed in 1...80 as ClosedRange<UInt64> {
            let cluster = try Cluster(
                [3, 3, 1, 5][Int(seed % 4)], spares: 2, seed: seed, logMemoryBytes: seed % 2 == 0 ? 1 << 20 : 4_000
            ) {
                if seed % 5 != 0 { ($0.electionTimeout, $0.heartbeat) = (.milliseconds(60), .milliseconds(6)) }
                if seed % 4 == 1 { ($0.windowMessages, $0.appendBytes) = (2, 500) }
                $0.snapshotPatience = .milliseconds(seed % 3 == 0 ? 10 : 100)
            }
            try cluster.storm {
                if cluster.draw(3) == 0, let id = cluster.anyOf(cluster.ids) { cluster.takeSnapshot(id) }
                if seed % 2 == 0, cluster.draw(4) == 0 { _ = try cluster.changeSomething() }
            }
            let isHealed = try cluster.converge()
            cluster.run(100)
            #expect(cluster.failures == [], "seed \(seed)")
            #expect(isHealed, "seed \(seed)\n\(cluster.report)")
            taken += cluster.snapshotsTaken
            installed += cluster.snapshotsInstalled
            for id in cluster.ids { if let raft = cluster.raft(id) { marks.formUnion(raft.marks) } }
            if !cluster.failures.isEmpty || !isHealed { break }
        }
        #expect(taken > 800)
        #expect(installed > 80)
        let wanted: [RaftMark] = [
            .logCompacted, .snapshotBegun, .snapshotStalled, .snapshotFailed, .snapshotDone, .snapshotOutrun,
            .snapshotReplacedLog, .readBackSent, .jointLeft,
        ]
        #expect(wanted.filter { !marks.contains($0) } == [])
    }
}
