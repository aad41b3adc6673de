public import LeaseholdBase

/// Who leads, as one node knows it.
public struct LeaderHint: Hashable, Sendable {
    /// The leader's id, or nil while none is known.
    public var node: NodeID?
    /// Where clients reach it; empty while none is known.
    public var clientAddress: String
    /// In which term, as far as the teller knows: of two hints the one of the higher term is the newer.
    public var term: Term

    /// Joins the fields.
    public init(node: NodeID?, clientAddress: String, term: Term = .zero) {
        self.node = node
        self.clientAddress = clientAddress
        self.term = term
    }

    /// No leader is known.
    public static let none = LeaderHint(node: nil, clientAddress: "")

    func encode(into bytes: inout [UInt8]) {
        bytes.append(uint64: node?.rawValue ?? 0)
        bytes.append(uint64: term.rawValue)
        bytes.append(shortText: clientAddress)
    }

    init(decoding reader: inout ByteReader) throws(DecodingError) {
        let id = try reader.uint64()
        node = id == 0 ? nil : NodeID(id)
        term = Term(try reader.uint64())
        clientAddress = try reader.shortText(upTo: WireLimits.addressBytes)
    }
}

/// A node tells its clients, unasked, that another node leads now, or none.
public struct LeaderNotice: Hashable, Sendable {
    /// Who leads.
    public var leader: LeaderHint

    /// Wraps a hint.
    public init(leader: LeaderHint) { self.leader = leader }

    /// Appends the whole frame.
    public func encodeFrame(into bytes: inout [UInt8]) {
        let start = FrameWriter.begin(.leader, in: &bytes)
        leader.encode(into: &bytes)
        bytes.appendNoOptionalFields()
        FrameWriter.finish(at: start, in: &bytes)
    }

    /// Reads a body.
    public init(decoding body: RawSpan) throws(DecodingError) {
        var reader = ByteReader(body)
        leader = try LeaderHint(decoding: &reader)
        try reader.skipOptionalFields()
        try reader.finish()
    }
}

/// A client asks whether the node lives, and who leads.
@frozen public struct Ping: Hashable, Sendable {
    /// Pairs the pong with the ping; never used twice on a connection.
    public var correlation: CorrelationID

    /// Wraps a correlation number.
    @inlinable public init(correlation: CorrelationID) { self.correlation = correlation }

    /// Appends the whole frame.
    public func encodeFrame(into bytes: inout [UInt8]) {
        let start = FrameWriter.begin(.ping, in: &bytes)
        bytes.append(uint64: correlation.rawValue)
        FrameWriter.finish(at: start, in: &bytes)
    }

    /// Reads a body.
    public init(decoding body: RawSpan) throws(DecodingError) {
        var reader = ByteReader(body)
        correlation = CorrelationID(try reader.uint64())
        try reader.finish()
    }
}

/// The answer to a ping.
public struct Pong: Hashable, Sendable {
    /// That of the ping.
    public var correlation: CorrelationID
    /// The log time of the newest entry that the node has applied.
    public var logTime: LogTime
    /// Who leads.
    public var leader: LeaderHint

    /// Joins the fields.
    public init(correlation: CorrelationID, logTime: LogTime, leader: LeaderHint) {
        self.correlation = correlation
        self.logTime = logTime
        self.leader = leader
    }

    /// Appends the whole frame.
    public func encodeFrame(into bytes: inout [UInt8]) {
        let start = FrameWriter.begin(.pong, in: &bytes)
        bytes.append(uint64: correlation.rawValue)
        bytes.append(uint64: logTime.rawValue)
        leader.encode(into: &bytes)
        bytes.appendNoOptionalFields()
        FrameWriter.finish(at: start, in: &bytes)
    }

    /// Reads a body.
    public init(decoding body: RawSpan) throws(DecodingError) {
        var reader = ByteReader(body)
        correlation = CorrelationID(try reader.uint64())
        logTime = LogTime(try reader.uint64())
        leader = try LeaderHint(decoding: &reader)
        try reader.skipOptionalFields()
        try reader.finish()
    }
}
