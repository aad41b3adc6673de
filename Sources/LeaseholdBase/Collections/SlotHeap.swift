/// A heap of slots ordered by (key, tie), least first, that can find and remove any slot.
///
/// Four children a node, in chunks: growing never moves what is there, and a write after a copy was kept copies one
/// chunk. What is taken out in order depends on keys and ties alone, never on how they came in, as long as no two
/// slots have both equal.
@frozen public struct SlotHeap: Sendable {
    /// One slot and what orders it.
    @frozen public struct Entry: BitwiseCopyable, Hashable, Sendable {
        /// Orders the slots.
        public var key: UInt64
        /// Orders slots of equal key.
        public var tie: UInt64
        /// The slot.
        public var slot: UInt32

        /// Joins the fields.
        @inlinable public init(key: UInt64, tie: UInt64, slot: UInt32) {
            self.key = key
            self.tie = tie
            self.slot = slot
        }

        @inlinable func precedes(_ other: Entry) -> Bool {
            key != other.key ? key < other.key : tie < other.tie
        }
    }

    @usableFromInline var entries = ChunkedTable<Entry>()
    /// By slot: its place among the entries plus one, or zero.
    @usableFromInline var places = ChunkedTable<UInt32>()

    /// An empty heap.
    @inlinable public init() {}

    /// How many slots there are.
    @inlinable public var count: Int { entries.count }
    /// The least slot, or nil when there is none.
    @inlinable public var first: Entry? { entries.count == 0 ? nil : entries[0] }

    /// The entry of a slot, or nil when it is not in the heap.
    @inlinable public func entry(of slot: UInt32) -> Entry? {
        guard Int(slot) < places.count, places[Int(slot)] > 0 else { return nil }
        return entries[Int(places[Int(slot)]) &- 1]
    }

    /// Adds a slot that is not in the heap.
    /// - Complexity: O(log n); O(1) when the key is among the greatest.
    @inlinable public mutating func insert(_ slot: UInt32, key: UInt64, tie: UInt64) {
        while places.count <= Int(slot) { places.append(0) }
        precondition(places[Int(slot)] == 0, "a slot is in the heap once")
        let entry = Entry(key: key, tie: tie, slot: slot)
        entries.append(entry)
        siftUp(entry, at: entries.count &- 1)
    }

    /// Removes a slot; answers whether it was there.
    /// - Complexity: O(log n).
    @inlinable @discardableResult public mutating func remove(_ slot: UInt32) -> Bool {
        guard Int(slot) < places.count, places[Int(slot)] > 0, let last = entries.popLast() else { return false }
        let place = Int(places[Int(slot)]) &- 1
        places[Int(slot)] = 0
        if last.slot != slot { settle(last, at: place) }
        return true
    }

    /// Gives a slot of the heap another key.
    /// - Complexity: O(log n).
    @inlinable public mutating func update(_ slot: UInt32, key: UInt64) {
        precondition(Int(slot) < places.count && places[Int(slot)] > 0, "the slot is in the heap")
        let place = Int(places[Int(slot)]) &- 1
        settle(Entry(key: key, tie: entries[place].tie, slot: slot), at: place)
    }

    @inlinable mutating func settle(_ entry: Entry, at place: Int) {
        if place > 0, entry.precedes(entries[(place &- 1) >> 2]) {
            siftUp(entry, at: place)
        } else {
            siftDown(entry, at: place)
        }
    }

    @inlinable mutating func put(_ entry: Entry, at place: Int) {
        entries[place] = entry
        places[Int(entry.slot)] = UInt32(truncatingIfNeeded: place &+ 1)
    }

    @inlinable mutating func siftUp(_ entry: Entry, at start: Int) {
        var place = start
        while place > 0 {
            let above = (place &- 1) >> 2
            let parent = entries[above]
            guard entry.precedes(parent) else { break }
            put(parent, at: place)
            place = above
        }
        put(entry, at: place)
    }

    @inlinable mutating func siftDown(_ entry: Entry, at start: Int) {
        var place = start
        while true {
            var child = place &* 4 &+ 1
            guard child < entries.count else { break }
            var least = entries[child]
            var leastPlace = child
            let end = min(child &+ 4, entries.count)
            child &+= 1
            while child < end {
                let candidate = entries[child]
                if candidate.precedes(least) {
                    least = candidate
                    leastPlace = child
                }
                child &+= 1
            }
            guard least.precedes(entry) else { break }
            put(least, at: place)
            place = leastPlace
        }
        put(entry, at: place)
    }

    /// What is wrong with the heap's own order and places: nothing, unless there is a bug.
    package func violations() -> [String] {
        var found: [String] = []
        for place in 0..<entries.count {
            let entry = entries[place]
            if place > 0, entry.precedes(entries[(place - 1) / 4]) { found.append("heap order broken at \(place)") }
            if Int(places[Int(entry.slot)]) != place + 1 { found.append("slot \(entry.slot) is not where it says") }
        }
        var placed = 0
        for slot in 0..<places.count where places[slot] > 0 { placed += 1 }
        if placed != entries.count { found.append("\(placed) places for \(entries.count) entries") }
        return found
    }
}
