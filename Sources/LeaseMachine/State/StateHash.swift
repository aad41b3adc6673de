internal import LeaseholdBase

/// A 128-bit hash of a fact about the state, the same on every node.
///
/// The digest of a state is the wrapping sum of the hashes of all its facts: so it does not depend on the order in
/// which they came about, and a change costs the hash of what was and of what is. It finds bugs; it is no defence
/// against somebody who makes collisions on purpose.
struct StateHash {
    /// What kind of fact follows, so that equal numbers in different places count as different.
    enum Domain: UInt64 {
        case claim = 1
        case deadline = 2
        case value = 3
        case lease = 4
        case instance = 5
        case request = 6
        case ending = 7
        case settings = 8
        case position = 9
        case content = 10
    }

    private var low: UInt64
    private var high: UInt64

    init(_ domain: Domain) {
        low = domain.rawValue &* 0x9E37_79B9_7F4A_7C15
        high = ~low
    }

    @inline(__always) mutating func add(_ value: UInt64) {
        low = mix(low ^ value) &+ 0x9E37_79B9_7F4A_7C15
        high = (high ^ low) &* 0xD6E8_FEB8_6659_FD93 &+ fold(value ^ 0xA076_1D64_78BD_642F, high | 1)
    }

    mutating func add(_ bytes: RawSpan) {
        var offset = 0
        while offset + 8 <= bytes.byteCount {
            add(bytes.word(at: offset))
            offset += 8
        }
        add(bytes.tail(from: offset))
        add(UInt64(truncatingIfNeeded: bytes.byteCount))
    }

    /// The hash.
    var value: UInt128 { UInt128(mix(high ^ low)) << 64 | UInt128(mix(low &+ high &* 0xE703_7ED1_A0B4_28DB)) }

    /// Half of the hash.
    var half: UInt64 { mix(high ^ low) }
}

/// The digest of a whole state: equal on every node that has applied the same log so far.
public struct Digest: Hashable, Sendable, CustomStringConvertible {
    /// The number.
    public let rawValue: UInt128

    /// Wraps a number.
    public init(_ rawValue: UInt128) { self.rawValue = rawValue }

    /// 32 hexadecimal digits.
    public var description: String {
        hexadecimal(UInt64(truncatingIfNeeded: rawValue >> 64)) + hexadecimal(UInt64(truncatingIfNeeded: rawValue))
    }
}
