import LeaseholdBase
import LeaseholdJournal
import Raft
import Simulator
import Testing

/// Every state that a crash may leave, enumerated, at every point of small workloads.
@Suite struct CrashStateTests {
    private static let segmentBytes = 1024

    /// Recovers from an image, and checks that it holds a state between the acknowledged and the submitted one; that a
    /// second recovery finds the same; and that it does so after another crash.
    private func check(_ image: SimulatedDisk, _ rig: Rig, _ allowed: ClosedRange<Int>) throws {
        var disk = image
        let found = try recover(&disk)
        let expected = rig.states[allowed]
        try #require(expected.contains(found), "\(found.entries.count) entries, requests \(allowed) were possible")
        let again = try recover(&disk)
        disk = disk.durableCopy()
        let afterCrash = try recover(&disk)
        try #require(again == found && afterCrash == found)
    }

    private func recover(_ disk: inout SimulatedDisk) throws -> Recovered {
        var visitor = Recovered()
        _ = try Journal.recover(
            from: &disk, node: Rig.node, configuration: Rig.configuration(segmentBytes: Self.segmentBytes), seed: 5,
            visitor: &visitor)
        return visitor
    }

    /// Requests with all kinds of records, enough to fill several segments.
    private func workload() -> [Request] {
        [
            Request(term: Term(1), votedFor: NodeID(1)),
            Request(entries: [Request.item(1, 1, [1, 2, 3])]),
            Request(entries: (2...5).map { Request.item($0, 1, [UInt8](repeating: 5, count: 30)) }),
            Request(
                term: Term(2), votedFor: NodeID(3), truncateAfter: LogIndex(3),
                entries: (4...6).map { Request.item($0, 2, [UInt8](repeating: 6, count: 20)) }),
            Request(entries: [Request.item(7, 2, [UInt8](repeating: 7, count: 200))]),
            Request(term: Term(3), votedFor: nil, truncateAfter: LogIndex(1)),
            Request(entries: [Request.item(2, 3, [9])]),
            Request(entries: (3...9).map { Request.item($0, 3, [UInt8](repeating: 3, count: 40)) }),
            Request(truncateAfter: LogIndex(8), entries: [Request.item(9, 4, [4])]),
        ]
    }

    /// Crashes in every way at this moment; answers in how many.
    private func crash(_ rig: Rig) throws -> Int {
        let allowed = Int(rig.journal.flushed.rawValue)...Int(rig.journal.submitted.rawValue)
        let images = rig.disk.crashImages(.fine)
        for image in images { try check(image, rig, allowed) }
        // The kill of the process alone loses nothing that was written.
        try check(rig.disk, rig, allowed)
        return images.count
    }

    /// Performs all effects, with every crash after each.
    private func settle(_ rig: inout Rig) throws -> Int {
        var images = 0
        while rig.performOne() { images += try crash(rig) }
        return images
    }

    @Test func aCrashAtAnyWritePointKeepsWhatWasAcknowledged() throws {
        var rig = try Rig(segmentBytes: Self.segmentBytes)
        var images = 0
        for (step, request) in workload().enumerated() {
            rig.append(request)
            // Every third batch holds two requests.
            if step % 3 == 2 { continue }
            rig.submit()
            images += try settle(&rig)
            if step % 2 == 1 {
                rig.now = rig.now + .milliseconds(10)
                rig.journal.tick(now: rig.now, into: &rig.effects)
                images += try settle(&rig)
            }
        }
        rig.journal.stop(now: rig.now, into: &rig.effects)
        images += try settle(&rig)
        #expect(rig.journal.isStopped && rig.journal.segments.count >= 3)
        #expect(rig.violations.isEmpty)
        #expect(images > 2000, "\(images) images")
    }

    @Test func aCrashAtAnyPointOfRecoveryLeavesExactlyOneLastSegment() throws {
        var rig = try Rig(segmentBytes: Self.segmentBytes)
        for request in workload().dropLast() {
            rig.append(request)
            rig.flush()
        }
        let flushed = rig.states.count - 1
        var states: [(SimulatedDisk, ClosedRange<Int>)] = [(rig.disk, flushed...flushed)]
        // A spare that nothing has used yet is in the way.
        var clean = rig
        clean.stop()
        states.append((clean.disk, flushed...flushed))
        rig.append(workload()[8])
        rig.submit()
        _ = rig.performOne()
        states.append((rig.disk, flushed...flushed + 1))
        states += rig.disk.crashImages(.coarse).map { ($0, flushed...flushed + 1) }

        for (disk, allowed) in states {
            for calls in 0..<20 {
                var cut = disk
                cut.script.count = 0
                cut.script.failsFrom = calls
                let isWhole = (try? recover(&cut)) != nil
                for var image in cut.crashImages(.coarse) {
                    image.script.count = 0
                    let segments = image.fileNames.filter { $0.hasSuffix(".seg") }
                    try #require(segments.count == rig.journal.segments.count)
                    try check(image, rig, allowed)
                }
                var killed = cut
                killed.script.failsFrom = .max
                try check(killed, rig, allowed)
                if isWhole { break }
                try #require(calls < 19, "recovery makes fewer calls than that")
            }
        }
    }

    @Test func makingADirectoryCutShortIsBegunAgain() throws {
        let configuration = Rig.configuration(segmentBytes: Self.segmentBytes)
        let identity = DirectoryIdentity(node: Rig.node, incarnation: Rig.incarnation)
        for calls in 0..<20 {
            var disk = SimulatedDisk()
            disk.script.failsFrom = calls
            let isWhole =
                (try? JournalDirectory.make(on: &disk, identity: identity, configuration: configuration, seed: 3))
                != nil
            for var image in disk.crashImages(.coarse) {
                if try JournalDirectory.identity(on: &image) == nil {
                    try #require(!isWhole, "what was made stays made")
                    try JournalDirectory.make(on: &image, identity: identity, configuration: configuration, seed: 4)
                }
                let found = try recover(&image)
                try #require(found == Recovered())
            }
            if isWhole { return }
        }
        Issue.record("making a directory takes more calls than that")
    }

    @Test func aDirectoryWhoseMakerWasKilledIsDurableOnceItIsInUse() throws {
        let configuration = Rig.configuration(segmentBytes: Self.segmentBytes)
        let identity = DirectoryIdentity(node: Rig.node, incarnation: Rig.incarnation)
        for calls in 0..<20 {
            var disk = SimulatedDisk()
            disk.script.failsFrom = calls
            let isWhole =
                (try? JournalDirectory.make(on: &disk, identity: identity, configuration: configuration, seed: 3))
                != nil
            // The process alone ended: what it wrote is seen, and not all of it is durable.
            disk.script = CallScript()
            disk.processEnded()
            if try JournalDirectory.identity(on: &disk) == nil {
                try JournalDirectory.make(on: &disk, identity: identity, configuration: configuration, seed: 4)
            }
            _ = try recover(&disk)
            var afterCrash = disk.durableCopy()
            try #require(try JournalDirectory.identity(on: &afterCrash) == identity, "\(calls) calls")
            #expect(try recover(&afterCrash) == Recovered())
            if isWhole { return }
        }
        Issue.record("making a directory takes more calls than that")
    }
}
