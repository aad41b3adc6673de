public import LeaseMachine
public import LeaseholdBase

/// A tenure that a client keeps: from the answer that began it to its loss. Another tenure has another handle, so that
/// what belongs to an older one can never touch a newer (trap 59).
@frozen public struct LeaseHandle: Hashable, Sendable {
    /// Its place among the kept leases: used again for others, so that a table by place stays small.
    public let slot: UInt32
    let generation: UInt32
}

/// How a kept lease stands.
public enum LeaseState: Hashable, Sendable {
    /// It is held at least until then, and being renewed.
    case held(until: SteadyTime)
    /// A renewal failed or was not answered; it is held until then, and others are tried.
    case atRisk(until: SteadyTime)
    /// An administrator ends it; it is held until then, and no longer.
    case ending(EndReason, until: SteadyTime)
    /// It is not held any more. Told once a tenure, and nothing is told of that tenure afterwards.
    case lost(LossReason)
}

/// Why a kept lease is not held any more.
public enum LossReason: Hashable, Sendable {
    /// No renewal was confirmed in time. The cluster may still count the claim as holding for a while.
    case expiredLocally
    /// The deadline passed while the process did not run, for about so long.
    case processPaused(Nanoseconds)
    /// The client gave it back.
    case released
    /// The client undid the acquire.
    case cancelled
    /// The cluster counts it as expired.
    case expired
    /// An administrator took it.
    case revoked
    /// An administrator ended it.
    case broken
    /// It was passed on.
    case handedOver
    /// The cluster was made from a backup.
    case restored
    /// The cluster knows no such claim.
    case claimUnknown
    /// The cluster does not let this client renew it.
    case unauthorized
    /// The client was shut down.
    case shutDown
    /// No checkpoint came in the time that the acquire had asked for, so that the lease was not renewed any more.
    case workStalled

    init(_ reason: EndReason) {
        self =
            switch reason {
            case .released: .released
            case .expired: .expired
            case .cancelled: .cancelled
            case .revoked: .revoked
            case .broken: .broken
            case .handedOver: .handedOver
            case .restored: .restored
            }
    }
}

/// What a client knows of a lease that it keeps.
public struct HeldLease: Hashable, Sendable {
    /// The lease's name.
    public var name: String
    /// The claim.
    public var claim: ClaimID
    /// The token, for the resource.
    public var token: FencingToken
    /// What was asked for.
    public var ttl: Nanoseconds
    /// Until when the client may believe that it holds.
    public var heldUntil: SteadyTime
    /// The acquire that made it.
    public var request: RequestID
    /// The cluster that granted it.
    public var cluster = ClusterID.unborn
}

/// A kept lease in its table.
struct KeptLease {
    /// Where the tenure stands; a loss frees the place.
    enum Phase {
        case free
        case held
        case atRisk
        case ending(EndReason)
    }

    var generation: UInt32 = 0
    var phase = Phase.free
    var facts = HeldLease(
        name: "", claim: ClaimID(0), token: FencingToken(0), ttl: .zero, heldUntil: .zero,
        request: RequestID(instance: ClientInstance(0), sequence: RequestSequence(0)))
    /// When it is renewed next.
    var renewAt = SteadyTime.never
    /// It is renewed no later than this.
    var renewUntil = SteadyTime.never
    /// A renewal is under way.
    var isRenewing = false
    var failures = 0

    var isLive: Bool {
        if case .free = phase { return false }
        return true
    }

    /// Whether renewals are of use: a turn that comes late is no reason to renew beyond the end (trap 52).
    func isRenewable(now: SteadyTime) -> Bool {
        switch phase {
        case .held, .atRisk: renewAt < renewUntil && now < renewUntil
        case .free, .ending: false
        }
    }
}
