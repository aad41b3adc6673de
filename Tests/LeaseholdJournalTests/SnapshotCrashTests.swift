import LeaseholdBase
import LeaseholdJournal
import Raft
import Simulator
import Testing

/// Every state that a crash may leave, at every effect of taking, marking, releasing, receiving and installing.
@Suite struct SnapshotCrashTests {
    private static let segmentBytes = 1024

    private func recover(_ disk: inout SimulatedDisk) throws -> Recovered {
        var visitor = Recovered()
        _ = try Journal.recover(
            from: &disk, node: Rig.node, configuration: Rig.configuration(segmentBytes: Self.segmentBytes), seed: 5,
            visitor: &visitor)
        return visitor
    }

    private func check(_ image: SimulatedDisk, _ rig: Rig, _ allowed: ClosedRange<Int>) throws {
        var disk = image
        let found = try recover(&disk)
        try #require(
            rig.states[allowed].contains { found.isState(of: $0) },
            "base \(String(describing: found.base?.id.lastIndex)), \(found.entries.count) entries")
        // What counts is there once, and nothing else.
        try #require(disk.fileNames.filter { $0.hasSuffix(".snap") }.count == (found.base == nil ? 0 : 1))
        let again = try recover(&disk)
        disk = disk.durableCopy()
        let afterCrash = try recover(&disk)
        try #require(again == found && afterCrash == found)
    }

    private func settle(_ rig: inout Rig, every: Int = 1) throws -> Int {
        var images = 0
        var step = 0
        while rig.performOne() {
            step += 1
            guard step % every == 0 else { continue }
            let allowed = Int(rig.journal.flushed.rawValue)...Int(rig.journal.submitted.rawValue)
            for image in rig.disk.crashImages(.coarse) {
                try check(image, rig, allowed)
                images += 1
            }
            try check(rig.disk, rig, allowed)
        }
        return images
    }

    @Test func aCrashWhileASnapshotIsTakenLeavesTheOldOrTheNew() throws {
        var rig = try Rig.born(segmentBytes: Self.segmentBytes)
        var images = 0
        for round in 0..<3 {
            for _ in 0..<8 {
                rig.append(2, bytes: 60)
                rig.flush()
            }
            rig.take()
            // Batches come between its steps.
            for _ in 0..<3 {
                rig.append(1)
                rig.submit()
                images += try settle(&rig)
            }
            rig.append(1)
            rig.submit()
            images += try settle(&rig)
            #expect(rig.journal.snapshot != nil && rig.journal.segments.count <= 3, "round \(round)")
        }
        #expect(rig.violations.isEmpty && images > 100, "\(images) images")
    }

    @Test func aCrashWhileASnapshotIsInstalledLeavesTheOldOrTheNew() throws {
        var rig = try Rig.born(segmentBytes: Self.segmentBytes)
        var images = 0
        for index in [100, 300] as [UInt64] {
            for _ in 0..<10 {
                rig.append(2, bytes: 60, term: rig.last.term == .zero ? 1 : rig.last.term.rawValue)
                rig.flush()
            }
            let term = Term(index / 100 + 1)
            let (bytes, id) = Rig.file(LogIndex(index), term)
            var offset = 0
            while offset < bytes.count {
                let end = min(bytes.count, offset + 300)
                let receipt = rig.journal.receiveSnapshot(
                    id, from: offset, bytes: bytes.span.bytes.extracting(offset..<end), now: rig.now,
                    into: &rig.effects)
                images += try settle(&rig)
                if case .next(let next) = receipt { offset = next } else if receipt == .complete { break }
            }
            rig.append(Request(term: term, votedFor: NodeID(2)))
            rig.install(
                LogIndex(index), term, restartsLog: true,
                entries: [Request.item(index + 1, term.rawValue, [UInt8](repeating: 1, count: 40))])
            rig.submit()
            images += try settle(&rig)
            #expect(rig.journal.snapshot?.id == id && rig.journal.firstIndex == LogIndex(index + 1))
        }
        #expect(rig.violations.isEmpty && images > 60, "\(images) images")
    }

    @Test func aTornMarkIsNoMark() throws {
        var rig = try Rig.born(segmentBytes: Self.segmentBytes)
        rig.append(3, bytes: 60)
        rig.flush()
        rig.take()
        rig.settle()
        rig.append(1)
        rig.submit()
        guard case .write = rig.effects.first?.operation else {
            Issue.record("\(rig.effects)")
            return
        }
        _ = rig.performOne()
        var (old, new) = (0, 0)
        for image in rig.disk.crashImages(.fine) {
            try check(image, rig, rig.states.count - 2...rig.states.count - 1)
            var disk = image
            if try recover(&disk).base == nil { old += 1 } else { new += 1 }
        }
        #expect(old > 10 && new > 0, "\(old) without, \(new) with")
    }

    @Test func aCrashAtAnyPointOfAStartLeavesOneSnapshotAndItsLog() throws {
        var rig = try Rig.born(segmentBytes: Self.segmentBytes)
        for _ in 0..<10 {
            rig.append(2, bytes: 60)
            rig.flush()
        }
        rig.takeAndMark()
        rig.append(4, bytes: 60)
        rig.flush()
        // One that has no mark, one half written, and a batch that may be torn.
        rig.take()
        rig.settle()
        let (bytes, id) = Rig.file(LogIndex(900), Term(2))
        _ = rig.journal.receiveSnapshot(
            id, from: 0, bytes: bytes.span.bytes.extracting(0..<300), now: rig.now, into: &rig.effects)
        rig.settle()
        rig.append(1)
        rig.submit()
        _ = rig.performOne()
        let allowed = Int(rig.journal.flushed.rawValue)...Int(rig.journal.submitted.rawValue)
        for disk in [rig.disk] + rig.disk.crashImages(.coarse) {
            for calls in 0..<40 {
                var cut = disk
                cut.script.count = 0
                cut.script.failsFrom = calls
                let isWhole = (try? recover(&cut)) != nil
                for var image in cut.crashImages(.coarse) {
                    image.script = CallScript()
                    try check(image, rig, allowed)
                }
                cut.script = CallScript()
                try check(cut, rig, allowed)
                if isWhole { break }
                try #require(calls < 39, "a start makes fewer calls than that")
            }
        }
    }

    @Test func aCrashWhileManySegmentsGoLeavesNoGap() throws {
        var rig = try Rig.born(segmentBytes: Self.segmentBytes)
        for _ in 0..<60 {
            rig.append(1, bytes: 100)
            rig.flush()
        }
        #expect(rig.journal.segments.count > 6)
        rig.take()
        rig.settle()
        rig.append(1)
        rig.submit()
        let images = try settle(&rig)
        #expect(rig.journal.segments.count <= 2 && rig.violations.isEmpty && images > 20, "\(images) images")
    }
}
