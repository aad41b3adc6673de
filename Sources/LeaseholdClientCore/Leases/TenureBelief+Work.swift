public import LeaseholdBase

/// What runs under a tenure: when it is told to stop, and what it is told when it has returned.
extension TenureBelief {
    /// Work begins under the lease. True when it is to be cancelled at once: the tenure was lost meanwhile, or the client
    /// ends.
    public mutating func workBegins() -> Bool {
        isWorking = true
        return isStopping || end != nil && !isGivenBack
    }

    /// The work has returned. Answers why the lease had been lost before that; nil when it was held still, or given back.
    public mutating func workReturned(now: SteadyTime) -> LossReason? {
        isWorking = false
        if isGivenBack { return nil }
        if case .over(let reason) = standing(now: now) { return reason }
        return nil
    }

    /// What becomes of a tenure when its client ends.
    public enum StopOrder: Hashable, Sendable {
        /// Its work is told to stop, and the lease given back when that has returned (trap 60).
        case cancelWork
        /// Its work has not begun, or has returned already: whoever runs it gives the lease back.
        case leave
        /// Nobody else will give it back.
        case giveBack
    }

    /// The client ends. Work that begins from here on is cancelled at once.
    public mutating func stop() -> StopOrder {
        isStopping = true
        if isWorking { return .cancelWork }
        return isScoped ? .leave : .giveBack
    }
}
