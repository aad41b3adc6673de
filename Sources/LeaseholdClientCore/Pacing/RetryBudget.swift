import LeaseholdBase

/// Keeps retries to a tenth of the offered load, so that a cluster in trouble is not asked twice for everything.
///
/// Each new request puts a tenth of a retry into a purse and each retry takes one out. The purse is bounded, starts full,
/// and one retry a second trickles into it, so that a lone request is not stranded when the cluster comes back.
/// Renew, release and cancel are never charged: refusing them would lose or block leases.
struct RetryBudget {
    /// A retry, in the purse's unit.
    private static let retry: Int64 = 1_000_000_000
    private static let requestShare = retry / 10
    private let most: Int64
    private var purse: Int64
    private var filledAt: SteadyTime

    /// A full purse that holds so many retries at most.
    init(reserve: Int, now: SteadyTime) {
        most = Int64(Swift.max(1, reserve)) * Self.retry
        purse = most
        filledAt = now
    }

    /// A new request is offered.
    mutating func offered() { purse = Swift.min(most, purse + Self.requestShare) }

    /// Takes a retry out of the purse, or answers false.
    mutating func take(now: SteadyTime) -> Bool {
        fill(now)
        guard purse >= Self.retry else { return false }
        purse -= Self.retry
        return true
    }

    /// When the purse will hold a retry if nothing is offered meanwhile.
    mutating func nextRetry(now: SteadyTime) -> SteadyTime {
        fill(now)
        return now + Nanoseconds(Swift.max(0, Self.retry - purse))
    }

    private mutating func fill(_ now: SteadyTime) {
        guard now > filledAt else { return }
        let trickle: Nanoseconds = now - filledAt
        purse = Swift.min(most, purse + Swift.min(trickle.rawValue, most))
        filledAt = now
    }
}
