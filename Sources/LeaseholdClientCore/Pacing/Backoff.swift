public import LeaseholdBase

/// How long to wait before the next try: anything from nothing to a bound that doubles with each failure (full jitter),
/// so that clients that failed together do not come back together (trap 57).
@frozen public struct Backoff: Hashable, Sendable {
    /// The bound after the first failure.
    public var shortest: Nanoseconds
    /// The bound after many failures.
    public var longest: Nanoseconds

    /// Joins both bounds.
    @inlinable public init(shortest: Nanoseconds, longest: Nanoseconds) {
        self.shortest = shortest
        self.longest = longest
    }

    /// The bound after so many failures, at least one.
    public func bound(afterFailures failures: Int) -> Nanoseconds {
        let doublings = Swift.min(Swift.max(failures - 1, 0), 32)
        return Swift.max(.zero, Swift.min(longest, shortest * (1 << Int64(doublings))))
    }

    /// A wait after so many failures.
    public func delay(afterFailures failures: Int, _ random: inout RandomSource) -> Nanoseconds {
        random.duration(in: .zero...bound(afterFailures: failures))
    }

    /// That of renewals: from min(50 ms, TTL/20) to TTL/10.
    public static func renewal(ttl: Nanoseconds) -> Backoff {
        Backoff(shortest: Swift.min(.milliseconds(50), ttl / 20), longest: ttl / 10)
    }
}
