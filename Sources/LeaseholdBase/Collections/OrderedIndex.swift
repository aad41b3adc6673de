/// Slots in the byte order of their keys: a crit-bit tree (D. J. Bernstein's name for Morrison's PATRICIA).
///
/// A node names the first bit in which the keys below it differ; 12 bytes a key, no rebalancing, and a shape that
/// depends on the set of keys alone. The keys stay with the records: where an operation needs one, it names the
/// slot, and the caller says how that slot's key differs (``CriticalBit``).
@frozen public struct OrderedIndex: Sendable {
    @frozen @usableFromInline struct Node: BitwiseCopyable, Sendable {
        /// Below: keys with the bit clear, and keys with it set. The top bit marks a slot, else it is a node.
        @usableFromInline var low: UInt32
        @usableFromInline var high: UInt32
        @usableFromInline var bit: CriticalBit

        @inlinable init(low: UInt32, high: UInt32, bit: CriticalBit) {
            self.low = low
            self.high = high
            self.bit = bit
        }
    }

    @usableFromInline static let leaf: UInt32 = 1 << 31
    @usableFromInline var nodes = SlotPool<Node>()
    @usableFromInline var root: UInt32 = 0
    @usableFromInline var used = 0

    /// An empty index.
    @inlinable public init() {}

    /// How many slots there are.
    @inlinable public var count: Int { used }

    /// The slot whose key comes before all others, or nil when the index is empty.
    /// - Complexity: O(depth).
    @inlinable public var first: UInt32? {
        guard used > 0 else { return nil }
        var place = root
        while place & Self.leaf == 0 { place = nodes[place].low }
        return place & ~Self.leaf
    }

    /// The slot whose key is the only one that may equal the given key, or nil when the index is empty.
    /// - Complexity: O(depth): about 1.3 log₂ n for keys that differ as numbers do, at most nine a byte of the key.
    @inlinable public func closest(to key: RawSpan) -> UInt32? {
        guard used > 0 else { return nil }
        var place = root
        while place & Self.leaf == 0 {
            let node = nodes[place]
            place = node.bit.isSet(in: key) ? node.high : node.low
        }
        return place & ~Self.leaf
    }

    /// Adds a slot. `difference` is how its key differs from that of ``closest(to:)``, and nil in an empty index.
    @inlinable public mutating func insert(_ slot: UInt32, key: RawSpan, difference: CriticalBit?) {
        precondition(slot < Self.leaf, "slots have 31 bits")
        used &+= 1
        guard let bit = difference else {
            precondition(used == 1, "no two keys are equal")
            root = slot | Self.leaf
            return
        }
        var parent: UInt32?
        var parentSide = false
        var place = root
        while place & Self.leaf == 0 {
            let node = nodes[place]
            guard node.bit.precedes(bit) else { break }
            parent = place
            parentSide = node.bit.isSet(in: key)
            place = parentSide ? node.high : node.low
        }
        let leaf = slot | Self.leaf
        let set = bit.isSet(in: key)
        let node = nodes.insert(Node(low: set ? place : leaf, high: set ? leaf : place, bit: bit))
        replace(parent, side: parentSide, with: node)
    }

    /// Removes the slot whose key is the given one, which is in the index.
    @inlinable public mutating func remove(_ slot: UInt32, key: RawSpan) {
        var above: UInt32?
        var aboveSide = false
        var parent: UInt32?
        var parentSide = false
        var place = root
        while used > 0, place & Self.leaf == 0 {
            above = parent
            aboveSide = parentSide
            let node = nodes[place]
            parent = place
            parentSide = node.bit.isSet(in: key)
            place = parentSide ? node.high : node.low
        }
        precondition(used > 0 && place == slot | Self.leaf, "the key is in the index, under this slot")
        used &-= 1
        guard let parent else { return }
        let sibling = parentSide ? nodes[parent].low : nodes[parent].high
        nodes.remove(parent)
        replace(above, side: aboveSide, with: sibling)
    }

    @inlinable mutating func replace(_ parent: UInt32?, side: Bool, with place: UInt32) {
        guard let parent else {
            root = place
            return
        }
        if side { nodes[parent].high = place } else { nodes[parent].low = place }
    }
}

extension OrderedIndex {
    /// A walk in order. Means nothing after the index has changed.
    public struct Cursor: Sendable {
        /// The subtrees still to come, the next one last.
        var pending: [UInt32] = []
    }

    /// A walk from the first key that is greater than the given one, or equal to it unless `strictly`.
    ///
    /// `difference` is how the given key differs from that of ``closest(to:)``; nil when they are equal.
    public func cursor(from key: RawSpan, strictly: Bool, difference: CriticalBit?) -> Cursor {
        var cursor = Cursor()
        guard used > 0 else { return cursor }
        var place = root
        while place & Self.leaf == 0 {
            let node = nodes[place]
            if let difference, !node.bit.precedes(difference) { break }
            if node.bit.isSet(in: key) {
                place = node.high
            } else {
                cursor.pending.append(node.high)
                place = node.low
            }
        }
        // All keys below `place` agree up to the difference, so they are all greater than the given key or all less.
        let isGreater = difference.map { !$0.isSet(in: key) } ?? !strictly
        if isGreater { cursor.pending.append(place) }
        return cursor
    }

    /// The next slot in order, or nil at the end.
    /// - Complexity: O(1) on average over a walk.
    public func next(_ cursor: inout Cursor) -> UInt32? {
        guard var place = cursor.pending.popLast() else { return nil }
        while place & Self.leaf == 0 {
            let node = nodes[place]
            cursor.pending.append(node.high)
            place = node.low
        }
        return place & ~Self.leaf
    }
}

/// The first bit in which two keys differ, where a key is read as nine bits a byte: one that says that the byte is
/// there, then the byte from its highest bit. So a key comes before those that it is the beginning of.
@frozen public struct CriticalBit: BitwiseCopyable, Hashable, Sendable {
    @usableFromInline let byte: UInt16
    @usableFromInline let mask: UInt16

    @inlinable init(byte: UInt16, mask: UInt16) {
        self.byte = byte
        self.mask = mask
    }

    /// How two keys differ, or nil when they are equal. Keys have fewer than 65,536 bytes.
    /// - Complexity: O(n).
    @inlinable public init?(between left: RawSpan, and right: RawSpan) {
        let shared = min(left.byteCount, right.byteCount)
        precondition(max(left.byteCount, right.byteCount) <= UInt16.max, "keys are short")
        var offset = 0
        while offset &+ 8 <= shared, left.word(at: offset) == right.word(at: offset) { offset &+= 8 }
        while offset < shared, left[offset] == right[offset] { offset &+= 1 }
        if offset == left.byteCount, offset == right.byteCount { return nil }
        let difference = Self.symbol(left, offset) ^ Self.symbol(right, offset)
        byte = UInt16(truncatingIfNeeded: offset)
        mask = 1 << UInt16(truncatingIfNeeded: 15 &- difference.leadingZeroBitCount)
    }

    /// Whether the bit is set in a key.
    @inlinable public func isSet(in key: RawSpan) -> Bool {
        Self.symbol(key, Int(byte)) & mask != 0
    }

    @inlinable func precedes(_ other: CriticalBit) -> Bool {
        byte != other.byte ? byte < other.byte : mask > other.mask
    }

    @inlinable static func symbol(_ key: RawSpan, _ offset: Int) -> UInt16 {
        offset < key.byteCount ? 0x100 | UInt16(key[offset]) : 0
    }
}
