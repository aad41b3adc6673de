public import LeaseholdBase

/// A node asks another for a sign of life, on the connection that it keeps to it, and is answered by the same, over the
/// same connection.
///
/// The answer tells what the answering node's steady clock read meanwhile, if the asking node has said in its greeting
/// that it understands that (``FeatureSet/clockReadings``); a node of before that gets its own bytes back.
///
///     | correlation u64 | in an answer, maybe: reading u64 |
@frozen public struct PeerPing: Hashable, Sendable {
    /// Pairs the answer with the question; never used twice by a process.
    public var correlation: CorrelationID
    /// What the answering node's clock read after the question had come and before the answer went; nil in a question, and
    /// where it is not told.
    public var reading: SteadyTime?

    /// Joins the fields.
    @inlinable public init(correlation: CorrelationID, reading: SteadyTime? = nil) {
        self.correlation = correlation
        self.reading = reading
    }

    /// Appends the whole frame.
    public func encodeFrame(into bytes: inout [UInt8]) {
        let start = FrameWriter.begin(.ping, in: &bytes)
        bytes.append(uint64: correlation.rawValue)
        if let reading { bytes.append(uint64: reading.rawValue) }
        FrameWriter.finish(at: start, in: &bytes)
    }

    /// Reads a body.
    public init(decoding body: RawSpan) throws(DecodingError) {
        var reader = ByteReader(body)
        correlation = CorrelationID(try reader.uint64())
        reading = reader.remaining == 0 ? nil : SteadyTime(try reader.uint64())
        try reader.finish()
    }
}
