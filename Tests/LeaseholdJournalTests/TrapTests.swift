import LeaseholdBase
import LeaseholdJournal
import Raft
import Simulator
import Testing

@Suite struct TrapTests {
    @Test func trap06_termVoteAndEntriesShareOneBatch() throws {
        var rig = try Rig()
        rig.append(Request(term: Term(1), votedFor: NodeID(1), entries: [Request.item(1, 1, [1])]))
        rig.flush()
        rig.append(
            Request(
                term: Term(2), votedFor: NodeID(2), truncateAfter: .zero,
                entries: [Request.item(1, 2, [2]), Request.item(2, 2, [3])]))
        rig.submit()
        let writes = rig.effects.filter { if case .write = $0.operation { true } else { false } }
        #expect(writes.count == 1)
        _ = rig.performOne()
        var (old, new) = (0, 0)
        for image in rig.disk.crashImages(.fine) {
            let found = try recovered(from: image)
            if found == rig.states[1] { old += 1 } else if found == rig.states[2] { new += 1 }
            try #require(found == rig.states[1] || found == rig.states[2])
        }
        #expect(old > 10 && new > 0)
    }

    @Test func trap37_everySegmentRepeatsTermAndVoteAndMarksHaveTheirPlace() throws {
        var rig = try Rig()
        rig.append(Request(term: Term(4), votedFor: NodeID(2)))
        for _ in 0..<80 {
            rig.append(1, bytes: 100, term: 4)
            rig.flush()
        }
        let headers = rig.journal.segments.dropFirst().map { $0.header }
        #expect(headers.count >= 2 && headers.allSatisfy { $0.term == Term(4) && $0.votedFor == NodeID(2) })
        // A mark that this build cannot read is an error, a kind that may be skipped is skipped.
        for (kind, expected) in [(4, .truncated), (200, nil), (100, .unknown)] as [(UInt32, DecodingError?)] {
            var bytes: [UInt8] = []
            bytes.append(uint32: kind)
            bytes.append(uint32: 3)
            bytes += [1, 2, 3]
            var reader = ByteReader(bytes.span.bytes)
            var failure: DecodingError?
            do throws(DecodingError) { _ = try RecordCodec.next(&reader) } catch { failure = error }
            #expect(failure == expected)
        }
    }

    @Test func trap40_aTruncationIsDurableAndExactAtEitherEnd() throws {
        for kept in 0...5 as ClosedRange<UInt64> {
            for follows in [false, true] {
                var rig = try Rig()
                rig.append(5)
                rig.flush()
                var request = Request(term: Term(2), truncateAfter: LogIndex(kept))
                if follows { request.entries = [Request.item(kept + 1, 2, [8])] }
                rig.append(request)
                rig.flush()
                let found = try recovered(from: rig.disk.durableCopy())
                #expect(found == rig.last)
                #expect(found.entries.count == Int(kept) + (follows ? 1 : 0))
                #expect(rig.journal.lastIndex == LogIndex(UInt64(found.entries.count)))
            }
        }
        // One of entries that are still gathered, or in flight, counts too.
        var rig = try Rig()
        rig.append(5)
        rig.submit()
        rig.append(3)
        rig.append(Request(truncateAfter: LogIndex(6)))
        rig.append(Request(truncateAfter: LogIndex(2), entries: [Request.item(3, 2, [1])]))
        rig.settle()
        rig.flush()
        #expect(try recovered(from: rig.disk.durableCopy()) == rig.last)
        #expect(rig.last.entries.count == 3)
    }

    @Test func trap41_damageInTheMiddleIsNeverCut() throws {
        let rig = try DamageTests.journal(sealed: true)
        for segment in rig.journal.segments {
            // All but the last batch with records and the seal behind it.
            for batch in DamageTests.batches(rig.disk, segment.name).dropLast() {
                for place in [batch.lowerBound, batch.lowerBound + 90, batch.upperBound - 20] {
                    var disk = rig.disk
                    disk.rot(segment.name) { $0[place] ^= 0x10 }
                    let before = disk.contents(segment.name)
                    var visitor = Recovered()
                    do throws(JournalError) {
                        _ = try Journal.recover(
                            from: &disk, node: Rig.node, configuration: Rig.configuration(), seed: 1, visitor: &visitor)
                        Issue.record("a damaged batch at \(place) was accepted")
                    } catch {
                        guard case .corrupt(segment.name, batch.lowerBound, _) = error else {
                            Issue.record("\(error)")
                            continue
                        }
                        #expect(error.code == "journal_corrupt")
                    }
                    #expect(disk.contents(segment.name) == before)
                }
            }
        }
    }

    @Test func trap42_aFailedSyncIsNeverRepeated() throws {
        var rig = try Rig()
        rig.append(1)
        rig.flush()
        rig.append(1)
        rig.disk.script.failing = (.sync, .failed(code: 5))
        rig.flush()
        guard case .poisoned = rig.progress.last else {
            Issue.record("\(rig.progress)")
            return
        }
        let syncs = rig.disk.script.log.filter { $0 == .sync }.count
        rig.append(1)
        rig.flush()
        rig.wait(.seconds(100))
        rig.stop()
        #expect(rig.effects.isEmpty && rig.journal.deadline == .never)
        #expect(rig.disk.script.log.filter { $0 == .sync }.count == syncs)
        #expect(rig.journal.flushed == PersistNumber(1))
    }

    @Test func trap42_aSpareWhoseSyncFailedIsNotUsed() throws {
        var rig = try Rig()
        rig.append(10, bytes: 100)
        rig.submit()
        // The batch's own sync, and then that of the first step of the spare.
        while rig.journal.flushed == .zero { _ = rig.performOne() }
        rig.disk.script.failing = (.sync, .failed(code: 5))
        let file = rig.disk.nextFileNumber
        rig.settle()
        #expect(rig.journal.failure == nil)
        for _ in 0..<100 {
            rig.append(1, bytes: 100)
            rig.flush()
            rig.wait(.milliseconds(300))
        }
        #expect(rig.journal.segments.count > 2)
        #expect(!rig.disk.fileNames.contains { rig.disk.fileNumber($0) == file }, "the file whose sync failed is gone")
        #expect(try recovered(from: rig.disk.durableCopy()) == rig.last)
    }

    @Test func trap42_whatWasOnlyInTheCacheIsWrittenAnew() throws {
        var rig = try Rig()
        rig.append(1)
        rig.flush()
        rig.append(1)
        rig.submit()
        _ = rig.performOne()
        // The process is killed between write and sync; a new one finds the batch in the cache.
        var disk = rig.disk
        let inode = disk.fileNumber(rig.journal.segments[0].name)
        // Syncing the old file once more would bring nothing to the disk.
        disk.forgetPending(rig.journal.segments[0].name)
        var visitor = Recovered()
        _ = try Journal.recover(
            from: &disk, node: Rig.node, configuration: Rig.configuration(), seed: 3, visitor: &visitor)
        #expect(visitor == rig.last && visitor.entries.count == 2)
        #expect(disk.fileNumber(rig.journal.segments[0].name) != inode)
        #expect(try recovered(from: disk.durableCopy()) == visitor)
    }

    @Test func trap42_aCleanEndThatIsOnlyInTheCacheIsWrittenAgain() throws {
        var rig = try Rig()
        rig.append(2)
        rig.flush()
        rig.journal.stop(now: rig.now, into: &rig.effects)
        _ = rig.performOne()
        // The sync of the clean end failed, its page is taken for clean, and the process ended.
        let name = rig.journal.segments[0].name
        let inode = try #require(rig.disk.fileNumber(name))
        rig.disk.forgetPending(name)
        let expected = rig.last
        try rig.reopen()
        #expect(rig.disk.fileNumber(name) == inode && rig.last == expected)
        rig.append(1)
        rig.flush()
        #expect(try recovered(from: rig.disk.durableCopy()) == rig.last)
    }

    @Test func trap42_aNameThatIsOnlyInTheCacheIsSynced() throws {
        var rig = try Rig()
        rig.append(2)
        rig.stop()
        try rig.reopen()
        rig.append(1)
        rig.submit()
        _ = rig.performOne()
        _ = rig.performOne()
        // The batch behind the clean end is torn; recovery cuts it, and is killed before the directory is synced.
        let name = rig.journal.segments[0].name
        rig.disk.rot(name) { $0[rig.journal.segments[0].end + 100] ^= 1 }
        var visitor = Recovered()
        rig.disk.script.failing = (.syncDirectory, .failed(code: 5))
        do throws(JournalError) {
            _ = try Journal.recover(
                from: &rig.disk, node: Rig.node, configuration: Rig.configuration(), seed: 3, visitor: &visitor)
            Issue.record("the directory was not synced")
        } catch { #expect(error.code == "io_error") }
        // What is there now ends cleanly, and is not durable.
        try rig.reopen()
        rig.append(1)
        rig.flush()
        #expect(try recovered(from: rig.disk.durableCopy()) == rig.last)
    }

    @Test func trap43_spaceThatComesBackDoesNotHeal() throws {
        var rig = try Rig()
        rig.append(1)
        rig.flush()
        rig.append(1)
        rig.disk.script.failing = (.write, .spaceExhausted)
        rig.flush()
        guard case .poisoned(let failure) = rig.progress.last else {
            Issue.record("\(rig.progress)")
            return
        }
        #expect(failure.result == .spaceExhausted)
        rig.append(1)
        rig.flush()
        rig.wait(.seconds(100))
        #expect(rig.effects.isEmpty && rig.journal.flushed == PersistNumber(1))
    }

    @Test func trap44_aLengthIsBelievedOnlyUnderItsOwnChecksum() throws {
        let rig = try DamageTests.journal(sealed: true)
        let segment = rig.journal.segments[0]
        let batches = DamageTests.batches(rig.disk, segment.name)
        // A length that would hide all that follows: the batches behind it are found all the same.
        for length in [0, 8, UInt32(segment.size - batches[1].lowerBound - 96), .max - 7] as [UInt32] {
            var disk = rig.disk
            disk.rot(segment.name) { $0.overwrite(uint32: length, at: batches[1].lowerBound + 88) }
            do throws(JournalError) {
                _ = try recovered(from: disk)
                Issue.record("a length of \(length) was believed")
            } catch {
                guard case .corrupt(segment.name, batches[1].lowerBound, _) = error else {
                    Issue.record("\(error)")
                    continue
                }
            }
        }
    }
}
