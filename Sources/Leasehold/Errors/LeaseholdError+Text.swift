extension LeaseholdError: CustomStringConvertible {
    /// A sentence for people; the code comes first.
    public var description: String {
        switch self {
        case .refused(let refusal): "\(code): \(refusal)"
        case .notDone(let obstacle): "\(code): nothing was done: \(obstacle)"
        case .unknown(let interruption): "\(code): it may have been done or not: \(interruption)"
        }
    }

    /// The stable code, for scripts, logs and metrics.
    public var code: String {
        switch self {
        case .refused(let refusal): refusal.code
        case .notDone(let obstacle): obstacle.code
        case .unknown: "outcome_unknown"
        }
    }
}

extension LeaseholdError.Refusal: CustomStringConvertible {
    /// The stable code.
    public var code: String {
        switch self {
        case .held: "held"
        case .nameInvalid: "name_invalid"
        case .holderInvalid: "holder_invalid"
        case .valueTooLong: "value_too_long"
        case .ttlOutOfRange: "ttl_out_of_range"
        case .capacityMismatch: "capacity_mismatch"
        case .notSupported: "not_supported"
        case .ended: "ended"
        case .claimUnknown: "claim_unknown"
        case .tooOld: "too_old"
        case .malformed: "malformed"
        }
    }

    /// For people.
    public var description: String {
        switch self {
        case .held(let other): "\(other.name) is held by \(other.holder) under token \(other.token)"
        case .nameInvalid: "a name has 1 to 255 bytes of UTF-8 without control characters"
        case .holderInvalid: "a holder's label has 1 to 255 bytes of UTF-8 without control characters"
        case .valueTooLong: "a value has at most 4096 bytes"
        case .ttlOutOfRange(let shortest, let longest): "this cluster allows a TTL from \(shortest) to \(longest)"
        case .capacityMismatch: "the lease exists with another capacity"
        case .notSupported: "this cluster cannot do that"
        case .ended(let reason): "the claim has ended (\(reason))"
        case .claimUnknown: "the cluster knows no such claim"
        case .tooOld: "the request came too late to be told from an old one"
        case .malformed: "the cluster did not understand the request"
        }
    }
}

extension LeaseholdError.Obstacle: CustomStringConvertible {
    /// The stable code.
    public var code: String {
        switch self {
        case .unreachable: "unreachable"
        case .unavailable: "overloaded"
        case .diskLow: "disk_low"
        case .denied: "denied"
        case .cancelled: "cancelled"
        case .stopped: "stopped"
        case .tooMany: "too_many"
        case .lost: "lost"
        case .system: "internal"
        }
    }

    /// For people.
    public var description: String {
        switch self {
        case .unreachable(let last): last.map { "no node could be reached (\($0))" } ?? "no node could be reached"
        case .unavailable(let why, let wait): wait.map { "\(why), come back in \($0)" } ?? why
        case .diskLow: "the cluster's journal is nearly full"
        case .denied: "the cluster does not allow it"
        case .cancelled: "the task was cancelled"
        case .stopped: "the client was stopped"
        case .tooMany: "the client has as many calls or leases as it may"
        case .lost(let reason): "the lease was lost (\(reason))"
        case .system(let error): error
        }
    }
}

extension LeaseholdError.Interruption: CustomStringConvertible {
    /// For people.
    public var description: String {
        switch self {
        case .timedOut: "no answer came in time"
        case .cancelled: "the task was cancelled"
        case .stopped: "the client was stopped"
        }
    }
}
