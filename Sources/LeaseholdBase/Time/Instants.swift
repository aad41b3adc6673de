/// A point on a clock, in nanoseconds. Points of different clocks are different types and do not mix.
public protocol ClockInstant: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// Nanoseconds since the clock's own zero.
    var rawValue: UInt64 { get }
    /// Wraps a number of nanoseconds.
    init(_ rawValue: UInt64)
}

extension ClockInstant {
    /// Whether the left is the earlier.
    @inlinable public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }

    /// The point so much later (or earlier, when negative), saturating at the ends of the clock.
    @inlinable public static func + (left: Self, right: Nanoseconds) -> Self {
        let magnitude = right.rawValue.magnitude
        if right.rawValue >= 0 {
            let (sum, overflow) = left.rawValue.addingReportingOverflow(magnitude)
            return Self(overflow ? .max : sum)
        }
        return Self(left.rawValue > magnitude ? left.rawValue &- magnitude : 0)
    }

    /// The point so much earlier, saturating at the ends of the clock.
    @inlinable public static func - (left: Self, right: Nanoseconds) -> Self {
        left + Nanoseconds(right.rawValue == .min ? .max : -right.rawValue)
    }

    /// The time from the right point to the left one; negative when the left is the earlier. Saturates.
    @inlinable public static func - (left: Self, right: Self) -> Nanoseconds {
        if left.rawValue >= right.rawValue {
            let difference = left.rawValue &- right.rawValue
            return Nanoseconds(difference > UInt64(Int64.max) ? .max : Int64(difference))
        }
        let difference = right.rawValue &- left.rawValue
        return Nanoseconds(difference > UInt64(Int64.max) ? -Int64.max : -Int64(difference))
    }

    /// Nanoseconds in decimal.
    public var description: String { String(rawValue) }
}

/// Time as the log has it: stamped by leaders, the same on every node. Never runs backwards along the log.
@frozen public struct LogTime: ClockInstant {
    /// Nanoseconds since the birth of the cluster, less the time without an attentive leader.
    public let rawValue: UInt64
    /// Wraps a number of nanoseconds.
    @inlinable public init(_ rawValue: UInt64) { self.rawValue = rawValue }
    /// The birth of the cluster.
    @inlinable public static var zero: LogTime { LogTime(0) }
    /// Never.
    @inlinable public static var never: LogTime { LogTime(.max) }
}

/// A reading of one process's steady clock (one that counts suspension). Means nothing in another process.
@frozen public struct SteadyTime: ClockInstant {
    /// Nanoseconds since the clock's own zero.
    public let rawValue: UInt64
    /// Wraps a number of nanoseconds.
    @inlinable public init(_ rawValue: UInt64) { self.rawValue = rawValue }
    /// The clock's own zero.
    @inlinable public static var zero: SteadyTime { SteadyTime(0) }
    /// Never.
    @inlinable public static var never: SteadyTime { SteadyTime(.max) }
}

/// People's time, in nanoseconds since 1970 UTC. It is shown and stored, and decides nothing.
@frozen public struct WallTime: ClockInstant {
    /// Nanoseconds since 1970 UTC.
    public let rawValue: UInt64
    /// Wraps a number of nanoseconds.
    @inlinable public init(_ rawValue: UInt64) { self.rawValue = rawValue }
    /// 1970.
    @inlinable public static var zero: WallTime { WallTime(0) }
}

/// The time handed in with an event: read after the event's bytes were received, and again after anything that blocked.
@frozen public struct TimeReading: Hashable, Sendable {
    /// For every decision.
    public var steady: SteadyTime
    /// For people.
    public var wall: WallTime

    /// Pairs a reading of both clocks.
    @inlinable public init(steady: SteadyTime, wall: WallTime) {
        self.steady = steady
        self.wall = wall
    }
}
