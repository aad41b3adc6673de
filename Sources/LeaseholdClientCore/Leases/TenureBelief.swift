public import LeaseholdBase

/// One tenure as whoever works under it sees it: what to answer to "do I hold it still?", without asking the client.
///
/// The client tells it until when the lease is held and why it ended; whoever asks brings the time. A tenure that was
/// once seen as past its deadline never comes back, whatever answer arrives later: what was stopped on its account may
/// not have come to rest yet (traps 59, 60). With a checkpoint interval the work must say that it goes on, or the lease
/// is not renewed any more (trap 52).
public struct TenureBelief: Hashable, Sendable {
    /// How the tenure stands.
    public enum Standing: Hashable, Sendable {
        /// It is held at least until then.
        case held(until: SteadyTime)
        /// It is not held any more.
        case over(LossReason)
    }

    /// Until when it is held, as last told.
    public private(set) var heldUntil: SteadyTime
    /// Why it ended, once the client has told.
    public private(set) var end: LossReason?
    /// Whether it was given back on purpose: no loss to whatever runs under it.
    public private(set) var isGivenBack = false
    /// Checkpoints must come at least so often for the lease to be renewed; nil when none need come.
    public let checkpointWithin: Nanoseconds?
    /// Whether it is given back by whoever runs the work under it, when that has returned, and by nobody else (trap 60).
    public let isScoped: Bool
    /// Whether something runs under it that the client can tell to stop.
    public internal(set) var isWorking = false
    /// The client ends, and wants no work under it.
    var isStopping = false
    /// Somebody saw the deadline passed, and acted on it.
    private var isOver = false
    /// When the work last said that it goes on, and when the client was last to be told so.
    private var workedAt: SteadyTime
    private var toldAt: SteadyTime

    /// A tenure that has just begun.
    public init(
        heldUntil: SteadyTime, checkpointWithin: Nanoseconds? = nil, isScoped: Bool = false, now: SteadyTime
    ) {
        self.heldUntil = heldUntil
        self.checkpointWithin = checkpointWithin
        self.isScoped = isScoped
        (workedAt, toldAt) = (now, now)
    }

    /// How it stands by the clock.
    public mutating func standing(now: SteadyTime) -> Standing {
        if let end { return .over(end) }
        if !isOver, now < heldUntil { return .held(until: heldUntil) }
        isOver = true
        return .over(.expiredLocally)
    }

    /// The work goes on. Answers how the tenure stands, and whether the client is to be told: at most eight times in an
    /// interval.
    public mutating func checkpoint(now: SteadyTime) -> (Standing, mustTell: Bool) {
        let standing = standing(now: now)
        guard let checkpointWithin else { return (standing, false) }
        workedAt = now
        guard case .held = standing, now - toldAt >= checkpointWithin / 8 else { return (standing, false) }
        toldAt = now
        return (standing, true)
    }

    /// Until when the lease may be renewed for the work's sake; nil when that does not matter, or when the tenure is over:
    /// what the work said before is no reason to renew then.
    public var workLimit: SteadyTime? { isOver || end != nil ? nil : spokenUntil }

    /// The time for which the work has spoken.
    private var spokenUntil: SteadyTime? {
        guard let checkpointWithin else { return nil }
        return workedAt + checkpointWithin + checkpointWithin / 8
    }

    /// The cluster has confirmed the lease for longer. False when the tenure is over here already: it is left to run out.
    public mutating func extend(until time: SteadyTime, now: SteadyTime) -> Bool {
        guard end == nil, case .held = standing(now: now) else { return false }
        heldUntil = max(heldUntil, time)
        return true
    }

    /// The tenure is over. True for the first call; any other does nothing (trap 59).
    public mutating func finish(_ reason: LossReason, isGivenBack: Bool = false) -> Bool {
        guard end == nil else { return false }
        end = reason
        self.isGivenBack = isGivenBack
        return true
    }

    /// Why the tenure ended, more precisely: a lease that was not renewed any more because its work stood still.
    public func precise(_ reason: LossReason, now: SteadyTime) -> LossReason {
        guard reason == .expiredLocally || reason == .expired, let spokenUntil, now >= spokenUntil
        else { return reason }
        return .workStalled
    }
}
