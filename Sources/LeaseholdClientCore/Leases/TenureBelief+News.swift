public import LeaseholdBase

/// What a change of the core's belief means to whoever holds a tenure.
public enum TenureNews: Hashable, Sendable {
    /// It is held until then at least.
    case renewed(until: SteadyTime)
    /// A renewal failed; it is held until then, and others are tried.
    case atRisk(until: SteadyTime)
    /// An administrator ends it; it is held until then, and no longer.
    case ending(until: SteadyTime)
    /// Somebody has seen the tenure past its deadline, and acted on it: that stands, though the cluster has confirmed it
    /// for longer since. It is over, and the lease is left to run out: what was done under it may not have come to rest yet
    /// (trap 60).
    case ranOut
    /// It is over. The core has told the last of it.
    case lost(LossReason)
}

extension TenureBelief {
    /// The core's belief has changed; whoever looks at this one looks at what it becomes by that. The tenure is not
    /// finished by it: who has to be told of an end is its owner's to know.
    public mutating func take(_ state: LeaseState, now: SteadyTime) -> TenureNews {
        switch state {
        case .held(let until): extend(until: until, now: now) ? .renewed(until: until) : .ranOut
        case .atRisk(let until): .atRisk(until: until)
        case .ending(_, let until): extend(until: until, now: now) ? .ending(until: until) : .ranOut
        case .lost(let reason): .lost(precise(reason, now: now))
        }
    }
}
