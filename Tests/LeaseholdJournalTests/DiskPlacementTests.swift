import LeaseholdBase
import LeaseholdJournal
import Testing

@Suite struct DiskPlacementTests {
    private func effect(_ operation: DiskEffect.Operation) -> DiskEffect {
        DiskEffect(number: DiskNumber(1), operation: operation)
    }

    @Test func batchesAreSyncedOnTheLoopUntilASyncIsSlow() {
        var placement = DiskPlacement(electionTimeout: .milliseconds(500))
        let sync = effect(.sync(FileID(1)))
        placement.syncTook(.milliseconds(25))
        #expect(placement.place(sync) == .loop)
        placement.syncTook(.milliseconds(26))
        #expect(placement.place(sync) == .batchThread)
        for _ in 1..<DiskPlacement.fastEnough { placement.syncTook(.milliseconds(1)) }
        #expect(placement.place(sync) == .batchThread)
        placement.syncTook(.milliseconds(1))
        #expect(placement.place(sync) == .loop)
    }

    @Test func aSpareIsNeverSyncedOnTheLoop() {
        var placement = DiskPlacement(electionTimeout: .milliseconds(500))
        #expect(placement.place(effect(.create(FileID(7), name: "spare.tmp"))) == .loop)
        #expect(placement.place(effect(.sync(FileID(7)))) == .spareThread)
        #expect(placement.place(effect(.syncDirectory("journal"))) == .spareThread)
        _ = placement.place(effect(.rename(FileID(7), from: "spare.tmp", to: "1.seg")))
        #expect(placement.place(effect(.sync(FileID(7)))) == .loop)
    }
}
