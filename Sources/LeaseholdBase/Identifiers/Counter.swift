/// A 64-bit number with a meaning of its own: a term, an index, a claim's id.
///
/// Each conforming type is distinct, so that a term cannot be passed where an index is meant. Arithmetic saturates
/// where a decoded number could overflow: an applied command never traps.
public protocol Counter: RawRepresentable, Hashable, Comparable, Sendable, CustomStringConvertible
where RawValue == UInt64 {
    /// Wraps the number.
    init(_ rawValue: UInt64)
}

extension Counter {
    /// Wraps the number; every value is legal.
    @inlinable public init(rawValue: UInt64) { self.init(rawValue) }

    /// Whether the left number is the smaller.
    @inlinable public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }

    /// The number in decimal.
    public var description: String { String(rawValue) }

    /// The number after this one; the greatest stays itself.
    @inlinable public var next: Self { self + 1 }

    /// The number before this one; zero stays zero.
    @inlinable public var previous: Self { Self(rawValue == 0 ? 0 : rawValue &- 1) }

    /// The sum, or the greatest number where it would overflow.
    @inlinable public static func + (left: Self, right: UInt64) -> Self {
        let (sum, overflow) = left.rawValue.addingReportingOverflow(right)
        return Self(overflow ? .max : sum)
    }

    /// How many steps lead from the right number up to the left one; zero when there are none.
    @inlinable public static func - (left: Self, right: Self) -> UInt64 {
        left.rawValue > right.rawValue ? left.rawValue &- right.rawValue : 0
    }
}
