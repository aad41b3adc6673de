internal import LeaseholdBase
package import LeaseholdWire

/// What a driver that checks everything looks at, and nothing else needs.
extension ClientCore {
    /// All requests under way, the client's own renewals and undos included.
    package var slotsTaken: Int { slotCount }
    /// How many slots for requests were ever needed at once.
    package var slotsKept: Int { slots.count }
    /// What the last node that was asked refused a request with, while it is under way: it is asked again.
    package func lastRefusal(of request: RequestHandle) -> Refusal? {
        position(request).flatMap { slots[$0].lastRefusal }
    }
    /// Kept leases, and acquires under way that ask for one.
    package var leasesKept: Int { leaseCount }
    /// How many endpoints are known.
    package var endpointsKnown: Int { endpoints.count }
    /// How many tries of one request await their answers, at most.
    package var mostOpenAttempts: Int { slots.map(\.open.count).max() ?? 0 }
    /// How many requests are queued to be sent, those that are not ready any more included.
    package var requestsQueued: Int { ready.count }
}
