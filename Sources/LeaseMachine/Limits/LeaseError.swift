public import LeaseholdBase

/// Why a command or a read was refused. Each has a stable code, which scripts rely on.
public enum LeaseError: Error, Hashable, Sendable {
    /// A lease's name is empty, longer than 255 bytes, not UTF-8 or has control characters.
    case nameInvalid
    /// A holder's label is empty, longer than 255 bytes, not UTF-8 or has control characters.
    case holderInvalid
    /// A value is longer than 4 KiB.
    case valueTooLong
    /// A TTL is outside what the settings allow now.
    case ttlOutOfRange(minimum: Nanoseconds, maximum: Nanoseconds)
    /// The lease exists with another capacity.
    case capacityMismatch
    /// Known, and not built yet.
    case notSupported
    /// Every slot of the lease is taken.
    case held(Held)
    /// No such claim: it never was, or ended so long ago that nothing of it is kept; or it is another's.
    case claimUnknown
    /// The claim has ended.
    case ended(EndReason)
    /// The request lies below its client's lowest unanswered one, or is older than what is remembered.
    case tooOld
    /// The same request id with other content than before.
    case requestReused
    /// A stated limit of the whole is reached (claims, clients, requests kept); nothing was done or remembered.
    case overloaded
    /// The cluster was made from a backup a short while ago, and grants nothing until all that the one before it may have
    /// granted has ended.
    case quarantined(remaining: Nanoseconds)
    /// Not a well-formed command, or outside a limit that has no error of its own.
    case malformed
    /// A setting outside its range, or settings that contradict each other.
    case settingInvalid

    /// Who holds what was asked for.
    public struct Held: Hashable, Sendable {
        /// The lease.
        public var name: String
        /// The label of a holder: of the one that has held longest.
        public var holder: String
        /// That holder's token.
        public var token: FencingToken
        /// How long that holder's claim runs unless it is renewed, from the entry that found it held.
        public var remaining: Nanoseconds

        /// Joins the fields.
        public init(name: String, holder: String, token: FencingToken, remaining: Nanoseconds) {
            self.name = name
            self.holder = holder
            self.token = token
            self.remaining = remaining
        }
    }

    /// The stable code.
    public var code: String {
        switch self {
        case .nameInvalid: "name_invalid"
        case .holderInvalid: "holder_invalid"
        case .valueTooLong: "value_too_long"
        case .ttlOutOfRange: "ttl_out_of_range"
        case .capacityMismatch: "capacity_mismatch"
        case .notSupported: "not_supported"
        case .held: "held"
        case .claimUnknown: "claim_unknown"
        case .ended: "ended"
        case .tooOld: "too_old"
        case .requestReused: "request_reused"
        case .overloaded: "overloaded"
        case .quarantined: "quarantined"
        case .malformed, .settingInvalid: "usage"
        }
    }

    /// Whether a later try of the very same request may be answered otherwise: such a refusal settles one attempt
    /// and is not remembered.
    public var settlesOnlyTheAttempt: Bool {
        switch self {
        case .tooOld, .requestReused, .overloaded, .quarantined, .malformed: true
        default: false
        }
    }
}
