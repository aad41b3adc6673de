import LeaseholdBase
import LeaseholdJournal
import Raft
import Simulator
import Testing

@Suite struct SnapshotRecoveryTests {
    /// A log with a snapshot of entry 60 that counts, and all of the log before it.
    private func marked(tail: Int = .max) throws -> Rig {
        var rig = try Rig.born(tail: tail)
        for _ in 0..<60 {
            rig.append(1, bytes: 100)
            rig.flush()
        }
        rig.takeAndMark()
        for _ in 0..<30 {
            rig.append(1, bytes: 100)
            rig.flush()
        }
        return rig
    }

    private func name(_ index: UInt64) -> String { "journal/" + hexadecimal(index) + ".snap" }

    /// Puts a file where snapshots are, durably.
    private func put(_ bytes: [UInt8], as name: String, on disk: inout SimulatedDisk) throws {
        try disk.create(name)
        try disk.write(name, at: 0, bytes.span.bytes)
        try disk.sync(name)
        try disk.syncDirectory("journal")
    }

    @Test func anOlderSnapshotWillDoWhereTheLogReachesBackToIt() throws {
        var rig = try marked()
        let older = Rig.file(LogIndex(40), Term(1))
        try put(older.bytes, as: name(40), on: &rig.disk)
        rig.disk.rot(name(60)) { $0[200] ^= 1 }
        try rig.reopen()
        #expect(rig.journal.snapshot?.id == older.id && rig.last.base?.id == older.id)
        #expect(rig.last.entries.count == 51 && rig.journal.snapshotWarning?.code == "snapshot_corrupt")
        #expect(rig.journal.violations().isEmpty && rig.snapshotFiles.count == 2)
        // It goes on from there, until there is a whole one again.
        rig.append(30, bytes: 100)
        rig.flush()
        rig.takeAndMark()
        #expect(rig.journal.snapshot?.id.lastIndex == LogIndex(121) && rig.violations.isEmpty)
        try rig.reopen()
        #expect(rig.journal.snapshotWarning == nil && rig.snapshotFiles.count == 1)
    }

    @Test func whereNoOlderOneWillDoTheStartIsRefused() throws {
        for (tail, older, damage) in [
            (Int.max, nil, 200), (0, 10, 200), (0, 40, -1), (.max, 40, -1),
        ] as [(Int, UInt64?, Int)] {
            var rig = try marked(tail: tail)
            if let older {
                var bytes = Rig.file(LogIndex(older), Term(1)).bytes
                // The older one is damaged too, or it is gone from the log.
                if damage < 0 { bytes[90] ^= 1 }
                try put(bytes, as: name(older), on: &rig.disk)
            }
            if damage < 0 { rig.disk.lose(name(60)) } else { rig.disk.rot(name(60)) { $0[damage] ^= 1 } }
            let before = rig.disk.fileNames
            do throws(JournalError) {
                _ = try recovered(from: rig.disk)
                Issue.record("tail \(tail), older \(String(describing: older))")
            } catch {
                #expect(error.code == "snapshot_corrupt", "\(error)")
                guard case .snapshotCorrupt(name(60), _, _) = error else {
                    Issue.record("\(error)")
                    continue
                }
            }
            #expect(rig.disk.fileNames == before)
        }
    }

    @Test func whatNoMarkNamesIsRemoved() throws {
        var rig = try marked()
        try put(Rig.file(LogIndex(80), Term(1)).bytes, as: name(80), on: &rig.disk)
        try put([1, 2, 3], as: "journal/received.tmp", on: &rig.disk)
        try put([1, 2, 3], as: "journal/snapshot.tmp", on: &rig.disk)
        let expected = rig.last
        try rig.reopen()
        #expect(rig.snapshotFiles == [name(60)] && rig.last.isState(of: expected))
        #expect(!rig.disk.fileNames.contains { $0.hasSuffix(".tmp") && !$0.hasSuffix("spare.tmp") })
        // Without any mark, every one is.
        var fresh = try Rig.born()
        fresh.append(3)
        fresh.flush()
        fresh.take()
        fresh.settle()
        #expect(fresh.snapshotFiles.count == 1)
        try fresh.reopen()
        #expect(fresh.snapshotFiles.isEmpty && fresh.last.entries.count == 3)
    }

    @Test func aSnapshotOfAnotherHistoryIsRefused() throws {
        // As if it had been written with a wrong last term, and everything else right.
        var rig = try Rig.born()
        rig.append(5)
        rig.flush()
        rig.append(Request(term: Term(2), votedFor: NodeID(1), entries: [Request.item(6, 2, [1])]))
        rig.flush()
        let wrong = Rig.file(LogIndex(4), Term(2))
        var records: [UInt8] = []
        RecordCodec.encode(SnapshotMark(id: wrong.id, restartsLog: false), into: &records)
        var reader = ByteReader(records.span.bytes)
        #expect(try RecordCodec.next(&reader) == .snapshot(SnapshotMark(id: wrong.id, restartsLog: false)))
        // A whole file of the right name that is not the one that the mark names.
        var other = try marked()
        try put(Rig.file(LogIndex(60), Term(1), count: 5).bytes, as: name(60), on: &other.disk)
        do throws(JournalError) {
            _ = try recovered(from: other.disk)
            Issue.record("another file of the same name was taken")
        } catch { #expect(error.code == "snapshot_corrupt") }
    }

    @Test func aVisitorThatWantsNoSnapshotEndsTheStart() throws {
        struct Blind: JournalVisitor {
            mutating func recovered(term: Term, votedFor: NodeID?) {}
            mutating func recovered(_ header: EntryHeader, payload: RawSpan) -> Bool { true }
            mutating func recovered(truncationAfter index: LogIndex) {}
            mutating func recovered(commit index: LogIndex) {}
        }
        var rig = try marked()
        var blind = Blind()
        do throws(JournalError) {
            _ = try Journal.recover(
                from: &rig.disk, node: Rig.node, configuration: Rig.configuration(), seed: 1, visitor: &blind)
            Issue.record("entries without the state that they follow")
        } catch { #expect(error.code == "internal") }
    }

    @Test func aTruncationBelowTheFirstSegmentThatIsThereIsNoTrap() throws {
        var rig = try Rig.born()
        while rig.journal.segments.count < 3 {
            rig.append(1, bytes: 100)
            rig.flush()
        }
        // The log is cut below the segment that is written to, and grows over that again.
        let first = try #require(rig.journal.segments.last).header.firstIndex
        let cut = first.previous.previous.previous
        rig.append(
            Request(
                term: Term(2), votedFor: NodeID(1), truncateAfter: cut,
                entries: (1...8).map { Request.item(cut.rawValue + $0, 2, [UInt8](repeating: 2, count: 50)) }))
        rig.flush()
        rig.take()
        rig.settle()
        rig.append(1, term: 2)
        rig.flush()
        #expect(rig.journal.segments[0].header.firstIndex == first && rig.violations.isEmpty)
        let found = try recovered(from: rig.disk.durableCopy())
        #expect(found.isState(of: rig.last) && found.entries.count == 1)
    }

    /// Whether a directory says that it is half of one made of a snapshot.
    private func isCutShort(_ disk: inout SimulatedDisk) -> Bool {
        do throws(JournalError) {
            _ = try JournalDirectory.identity(on: &disk)
            return false
        } catch { return error == .restoreUnfinished }
    }

    @Test func aDirectoryMayBeMadeOfASnapshot() throws {
        let (identity, index) = (DirectoryIdentity(node: Rig.node, incarnation: Rig.incarnation), LogIndex(1 << 50))
        let content = Rig.content(index, count: 3_000)
        func make(on disk: inout SimulatedDisk) throws(JournalError) {
            var left = content[...]
            try JournalDirectory.make(
                on: &disk, identity: identity, configuration: Rig.configuration(), seed: 3,
                beginningWith: Rig.header(index, Term(9))
            ) { bytes in
                bytes += left.prefix(1_000)
                left = left.dropFirst(1_000)
                return left.isEmpty
            }
        }
        for calls in 0..<60 {
            var disk = SimulatedDisk()
            disk.script.failsFrom = calls
            let isWhole = (try? make(on: &disk)) != nil
            for var image in disk.crashImages(.coarse) {
                image.script = CallScript()
                if isCutShort(&image) {
                    #expect(!isWhole, "what was made stays made")
                    // It can be begun again, in this way and in no other.
                    #expect(throws: JournalError.restoreUnfinished) {
                        try JournalDirectory.make(
                            on: &image, identity: identity, configuration: Rig.configuration(), seed: 4)
                    }
                    try make(on: &image)
                } else if try JournalDirectory.identity(on: &image) == nil {
                    #expect(!isWhole && image.fileNames.isEmpty, "what was made stays made")
                    continue
                }
                let found = try recovered(from: image)
                #expect(found.base?.header == Rig.header(index, Term(9)) && found.isWhole)
                #expect(found.content == content && found.entries.isEmpty)
            }
            guard isWhole else { continue }
            var visitor = Recovered()
            disk.script = CallScript()
            var rig = try Rig.born()
            rig.journal = try Journal.recover(
                from: &disk, node: Rig.node, cluster: Rig.cluster, configuration: Rig.configuration(), seed: 5,
                visitor: &visitor)
            (rig.disk, rig.states, rig.effects) = (disk, [visitor], [])
            #expect(rig.journal.identity.cluster == Rig.cluster && rig.journal.firstIndex == index.next)
            rig.append(3, term: 9)
            rig.flush()
            #expect(try recovered(from: rig.disk.durableCopy()) == rig.last && rig.violations.isEmpty)
            rig.take()
            rig.settle()
            rig.append(1, term: 9)
            rig.flush()
            #expect(rig.journal.snapshot?.id.lastIndex == index + 3 && rig.snapshotFiles.count == 1)
            return
        }
        Issue.record("making a directory takes more calls than that")
    }

    @Test func theInspectorShowsAJournalThatBeginsWithASnapshot() throws {
        let rig = try marked(tail: 0)
        var disk = rig.disk
        var inspector = try JournalInspector(on: &disk)
        var marks: [SnapshotMark] = []
        while let item = inspector.next(on: &disk) {
            switch item {
            case .record(.snapshot(let mark)): marks.append(mark)
            case .damage(let error): Issue.record("\(error)")
            default: break
            }
        }
        #expect(marks == [SnapshotMark(id: Rig.file(LogIndex(60), Term(1)).id, restartsLog: false)])
    }
}
