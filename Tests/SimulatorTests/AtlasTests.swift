import LeaseholdBase
import LeaseholdJournal
import Raft
import Simulator
import Testing

/// What may be destroyed, and what a node says to it.
@Suite struct AtlasTests {
    /// What recovery finds.
    struct Found: JournalVisitor, Equatable {
        var entries: [UInt64] = []
        var term = Term.zero
        mutating func recovered(term: Term, votedFor: NodeID?) { self.term = term }
        mutating func recovered(_ header: EntryHeader, payload: RawSpan) -> Bool {
            entries.append(header.index.rawValue)
            return true
        }
        mutating func recovered(truncationAfter index: LogIndex) {
            entries.removeAll { $0 > index.rawValue }
        }
        mutating func recovered(commit index: LogIndex) {}
    }

    private static let configuration: JournalConfiguration = {
        var configuration = JournalConfiguration()
        configuration.segmentBytes = 4096
        return configuration
    }()

    private func recover(_ disk: inout SimulatedDisk) throws(JournalError) -> (Journal, Found) {
        var found = Found()
        let journal = try Journal.recover(
            from: &disk, node: NodeID(2), configuration: Self.configuration, seed: 2, visitor: &found)
        return (journal, found)
    }

    /// A journal of some segments.
    private func life(batches: Int, sealed: Bool) throws -> (SimulatedDisk, Found) {
        var disk = SimulatedDisk(draws: Draws(seed: 1), place: 1)
        try JournalDirectory.make(
            on: &disk, identity: DirectoryIdentity(node: NodeID(2), incarnation: Incarnation(8)),
            configuration: Self.configuration, seed: 1)
        var (journal, found) = try recover(&disk)
        var effects: [DiskEffect] = []
        func settle(_ now: Int64) {
            while !effects.isEmpty {
                let (completion, _) = disk.perform(effects.removeFirst(), batch: journal.batchBytes)
                _ = journal.completed(completion, now: .zero + .milliseconds(now), into: &effects)
            }
        }
        for number in 1...UInt64(batches) {
            journal.append(
                number: PersistNumber(number), issuedIn: Term(1), hardState: number == 1 ? (Term(1), nil) : nil,
                truncateAfter: nil, commit: .zero)
            let payload = [UInt8](repeating: UInt8(truncatingIfNeeded: number), count: 30 + Int(number) * 7 % 200)
            journal.appendEntry(
                EntryHeader(
                    index: LogIndex(number), term: Term(1), logTime: LogTime(number), wallTime: WallTime(1),
                    kind: .command, payloadCount: payload.count), payload: payload.span.bytes)
            found.entries.append(number)
            journal.submit(now: .zero, into: &effects)
            settle(0)
        }
        found.term = Term(1)
        if sealed {
            journal.tick(now: .zero + .milliseconds(50), into: &effects)
            settle(50)
        }
        disk.processEnded()
        return (disk, found)
    }

    @Test(arguments: [DamageKind.rot, .lostWrite, .misdirectedWrite], [false, true])
    func whatIsDestroyedIsToldAndWhatIsNotIsThere(kind: DamageKind, sealed: Bool) throws {
        let (whole, expected) = try life(batches: 60, sealed: sealed)
        var (told, harmless, refused) = (0, 0, 0)
        for seed in 0..<600 as Range<UInt64> {
            var disk = SimulatedDisk(draws: Draws(seed: seed), place: 1)
            disk.adopt(whole)
            var atlas = FaultAtlas(sparing: [0, 2])
            guard disk.strike(kind, isSeen: seed % 2 == 0, &atlas, at: 5) else {
                refused += 1
                continue
            }
            try #require(disk.isDamaged && atlas.isDamaged(1) == !atlas.entries.isEmpty)
            var repaired = disk.durableCopy(repaired: true)
            try #require(try recover(&repaired).1 == expected)
            disk.crash()
            do throws(JournalError) {
                let found = try recover(&disk).1
                harmless += 1
                #expect(found == expected && !atlas.isDamaged(1), "seed \(seed): \(atlas.entries)")
            } catch {
                told += 1
                try #require(atlas.explains(error, of: 1), "seed \(seed): \(error) \(atlas.entries)")
                try #require(!atlas.explains(error, of: 0))
            }
        }
        #expect(told > 250 && refused < 60, "\(told) told, \(harmless) harmless, \(refused) refused")
        #expect((harmless > 50) == (kind == .rot))
    }

    @Test func theMajorityIsSpared() throws {
        let (whole, expected) = try life(batches: 20, sealed: true)
        for seed in 0..<100 as Range<UInt64> {
            var disk = SimulatedDisk(draws: Draws(seed: seed), place: 1)
            disk.adopt(whole)
            var atlas = FaultAtlas(sparing: [0, 1])
            for kind in DamageKind.allCases {
                let isHit = disk.strike(kind, isSeen: true, &atlas, at: 5)
                try #require(!isHit || kind == .rot)
            }
            try #require(atlas.entries.isEmpty)
            disk.crash()
            try #require(try recover(&disk).1 == expected)
        }
    }

    @Test func theOnlyBatchOfAJournalIsLeftAloneUntilItIsSealed() throws {
        for sealed in [false, true] {
            let (whole, _) = try life(batches: 1, sealed: sealed)
            var hits = 0
            for seed in 0..<100 as Range<UInt64> {
                var disk = SimulatedDisk(draws: Draws(seed: seed), place: 1)
                disk.adopt(whole)
                var atlas = FaultAtlas(sparing: [0, 2])
                if disk.strike(.lostWrite, isSeen: true, &atlas, at: 5) { hits += 1 }
            }
            #expect((hits > 0) == sealed)
        }
    }

    /// A new directory has files of the same names: what was destroyed in the old ones is not to be noticed in them.
    @Test func whatWasDestroyedIsGoneWithTheDirectory() throws {
        let (whole, _) = try life(batches: 60, sealed: true)
        var disk = SimulatedDisk(draws: Draws(seed: 1), place: 1)
        disk.adopt(whole)
        var atlas = FaultAtlas(sparing: [0, 2])
        #expect(disk.strike(.lostWrite, isSeen: true, &atlas, at: 5) && atlas.isDamaged(1))
        let file = try #require(atlas.entries.first?.file)
        #expect(disk.strike(.wipe, isSeen: true, &atlas, at: 6))
        #expect(atlas.entries.map(\.kind) == [.wipe])
        #expect(!atlas.explains(.corrupt(file: file, offset: 0, reason: ""), of: 1))
    }

    /// Else a journal that proves nothing would never be asked to.
    @Test func theLastBatchOfANodeAtRestIsToBeNoticedWhateverStandsBehindIt() throws {
        let (whole, _) = try life(batches: 1, sealed: false)
        var hits = 0
        for seed in 0..<100 as Range<UInt64> {
            var disk = SimulatedDisk(draws: Draws(seed: seed), place: 1)
            disk.adopt(whole)
            var atlas = FaultAtlas(sparing: [0, 2])
            if disk.strike(.lostWrite, isSeen: true, isAtRest: true, &atlas, at: 5) { hits += 1 }
        }
        #expect(hits > 50)
    }

    @Test func aWipeTakesAllAndIsNoted() throws {
        var (disk, _) = try life(batches: 5, sealed: true)
        var atlas = FaultAtlas(sparing: [0, 2])
        #expect(disk.strike(.wipe, isSeen: true, &atlas, at: 5))
        #expect(disk.fileNames.isEmpty && atlas.isDamaged(1) && !atlas.isDamaged(0))
    }
}
