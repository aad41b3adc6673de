/// Finds slots by the hash of their keys, and cannot be iterated: so no order of hashing can leak into a result.
///
/// The keys stay with the records; a lookup yields candidates whose 32 bits of hash agree, and the caller compares.
/// Open addressing in many small segments that grow on their own: growing moves a few hundred entries at most, and a
/// write after a copy was kept copies one segment. An entry is 8 bytes, on average in 12.
///
///     var probe = table.probe(hash)
///     while let slot = table.next(&probe) { if records[slot].key == key { return slot } }
@frozen public struct LookupTable: Sendable {
    /// In each segment: the number of entries, then the places. A place is empty when zero, else 32 bits of hash
    /// above the slot plus one. The place at home for an entry follows from its hash bits alone.
    @usableFromInline var segments: [[UInt64]]
    @usableFromInline let shift: UInt64
    @usableFromInline var used = 0

    /// A table of 2^segmentBits segments; 12 suit a million entries, 4 a small table.
    public init(segmentBits: Int = 12) {
        precondition((1...16).contains(segmentBits), "between two and 65,536 segments")
        segments = [[UInt64]](repeating: [], count: 1 << segmentBits)
        shift = UInt64(64 - segmentBits)
    }

    /// How many entries there are.
    @inlinable public var count: Int { used }

    /// How many entries there is room for before anything grows: for measuring.
    public var capacity: Int { segments.reduce(0) { $0 + max(0, $1.count - 1) } }

    /// The start of a search for the hash.
    @inlinable public func probe(_ hash: UInt64) -> LookupProbe {
        let segment = Int(truncatingIfNeeded: hash >> shift)
        let places = segments[segment].count &- 1
        return LookupProbe(
            segment: segment, place: Self.home(of: hash, among: places), left: places,
            tag: hash & 0xFFFF_FFFF)
    }

    /// The next slot whose hash bits agree, or nil when there is no more.
    @inlinable public func next(_ probe: inout LookupProbe) -> UInt32? {
        while probe.left > 0 {
            let entry = segments[probe.segment][probe.place &+ 1]
            if entry == 0 { return nil }
            probe.left &-= 1
            probe.place &+= 1
            if probe.place == segments[probe.segment].count &- 1 { probe.place = 0 }
            if entry >> 32 == probe.tag { return UInt32(truncatingIfNeeded: entry) &- 1 }
        }
        return nil
    }

    /// Adds a slot. The caller has seen that its key is not there.
    /// - Complexity: O(1) amortised; at worst it moves one segment.
    @inlinable public mutating func insert(_ slot: UInt32, hash: UInt64) {
        precondition(slot < .max, "the greatest slot has no representation")
        let segment = Int(truncatingIfNeeded: hash >> shift)
        let count = segments[segment].isEmpty ? 0 : Int(truncatingIfNeeded: segments[segment][0])
        if (count &+ 1) &* 5 > (segments[segment].count &- 1) &* 4 {
            resize(segment, to: max(4, (segments[segment].count &- 1) &* 3 / 2 &+ 2))
        }
        Self.place((hash & 0xFFFF_FFFF) << 32 | UInt64(slot &+ 1), into: &segments[segment])
        used &+= 1
    }

    /// Removes a slot that was added with the same hash; answers whether it was there.
    /// - Complexity: O(1) on average.
    @inlinable @discardableResult public mutating func remove(_ slot: UInt32, hash: UInt64) -> Bool {
        let segment = Int(truncatingIfNeeded: hash >> shift)
        let places = segments[segment].count &- 1
        guard places > 0, Self.displace(slot, hash: hash, from: &segments[segment]) else { return false }
        used &-= 1
        if places >= 64, Int(truncatingIfNeeded: segments[segment][0]) &* 4 < places {
            resize(segment, to: places / 2)
        }
        return true
    }

    @inlinable static func home(of hash: UInt64, among places: Int) -> Int {
        Int(truncatingIfNeeded: ((hash & 0xFFFF_FFFF) &* UInt64(truncatingIfNeeded: max(places, 0))) >> 32)
    }

    @inlinable static func place(_ entry: UInt64, into segment: inout [UInt64]) {
        let places = segment.count &- 1
        var place = home(of: entry >> 32, among: places)
        while segment[place &+ 1] != 0 {
            place &+= 1
            if place == places { place = 0 }
        }
        segment[place &+ 1] = entry
        segment[0] &+= 1
    }

    /// Takes an entry out and moves those that it had displaced back towards their homes.
    @inlinable static func displace(_ slot: UInt32, hash: UInt64, from segment: inout [UInt64]) -> Bool {
        let places = segment.count &- 1
        let wanted = (hash & 0xFFFF_FFFF) << 32 | UInt64(slot &+ 1)
        var hole = home(of: hash, among: places)
        var left = places
        while segment[hole &+ 1] != wanted {
            left &-= 1
            if left == 0 || segment[hole &+ 1] == 0 { return false }
            hole &+= 1
            if hole == places { hole = 0 }
        }
        var place = hole
        while true {
            place &+= 1
            if place == places { place = 0 }
            let entry = segment[place &+ 1]
            if entry == 0 || place == hole { break }
            let home = home(of: entry >> 32, among: places)
            let distance = place >= home ? place &- home : place &- home &+ places
            let gap = place >= hole ? place &- hole : place &- hole &+ places
            if distance >= gap {
                segment[hole &+ 1] = entry
                hole = place
            }
        }
        segment[hole &+ 1] = 0
        segment[0] &-= 1
        return true
    }

    @usableFromInline mutating func resize(_ segment: Int, to places: Int) {
        var moved = [UInt64](repeating: 0, count: places + 1)
        for entry in segments[segment].dropFirst() where entry != 0 { Self.place(entry, into: &moved) }
        segments[segment] = moved
    }
}

/// Where a search in a ``LookupTable`` has come to. Means nothing after the table has changed.
@frozen public struct LookupProbe: Sendable {
    @usableFromInline let segment: Int
    @usableFromInline var place: Int
    @usableFromInline var left: Int
    @usableFromInline let tag: UInt64

    @inlinable init(segment: Int, place: Int, left: Int, tag: UInt64) {
        self.segment = segment
        self.place = place
        self.left = left
        self.tag = tag
    }
}
