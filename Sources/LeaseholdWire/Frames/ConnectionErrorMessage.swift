public import LeaseholdBase

/// The last frame of a connection that is ended for a reason.
public struct ConnectionErrorMessage: Hashable, Sendable {
    /// The stable reason. A reason of a later version is decoded as nil.
    public var code: ConnectionErrorCode?
    /// What the sender speaks, for the case that this is the reason.
    public var protocols: ProtocolRange
    /// For people; at most ``WireLimits/messageBytes``.
    public var message: String

    /// Joins the fields.
    public init(code: ConnectionErrorCode, message: String, protocols: ProtocolRange = .current) {
        self.code = code
        self.protocols = protocols
        self.message = message
    }

    /// Appends the whole frame.
    public func encodeFrame(into bytes: inout [UInt8]) {
        let start = FrameWriter.begin(.connectionError, in: &bytes)
        bytes.append(uint16: code?.rawValue ?? 0)
        protocols.encode(into: &bytes)
        bytes.append(longText: message, upTo: WireLimits.messageBytes)
        bytes.appendNoOptionalFields()
        FrameWriter.finish(at: start, in: &bytes)
    }

    /// Reads a body.
    public init(decoding body: RawSpan) throws(DecodingError) {
        var reader = ByteReader(body)
        code = ConnectionErrorCode(rawValue: try reader.uint16())
        protocols = try ProtocolRange(decoding: &reader)
        message = try reader.longText(upTo: WireLimits.messageBytes)
        try reader.skipOptionalFields()
        try reader.finish()
    }
}
