import LeaseholdBase
import LeaseholdJournal
import Raft
import Simulator
import Testing

@Suite struct SnapshotTrapTests {
    private func grown() throws -> Rig {
        var rig = try Rig.born()
        for _ in 0..<100 {
            rig.append(1, bytes: 100)
            rig.flush()
        }
        return rig
    }

    @Test func trap37_theLogGoesOnlyOnceTheSnapshotAndItsMarkAreDurable() throws {
        var rig = try grown()
        let segments = rig.journal.segments.map { $0.name }
        rig.take()
        var order: [String] = []
        rig.append(1)
        while !rig.effects.isEmpty || rig.journal.flushed != rig.journal.accepted {
            if rig.effects.isEmpty { rig.submit() }
            let effect = rig.effects[0]
            switch effect.operation {
            case .rename(_, _, let to) where to.hasSuffix(".snap"): order.append("renamed")
            case .syncDirectory: order.append("directory")
            case .remove(let name) where segments.contains(name):
                if order.last != "directory" || !order.contains("removed") { order.append("removed") }
                // A start from what is durable now needs nothing of it.
                var disk = rig.disk.durableCopy()
                disk.lose(name)
                let found = try recovered(from: disk)
                #expect(found.isState(of: rig.last) && found.base?.id.lastIndex == LogIndex(100))
            default: break
            }
            let flushed = rig.journal.flushed
            _ = rig.performOne()
            if rig.journal.flushed != flushed, rig.journal.snapshot != nil { order.append("marked") }
        }
        #expect(order.prefix(4) == ["renamed", "directory", "marked", "removed"], "\(order)")
        #expect(rig.violations.isEmpty)
    }

    @Test func trap37_aVoteOutlivesTheSegmentThatItWasWrittenTo() throws {
        var rig = try Rig.born()
        rig.append(Request(term: Term(5), votedFor: NodeID(2)))
        rig.flush()
        let voted = try #require(rig.journal.segments.first)
        for _ in 0..<100 {
            rig.append(1, bytes: 100, term: 5)
            rig.flush()
        }
        rig.take()
        rig.settle()
        rig.append(1, term: 5)
        rig.flush()
        #expect(!rig.journal.segments.contains { $0.header.segment == voted.header.segment })
        for image in rig.disk.crashImages(.fine) {
            let found = try recovered(from: image)
            #expect(found.term == Term(5) && found.votedFor == NodeID(2))
        }
        try rig.reopen()
        #expect(rig.last.term == Term(5) && rig.last.votedFor == NodeID(2))
    }

    @Test func trap38_noSnapshotIsBegunBeforeTheOneBeforeCounts() throws {
        var rig = try grown()
        rig.take(at: LogIndex(50))
        var begun = 0
        while rig.performOne() { if rig.take(at: LogIndex(60)) { begun += 1 } }
        #expect(begun == 0 && rig.snapshotFiles.count == 1, "the first waits for its mark")
        rig.append(1)
        rig.submit()
        while rig.performOne() { if rig.take(at: LogIndex(60)) { begun += 1 } }
        #expect(begun == 1)
        rig.append(1)
        rig.flush()
        #expect(rig.journal.snapshot?.id.lastIndex == LogIndex(60) && rig.violations.isEmpty)
        #expect(try recovered(from: rig.disk.durableCopy()).isState(of: rig.last))
    }

    @Test func trap38_anInstallHasOnePlaceAmongTheEntries() throws {
        // What is gathered, or in flight, when the install comes is before it, and void with the rest.
        var rig = try grown()
        rig.receive(LogIndex(150), Term(3))
        rig.settle()
        rig.append(5)
        rig.submit()
        rig.append(5)
        rig.append(Request(term: Term(3), votedFor: NodeID(1)))
        rig.install(LogIndex(150), Term(3), restartsLog: true, entries: [Request.item(151, 3, [1])])
        rig.append(2, term: 3)
        let old = rig.journal.readBack(for: NodeID(1), from: LogIndex(103), maxBytes: 9, into: &rig.effects)
        let new = rig.journal.readBack(for: NodeID(1), from: LogIndex(151), maxBytes: 9, into: &rig.effects)
        #expect(!old && !new, "neither what is void nor what is not durable is read")
        rig.settle()
        rig.flush()
        #expect(rig.journal.lastIndex == LogIndex(153) && rig.violations.isEmpty)
        let found = try recovered(from: rig.disk.durableCopy())
        #expect(found.isState(of: rig.last) && found.entries.map { $0.header.index.rawValue } == [151, 152, 153])
    }

    @Test func trap39_aStateAndItsIndexAreOneFile() throws {
        var rig = try grown()
        rig.takeAndMark()
        // The mark names the very bytes: another state under the same name is not taken for it.
        let name = rig.snapshotFiles[0]
        rig.disk.rot(name) { $0 = Rig.file(LogIndex(100), Term(1), count: 9).bytes }
        do throws(JournalError) {
            _ = try recovered(from: rig.disk)
            Issue.record("another state was taken for that of entry 100")
        } catch { #expect(error.code == "snapshot_corrupt") }
    }

    @Test func trap41_noFlippedByteOfASnapshotGoesUnseen() throws {
        var rig = try grown()
        rig.takeAndMark()
        let name = rig.snapshotFiles[0]
        let count = rig.disk.contents(name).count
        for place in stride(from: 0, to: count, by: 7) {
            var disk = rig.disk
            disk.rot(name) { $0[place] ^= 0x40 }
            do throws(JournalError) {
                _ = try recovered(from: disk)
                // Bytes that every part ends with, to be a multiple of eight, are covered too.
                Issue.record("a flipped bit at \(place) was not seen")
            } catch {
                #expect(error.code == "snapshot_corrupt" || error.code == "not_supported", "\(place): \(error)")
            }
        }
    }

    @Test func trap42_aSnapshotWhoseSyncFailedIsNotUsed() throws {
        for call in [DiskCall.write, .sync, .rename] {
            var rig = try grown()
            rig.take(count: 600)
            // The snapshot's effects are all there are.
            rig.disk.script.failing = (call, .failed(code: 5))
            rig.settle()
            guard case .snapshotFailed = rig.progress.last else {
                Issue.record("\(call): \(rig.progress.suffix(1))")
                continue
            }
            #expect(rig.journal.failure == nil && rig.snapshotFiles.isEmpty && !rig.journal.isWritingSnapshot)
            rig.takeAndMark()
            #expect(rig.journal.snapshot?.id.lastIndex == LogIndex(100) && rig.violations.isEmpty)
            #expect(try recovered(from: rig.disk.durableCopy()).isState(of: rig.last))
        }
        // A directory's sync may have been that of another name too.
        var rig = try grown()
        rig.take()
        rig.disk.script.failing = (.syncDirectory, .failed(code: 5))
        rig.settle()
        guard case .poisoned = rig.progress.last else {
            Issue.record("\(rig.progress.suffix(1))")
            return
        }
    }

    @Test func trap43_aFullDiskCostsASnapshotAndNothingElse() throws {
        var rig = try grown()
        rig.take(count: 600)
        rig.disk.script.failing = (.write, .spaceExhausted)
        rig.settle()
        guard case .snapshotFailed(let failure) = rig.progress.last else {
            Issue.record("\(rig.progress.suffix(1))")
            return
        }
        #expect(failure.result == .spaceExhausted && rig.journal.failure == nil)
        rig.append(1)
        rig.flush()
        #expect(rig.journal.flushed == rig.journal.accepted)
        rig.takeAndMark()
        #expect(rig.journal.snapshot?.id.lastIndex == LogIndex(101) && rig.violations.isEmpty)
    }

    @Test func trap44_noLengthInASnapshotsFileIsBelievedWithoutItsChecksum() throws {
        let (bytes, _) = Rig.file(LogIndex(9), Term(1))
        let chunk = 88 + 4
        for (place, what) in [(72, "membership"), (chunk + 16, "chunk")] {
            for length in [0, 3, 1 << 20, UInt32.max] {
                var damaged = bytes
                damaged.overwrite(uint32: length, at: place)
                var reader = SnapshotFileReader(name: "f")
                // It is seen with its own part, before as many bytes as it says have come.
                reader.feed(damaged.span.bytes.extracting(0..<chunk + 24))
                var failure: JournalError?
                do throws(JournalError) { while try reader.next() != nil {} } catch { failure = error }
                #expect(failure?.code == "snapshot_corrupt", "\(what) of \(length)")
            }
        }
    }
}
