public import LeaseMachine
public import LeaseholdBase

/// What an answer says.
@frozen public enum AnswerKind: UInt8, Hashable, Sendable, CaseIterable {
    /// The state machine's outcome of a command, its bytes unchanged. Whatever it is, it is *done*.
    case outcome = 1
    /// One lease.
    case lease = 2
    /// A page of leases.
    case page = 3
    /// A ``NodeStatus``.
    case status = 4
    /// The replicated settings.
    case settings = 5
    /// *Not done* here: another node leads, or none (a ``LeaderHint``).
    case notLeader = 6
    /// *Not done* here: a ``RefusalCode`` and when to come back.
    case refused = 7
    /// *Unknown*: the command was handed on, and the node will not learn what came of it.
    case unknown = 8
    /// *Not done* here: a `LeaseError` that the door found in the request itself, such as a bad name.
    case declined = 9
    /// Another node leads, as was asked for (a ``LeaderHint``).
    case transferred = 10
    /// Who belongs to the cluster, a change that was asked for included: a ``MemberList``.
    case members = 11
    /// Which snapshot a node has, or bytes of it: a ``SnapshotAnswer``.
    case snapshot = 12
}

/// The beginning of every answer.
///
///     | correlation u64 | log time u64 | renew every ms u32 | kind u8 | body …
@frozen public struct AnswerHead: Hashable, Sendable {
    /// How many bytes stand before the kind's body.
    public static let bytes = 21

    /// That of the request's attempt.
    public var correlation: CorrelationID
    /// The log time of the newest entry that the node has applied.
    public var logTime: LogTime
    /// The node asks for renewals no more often than this; none when it does not mind. Whole milliseconds.
    public var renewEvery: Nanoseconds
    /// What the answer says.
    public var kind: AnswerKind

    /// Joins the fields.
    @inlinable public init(
        correlation: CorrelationID, logTime: LogTime, renewEvery: Nanoseconds = .zero, kind: AnswerKind
    ) {
        self.correlation = correlation
        self.logTime = logTime
        self.renewEvery = renewEvery
        self.kind = kind
    }

    /// Begins the frame of an answer and answers where it began: the kind's body is appended next, then
    /// ``FrameWriter/finish(at:in:)`` is called.
    public func begin(in bytes: inout [UInt8]) -> Int {
        let start = FrameWriter.begin(.answer, in: &bytes)
        bytes.append(uint64: correlation.rawValue)
        bytes.append(uint64: logTime.rawValue)
        bytes.append(milliseconds: renewEvery)
        bytes.append(kind.rawValue)
        return start
    }

    /// Appends the whole frame of an answer with its kind's body.
    /// - Returns: false, with nothing appended, when the frame would be longer than 1 MiB.
    @discardableResult
    public func encodeFrame(body: RawSpan, into bytes: inout [UInt8]) -> Bool {
        let start = begin(in: &bytes)
        bytes.append(bytes: body)
        return FrameWriter.finish(at: start, in: &bytes)
    }
}

/// An answer as it was received, borrowing the connection's bytes.
public struct ClientAnswerView: ~Escapable {
    /// The fixed part.
    public let head: AnswerHead
    /// The kind's body.
    public let body: RawSpan

    /// Reads a frame's body.
    /// - Complexity: O(1), no allocation.
    @_lifetime(copy frameBody)
    public init(decoding frameBody: RawSpan) throws(DecodingError) {
        var reader = ByteReader(frameBody)
        let correlation = CorrelationID(try reader.uint64())
        let logTime = LogTime(try reader.uint64())
        let renewEvery = try reader.milliseconds()
        guard let kind = AnswerKind(rawValue: try reader.byte()) else { throw .unknown }
        let body = try reader.slice(reader.remaining)
        head = AnswerHead(correlation: correlation, logTime: logTime, renewEvery: renewEvery, kind: kind)
        self.body = body
    }
}

/// One attempt was refused at the door.
public struct Refusal: Hashable, Sendable {
    /// Why; a reason of a later version is decoded as ``RefusalCode/internalError``.
    public var code: RefusalCode
    /// When to come back; none when the node does not say. Whole milliseconds.
    public var retryAfter: Nanoseconds
    /// For people; may be empty.
    public var message: String

    /// Joins the fields.
    public init(_ code: RefusalCode, retryAfter: Nanoseconds = .zero, message: String = "") {
        self.code = code
        self.retryAfter = retryAfter
        self.message = message
    }

    /// Appends the whole frame of the answer. The head's kind is set.
    public func encodeFrame(_ head: AnswerHead, into bytes: inout [UInt8]) {
        var head = head
        head.kind = .refused
        let start = head.begin(in: &bytes)
        bytes.append(uint16: code.rawValue)
        bytes.append(milliseconds: retryAfter)
        bytes.append(longText: message, upTo: WireLimits.messageBytes)
        bytes.appendNoOptionalFields()
        FrameWriter.finish(at: start, in: &bytes)
    }

    /// Reads the body of an answer.
    public init(decoding body: RawSpan) throws(DecodingError) {
        var reader = ByteReader(body)
        code = RefusalCode(rawValue: try reader.uint16()) ?? .internalError
        retryAfter = try reader.milliseconds()
        message = try reader.longText(upTo: WireLimits.messageBytes)
        try reader.skipOptionalFields()
        try reader.finish()
    }
}

extension LeaderHint {
    /// Appends the whole frame of a `notLeader` answer. The head's kind is set.
    public func encodeFrame(_ head: AnswerHead, into bytes: inout [UInt8]) {
        encodeFrame(head, as: .notLeader, into: &bytes)
    }

    func encodeFrame(_ head: AnswerHead, as kind: AnswerKind, into bytes: inout [UInt8]) {
        var head = head
        head.kind = kind
        let start = head.begin(in: &bytes)
        encode(into: &bytes)
        bytes.appendNoOptionalFields()
        FrameWriter.finish(at: start, in: &bytes)
    }

    /// Reads the body of a `notLeader` or `transferred` answer.
    public init(decoding body: RawSpan) throws(DecodingError) {
        var reader = ByteReader(body)
        self = try LeaderHint(decoding: &reader)
        try reader.skipOptionalFields()
        try reader.finish()
    }
}

extension AnswerHead {
    /// Appends the whole frame of an answer that declines the request for what it says. The head's kind is set.
    public func encodeFrame(declining error: LeaseError, into bytes: inout [UInt8]) {
        var head = self
        head.kind = .declined
        let start = head.begin(in: &bytes)
        error.encode(into: &bytes)
        FrameWriter.finish(at: start, in: &bytes)
    }
}
