public import LeaseholdBase

/// What a client asks for.
@frozen public enum RequestOperation: UInt8, Hashable, Sendable, CaseIterable {
    /// A command of the state machine, its bytes unchanged: what the log will hold.
    case command = 1
    /// One lease by name: ``GetRequest``.
    case get = 2
    /// Leases by prefix: ``ListRequest``.
    case list = 3
    /// How the node fares; no body.
    case status = 4
    /// The replicated settings; no body.
    case settings = 5
    /// Another node is to lead: ``TransferRequest``.
    case transfer = 6
    /// Another membership is wanted: ``MemberRequest``.
    case changeMembers = 7
    /// Who belongs to the cluster; no body.
    case members = 8
    /// A snapshot is to be saved: ``SnapshotRequest``.
    case snapshot = 9
}

/// The beginning of every request.
///
///     | correlation u64 | remaining ms u32 | operation u8 | body …
@frozen public struct ClientRequestHead: Hashable, Sendable {
    /// How many bytes stand before the operation's body.
    public static let bytes = 13

    /// Names this attempt; the answer carries it. Never used twice by a client instance (trap 21).
    public var correlation: CorrelationID
    /// How long the client goes on waiting, from about now; none is not at all. Whole milliseconds, rounded up.
    public var remaining: Nanoseconds
    /// What is asked for.
    public var operation: RequestOperation

    /// Joins the fields.
    @inlinable public init(correlation: CorrelationID, remaining: Nanoseconds, operation: RequestOperation) {
        self.correlation = correlation
        self.remaining = remaining
        self.operation = operation
    }

    /// Begins the frame of a request and answers where it began: the operation's body is appended next, then
    /// ``FrameWriter/finish(at:in:)`` is called.
    public func begin(in bytes: inout [UInt8]) -> Int {
        let start = FrameWriter.begin(.request, in: &bytes)
        bytes.append(uint64: correlation.rawValue)
        bytes.append(milliseconds: remaining)
        bytes.append(operation.rawValue)
        return start
    }

    /// Appends the whole frame of a request with its operation's body.
    /// - Returns: false, with nothing appended, when the frame would be longer than 1 MiB.
    public func encodeFrame(body: RawSpan, into bytes: inout [UInt8]) -> Bool {
        let start = begin(in: &bytes)
        bytes.append(bytes: body)
        return FrameWriter.finish(at: start, in: &bytes)
    }
}

/// A request as it was received, borrowing the connection's bytes.
public struct ClientRequestView: ~Escapable {
    /// Who to answer.
    public let correlation: CorrelationID
    /// How long the client goes on waiting.
    public let remaining: Nanoseconds
    /// What is asked for; nil for an operation of a later version, which is refused and ends nothing.
    public let operation: RequestOperation?
    /// The operation's body: for a command, the bytes that the log will hold.
    public let body: RawSpan

    /// Reads a frame's body. An error means that there is nobody to answer: the connection ends.
    /// - Complexity: O(1), no allocation.
    @_lifetime(copy frameBody)
    public init(decoding frameBody: RawSpan) throws(DecodingError) {
        var reader = ByteReader(frameBody)
        let correlation = CorrelationID(try reader.uint64())
        let remaining = try reader.milliseconds()
        let operation = RequestOperation(rawValue: try reader.byte())
        let body = try reader.slice(reader.remaining)
        self.correlation = correlation
        self.remaining = remaining
        self.operation = operation
        self.body = body
    }
}

/// Asks for one lease.
public struct GetRequest: ~Escapable {
    /// Whether any node may answer from what it has applied.
    public let stale: Bool
    /// The lease's name as it was sent: up to 65,535 bytes, to be judged by whoever answers.
    public let name: RawSpan

    /// Reads an operation's body.
    @_lifetime(copy body)
    public init(decoding body: RawSpan) throws(DecodingError) {
        var reader = ByteReader(body)
        let stale = try reader.flag()
        let name = try reader.slice(Int(try reader.uint16()))
        try reader.skipOptionalFields()
        try reader.finish()
        self.stale = stale
        self.name = name
    }

    /// Appends an operation's body. A name beyond 65,535 bytes is cut, and refused by the node for its length.
    public static func encode(name: String, stale: Bool, into bytes: inout [UInt8]) {
        bytes.append(flag: stale)
        bytes.append(longText: name, upTo: 65_535)
        bytes.appendNoOptionalFields()
    }
}

/// Asks for a page of leases in byte order of their names.
public struct ListRequest: ~Escapable {
    /// Whether any node may answer from what it has applied.
    public let stale: Bool
    /// What the names begin with; empty for all.
    public let prefix: RawSpan
    /// Only names behind this one; empty for all.
    public let after: RawSpan
    /// At most so many; zero, or more than ``WireLimits/pageLeases``, means that many.
    public let limit: Int

    /// Reads an operation's body.
    @_lifetime(copy body)
    public init(decoding body: RawSpan) throws(DecodingError) {
        var reader = ByteReader(body)
        let stale = try reader.flag()
        let prefix = try reader.slice(Int(try reader.uint16()))
        let after = try reader.slice(Int(try reader.uint16()))
        let limit = Int(try reader.uint32())
        try reader.skipOptionalFields()
        try reader.finish()
        self.stale = stale
        self.prefix = prefix
        self.after = after
        self.limit = limit == 0 ? WireLimits.pageLeases : Swift.min(limit, WireLimits.pageLeases)
    }

    /// Appends an operation's body.
    public static func encode(
        prefix: String, after: String, limit: Int, stale: Bool, into bytes: inout [UInt8]
    ) {
        bytes.append(flag: stale)
        bytes.append(longText: prefix, upTo: 65_535)
        bytes.append(longText: after, upTo: 65_535)
        bytes.append(uint32: UInt32(clamping: limit))
        bytes.appendNoOptionalFields()
    }
}
