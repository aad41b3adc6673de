import LeaseholdBase

/// The versions of a protocol that a side speaks, both ends included.
@frozen public struct ProtocolRange: Hashable, Sendable {
    /// The oldest version spoken.
    public var oldest: UInt16
    /// The newest version spoken, at least the oldest.
    public var newest: UInt16

    /// Joins two ends.
    @inlinable public init(oldest: UInt16, newest: UInt16) {
        self.oldest = oldest
        self.newest = newest
    }

    /// What this build speaks, between nodes and with clients.
    public static let current = ProtocolRange(oldest: 1, newest: 1)

    /// The newest version that both sides speak, or nil (``ConnectionErrorCode/protocolUnsupported``).
    public func common(with other: ProtocolRange) -> UInt16? {
        let newest = Swift.min(self.newest, other.newest)
        return newest >= Swift.max(self.oldest, other.oldest) ? newest : nil
    }

    /// For people: why there is none, and what to do.
    public func refusal(of other: ProtocolRange, _ name: String) -> String {
        "it speaks versions \(other.oldest) to \(other.newest) of the \(name) protocol, and this node \(oldest) to \(newest): "
            + "use a later version of the \(other.newest < oldest ? "other" : "node's") program"
    }
}

/// What a side can do beyond its protocol version, one bit each. Unknown bits mean nothing and are kept.
@frozen public struct FeatureSet: OptionSet, Hashable, Sendable {
    /// The bits.
    public let rawValue: UInt64
    /// Wraps bits.
    @inlinable public init(rawValue: UInt64) { self.rawValue = rawValue }

    /// It understands what a node that it asked for a sign of life adds to that: what its clock read
    /// (``PeerPing/reading``). Told between nodes.
    public static let clockReadings = FeatureSet(rawValue: 1 << 0)

    /// What this build can do beyond version 1.
    public static let current: FeatureSet = [.clockReadings]
}

extension ProtocolRange {
    func encode(into bytes: inout [UInt8]) {
        bytes.append(uint16: oldest)
        bytes.append(uint16: newest)
    }

    init(decoding reader: inout ByteReader) throws(DecodingError) {
        oldest = try reader.uint16()
        newest = try reader.uint16()
        guard oldest <= newest else { throw .invalid }
    }
}
