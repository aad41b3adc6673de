/// Short byte strings in chunks of equal size, by size class: no allocation of their own, no fragmentation to speak of.
///
/// A string is named by a slot and its length, both kept by the caller. Sizes are rounded up to the next of 8, 16, …
/// 64, then to the next quarter of a power of two, at most a quarter lost. A write after a copy was kept copies one
/// chunk (8 KiB).
public struct ByteArena: Sendable {
    /// The longest string there may be.
    public static let maximumLength = 4096

    private var classes: [SizeClass]

    /// An empty arena.
    public init() {
        classes = (0..<32).map { SizeClass(size: Self.size(ofClass: $0)) }
    }

    /// How many bytes its chunks take: for measuring.
    public var reservedBytes: Int { classes.reduce(0) { $0 + $1.reservedBytes } }

    /// Keeps a copy of the bytes, and answers the slot under which they are found with their length.
    /// - Complexity: O(n); allocates when the class has no free slot in its chunks.
    public mutating func insert(_ bytes: RawSpan) -> UInt32 {
        let length = bytes.byteCount
        precondition(length <= Self.maximumLength, "longer than any limit allows")
        guard length > 0 else { return 0 }
        return classes[Self.sizeClass(of: length)].insert(bytes)
    }

    /// Gives back a slot with the length it was made with.
    public mutating func remove(_ slot: UInt32, length: Int) {
        guard length > 0 else { return }
        classes[Self.sizeClass(of: length)].remove(slot)
    }

    /// The bytes of a slot.
    @_lifetime(borrow self)
    public func bytes(_ slot: UInt32, length: Int) -> RawSpan {
        guard length > 0 else { return RawSpan() }
        return classes[Self.sizeClass(of: length)].bytes(slot, length: length, owner: self)
    }

    static func sizeClass(of length: Int) -> Int {
        if length <= 64 { return (length - 1) >> 3 }
        let width = Int.bitWidth - 1 - (length - 1).leadingZeroBitCount
        return 8 + (width - 6) * 4 + ((length - 1) >> (width - 2)) - 4
    }

    static func size(ofClass index: Int) -> Int {
        if index < 8 { return (index + 1) * 8 }
        let width = 6 + (index - 8) / 4
        return (1 << width) + ((index - 8) % 4 + 1) << (width - 2)
    }
}

/// Slots of one size. A free slot's first four bytes name the next free one, plus one.
private struct SizeClass: Sendable {
    let size: Int
    /// A chunk has 2^shift slots.
    let shift: Int
    var chunks: [[UInt8]] = []
    var used = 0
    var firstFree: UInt32 = 0

    init(size: Int) {
        self.size = size
        var shift = 1
        while shift < 7, size << (shift + 1) <= 8192 { shift += 1 }
        self.shift = shift
    }

    var reservedBytes: Int { chunks.count * (size << shift) }

    mutating func insert(_ bytes: RawSpan) -> UInt32 {
        let slot: UInt32
        if firstFree > 0 {
            slot = firstFree - 1
            firstFree = nextFree(after: slot)
        } else {
            precondition(used < UInt32.max - 1, "an arena has fewer than 2³² slots")
            if used == chunks.count << shift { chunks.append([UInt8](repeating: 0, count: size << shift)) }
            slot = UInt32(truncatingIfNeeded: used)
            used += 1
        }
        let start = offset(of: slot)
        unsafe chunks[Int(slot) >> shift].withUnsafeMutableBytes { chunk in
            unsafe bytes.withUnsafeBytes { source in
                unsafe UnsafeMutableRawBufferPointer(rebasing: chunk[start..<start + source.count])
                    .copyMemory(from: source)
            }
        }
        return slot
    }

    mutating func remove(_ slot: UInt32) {
        precondition(Int(slot) < used, "no such slot")
        chunks[Int(slot) >> shift].overwrite(uint32: firstFree, at: offset(of: slot))
        firstFree = slot + 1
    }

    @_lifetime(borrow owner)
    func bytes(_ slot: UInt32, length: Int, owner: borrowing ByteArena) -> RawSpan {
        precondition(Int(slot) < used, "no such slot")
        let start = offset(of: slot)
        let chunk = chunks[Int(slot) >> shift]
        let bytes = unsafe chunk.span.bytes.extracting(start..<start + length)
        // The chunk lives as long as the arena is borrowed and not changed, which is what the result is bound to.
        return unsafe _overrideLifetime(bytes, borrowing: owner)
    }

    private func offset(of slot: UInt32) -> Int { (Int(slot) & ((1 << shift) - 1)) * size }

    private func nextFree(after slot: UInt32) -> UInt32 {
        let chunk = chunks[Int(slot) >> shift]
        let start = offset(of: slot)
        return UInt32(chunk[start]) | UInt32(chunk[start + 1]) << 8 | UInt32(chunk[start + 2]) << 16
            | UInt32(chunk[start + 3]) << 24
    }
}
