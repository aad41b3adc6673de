import LeaseMachine
import LeaseholdBase
import Testing

/// Restores of restores, and of backups from before them: no token is issued twice, however they follow one another.
@Suite struct RestoreChainTests {
    /// A wall clock so many milliseconds after 2025-06-15.
    private static func clock(_ milliseconds: UInt64) -> WallTime {
        WallTime((1_750_000_000_000 + milliseconds) * 1_000_000)
    }

    /// How long it is at most until something happens, in seconds.
    private static let steps: [UInt64] = [2, 60, 7_200, 2_000_000]

    /// The state that a cluster has come to at an entry.
    private static func backup(_ machine: LeaseMachine, at index: UInt64, _ milliseconds: UInt64) -> LeaseMachine {
        var (machine, output) = (machine, ApplyOutput())
        let stamp = EntryStamp(index: LogIndex(index), logTime: machine.logTime, wallTime: clock(milliseconds))
        machine.applyEmpty(at: stamp, into: &output)
        return machine
    }

    private static func restored(_ backup: LeaseMachine, at milliseconds: UInt64) throws -> LeaseMachine {
        var machine = backup
        _ = try machine.restore(at: clock(milliseconds), quarantine: false)
        return machine
    }

    /// Of a day, an hour and ten seconds.
    @Test(arguments: [86_400_000, 3_600_000, 10_000] as [UInt64])
    func trap45_anOldBackupRestoredBehindARestoreOfARestoreBeginsAboveIt(wait: UInt64) throws {
        let old = Self.backup(LeaseMachine(), at: 4_000, 0)
        let first = try Self.restored(old, at: 60_000)
        let saved = Self.backup(first, at: first.appliedIndex.rawValue + 100_000, 160_000)
        let second = try Self.restored(saved, at: 200_000)
        #expect(second.appliedIndex > saved.appliedIndex)
        // The second runs on at a rate that no disk allows; then the old backup is all that is left.
        let last = second.appliedIndex.rawValue + wait * 1_000
        let third = try Self.restored(old, at: 200_000 + wait)
        #expect(third.appliedIndex.rawValue > last)
    }

    @Test func trap45_aBackupSavedBeforeTheFirstEntryIsRestoredOnTheClockToo() throws {
        let first = try Self.restored(Self.backup(LeaseMachine(), at: 9, 0), at: 1_000)
        let at = try Self.restored(first, at: 1_000)
        #expect(at.appliedIndex == first.appliedIndex.next)
        let later = try Self.restored(first, at: 2_000)
        #expect(later.appliedIndex.rawValue == first.appliedIndex.rawValue + 1 << 20)
    }

    @Test func trap45_aClockThatIsALittleBehindDrawsNoClusterAheadOfAllOthers() throws {
        let old = Self.backup(LeaseMachine(), at: 9, 0)
        let first = try Self.restored(old, at: 3_600_000)
        // Half an hour behind the machine that has restored.
        let saved = Self.backup(first, at: first.appliedIndex.rawValue + 1_000, 1_800_000)
        let second = try Self.restored(saved, at: 3_700_000)
        let third = try Self.restored(old, at: 3_600_000 + 3_600_000)
        #expect(second.appliedIndex > saved.appliedIndex && third.appliedIndex > second.appliedIndex)
    }

    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func trap45_inAnyChainOfRestoresEachBeginsAboveWhatAllBeforeHaveIssued(seed: UInt64) throws {
        var random = RandomSource(seed: seed)
        var milliseconds: UInt64 = 0
        // A cluster: its state when it was born or restored, and when that was.
        var clusters: [(machine: LeaseMachine, since: UInt64)] = [(Self.backup(LeaseMachine(), at: 1, 0), 0)]
        var backups = [clusters[0].machine]
        // Where a cluster would be now, if it had gone on all the time at a million entries a second.
        func most(_ cluster: (machine: LeaseMachine, since: UInt64)) -> UInt64 {
            cluster.machine.appliedIndex.rawValue + (milliseconds - cluster.since) * 1_000
        }
        for _ in 0..<60 {
            milliseconds += random.below(Self.steps[Int(random.below(4))] * 1_000) + 1
            if random.chance(2, in: 3) {
                let cluster = clusters[Int(random.below(UInt64(clusters.count)))]
                let first = cluster.machine.appliedIndex.rawValue
                let index = first + 1 + random.below(most(cluster) - first + 1)
                backups.append(Self.backup(cluster.machine, at: index, milliseconds))
            } else {
                let backup = backups[Int(random.below(UInt64(backups.count)))]
                let machine = try Self.restored(backup, at: milliseconds)
                for other in clusters { try #require(machine.appliedIndex.rawValue > most(other)) }
                clusters.append((machine, milliseconds))
                if random.chance(1, in: 2) { backups.append(machine) }
            }
        }
        #expect(clusters.count > 5 && backups.count > 20)
    }
}
