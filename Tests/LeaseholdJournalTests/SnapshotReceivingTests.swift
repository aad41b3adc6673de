import LeaseholdBase
import LeaseholdJournal
import Raft
import Simulator
import Testing

@Suite struct SnapshotReceivingTests {
    private func grown(_ entries: Int = 20) throws -> Rig {
        var rig = try Rig.born()
        rig.append(entries)
        rig.flush()
        return rig
    }

    @Test func aLogThatIsBehindBeginsAnewBehindASnapshot() throws {
        for entries in [1, 20, 200] {
            var rig = try Rig.born()
            for _ in 0..<entries {
                rig.append(1, bytes: 60)
                rig.flush()
            }
            let receipt = rig.receive(LogIndex(500), Term(4))
            #expect(receipt == .complete)
            rig.settle()
            let installed = InstalledSnapshot(
                header: Rig.header(LogIndex(500), Term(4)), id: Rig.file(LogIndex(500), Term(4)).id)
            #expect(rig.progress.last == .snapshotReceived(installed))
            // Until its mark is durable the old log is what a start finds.
            #expect(try recovered(from: rig.disk.durableCopy()) == rig.last)
            rig.append(Request(term: Term(4), votedFor: NodeID(1)))
            rig.install(LogIndex(500), Term(4), restartsLog: true, entries: [Request.item(501, 4, [5])])
            rig.flush()
            #expect(rig.journal.snapshot == installed && rig.journal.firstIndex == LogIndex(501))
            #expect(rig.journal.lastIndex == LogIndex(501) && rig.journal.segments.count == 1)
            #expect(try recovered(from: rig.disk.durableCopy()).isState(of: rig.last))
            rig.append(3, term: 4)
            rig.flush()
            let old = rig.journal.readBack(for: NodeID(1), from: LogIndex(1), maxBytes: 9, into: &rig.effects)
            let new = rig.journal.readBack(for: NodeID(1), from: LogIndex(502), maxBytes: 9, into: &rig.effects)
            #expect(!old && new && rig.violations.isEmpty)
            #expect(try recovered(from: rig.disk.durableCopy()).isState(of: rig.last))
        }
    }

    @Test func aLogThatHasTheSnapshotsEntryGoesOn() throws {
        var rig = try grown(3)
        // It comes to have it while the snapshot is on its way.
        let receipt = rig.receive(LogIndex(7), Term(1))
        rig.settle()
        rig.append(6)
        rig.flush()
        rig.install(LogIndex(7), Term(1), restartsLog: false)
        rig.flush()
        #expect(receipt == .complete && rig.journal.snapshot?.id.lastIndex == LogIndex(7))
        let found = try recovered(from: rig.disk.durableCopy())
        #expect(found.isState(of: rig.last) && found.entries.count == 2)
        // And when it has it from the beginning, nothing is received.
        #expect(rig.receive(LogIndex(8), Term(1)) == .notNeeded)
        #expect(rig.receive(LogIndex(6), Term(3)) == .notNeeded)
        #expect(rig.violations.isEmpty)
    }

    @Test func aBrokenTransferGoesOnWhereItEnded() throws {
        var rig = try grown()
        let (bytes, id) = Rig.file(LogIndex(90), Term(2), count: 3_000)
        func offer(_ range: Range<Int>, _ rig: inout Rig) -> SnapshotReceipt {
            let receipt = rig.journal.receiveSnapshot(
                id, from: range.lowerBound, bytes: bytes.span.bytes.extracting(range), now: rig.now, into: &rig.effects)
            rig.settle()
            return receipt
        }
        let receipts = [
            offer(0..<100, &rig), offer(100..<700, &rig),
            // Twice, from further on, and from the beginning.
            offer(100..<700, &rig), offer(900..<1_000, &rig), offer(0..<100, &rig),
            offer(700..<701, &rig), offer(701..<bytes.count, &rig), offer(0..<100, &rig),
        ]
        #expect(
            receipts == [
                .next(offset: 100), .next(offset: 700), .next(offset: 700), .next(offset: 700), .next(offset: 700),
                .next(offset: 701), .complete, .complete,
            ])
        // The file is that of the sender, byte for byte.
        #expect(rig.snapshotFiles.map { rig.disk.contents($0) } == [bytes])
        rig.journal.discardReceived(into: &rig.effects)
        rig.settle()
        #expect(rig.snapshotFiles.isEmpty && rig.violations.isEmpty)
        let again = offer(0..<100, &rig)
        #expect(again == .next(offset: 100))
    }

    @Test func thereIsNoMoreMemoryForASnapshotThanForTwoSteps() throws {
        var rig = try grown()
        let (bytes, id) = Rig.file(LogIndex(90), Term(2), count: 9_000)
        var offset = 0
        for _ in 0..<50 {
            let receipt = rig.journal.receiveSnapshot(
                id, from: offset, bytes: bytes.span.bytes.extracting(offset..<offset + 100), now: rig.now,
                into: &rig.effects)
            guard case .next(let next) = receipt else {
                Issue.record("\(receipt)")
                return
            }
            offset = next
        }
        #expect(offset >= 512 && offset < 1_000, "\(offset)")
    }

    @Test func whatIsNotTheSnapshotThatWasToldIsRefused() throws {
        let (bytes, id) = Rig.file(LogIndex(90), Term(2))
        let other = Rig.file(LogIndex(91), Term(2)).bytes
        var foreign = Rig.header(LogIndex(90), Term(2))
        foreign.cluster = ClusterID(high: 7, low: 7)
        var writer = SnapshotFileWriter(foreign)
        let foreignID = writer.finish()
        var flipped = bytes
        flipped[bytes.count - 60] ^= 1
        var longer = id
        longer.byteCount += 1
        var shorter = id
        shorter.byteCount -= 1
        var mistaken = id
        mistaken.checksum ^= 1
        for (bytes, id) in [
            (flipped, id), (other, id), (bytes + [0], longer), (bytes, shorter), (bytes, mistaken),
            (writer.output, foreignID),
        ] {
            var rig = try grown()
            let receipt = rig.journal.receiveSnapshot(
                id, from: 0, bytes: bytes.span.bytes, now: rig.now, into: &rig.effects)
            guard case .refused = receipt else {
                Issue.record("\(receipt)")
                continue
            }
            rig.settle()
            #expect(!rig.journal.isWritingSnapshot && rig.disk.fileNames.filter { $0.hasSuffix("received.tmp") } == [])
            // The right one is taken after that.
            let right = rig.receive(LogIndex(90), Term(2))
            #expect(right == .complete && rig.violations.isEmpty)
        }
    }

    @Test func aReceivedSnapshotTakesThePlaceOfOneThatIsTaken() throws {
        var rig = try grown()
        rig.take(count: 5_000)
        let first = rig.receive(LogIndex(80), Term(2))
        rig.settle()
        #expect(first == .complete && rig.journal.snapshot == nil)
        rig.install(LogIndex(80), Term(2), restartsLog: true)
        rig.flush()
        #expect(rig.journal.snapshot?.id.lastIndex == LogIndex(80) && rig.snapshotFiles.count == 1)
        // One that is taken, and has no mark yet.
        rig.append(4, term: 2)
        rig.flush()
        rig.take()
        rig.settle()
        #expect(rig.snapshotFiles.count == 2)
        let second = rig.receive(LogIndex(200), Term(2))
        rig.settle()
        rig.install(LogIndex(200), Term(2), restartsLog: true)
        rig.flush()
        #expect(second == .complete && rig.snapshotFiles.count == 1 && rig.violations.isEmpty)
        #expect(try recovered(from: rig.disk.durableCopy()).isState(of: rig.last))
    }

    @Test func aSnapshotIsReadInPiecesForWhoeverNeedsIt() throws {
        var rig = try grown()
        rig.takeAndMark(count: 2_000)
        let id = try #require(rig.journal.snapshot?.id)
        var bytes: [UInt8] = []
        while bytes.count < id.byteCount {
            let begun = rig.journal.readSnapshot(
                for: .peer(NodeID(2)), id, from: bytes.count, count: 700, into: &rig.effects)
            #expect(begun)
            let result = performRead(&rig) { bytes += $0 }
            guard case .piece(.peer(NodeID(2)), id, _) = result else {
                Issue.record("\(result)")
                return
            }
        }
        #expect(bytes == Rig.file(id.lastIndex, id.lastTerm, count: 2_000).bytes)
        let behind = rig.journal.readSnapshot(
            for: .peer(NodeID(2)), id, from: bytes.count, count: 1, into: &rig.effects)
        // Another one counts before the read has ended.
        let last = rig.journal.readSnapshot(for: .peer(NodeID(2)), id, from: 0, count: 10, into: &rig.effects)
        let read = rig.effects
        rig.effects = []
        rig.takeAndMark()
        rig.effects = read
        #expect(!behind && last && performRead(&rig) { _ in } == .gone(for: .peer(NodeID(2)), id))
        let old = rig.journal.readSnapshot(for: .peer(NodeID(2)), id, from: 0, count: 10, into: &rig.effects)
        #expect(!old && rig.effects.isEmpty)
    }

    private func performRead(_ rig: inout Rig, _ body: ([UInt8]) -> Void) -> SnapshotReadResult {
        var result = SnapshotReadResult.unknown
        while !rig.effects.isEmpty {
            let (completion, bytes) = rig.disk.perform(rig.effects.removeFirst(), of: rig.journal)
            guard rig.journal.isSnapshotRead(completion.number) else { continue }
            result = rig.journal.snapshotReadCompleted(completion, bytes: bytes.span.bytes)
            if case .piece = result { body(bytes) }
        }
        return result
    }
}

extension SnapshotReceivingTests {
    /// The entries of a void log that have greater indices than the snapshot's last are no continuation of it, also when
    /// another snapshot has come to count since.
    @Test func whatIsReadOfAVoidLogDoesNotContinueTheSnapshot() throws {
        var rig = try Rig.born(segmentBytes: 1 << 16)
        rig.append(60)
        rig.flush()
        #expect(rig.receive(LogIndex(40), Term(5)) == .complete)
        rig.settle()
        rig.append(Request(term: Term(5), votedFor: nil))
        rig.install(LogIndex(40), Term(5), restartsLog: true, entries: [Request.item(41, 5, [1])])
        rig.flush()
        #expect(try recovered(from: rig.disk.durableCopy()).isState(of: rig.last))
        rig.take()
        rig.settle()
        rig.append(1, term: 5)
        rig.flush()
        #expect(rig.journal.snapshot?.id.lastIndex == LogIndex(41) && rig.violations.isEmpty)
        let found = try recovered(from: rig.disk.durableCopy())
        #expect(found.isState(of: rig.last) && found.base?.id.lastTerm == Term(5))
    }

    @Test func anEmptyDirectoryThatKnowsNoClusterBeginsWithASnapshot() throws {
        var rig = try Rig()
        let receipt = rig.receive(LogIndex(40), Term(3))
        rig.settle()
        rig.journal.learn(cluster: Rig.cluster)
        rig.append(Request(term: Term(3), votedFor: nil))
        rig.install(LogIndex(40), Term(3), restartsLog: true, entries: [Request.item(41, 3, [1])])
        rig.flush()
        #expect(receipt == .complete && rig.journal.firstIndex == LogIndex(41) && rig.violations.isEmpty)
        try rig.reopen()
        #expect(rig.last.base?.id.lastIndex == LogIndex(40) && rig.last.entries.count == 1)
        #expect(rig.journal.identity.cluster == Rig.cluster)
    }

    /// The batch that was written last has another snapshot's mark.
    @Test func oneThatIsWantedNoMoreIsForgottenThoughAnothersMarkWasJustWritten() throws {
        var rig = try grown()
        rig.take(at: LogIndex(20))
        rig.settle()
        rig.append(1)
        rig.submit()
        while rig.journal.snapshot == nil, rig.performOne() {}
        #expect(rig.journal.snapshot?.id.lastIndex == LogIndex(20))
        let receipt = rig.receive(LogIndex(50), Term(2))
        #expect(receipt == .complete)
        while rig.progress.last.map({ if case .snapshotReceived = $0 { false } else { true } }) ?? true,
            rig.performOne()
        {}
        guard case .snapshotReceived = rig.progress.last else {
            Issue.record("it was not received: \(rig.progress)")
            return
        }
        rig.journal.discardReceived(into: &rig.effects)
        rig.settle()
        #expect(!rig.journal.isBusyWithSnapshot && rig.snapshotFiles.count == 1 && rig.violations.isEmpty)
        rig.append(1)
        rig.flush()
        let isTaken = rig.take()
        #expect(isTaken)
    }
}
