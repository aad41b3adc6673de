public import LeaseholdBase

/// Asks the leader to hand leadership over. Answered when another node leads, or when the leader goes on leading.
@frozen public struct TransferRequest: Hashable, Sendable {
    /// The voter that is to lead; nil for whichever holds most of the log.
    public var target: NodeID?

    /// Names a target, or leaves the choice to the leader.
    @inlinable public init(target: NodeID?) { self.target = target }

    /// Appends an operation's body.
    public func encode(into bytes: inout [UInt8]) {
        bytes.append(uint64: target?.rawValue ?? 0)
        bytes.appendNoOptionalFields()
    }

    /// Reads an operation's body.
    public init(decoding body: RawSpan) throws(DecodingError) {
        var reader = ByteReader(body)
        let id = try reader.uint64()
        target = id == 0 ? nil : NodeID(id)
        try reader.skipOptionalFields()
        try reader.finish()
    }
}

extension LeaderHint {
    /// Appends the whole frame of the answer to a hand-over that was done. The head's kind is set.
    public func encodeTransferredFrame(_ head: AnswerHead, into bytes: inout [UInt8]) {
        encodeFrame(head, as: .transferred, into: &bytes)
    }
}
