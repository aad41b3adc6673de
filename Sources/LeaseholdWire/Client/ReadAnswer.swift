public import LeaseMachine
public import LeaseholdBase

/// At what a read is true: the beginning of the body of every ``AnswerKind/lease`` and ``AnswerKind/page`` answer.
///
///     | index u64 | silence u64 | the state machine's bytes of a lease or a page …
@frozen public struct ReadPreface: Hashable, Sendable {
    /// The entry whose state was read.
    public var index: LogIndex
    /// How long the node had heard nothing of a leader: how stale a stale read may be, at least. None otherwise.
    public var silence: Nanoseconds

    /// Joins the fields.
    @inlinable public init(index: LogIndex, silence: Nanoseconds = .zero) {
        self.index = index
        self.silence = silence
    }

    /// Appends the preface; the state machine's bytes follow.
    public func encode(into bytes: inout [UInt8]) {
        bytes.append(uint64: index.rawValue)
        bytes.append(nanoseconds: silence)
    }

    init(decoding reader: inout ByteReader) throws(DecodingError) {
        index = LogIndex(try reader.uint64())
        silence = try reader.nanoseconds()
    }
}

/// A lease as it was read.
public struct LeaseAnswer: Hashable, Sendable {
    /// At what it is true.
    public var preface: ReadPreface
    /// The lease.
    public var lease: LeaseView

    /// Joins the fields.
    public init(preface: ReadPreface, lease: LeaseView) {
        self.preface = preface
        self.lease = lease
    }

    /// Reads the body of an answer.
    public init(decoding body: RawSpan) throws(DecodingError) {
        var reader = ByteReader(body)
        preface = try ReadPreface(decoding: &reader)
        lease = try LeaseView(decoding: &reader)
        try reader.finish()
    }
}

/// A page of leases as it was read.
public struct PageAnswer: Hashable, Sendable {
    /// At what it is true.
    public var preface: ReadPreface
    /// The page.
    public var page: LeasePage

    /// Joins the fields.
    public init(preface: ReadPreface, page: LeasePage) {
        self.preface = preface
        self.page = page
    }

    /// Reads the body of an answer.
    public init(decoding body: RawSpan) throws(DecodingError) {
        var reader = ByteReader(body)
        preface = try ReadPreface(decoding: &reader)
        page = try LeasePage(decoding: &reader)
        try reader.finish()
    }
}

/// The replicated settings as a node knows them: key and value of each; keys of a later build are kept apart.
public struct SettingsAnswer: Hashable, Sendable {
    /// The settings that this build knows; what the answer did not name has the value of a new cluster.
    public var settings: Settings
    /// Those that it does not know.
    public var others: [SettingChange]

    /// Appends the body of an answer.
    public static func encode(_ settings: Settings, into bytes: inout [UInt8]) {
        bytes.append(uint16: UInt16(SettingKey.allCases.count))
        for key in SettingKey.allCases {
            bytes.append(uint16: key.rawValue)
            bytes.append(uint64: settings[key])
        }
        bytes.appendNoOptionalFields()
    }

    /// Reads the body of an answer.
    public init(decoding body: RawSpan) throws(DecodingError) {
        var reader = ByteReader(body)
        settings = .initial
        others = []
        let count = Int(try reader.uint16())
        guard count <= WireLimits.settings else { throw .invalid }
        for _ in 0..<count {
            let change = SettingChange(key: try reader.uint16(), value: try reader.uint64())
            if let key = SettingKey(rawValue: change.key) {
                settings[key] = change.value
            } else {
                others.append(change)
            }
        }
        try reader.skipOptionalFields()
        try reader.finish()
    }
}
