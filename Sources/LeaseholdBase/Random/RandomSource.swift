/// A small seeded generator (xoshiro256**, Blackman and Vigna), with sampling of its own.
///
/// The standard library may change how it draws from a generator between versions; a simulated run must not change with
/// it, so all sampling in pure code goes through here.
@frozen public struct RandomSource: Sendable {
    @usableFromInline var s0: UInt64
    @usableFromInline var s1: UInt64
    @usableFromInline var s2: UInt64
    @usableFromInline var s3: UInt64

    /// A generator whose every draw follows from the seed (spread by splitmix64).
    public init(seed: UInt64) {
        var state = seed
        func spread() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            return mix(state)
        }
        (s0, s1, s2, s3) = (spread(), spread(), spread(), spread())
    }

    /// The next 64 random bits.
    @inlinable public mutating func next() -> UInt64 {
        let product = s1 &* 5
        let result = (product << 7 | product >> 57) &* 9
        let shifted = s1 << 17
        s2 ^= s0
        s3 ^= s1
        s1 ^= s2
        s0 ^= s3
        s2 ^= shifted
        s3 = s3 << 45 | s3 >> 19
        return result
    }

    /// A number in `0..<bound`, without bias to speak of (multiply-high). The bound is not zero.
    @inlinable public mutating func below(_ bound: UInt64) -> UInt64 {
        precondition(bound > 0, "an empty range has no members")
        return next().multipliedFullWidth(by: bound).high
    }

    /// A number in the closed range.
    @inlinable public mutating func integer(in range: ClosedRange<Int>) -> Int {
        let width = UInt64(bitPattern: Int64(range.upperBound &- range.lowerBound))
        return range.lowerBound &+ Int(width == .max ? next() : below(width &+ 1))
    }

    /// A length of time in the closed range, to the nanosecond.
    @inlinable public mutating func duration(in range: ClosedRange<Nanoseconds>) -> Nanoseconds {
        Nanoseconds(
            Int64(integer(in: Int(range.lowerBound.rawValue)...Int(range.upperBound.rawValue))))
    }

    /// True in `numerator` of `denominator` draws.
    @inlinable public mutating func chance(_ numerator: UInt64, in denominator: UInt64) -> Bool {
        below(denominator) < numerator
    }

    /// A generator for a part of the work, which draws independently of this one from here on.
    public mutating func fork() -> RandomSource { RandomSource(seed: next()) }
}

/// Mixes 64 bits so that every input bit reaches every output bit (the finaliser of splitmix64).
@inlinable public func mix(_ value: UInt64) -> UInt64 {
    var bits = value
    bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
    bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
    return bits ^ (bits >> 31)
}
