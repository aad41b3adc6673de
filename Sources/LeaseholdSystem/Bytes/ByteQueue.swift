/// Bytes that come in at the back and leave at the front, in one piece of memory so that they can be parsed in place.
///
/// ```
///  storage                head              tail           capacity
///  |  consumed, free again  |   readable      |    room       |
/// ```
/// Memory grows by doubling up to a stated bound. When everything has been consumed the queue starts over at the front;
/// when the room at the back runs out, the readable bytes are moved to the front first if that frees at least half.
/// A queue whose load has once been seen allocates nothing more.
@safe public struct ByteQueue: ~Copyable {
    @usableFromInline var storage: UnsafeMutableRawPointer?
    @usableFromInline var capacity = 0
    @usableFromInline var head = 0
    @usableFromInline var tail = 0
    /// How many bytes the queue holds at most.
    public internal(set) var bound: Int

    /// The least memory that a queue takes once it holds a byte.
    @usableFromInline static var capacityMin: Int { 4096 }

    /// An empty queue, without memory of its own until the first byte.
    public init(bound: Int) {
        precondition(bound > 0, "a queue that holds nothing is a mistake")
        unsafe storage = nil
        self.bound = bound
    }

    deinit { unsafe storage?.deallocate() }

    /// How many bytes are waiting.
    @inlinable public var count: Int { tail &- head }
    /// Whether none are.
    @inlinable public var isEmpty: Bool { head == tail }
    /// How many more bytes it takes.
    @inlinable public var room: Int { bound &- count }
    /// How many bytes of memory it has.
    public var memory: Int { capacity }

    /// The waiting bytes, first come first.
    @inlinable public var readable: RawSpan {
        @_lifetime(borrow self)
        get {
            guard let storage = unsafe storage else { return RawSpan() }
            let span = unsafe RawSpan(_unsafeStart: storage + head, byteCount: count)
            return unsafe _overrideLifetime(span, borrowing: self)
        }
    }

    /// Takes bytes in at the back; all or none.
    ///
    /// - Returns: false when they would pass the bound.
    /// - Complexity: O(bytes), amortised.
    @inlinable public mutating func append(_ bytes: RawSpan) -> Bool {
        let added = bytes.byteCount
        guard added <= room else { return false }
        guard added > 0 else { return true }
        let place = unsafe reserve(added)
        unsafe bytes.withUnsafeBytes { source in
            if let start = source.baseAddress { unsafe place.copyMemory(from: start, byteCount: added) }
        }
        tail &+= added
        return true
    }

    /// Drops bytes at the front. There are so many.
    @inlinable public mutating func consume(_ consumed: Int) {
        precondition(consumed >= 0 && consumed <= count, "only what is there can be consumed")
        head &+= consumed
        if head == tail { (head, tail) = (0, 0) }
    }

    /// Drops everything, and the memory too when it is more than so much.
    public mutating func removeAll(keeping memoryMax: Int = .max) {
        (head, tail) = (0, 0)
        guard capacity > memoryMax else { return }
        unsafe storage?.deallocate()
        unsafe storage = nil
        capacity = 0
    }

    /// A place for so many more bytes behind the last, within the bound; ``commit(_:)`` says how many were put there.
    @usableFromInline mutating func reserve(_ wanted: Int) -> UnsafeMutableRawPointer {
        precondition(wanted > 0 && wanted <= room, "room was asked for beyond the bound")
        if let storage = unsafe storage {
            if capacity &- tail >= wanted { return unsafe storage + tail }
            if count &+ wanted <= capacity && head >= capacity / 2 {
                unsafe storage.copyMemory(from: storage + head, byteCount: count)
                (head, tail) = (0, count)
                return unsafe storage + tail
            }
        }
        return unsafe grow(by: wanted)
    }

    /// Counts bytes that were written to the reserved place.
    mutating func commit(_ added: Int) {
        precondition(added >= 0 && added <= capacity - tail, "more was written than was reserved")
        tail &+= added
    }

    private mutating func grow(by wanted: Int) -> UnsafeMutableRawPointer {
        var size = max(capacity, Self.capacityMin)
        while size < count &+ wanted { size &*= 2 }
        // Twice the bytes leave half the memory free, so that moving them to the front stays rare.
        if size < bound && size < 2 &* (count &+ wanted) && capacity > 0 { size &*= 2 }
        let fresh = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 16)
        if let old = unsafe storage {
            unsafe fresh.copyMemory(from: old + head, byteCount: count)
            unsafe old.deallocate()
        }
        (head, tail, capacity) = (0, count, size)
        unsafe storage = fresh
        return unsafe fresh + tail
    }
}
