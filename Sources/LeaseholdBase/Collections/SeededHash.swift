/// Hashes for lookup tables: fast, and seeded per process so that nobody can choose names that collide.
///
/// The seed is no part of any replicated state, and no result may depend on it: a table answers whether and where,
/// never in which order.
@frozen public struct SeededHash: Hashable, Sendable {
    @usableFromInline let seed: UInt64

    /// A hash function of its own for each seed.
    @inlinable public init(seed: UInt64) { self.seed = mix(seed ^ 0x9E37_79B9_7F4A_7C15) }

    /// The hash of a number.
    @inlinable public func callAsFunction(_ value: UInt64) -> UInt64 {
        mix(fold(value ^ seed, 0xA076_1D64_78BD_642F) ^ value)
    }

    /// The hash of a pair of numbers.
    @inlinable public func callAsFunction(_ first: UInt64, _ second: UInt64) -> UInt64 {
        self(self(first) ^ second)
    }

    /// The hash of bytes.
    /// - Complexity: O(n), about 8 bytes a nanosecond.
    @inlinable public func callAsFunction(_ bytes: RawSpan) -> UInt64 {
        let count = bytes.byteCount
        var state = seed ^ (UInt64(truncatingIfNeeded: count) &* 0xE703_7ED1_A0B4_28DB)
        var offset = 0
        while offset &+ 8 <= count {
            state = fold(state ^ bytes.word(at: offset), 0xA076_1D64_78BD_642F)
            offset &+= 8
        }
        return mix(fold(state ^ bytes.tail(from: offset), 0x8EBC_6AF0_9C88_C6E3) ^ state)
    }
}

/// Multiplies to 128 bits and folds the halves into one.
@inlinable public func fold(_ left: UInt64, _ right: UInt64) -> UInt64 {
    let product = left.multipliedFullWidth(by: right)
    return product.high ^ product.low
}

extension RawSpan {
    /// The eight bytes at an offset, little-endian. All eight must be there.
    @inlinable public func word(at offset: Int) -> UInt64 {
        precondition(offset >= 0 && offset &+ 8 <= byteCount, "a word has eight bytes")
        return unsafe unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: UInt64.self).littleEndian
    }

    /// The up to seven bytes from an offset to the end, as the low bytes of a number.
    @inlinable public func tail(from offset: Int) -> UInt64 {
        precondition(offset >= 0 && offset <= byteCount && byteCount &- offset < 8, "a tail is less than a word")
        var value: UInt64 = 0
        var position = byteCount
        while position > offset {
            position &-= 1
            value = value << 8 | UInt64(self[position])
        }
        return value
    }

    /// The byte at an offset that is within the span.
    @inlinable public subscript(offset: Int) -> UInt8 {
        precondition(offset >= 0 && offset < byteCount, "no such byte")
        return unsafe unsafeLoad(fromUncheckedByteOffset: offset, as: UInt8.self)
    }

    /// Whether both hold the same bytes.
    /// - Complexity: O(n).
    @inlinable public func hasSameBytes(as other: RawSpan) -> Bool {
        guard byteCount == other.byteCount else { return false }
        var offset = 0
        while offset &+ 8 <= byteCount {
            if word(at: offset) != other.word(at: offset) { return false }
            offset &+= 8
        }
        return tail(from: offset) == other.tail(from: offset)
    }

    /// Whether these bytes begin with the others.
    @inlinable public func hasPrefix(_ other: RawSpan) -> Bool {
        byteCount >= other.byteCount && extracting(0..<other.byteCount).hasSameBytes(as: other)
    }
}
