import LeaseholdBase
import LeaseholdJournal
import Raft
import Simulator
import Testing

/// Random work with snapshots of both kinds, and losses of power at any effect of it.
@Suite struct SnapshotRandomTests {
    #if DEBUG
    private static let seeds: UInt64 = 60
    #else
    private static let seeds: UInt64 = 1_500
    #endif

    @Test func whateverIsDoneAStartFindsWhatWasAcknowledged() throws {
        var (taken, installed, starts) = (0, 0, 0)
        for seed in 0..<Self.seeds {
            var random = RandomSource(seed: seed)
            var rig = try Rig.born(segmentBytes: 1024, tail: random.chance(1, in: 2) ? 0 : 2_000)
            var term: UInt64 = 1
            for _ in 0..<60 {
                switch random.below(12) {
                case 0...4: rig.append(random.integer(in: 1...4), bytes: random.integer(in: 0...90), term: term)
                case 5: cut(&rig, &term, &random)
                case 6: rig.take(at: random.chance(1, in: 2) ? nil : rig.journal.lastIndex.previous)
                case 7:
                    if install(&rig, &term, &random) { installed += 1 }
                case 8: rig.wait()
                default: rig.submit()
                }
                for _ in 0..<random.integer(in: 0...12) { _ = rig.performOne() }
                try #require(rig.violations == [], "seed \(seed)")
                guard random.chance(1, in: 12) else { continue }
                try losePower(&rig, &random, seed)
                starts += 1
                if rig.journal.snapshot != nil { taken += 1 }
            }
        }
        #expect(taken > 20 && installed > 20 && starts > 100, "\(taken) \(installed) \(starts)")
    }

    /// Voids some of what no snapshot stands for, in a new term.
    private func cut(_ rig: inout Rig, _ term: inout UInt64, _ random: inout RandomSource) {
        let lowest = rig.journal.snapshotReach
        let last = rig.journal.lastIndex
        guard last > lowest else { return }
        term += 1
        let after = lowest + random.below(last - lowest + 1)
        rig.append(Request(term: Term(term), votedFor: NodeID(1), truncateAfter: after))
    }

    private func install(_ rig: inout Rig, _ term: inout UInt64, _ random: inout RandomSource) -> Bool {
        let index = rig.journal.lastIndex + 1 + random.below(30)
        guard rig.receive(index, Term(term + 1)) == .complete else { return false }
        rig.settle()
        term += 1
        rig.append(Request(term: Term(term), votedFor: nil))
        rig.install(index, Term(term), restartsLog: true)
        return true
    }

    private func losePower(_ rig: inout Rig, _ random: inout RandomSource, _ seed: UInt64) throws {
        let images = rig.disk.crashImages(.coarse)
        let allowed = rig.states[Int(rig.journal.flushed.rawValue)...Int(rig.journal.submitted.rawValue)]
        if !images.isEmpty, random.chance(4, in: 5) { rig.disk = images[random.integer(in: 0...images.count - 1)] }
        try rig.reopen(seed: random.next())
        rig.journal.learn(cluster: Rig.cluster)
        try #require(
            allowed.contains { rig.last.isState(of: $0) },
            "seed \(seed): base \(String(describing: rig.last.base?.id)), \(rig.last.entries.count) entries")
        try #require(rig.journal.violations() == [])
    }
}
