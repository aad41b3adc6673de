public import LeaseholdBase

/// A command as a client makes it. The machine itself reads the bytes in place, through ``CommandView``.
public enum Command: Hashable, Sendable {
    /// Asks for a lease.
    case acquire(RequestHead, Acquire)
    /// Extends claims; carries no request id, because doing it twice is doing it once.
    case renew([Renewal])
    /// Ends a claim: never another one (trap 60).
    case release(RequestHead, ClaimReference)
    /// Undoes an acquire whose outcome the client does not know or no longer wants (trap 66).
    case cancel(RequestHead, Cancel)
    /// Gives a claim another value; neither token nor deadline changes.
    case update(RequestHead, Update)
    /// Changes replicated settings.
    case settings(RequestHead, [SettingChange])
}

/// What every command but a renewal carries, so that it takes effect once over all its tries (trap 24).
public struct RequestHead: Hashable, Sendable {
    /// Names the request: the same over all tries.
    public var request: RequestID
    /// The client's lowest request without an answer; outcomes below it are forgotten. At most `request.sequence`.
    public var lowestUnanswered: RequestSequence
    /// The newest log time that the client had seen when it first sent the request: the same over all tries.
    public var newestSeen: LogTime
    /// Who the client is, once there is authentication; empty until then.
    public var principal: String

    /// Joins the fields.
    public init(
        request: RequestID, lowestUnanswered: RequestSequence, newestSeen: LogTime, principal: String = ""
    ) {
        self.request = request
        self.lowestUnanswered = lowestUnanswered
        self.newestSeen = newestSeen
        self.principal = principal
    }
}

/// How long an acquire waits for a lease that is held.
public enum Wait: Hashable, Sendable {
    /// Not at all: the answer is ``LeaseError/held(_:)``.
    case none
    /// In line for so long. Not built yet.
    case upTo(Nanoseconds)
    /// In line. Not built yet.
    case forEver

    /// Nanoseconds, zero for none, the greatest number for ever.
    var encoded: UInt64 {
        switch self {
        case .none: 0
        case .upTo(let time): UInt64(max(1, time.rawValue))
        case .forEver: .max
        }
    }

    init(encoded: UInt64) {
        self = encoded == 0 ? .none : encoded == .max ? .forEver : .upTo(Nanoseconds(Int64(clamping: encoded)))
    }
}

/// What an acquire asks for.
public struct Acquire: Hashable, Sendable {
    /// The lease.
    public var name: String
    /// A label for people. Two claims of one label are two claims (trap 64).
    public var holder: String
    /// How long the claim lives without renewal, in log time.
    public var ttl: Nanoseconds
    /// What observers read; up to 4 KiB.
    public var value: [UInt8]
    /// How many may hold the lease at once. Only 1 is built yet.
    public var capacity: UInt32
    /// How long to wait in line. Only `none` is built yet.
    public var wait: Wait
    /// How long the slot stays taken after an involuntary end. Only zero is built yet.
    public var lockDelay: Nanoseconds

    /// Joins the fields.
    public init(
        name: String, holder: String, ttl: Nanoseconds, value: [UInt8] = [], capacity: UInt32 = 1,
        wait: Wait = .none, lockDelay: Nanoseconds = .zero
    ) {
        self.name = name
        self.holder = holder
        self.ttl = ttl
        self.value = value
        self.capacity = capacity
        self.wait = wait
        self.lockDelay = lockDelay
    }
}

/// One claim of a renewal.
public struct Renewal: Hashable, Sendable {
    /// The claim.
    public var claim: ClaimID
    /// The lease it must belong to; empty is not compared.
    public var name: String
    /// Whose it must be; a claim made without a principal belongs to the empty one.
    public var principal: String

    /// Joins the fields.
    public init(claim: ClaimID, name: String = "", principal: String = "") {
        self.claim = claim
        self.name = name
        self.principal = principal
    }
}

/// Names a claim.
public struct ClaimReference: Hashable, Sendable {
    /// The claim.
    public var claim: ClaimID
    /// The lease it must belong to; empty is not compared.
    public var name: String

    /// Joins the fields.
    public init(claim: ClaimID, name: String = "") {
        self.claim = claim
        self.name = name
    }
}

/// Names the acquire that a cancel undoes.
public struct Cancel: Hashable, Sendable {
    /// The acquire's request.
    public var target: RequestID
    /// The lease that the acquire asked for. Empty is not compared; then an acquire that its client has had answered
    /// is not found.
    public var name: String

    /// Joins the fields.
    public init(target: RequestID, name: String) {
        self.target = target
        self.name = name
    }
}

/// A new value for a claim.
public struct Update: Hashable, Sendable {
    /// The claim.
    public var claim: ClaimReference
    /// The value; up to 4 KiB.
    public var value: [UInt8]

    /// Joins the fields.
    public init(claim: ClaimReference, value: [UInt8]) {
        self.claim = claim
        self.value = value
    }
}

/// A new value for a setting.
public struct SettingChange: Hashable, Sendable {
    /// The setting's number; see ``SettingKey``.
    public var key: UInt16
    /// The value; lengths of time in nanoseconds.
    public var value: UInt64

    /// Joins the fields.
    public init(_ key: SettingKey, _ value: UInt64) {
        self.key = key.rawValue
        self.value = value
    }

    /// A setting that this build may not know.
    public init(key: UInt16, value: UInt64) {
        self.key = key
        self.value = value
    }
}
