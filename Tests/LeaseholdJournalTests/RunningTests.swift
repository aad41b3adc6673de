import LeaseholdBase
import LeaseholdJournal
import Raft
import Simulator
import Testing

@Suite struct RunningTests {
    @Test func whatIsAppendedIsRecovered() throws {
        var rig = try Rig()
        rig.append(Request(term: Term(1), votedFor: NodeID(2)))
        rig.append(3)
        rig.flush()
        #expect(rig.progress == [.persisted(through: PersistNumber(2), issuedIn: Term(1))])
        #expect(try recovered(from: rig.disk) == rig.last)
        #expect(rig.violations.isEmpty)
    }

    @Test func aBatchIsAllThatCameMeanwhile() throws {
        var rig = try Rig()
        rig.append(Request(term: Term(1), votedFor: NodeID(2)))
        rig.submit()
        let inFlight = rig.effects
        for _ in 0..<5 { rig.append(1) }
        rig.submit()
        #expect(rig.effects == inFlight, "nothing is written before the sync of the one before")
        rig.settle()
        rig.flush()
        #expect(
            rig.progress == [
                .persisted(through: PersistNumber(1), issuedIn: Term(1)),
                .persisted(through: PersistNumber(6), issuedIn: Term(1)),
            ])
        #expect(rig.journal.newestSyncedBatch == 2)
        #expect(try recovered(from: rig.disk) == rig.last)
    }

    @Test func bytesInFlightAreLeftAlone() throws {
        var rig = try Rig()
        rig.append(4)
        rig.submit()
        let before = copy(rig.journal.batchBytes)
        for _ in 0..<50 { rig.append(1, bytes: 100) }
        rig.submit()
        #expect(copy(rig.journal.batchBytes) == before)
    }

    @Test func segmentsRollOver() throws {
        var rig = try Rig()
        for _ in 0..<200 {
            rig.append(2, bytes: 50)
            rig.flush()
        }
        #expect(rig.journal.segments.count > 5)
        #expect(rig.journal.flushed == PersistNumber(200))
        #expect(try recovered(from: rig.disk) == rig.last)
        #expect(rig.violations.isEmpty)
        let first = rig.journal.segments.map { $0.name }
        #expect(first[0] == "journal/0000000000000001.seg")
        #expect(first == rig.journal.segments.map { "journal/\(hexadecimal($0.header.firstIndex.rawValue)).seg" })
    }

    @Test func aBatchLargerThanASegmentGetsALargerOne() throws {
        var rig = try Rig()
        rig.append(1)
        rig.flush()
        rig.append(10, bytes: 5000)
        rig.flush()
        #expect(rig.journal.flushed == PersistNumber(2))
        #expect(rig.journal.segments[1].size > 50_000)
        #expect(try recovered(from: rig.disk) == rig.last)
        #expect(rig.violations.isEmpty)
    }

    @Test func aSegmentInWhichNothingWasStoredGivesWayToALargerOne() throws {
        // The first batch of a directory does not fit into its first segment.
        var rig = try Rig(segmentBytes: 1024)
        rig.append(2, bytes: 2000)
        rig.flush()
        #expect(rig.journal.segments.count == 1 && rig.violations.isEmpty)
        #expect(try recovered(from: rig.disk, segmentBytes: 1024) == rig.last)
        // The power goes when a segment has its name and no batch; the next batch is larger than that one was.
        rig.append(1, bytes: 900)
        rig.submit()
        while rig.disk.script.log.last != .syncDirectory, rig.performOne() {}
        rig.disk = rig.disk.durableCopy()
        try rig.reopen()
        let count = rig.journal.segments.count
        rig.append(3, bytes: 3000)
        rig.flush()
        #expect(rig.journal.segments.count == count && rig.violations.isEmpty)
        #expect(try recovered(from: rig.disk.durableCopy(), segmentBytes: 1024) == rig.last)
        rig.append(1)
        rig.flush()
        try rig.reopen()
        #expect(rig.last.entries.count == 6)
    }

    @Test func reopeningManyTimesLosesNothing() throws {
        var rig = try Rig()
        for round in 0..<40 {
            for _ in 0..<3 {
                rig.append(1, bytes: 30)
                rig.flush()
            }
            let expected = rig.last
            switch round % 3 {
            case 0: rig.stop()
            case 1: rig.wait()
            default: break
            }
            try rig.reopen(seed: UInt64(round))
            #expect(rig.last == expected)
        }
        #expect(rig.last.entries.count == 120)
        #expect(rig.violations.isEmpty)
    }

    @Test func aBatchThatNothingFollowsIsSealedOnce() throws {
        var rig = try Rig()
        rig.append(1)
        rig.flush()
        #expect(rig.journal.deadline == rig.now + .milliseconds(5))
        rig.wait(.milliseconds(4))
        #expect(rig.journal.newestSyncedBatch == 1)
        rig.wait(.milliseconds(1))
        #expect(rig.journal.newestSyncedBatch == 2 && rig.journal.deadline == .never)
        rig.wait(.seconds(1))
        #expect(rig.journal.newestSyncedBatch == 2)
        rig.append(1)
        rig.flush()
        rig.append(1)
        rig.submit()
        #expect(rig.journal.deadline == .never, "a batch that something follows needs no seal")
        rig.settle()
        #expect(try recovered(from: rig.disk) == rig.last)
    }

    @Test func aCleanStopSparesTheCopy() throws {
        var rig = try Rig()
        rig.append(3)
        rig.stop()
        #expect(rig.progress.last == .stopped && rig.journal.isStopped)
        let file = rig.disk.fileNumber(rig.journal.segments[0].name)
        let expected = rig.last
        for seed in 0..<30 as Range<UInt64> {
            try rig.reopen(seed: seed)
            #expect(rig.disk.fileNumber(rig.journal.segments[0].name) == file && rig.last == expected)
            rig.stop()
            #expect(rig.journal.isStopped && rig.journal.newestSyncedBatch == 2)
        }
        // A kill makes the next start copy it.
        try rig.reopen(seed: 50)
        rig.append(1)
        rig.flush()
        try rig.reopen(seed: 51)
        #expect(rig.disk.fileNumber(rig.journal.segments[0].name) != file)
    }

    @Test func twoSegmentsWithOneFirstIndexHaveTwoNames() throws {
        var rig = try Rig(segmentBytes: 1024)
        // Segments without entries, and a log that is cut back and grows again.
        for term in 1...60 as ClosedRange<UInt64> {
            rig.append(Request(term: Term(term), votedFor: NodeID(1)))
            rig.flush()
        }
        for term in 61...70 as ClosedRange<UInt64> {
            let entries = (1...4).map { Request.item($0, term, [UInt8](repeating: 1, count: 150)) }
            rig.append(Request(term: Term(term), truncateAfter: .zero, entries: entries))
            rig.flush()
        }
        let names = rig.journal.segments.map { $0.name }
        #expect(names.count > 8 && Set(names).count == names.count)
        #expect(rig.journal.segments.filter { $0.header.firstIndex == LogIndex(1) }.count > 2)
        #expect(names.allSatisfy { rig.disk.fileNames.contains($0) })
        #expect(try recovered(from: rig.disk) == rig.last)
        #expect(rig.violations.isEmpty)
    }

    @Test func nothingIsAllocatedForABatchOnceWarm() throws {
        var rig = try Rig(segmentBytes: 1 << 20)
        var capacities: Set<Int> = []
        for round in 0..<200 {
            rig.append(5)
            rig.submit()
            if round >= 2 { capacities.insert(rig.journal.bufferCapacity) }
            rig.settle()
        }
        #expect(capacities.count == 1, "the buffers keep their memory")
    }

    private func copy(_ bytes: RawSpan) -> [UInt8] {
        var copy: [UInt8] = []
        copy.append(bytes: bytes)
        return copy
    }
}
