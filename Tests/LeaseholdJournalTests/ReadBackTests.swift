import LeaseholdBase
import LeaseholdJournal
import Raft
import Simulator
import Testing

@Suite struct ReadBackTests {
    /// Reads until there is a result. What a read brings is cut to what `cut` says, if that is less.
    private func read(
        _ rig: inout Rig, from index: LogIndex, maxBytes: Int, cut: () -> Int = { .max }
    ) -> (ReadBackResult?, EntryBatch) {
        var batch = EntryBatch()
        var result: ReadBackResult?
        guard rig.journal.readBack(for: NodeID(2), from: index, maxBytes: maxBytes, into: &rig.effects) else {
            return (nil, batch)
        }
        while !rig.effects.isEmpty {
            let effect = rig.effects.removeFirst()
            let (completion, bytes) = rig.disk.perform(effect, batch: rig.journal.batchBytes)
            if rig.journal.isRead(completion.number) {
                let some = Array(bytes.prefix(cut()))
                result = rig.journal.readCompleted(
                    completion, bytes: some.span.bytes, into: &batch, effects: &rig.effects)
            } else {
                _ = rig.journal.completed(completion, now: rig.now, into: &rig.effects)
            }
        }
        return (result, batch)
    }

    private func check(_ rig: inout Rig, _ random: inout RandomSource) throws {
        let entries = rig.last.entries
        for index in 1...max(1, entries.count) where !entries.isEmpty {
            let maxBytes = Int(random.below(400))
            let (result, batch) = read(&rig, from: LogIndex(UInt64(index)), maxBytes: maxBytes)
            try #require(result == .entries(for: NodeID(2), from: LogIndex(UInt64(index))))
            try #require(!batch.isEmpty && index - 1 + batch.count <= entries.count)
            for place in 0..<batch.count {
                var payload: [UInt8] = []
                payload.append(bytes: batch.payload(at: place))
                try #require(batch.headers[place] == entries[index - 1 + place].header)
                try #require(payload == entries[index - 1 + place].payload)
            }
        }
        let (beyond, _) = read(&rig, from: LogIndex(UInt64(entries.count + 1)), maxBytes: 10)
        #expect(beyond == nil)
    }

    @Test func theNewestVersionOfEveryEntryIsRead() throws {
        for seed in 1...8 as ClosedRange<UInt64> {
            var rig = try Rig(segmentBytes: 2048)
            var random = RandomSource(seed: seed)
            var term: UInt64 = 1
            for step in 0..<120 {
                var request = Request()
                var last = UInt64(rig.last.entries.count)
                if random.chance(1, in: 6) {
                    term += 1
                    request.term = Term(term)
                    last -= random.below(min(last, 30) + 1)
                    request.truncateAfter = LogIndex(last)
                }
                for _ in 0..<random.below(5) {
                    last += 1
                    let size = random.chance(1, in: 20) ? 900 : Int(random.below(60))
                    let payload = (0..<size).map { _ in UInt8(truncatingIfNeeded: random.next()) }
                    request.entries.append(Request.item(last, term, payload))
                }
                rig.append(request)
                if random.chance(2, in: 3) { rig.flush() }
                if step % 40 == 39 {
                    rig.flush()
                    try check(&rig, &random)
                }
            }
            let expected = rig.last
            try rig.reopen()
            #expect(rig.last == expected)
            try check(&rig, &random)
            #expect(rig.violations.isEmpty)
            #expect(rig.journal.segments.count > 3)
        }
    }

    @Test func damageIsToldWithFileAndOffset() throws {
        var rig = try Rig()
        for _ in 0..<60 {
            rig.append(1, bytes: 100)
            rig.flush()
        }
        let name = rig.journal.segments[0].name
        rig.disk.rot(name) { $0[300] ^= 4 }
        let (result, batch) = read(&rig, from: LogIndex(1), maxBytes: 1000)
        guard case .failed(NodeID(2), .corrupt(name, _, _)) = result else {
            Issue.record("\(String(describing: result))")
            return
        }
        #expect(batch.isEmpty)
        rig.disk.lose(name)
        let (missing, _) = read(&rig, from: LogIndex(1), maxBytes: 1000)
        guard case .failed(NodeID(2), .disk) = missing else {
            Issue.record("\(String(describing: missing))")
            return
        }
    }

    @Test func aFileThatHasBecomeShorterIsTold() throws {
        var rig = try Rig()
        for _ in 0..<10 {
            rig.append(1, bytes: 100)
            rig.flush()
        }
        let name = rig.journal.segments[0].name
        let end = rig.journal.segments[0].end
        // In the middle of the last batch, and before it.
        for count in [end - 20, end - 300] {
            rig.disk.rot(name) { $0.removeLast($0.count - count) }
            let (result, batch) = read(&rig, from: LogIndex(10), maxBytes: 1000)
            guard case .failed(NodeID(2), .corrupt(name, _, _)) = result else {
                Issue.record("\(String(describing: result))")
                return
            }
            #expect(batch.isEmpty)
        }
    }

    @Test func aReadThatATruncationOvertakesBringsNothingAndIsNoDamage() throws {
        var rig = try Rig()
        for _ in 0..<10 {
            rig.append(1, bytes: 100)
            rig.flush()
        }
        for (from, cutAfter) in [(8, 5), (6, 5), (5, 5)] as [(UInt64, UInt64)] {
            var batch = EntryBatch()
            try #require(
                rig.journal.readBack(for: NodeID(2), from: LogIndex(from), maxBytes: 1_000, into: &rig.effects))
            let reads = rig.effects
            rig.effects = []
            var request = Request()
            (request.term, request.truncateAfter) = (Term(from), LogIndex(cutAfter))
            request.entries.append(Request.item(cutAfter + 1, from, [7]))
            request.entries.append(Request.item(cutAfter + 2, from, [8]))
            request.entries.append(Request.item(cutAfter + 3, from, [9]))
            // The cut without what comes behind it is accepted first.
            var cut = request
            cut.entries = []
            rig.append(cut)
            var result: ReadBackResult?
            for effect in reads {
                let (completion, bytes) = rig.disk.perform(effect, batch: rig.journal.batchBytes)
                if rig.journal.isRead(completion.number) {
                    result = rig.journal.readCompleted(
                        completion, bytes: bytes.span.bytes, into: &batch, effects: &rig.effects)
                } else {
                    _ = rig.journal.completed(completion, now: rig.now, into: &rig.effects)
                }
            }
            if from > cutAfter {
                #expect(result == .overtaken(for: NodeID(2), from: LogIndex(from)) && batch.isEmpty)
            } else {
                #expect(result == .entries(for: NodeID(2), from: LogIndex(from)) && batch.count == 1)
            }
            request.truncateAfter = nil
            rig.append(request)
            rig.flush()
        }
        #expect(rig.violations.isEmpty)
    }

    @Test func shortReadsAreGoneOnWith() throws {
        var rig = try Rig()
        rig.disk.faults.shortReadsPerTenThousand = 4_000
        for _ in 0..<40 {
            rig.append(2, bytes: 150)
            rig.flush()
        }
        for index in 1...80 as ClosedRange<UInt64> {
            let (result, batch) = read(&rig, from: LogIndex(index), maxBytes: 300)
            try #require(result == .entries(for: NodeID(2), from: LogIndex(index)))
            try #require(!batch.isEmpty && batch.headers[0] == rig.last.entries[Int(index) - 1].header)
        }
    }

    @Test(arguments: [1, 7, 97, 2_000])
    func readsHoweverShortComeToTheirEnd(bytes: Int) throws {
        var rig = try Rig()
        for _ in 0..<3 {
            rig.append(4, bytes: 200)
            rig.flush()
        }
        rig.append(2, bytes: 2_000)
        rig.flush()
        for index in 1...14 as ClosedRange<UInt64> {
            var reads = 0
            let (result, batch) = read(&rig, from: LogIndex(index), maxBytes: 300) {
                reads += 1
                // Many a read brings nothing at all, and then one does.
                return reads.isMultiple(of: 16) ? bytes : 0
            }
            try #require(result == .entries(for: NodeID(2), from: LogIndex(index)))
            #expect(batch.headers[0] == rig.last.entries[Int(index) - 1].header)
            #expect(reads >= 16 * (900 / bytes))
            // The bytes of a batch are read once, wherever the reads end.
            #expect(reads <= 16 * (6_000 / bytes + 4))
        }
    }

    @Test func aFileThatBringsNothingMoreHasEnded() throws {
        var rig = try Rig()
        rig.append(4, bytes: 200)
        rig.flush()
        var reads = 0
        let (result, batch) = read(&rig, from: LogIndex(1), maxBytes: 300) {
            reads += 1
            return reads == 1 ? 50 : 0
        }
        guard case .failed(NodeID(2), .corrupt(_, let offset, let reason)) = result else {
            Issue.record("\(String(describing: result))")
            return
        }
        #expect(reads == 17 && batch.isEmpty)
        #expect(reason == "the file ends at offset \(offset + 50)")
    }

    @Test func whatIsNotDurableIsNotReadBack() throws {
        var rig = try Rig()
        rig.append(2)
        rig.flush()
        rig.append(2)
        rig.submit()
        #expect(rig.journal.readBack(for: NodeID(1), from: LogIndex(2), maxBytes: 1, into: &rig.effects))
        #expect(!rig.journal.readBack(for: NodeID(1), from: LogIndex(3), maxBytes: 1, into: &rig.effects))
    }
}
