import LeaseholdBase
import LeaseholdJournal
import Raft
import Simulator
import Testing

@Suite struct SnapshotTests {
    /// Several segments of log.
    private func grown(tail: Int = 0) throws -> Rig {
        var rig = try Rig.born(tail: tail)
        for _ in 0..<100 {
            rig.append(1, bytes: 100)
            rig.flush()
        }
        #expect(rig.journal.segments.count >= 4)
        return rig
    }

    @Test func aSnapshotIsWrittenAsideAndTheLogBeforeItGoes() throws {
        var rig = try grown()
        let used = rig.journal.usedBytes
        let began = rig.take()
        #expect(began)
        rig.settle()
        let taken = LogIndex(100)
        let installed = InstalledSnapshot(header: Rig.header(taken, Term(1)), id: Rig.file(taken, Term(1)).id)
        #expect(rig.progress.last == .snapshotTaken(installed))
        #expect(rig.journal.snapshot == nil && rig.journal.segments.count >= 4, "no batch has its mark yet")
        rig.append(1)
        rig.flush()
        #expect(rig.journal.snapshot?.id == Rig.file(taken, Term(1)).id)
        #expect(rig.journal.segments.count == 1 && rig.journal.usedBytes < used)
        #expect(rig.disk.contents(rig.snapshotFiles[0]) == Rig.file(taken, Term(1)).bytes)
        #expect(rig.journal.bytesBehindSnapshot < 400 && rig.journal.firstIndex > LogIndex(80))
        let found = try recovered(from: rig.disk.durableCopy())
        #expect(found.isState(of: rig.last) && found.base?.id.lastIndex == taken && found.entries.count == 1)
        #expect(rig.violations.isEmpty)
        // It goes on, and again; the file of the older one is room for the next.
        try rig.reopen()
        for _ in 0..<60 {
            rig.append(1, bytes: 100)
            rig.flush()
        }
        rig.takeAndMark()
        rig.takeAndMark()
        #expect(rig.snapshotFiles.count == 1 && rig.disk.fileNames.contains("journal/snapshot.tmp"))
        rig.takeAndMark()
        #expect(try recovered(from: rig.disk.durableCopy()).isState(of: rig.last))
        #expect(rig.violations.isEmpty)
    }

    @Test func aFileDependsOnItsContentAlone() throws {
        let whole = Rig.file(LogIndex(9), Term(2), count: 200_000)
        for piece in [1_000, 65_536, 65_537, 199_999] {
            var writer = SnapshotFileWriter(Rig.header(LogIndex(9), Term(2)))
            let content = Rig.content(LogIndex(9), count: 200_000)
            var bytes: [UInt8] = []
            for start in stride(from: 0, to: content.count, by: piece) {
                writer.append(content.span.bytes.extracting(start..<min(content.count, start + piece)))
                writer.take(into: &bytes)
            }
            #expect(writer.finish() == whole.id)
            writer.take(into: &bytes)
            #expect(bytes == whole.bytes && bytes.count == whole.id.byteCount)
            var reader = SnapshotFileReader(name: "f")
            var found: [UInt8] = []
            for start in stride(from: 0, to: bytes.count, by: piece) {
                reader.feed(bytes.span.bytes.extracting(start..<min(bytes.count, start + piece)))
                while let item = try reader.next() {
                    switch item {
                    case .header(let header): #expect(header == Rig.header(LogIndex(9), Term(2)))
                    case .content: found.append(bytes: reader.content)
                    case .end(let id): #expect(id == whole.id)
                    }
                }
            }
            #expect(found == content)
        }
    }

    @Test func batchesGoOnWhileASnapshotIsWritten() throws {
        var rig = try grown()
        let began = rig.take(at: LogIndex(50), count: 20_000)
        #expect(began)
        guard case .create(let file, name: "journal/snapshot.tmp") = rig.effects.first?.operation else {
            Issue.record("\(rig.effects)")
            return
        }
        var (steps, batches) = (0, 0)
        while rig.journal.isWritingSnapshot {
            // The snapshot's effects are left undone for as long as there are others.
            rig.append(1)
            rig.submit()
            let flushed = rig.journal.flushed
            while rig.journal.flushed == flushed, let place = rig.effects.firstIndex(where: { !isAside($0, file) }) {
                let effect = rig.effects.remove(at: place)
                rig.effects.insert(effect, at: 0)
                _ = rig.performOne()
            }
            #expect(rig.journal.flushed == rig.journal.accepted, "a batch waits for no snapshot")
            batches += 1
            if rig.performOne() { steps += 1 }
        }
        rig.settle()
        #expect(batches > 3 && steps > 3 && rig.violations.isEmpty)
        rig.append(1)
        rig.flush()
        let found = try recovered(from: rig.disk.durableCopy())
        #expect(found.base?.id.lastIndex == LogIndex(50) && found.entries == Array(rig.last.entries.dropFirst(50)))
    }

    /// Whether an effect is on the snapshot's file: that is the one that was made under the temporary name.
    private func isAside(_ effect: DiskEffect, _ file: FileID) -> Bool {
        switch effect.operation {
        case .writeSnapshot, .create(file, _), .sync(file), .rename(file, _, _), .close(file): true
        default: false
        }
    }

    @Test func aSnapshotIsWrittenNoFasterThanIsAllowed() throws {
        var configuration = Rig.configuration()
        configuration.snapshotStepBytes = 1_000
        configuration.snapshotBytesPerSecond = 10_000
        var rig = try Rig.born()
        rig.append(5)
        rig.flush()
        var visitor = Recovered()
        rig.journal = try Journal.recover(
            from: &rig.disk, node: Rig.node, configuration: configuration, seed: 1, visitor: &visitor)
        rig.effects = []
        let began = rig.take(count: 3_500)
        #expect(began)
        rig.settle()
        // All that is there goes at once; the rename has to wait for its time.
        #expect(rig.journal.isWritingSnapshot && rig.journal.deadline <= SteadyTime(365_000_000))
        rig.wait(.milliseconds(300))
        #expect(rig.journal.isWritingSnapshot)
        rig.wait(.milliseconds(100))
        #expect(!rig.journal.isWritingSnapshot)
        #expect(rig.journal.snapshotRoom == 0)
    }

    @Test func aSnapshotOfWhatIsNotDurableOrNotNewIsNotBegun() throws {
        var rig = try Rig.born()
        rig.append(3)
        rig.submit()
        let inFlight = rig.take()
        #expect(!inFlight, "its entries are in flight")
        rig.settle()
        rig.append(1)
        let early = rig.take(at: LogIndex(4))
        let durable = rig.take(at: LogIndex(3))
        #expect(!early && durable)
        rig.settle()
        rig.flush()
        #expect(rig.journal.snapshot?.id.lastIndex == LogIndex(3))
        let others = [3, 2, 4].map { rig.take(at: LogIndex($0)) }
        #expect(others == [false, false, true])
    }

    @Test func aTailIsKeptForThoseWhoAreALittleBehind() throws {
        var rig = try grown(tail: 8_192)
        rig.takeAndMark()
        #expect(rig.journal.segments.count == 4)
        let first = rig.journal.firstIndex
        #expect(first > LogIndex(1) && first < LogIndex(60))
        for (index, isThere) in [(first, true), (first.previous, false), (LogIndex(90), true)] {
            let reads = rig.journal.readBack(for: NodeID(1), from: index, maxBytes: 100, into: &rig.effects)
            #expect(reads == isThere)
            while let effect = rig.effects.first {
                rig.effects.removeFirst()
                let (completion, bytes) = rig.disk.perform(effect, of: rig.journal)
                guard rig.journal.isRead(completion.number) else { continue }
                var batch = EntryBatch()
                let result = rig.journal.readCompleted(
                    completion, bytes: bytes.span.bytes, into: &batch, effects: &rig.effects)
                if result != .reading { #expect(result == .entries(for: NodeID(1), from: index)) }
            }
        }
        // A start knows the tail as well.
        try rig.reopen()
        #expect(rig.journal.firstIndex == first && rig.last.entries.count == 1)
        let reads = rig.journal.readBack(for: NodeID(1), from: first, maxBytes: 100, into: &rig.effects)
        #expect(reads)
        #expect(rig.journal.violations().isEmpty)
    }

    @Test func whatIsGivenUpLeavesNothing() throws {
        var rig = try grown()
        let began = rig.journal.beginSnapshot(Rig.header(LogIndex(100), Term(1)), into: &rig.effects)
        #expect(began)
        rig.journal.appendSnapshot(
            Rig.content(LogIndex(100), count: 3_000).span.bytes, now: rig.now, into: &rig.effects)
        _ = rig.performOne()
        rig.journal.abandonSnapshot(into: &rig.effects)
        rig.settle()
        #expect(!rig.journal.isWritingSnapshot && !rig.disk.fileNames.contains("journal/snapshot.tmp"))
        rig.takeAndMark()
        #expect(rig.journal.snapshot?.id.lastIndex == LogIndex(100) && rig.violations.isEmpty)
        #expect(try recovered(from: rig.disk.durableCopy()).isState(of: rig.last))
    }

    @Test func aSnapshotIsDueByLogAndByAge() {
        let policy = SnapshotPolicy(logBytes: 1_000, age: .seconds(60), logBytesMinimum: 100)
        func isDue(
            _ log: Int, _ snapshot: Int = 0, age: Int64 = 0, busy: Bool = false, sending: Bool = false,
            low: Bool = false
        ) -> Bool {
            policy.isDue(
                SnapshotPolicy.Situation(
                    logBytes: log, snapshotBytes: snapshot, age: .seconds(age), isBusy: busy, isSending: sending,
                    isDiskLow: low))
        }
        #expect(!isDue(999) && isDue(1_000) && !isDue(1_000, busy: true))
        #expect(!isDue(1_999, 2_000) && isDue(2_000, 2_000), "no more often than the state is written anew")
        #expect(isDue(100, age: 60) && !isDue(100, age: 59) && !isDue(99, age: 9_999))
        #expect(isDue(100, low: true) && !isDue(99, low: true))
        #expect(!isDue(3_999, sending: true) && isDue(4_000, sending: true) && !isDue(2_000, age: 99, sending: true))
        #expect(!isDue(.max - 1, .max, sending: true))
        #expect(isDue(100, sending: true, low: true) && !isDue(99, sending: true, low: true))
    }

    /// A state that takes more than half of the budget is no disk that is low: two snapshots and some log have to be there.
    @Test func theBudgetGrowsWithTheState() throws {
        var rig = try Rig { ($0.budgetBytes, $0.reserveBytes) = (64_000, 8_000) }
        rig.journal.learn(cluster: Rig.cluster)
        rig.append(1)
        rig.flush()
        rig.takeAndMark(count: 30_000)
        rig.takeAndMark(count: 30_000)
        #expect(rig.journal.usedBytes > 60_000 && !rig.journal.isDiskLow)
        while rig.journal.bytesBehindSnapshot < 2 * 30_000 {
            rig.append(10, bytes: 200)
            rig.flush()
        }
        #expect(!rig.journal.isDiskLow && rig.violations.isEmpty)
        while rig.journal.usedBytes < 8 * 30_000 {
            rig.append(10, bytes: 200)
            rig.flush()
        }
        #expect(rig.journal.isDiskLow)
    }
}
