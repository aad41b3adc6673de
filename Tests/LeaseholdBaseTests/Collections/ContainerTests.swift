import LeaseholdBase
import Testing

@Suite struct ChunkedTableTests {
    @Test func aKeptCopyStaysAsItWas() {
        var table = ChunkedTable<UInt64>()
        for number in 0..<1_000 { table.append(UInt64(number)) }
        let kept = table
        for number in stride(from: 0, to: 1_000, by: 7) { table[number] += 5_000 }
        for _ in 0..<300 { _ = table.popLast() }
        for _ in 0..<600 { table.append(9) }
        #expect(kept.count == 1_000 && table.count == 1_300)
        #expect((0..<1_000).allSatisfy { kept[$0] == UInt64($0) })
        #expect((0..<700).allSatisfy { table[$0] == UInt64($0) + ($0 % 7 == 0 ? 5_000 : 0) })
    }

    @Test func anEmptyTableGivesNothing() {
        var table = ChunkedTable<UInt8>()
        #expect(table.popLast() == nil && table.count == 0)
        table.append(1)
        #expect(table.popLast() == 1 && table.popLast() == nil && table.capacity == 128)
    }
}

@Suite struct SlotPoolTests {
    @Test func aSlotIsNobodyElsesUntilItIsGivenBack() {
        var random = RandomSource(seed: 3)
        var pool = SlotPool<UInt64>()
        var model: [UInt32: UInt64] = [:]
        var highest = 0
        for number in 0..<20_000 {
            if random.chance(1, in: 2), let slot = model.keys.min() {
                #expect(pool[slot] == model[slot])
                pool.remove(slot)
                model[slot] = nil
            } else {
                let slot = pool.insert(UInt64(number))
                #expect(model[slot] == nil)
                model[slot] = UInt64(number)
            }
            highest = max(highest, model.count)
        }
        #expect(pool.count == model.count && pool.slotCount == highest)
        #expect(model.allSatisfy { pool[$0.key] == $0.value })
    }
}

@Suite struct LookupTableTests {
    private static func find(_ key: UInt64, in table: LookupTable, hash: UInt64, keys: [UInt64]) -> UInt32? {
        var probe = table.probe(hash)
        while let slot = table.next(&probe) {
            if keys[Int(slot)] == key { return slot }
        }
        return nil
    }

    /// Hashes of few bits make long runs of neighbours and equal hashes, where removing goes wrong if it does.
    @Test(arguments: [UInt64.max, 0xF000_0000_0000_000F, 0x0000_0000_FF00_0000, 0])
    func whatIsInIsFoundAndWhatIsNotIsNot(mask: UInt64) {
        let hash = SeededHash(seed: 11)
        var random = RandomSource(seed: mask)
        var table = LookupTable(segmentBits: 2)
        var kept = table
        var keptIn: [Bool] = []
        let keys = (0..<400).map { UInt64($0) }
        var isIn = [Bool](repeating: false, count: keys.count)
        for step in 0..<30_000 {
            let slot = random.integer(in: 0...keys.count - 1)
            let value = hash(keys[slot]) & mask
            let found = Self.find(keys[slot], in: table, hash: value, keys: keys)
            if found != (isIn[slot] ? UInt32(slot) : nil) {
                Issue.record("step \(step): \(String(describing: found))")
                return
            }
            // Grows for a while, then shrinks, and again.
            if isIn[slot] {
                if step / 3_000 % 2 == 1 || random.chance(1, in: 4) {
                    let removed = table.remove(UInt32(slot), hash: value)
                    #expect(removed)
                    isIn[slot] = false
                }
            } else {
                let removed = table.remove(UInt32(slot), hash: value)
                #expect(!removed)
                if step / 3_000 % 2 == 0 || random.chance(1, in: 4) {
                    table.insert(UInt32(slot), hash: value)
                    isIn[slot] = true
                }
            }
            if step == 2_500 { (kept, keptIn) = (table, isIn) }
        }
        #expect(table.count == isIn.filter { $0 }.count)
        for slot in keys.indices {
            let found = Self.find(keys[slot], in: kept, hash: hash(keys[slot]) & mask, keys: keys)
            #expect(found == (keptIn[slot] ? UInt32(slot) : nil))
        }
    }

    @Test func roomFollowsWhatIsIn() {
        let hash = SeededHash(seed: 1)
        var table = LookupTable(segmentBits: 4)
        for slot in 0..<UInt32(20_000) { table.insert(slot, hash: hash(UInt64(slot))) }
        #expect(table.capacity < 40_000)
        for slot in 0..<UInt32(20_000) { table.remove(slot, hash: hash(UInt64(slot))) }
        #expect(table.count == 0 && table.capacity < 2_000)
    }
}

@Suite struct SlotHeapTests {
    @Test func slotsComeOutInOrderHoweverTheyWentIn() {
        for seed in 0..<40 as Range<UInt64> {
            var random = RandomSource(seed: seed)
            var heap = SlotHeap()
            var model: [UInt32: UInt64] = [:]
            for _ in 0..<400 {
                let slot = UInt32(random.below(100))
                if model[slot] == nil {
                    let key = random.below(30)
                    heap.insert(slot, key: key, tie: UInt64(slot) * 7 % 101)
                    model[slot] = key
                } else if random.chance(1, in: 2) {
                    let removed = heap.remove(slot)
                    #expect(removed)
                    model[slot] = nil
                } else {
                    let key = random.below(30)
                    heap.update(slot, key: key)
                    model[slot] = key
                }
                #expect(heap.entry(of: slot)?.key == model[slot])
            }
            #expect(heap.violations() == [] && heap.count == model.count)
            let expected = model.keys.sorted {
                (model[$0] ?? 0, UInt64($0) * 7 % 101) < (model[$1] ?? 0, UInt64($1) * 7 % 101)
            }
            var order: [UInt32] = []
            while let first = heap.first {
                order.append(first.slot)
                heap.remove(first.slot)
            }
            #expect(order == expected)
            let removed = heap.remove(1) || heap.remove(10_000)
            #expect(!removed)
        }
    }
}

@Suite struct OrderedIndexTests {
    private static func difference(
        _ key: [UInt8], _ index: OrderedIndex, _ keys: [[UInt8]]
    ) -> CriticalBit? {
        guard let slot = index.closest(to: key.span.bytes) else { return nil }
        let other = keys[Int(slot)]
        return CriticalBit(between: key.span.bytes, and: other.span.bytes)
    }

    private static func walk(
        _ index: OrderedIndex, from key: [UInt8], strictly: Bool, _ keys: [[UInt8]]
    ) -> [[UInt8]] {
        var cursor = index.cursor(
            from: key.span.bytes, strictly: strictly, difference: difference(key, index, keys))
        var found: [[UInt8]] = []
        while let slot = index.next(&cursor) { found.append(keys[Int(slot)]) }
        return found
    }

    @Test func keysComeInByteOrderFromAnyPoint() {
        for seed in 0..<60 as Range<UInt64> {
            var random = RandomSource(seed: seed)
            let letters: [UInt8] = [0, 1, 0x61, 0x62, 0x7F, 0x80, 0xFF]
            func key() -> [UInt8] {
                (0..<random.integer(in: 0...(seed % 2 == 0 ? 3 : 12))).map { _ in letters[random.integer(in: 0...6)] }
            }
            var keys: [[UInt8]] = []
            for _ in 0..<120 {
                let candidate = key()
                if !keys.contains(candidate) { keys.append(candidate) }
            }
            var index = OrderedIndex()
            var isIn = [Bool](repeating: false, count: keys.count)
            for _ in 0..<600 {
                let slot = random.integer(in: 0...keys.count - 1)
                let key = keys[slot]
                if isIn[slot] {
                    index.remove(UInt32(slot), key: key.span.bytes)
                } else {
                    let difference = Self.difference(key, index, keys)
                    index.insert(UInt32(slot), key: key.span.bytes, difference: difference)
                }
                isIn[slot].toggle()
            }
            let sorted = keys.indices.filter { isIn[$0] }.map { keys[$0] }.sorted { $0.lexicographicallyPrecedes($1) }
            #expect(index.count == sorted.count)
            for _ in 0..<30 {
                let from = random.chance(1, in: 2) ? key() : keys[random.integer(in: 0...keys.count - 1)]
                let later = sorted.filter { from.lexicographicallyPrecedes($0) }
                #expect(Self.walk(index, from: from, strictly: true, keys) == later)
                #expect(
                    Self.walk(index, from: from, strictly: false, keys) == sorted.filter { $0 == from } + later)
            }
            for (slot, key) in keys.enumerated() where isIn[slot] { index.remove(UInt32(slot), key: key.span.bytes) }
            #expect(index.count == 0 && Self.walk(index, from: [], strictly: false, keys) == [])
        }
    }
}

@Suite struct ByteArenaTests {
    @Test func stringsOfEveryLengthAreKeptApart() {
        var random = RandomSource(seed: 8)
        var arena = ByteArena()
        var model: [(slot: UInt32, bytes: [UInt8])] = []
        for number in 0..<6_000 {
            if random.chance(1, in: 3), !model.isEmpty {
                let gone = model.remove(at: random.integer(in: 0...model.count - 1))
                arena.remove(gone.slot, length: gone.bytes.count)
            } else {
                let length = number <= ByteArena.maximumLength ? number : random.integer(in: 0...300)
                let bytes = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ number) }
                model.append((arena.insert(bytes.span.bytes), bytes))
            }
        }
        let kept = arena
        for (slot, bytes) in model.prefix(1_000) { arena.remove(slot, length: bytes.count) }
        for _ in 0..<1_000 { _ = arena.insert([1, 2, 3].span.bytes) }
        for (slot, bytes) in model {
            let same = kept.bytes(slot, length: bytes.count).hasSameBytes(as: bytes.span.bytes)
            #expect(same)
        }
        for (slot, bytes) in model.dropFirst(1_000) {
            let same = arena.bytes(slot, length: bytes.count).hasSameBytes(as: bytes.span.bytes)
            #expect(same)
        }
    }

    @Test func aChunkHoldsManyStringsAndLosesAtMostAQuarterOfEach() {
        for length in [9, 16, 17, 25, 64, 65, 97, 129, 255, 256, 257, 1_025, 2_047, 4_096] {
            let bytes = [UInt8](repeating: 1, count: length)
            var arena = ByteArena()
            _ = arena.insert(bytes.span.bytes)
            let chunk = arena.reservedBytes
            var strings = 1
            while arena.reservedBytes == chunk {
                _ = arena.insert(bytes.span.bytes)
                strings += 1
            }
            #expect(chunk / (strings - 1) < length + max(8, length / 4 + 1), "\(length)")
            #expect(chunk <= 8_192)
        }
    }
}

@Suite struct BorrowedBytesTests {
    @Test func hashesFollowTheBytesAndTheSeed() {
        let texts = ["", "a", "ab", "abcdefg", "abcdefgh", "abcdefghi", "abcdefgi", String(repeating: "x", count: 99)]
        let (one, two) = (SeededHash(seed: 1), SeededHash(seed: 2))
        var seen: Set<UInt64> = []
        for text in texts {
            let bytes = Array(text.utf8)
            let copy = Array(text.utf8)
            #expect(one(bytes.span.bytes) == one(copy.span.bytes))
            seen.insert(one(bytes.span.bytes))
            seen.insert(two(bytes.span.bytes))
        }
        #expect(seen.count == 2 * texts.count)
    }

    @Test func equalityAndPrefixesLookAtEveryByte() {
        let bytes = (0..<20).map { UInt8($0) }
        for position in 0..<20 {
            var other = bytes
            other[position] ^= 0x80
            let isSame = bytes.span.bytes.hasSameBytes(as: other.span.bytes)
            let prefix = Array(bytes.prefix(position))
            let otherPrefix = Array(other.prefix(position + 1))
            let hasPrefix = bytes.span.bytes.hasPrefix(prefix.span.bytes)
            let hasOther = bytes.span.bytes.hasPrefix(otherPrefix.span.bytes)
            let isLonger = prefix.span.bytes.hasPrefix(bytes.span.bytes)
            #expect(!isSame && hasPrefix && !hasOther && !isLonger)
        }
    }
}
