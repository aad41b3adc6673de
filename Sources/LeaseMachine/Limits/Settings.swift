public import LeaseholdBase

/// What an operator may change, the same on every node because a command in the log changes it.
///
/// A node starts with ``initial`` and learns the rest from the log.
public struct Settings: Hashable, Sendable {
    /// The meaning of commands. Raised once every member understands the next; a node that does not stops
    /// (``raise(to:newestSeen:)``).
    public var level: UInt64
    /// How many due expiries one entry records at most, beside those of the lease it touches (trap 50).
    public var expiriesPerEntry: UInt64
    /// The shortest TTL that an acquire may ask for.
    public var ttlMinimum: Nanoseconds
    /// The longest TTL that an acquire may ask for.
    public var ttlMaximum: Nanoseconds
    /// How long an unheard client instance, and an ended claim, are remembered in log time.
    public var retention: Nanoseconds
    /// How much of log time passes before a leader with anything pending appends an empty entry.
    public var pulse: Nanoseconds
    /// How many claims there may be (trap 51).
    public var claims: UInt64
    /// How many client instances are remembered at once.
    public var instances: UInt64
    /// How many requests at or above its lowest unanswered one an instance may have remembered.
    public var requestsPerInstance: UInt64
    /// How many ended claims are remembered at once; the oldest is forgotten first.
    public var endings: UInt64

    /// What a new cluster starts with.
    public static let initial = Settings(
        level: 1, expiriesPerEntry: 500, ttlMinimum: .milliseconds(500), ttlMaximum: .seconds(86_400),
        retention: .seconds(600), pulse: .milliseconds(500), claims: 16_000_000, instances: 1_000_000,
        requestsPerInstance: 16_384, endings: 262_144)

    /// Joins the fields.
    public init(
        level: UInt64, expiriesPerEntry: UInt64, ttlMinimum: Nanoseconds, ttlMaximum: Nanoseconds,
        retention: Nanoseconds, pulse: Nanoseconds, claims: UInt64, instances: UInt64, requestsPerInstance: UInt64,
        endings: UInt64
    ) {
        self.level = level
        self.expiriesPerEntry = expiriesPerEntry
        self.ttlMinimum = ttlMinimum
        self.ttlMaximum = ttlMaximum
        self.retention = retention
        self.pulse = pulse
        self.claims = claims
        self.instances = instances
        self.requestsPerInstance = requestsPerInstance
        self.endings = endings
    }
}

/// A setting's number in the format. Numbers are never reused.
public enum SettingKey: UInt16, Sendable, CaseIterable {
    /// ``Settings/level``
    case level = 1
    /// ``Settings/expiriesPerEntry``
    case expiriesPerEntry = 2
    /// ``Settings/ttlMinimum``
    case ttlMinimum = 3
    /// ``Settings/ttlMaximum``
    case ttlMaximum = 4
    /// ``Settings/retention``
    case retention = 5
    /// ``Settings/pulse``
    case pulse = 6
    /// ``Settings/claims``
    case claims = 7
    /// ``Settings/instances``
    case instances = 8
    /// ``Settings/requestsPerInstance``
    case requestsPerInstance = 9
    /// ``Settings/endings``
    case endings = 10

    /// What values the setting may have; lengths of time in nanoseconds.
    public var range: ClosedRange<UInt64> {
        switch self {
        case .level: 1...UInt64(UInt32.max)
        case .expiriesPerEntry: 1...100_000
        case .ttlMinimum, .ttlMaximum:
            Limits.ttl.lowerBound.rawValue.magnitude...Limits.ttl.upperBound.rawValue.magnitude
        case .retention: 1_000_000_000...604_800_000_000_000
        case .pulse: 10_000_000...60_000_000_000
        case .claims: 1...1_000_000_000
        case .instances: 1...100_000_000
        case .requestsPerInstance: 1...1_000_000
        case .endings: 1...100_000_000
        }
    }
}

extension Settings {
    /// A setting by its key; lengths of time in nanoseconds, never negative.
    public subscript(key: SettingKey) -> UInt64 {
        get {
            switch key {
            case .level: level
            case .expiriesPerEntry: expiriesPerEntry
            case .ttlMinimum: UInt64(max(0, ttlMinimum.rawValue))
            case .ttlMaximum: UInt64(max(0, ttlMaximum.rawValue))
            case .retention: UInt64(max(0, retention.rawValue))
            case .pulse: UInt64(max(0, pulse.rawValue))
            case .claims: claims
            case .instances: instances
            case .requestsPerInstance: requestsPerInstance
            case .endings: endings
            }
        }
        set {
            let time = Nanoseconds(Int64(clamping: newValue))
            switch key {
            case .level: level = newValue
            case .expiriesPerEntry: expiriesPerEntry = newValue
            case .ttlMinimum: ttlMinimum = time
            case .ttlMaximum: ttlMaximum = time
            case .retention: retention = time
            case .pulse: pulse = time
            case .claims: claims = newValue
            case .instances: instances = newValue
            case .requestsPerInstance: requestsPerInstance = newValue
            case .endings: endings = newValue
            }
        }
    }

    /// Whether every setting is in its range and they fit together.
    public var areValid: Bool {
        for key in SettingKey.allCases where !key.range.contains(self[key]) { return false }
        return ttlMinimum <= ttlMaximum
    }
}
