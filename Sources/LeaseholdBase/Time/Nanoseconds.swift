/// A length of time in nanoseconds: about ±292 years. Arithmetic saturates.
@frozen public struct Nanoseconds: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// How many nanoseconds.
    public let rawValue: Int64

    /// Wraps a number of nanoseconds.
    @inlinable public init(_ rawValue: Int64) { self.rawValue = rawValue }

    /// No time at all.
    @inlinable public static var zero: Nanoseconds { Nanoseconds(0) }
    /// The longest representable time.
    @inlinable public static var max: Nanoseconds { Nanoseconds(.max) }

    /// So many microseconds.
    @inlinable public static func microseconds(_ count: Int64) -> Nanoseconds { scaled(count, by: 1_000) }
    /// So many milliseconds.
    @inlinable public static func milliseconds(_ count: Int64) -> Nanoseconds { scaled(count, by: 1_000_000) }
    /// So many seconds.
    @inlinable public static func seconds(_ count: Int64) -> Nanoseconds { scaled(count, by: 1_000_000_000) }

    @usableFromInline static func scaled(_ count: Int64, by unit: Int64) -> Nanoseconds {
        let (product, overflow) = count.multipliedReportingOverflow(by: unit)
        return Nanoseconds(overflow ? (count < 0 ? .min : .max) : product)
    }

    /// Whole milliseconds, rounded toward zero.
    @inlinable public var milliseconds: Int64 { rawValue / 1_000_000 }

    /// Whether the left is the shorter.
    @inlinable public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
    /// The sum, saturating.
    @inlinable public static func + (left: Self, right: Self) -> Self {
        let (sum, overflow) = left.rawValue.addingReportingOverflow(right.rawValue)
        return Nanoseconds(overflow ? (left.rawValue < 0 ? .min : .max) : sum)
    }
    /// The difference, saturating.
    @inlinable public static func - (left: Self, right: Self) -> Self {
        let (difference, overflow) = left.rawValue.subtractingReportingOverflow(right.rawValue)
        return Nanoseconds(overflow ? (left.rawValue < 0 ? .min : .max) : difference)
    }
    /// The product, saturating.
    @inlinable public static func * (left: Self, right: Int64) -> Self { scaled(left.rawValue, by: right) }
    /// The quotient, rounded toward zero. The divisor is not zero.
    @inlinable public static func / (left: Self, right: Int64) -> Self { Nanoseconds(left.rawValue / right) }

    /// For people: `15s`, `250ms`, `1500000ns`.
    public var description: String {
        if rawValue % 1_000_000_000 == 0 { return "\(rawValue / 1_000_000_000)s" }
        if rawValue % 1_000_000 == 0 { return "\(rawValue / 1_000_000)ms" }
        return "\(rawValue)ns"
    }
}
