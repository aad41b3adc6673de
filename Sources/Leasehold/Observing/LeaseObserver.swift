/// Is told what a client's leases go through: the one place to attach a logger, metrics or tracing of any make.
///
/// The client calls it on a thread that does nothing else, one event after the other, so that it may block without harm
/// to any renewal. Events beyond ``LeaseClientEvent/queueLimit`` waiting are dropped, and ``LeaseClientEvent/dropped(_:)`` says how
/// many. The library itself writes nothing anywhere.
///
/// ```swift
/// struct Log: LeaseObserver {
///     func observe(_ event: LeaseClientEvent) {
///         if case .lost(let loss) = event { logger.warning("\(loss)") }
///     }
/// }
/// let client = try LeaseClient(endpoints: endpoints, observer: Log())
/// ```
public protocol LeaseObserver: Sendable {
    /// Takes one event.
    func observe(_ event: LeaseClientEvent)
}

/// What happened to a lease of a client.
public enum LeaseClientEvent: Hashable, Sendable {
    /// A tenure began.
    case acquired(name: String, token: Lease.Token)
    /// A renewal was confirmed; how long the tenure lasts from here on unless it is renewed again.
    case renewed(name: String, token: Lease.Token, remaining: Duration)
    /// A renewal was missed; others are tried for so long. One missed renewal is no loss.
    case atRisk(name: String, token: Lease.Token, remaining: Duration)
    /// An administrator ends the tenure; it is held for so long, and no longer.
    case ending(name: String, token: Lease.Token, remaining: Duration)
    /// A tenure ended, by release or otherwise: once a tenure, after its `acquired` and before nothing else of it.
    case lost(LeaseLost)
    /// What `withLease` ran has not returned in its grace period after the loss.
    case overdue(LeaseLost)
    /// A release that nobody waits for (by `withLease`, by the end of the client, by a task that was cancelled) has no
    /// good answer: others may have to wait for the claim's deadline.
    case releaseFailed(name: String, token: Lease.Token, LeaseholdError)
    /// The client's cluster is gone, and another one is at all of its endpoints that answer: made from a backup, as a rule.
    /// The client had lost all tenures before, and goes on there. Both are told as `leasehold status` shows them.
    case clusterChanged(from: String, to: String)
    /// So many events were dropped before this one.
    case dropped(Int)

    /// How many events may wait for an observer.
    public static let queueLimit = 10_000
}
