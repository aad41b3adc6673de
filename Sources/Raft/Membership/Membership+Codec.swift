public import LeaseholdBase

extension Membership {
    /// The formats this build writes. In the second the highest id comes last, and is greater than any member's.
    private enum Format: UInt8 {
        case plain = 1
        case withHighestID = 2
    }

    private var format: Format { members.last?.id ?? NodeID(0) < highestID ? .withHighestID : .plain }

    /// Appends the membership: format, cluster id, members with their addresses and incarnations, the three groups, and
    /// the highest id if it is no member's.
    public func encode(into bytes: inout [UInt8]) {
        bytes.append(format.rawValue)
        bytes.append(uint64: clusterID.high)
        bytes.append(uint64: clusterID.low)
        bytes.append(UInt8(truncatingIfNeeded: members.count))
        for member in members {
            bytes.append(uint64: member.id.rawValue)
            bytes.append(uint64: member.incarnation.rawValue)
            Self.encode(member.peerAddress, into: &bytes)
            Self.encode(member.clientAddress, into: &bytes)
        }
        for group in [voters, outgoing, learners] {
            bytes.append(UInt8(truncatingIfNeeded: group.count))
            for id in group { bytes.append(uint64: id.rawValue) }
        }
        if format == .withHighestID { bytes.append(uint64: highestID.rawValue) }
    }

    /// The membership's bytes in an array of their own.
    public func encoded() -> [UInt8] {
        var bytes: [UInt8] = []
        encode(into: &bytes)
        return bytes
    }

    /// Reads a membership and everything after its format byte up to its end; what follows stays in the reader.
    @_lifetime(reader: copy reader)
    public init(decoding reader: inout ByteReader) throws(DecodingError) {
        guard let format = Format(rawValue: try reader.byte()) else { throw .unknown }
        let clusterID = ClusterID(high: try reader.uint64(), low: try reader.uint64())
        var members: [Member] = []
        for _ in 0..<Int(try reader.byte()) {
            let id = NodeID(try reader.uint64())
            let incarnation = Incarnation(try reader.uint64())
            let peerAddress = try Self.decodeAddress(&reader)
            let clientAddress = try Self.decodeAddress(&reader)
            members.append(
                Member(id: id, peerAddress: peerAddress, clientAddress: clientAddress, incarnation: incarnation))
        }
        let voters = try Self.decodeGroup(&reader)
        let outgoing = try Self.decodeGroup(&reader)
        let learners = try Self.decodeGroup(&reader)
        let highestID = format == .withHighestID ? NodeID(try reader.uint64()) : NodeID(0)
        guard
            let membership = Membership(
                clusterID: clusterID, members: members, voters: voters, outgoing: outgoing, learners: learners,
                highestID: highestID), membership.format == format
        else { throw .invalid }
        self = membership
    }

    /// Reads a membership that is all of the bytes.
    public init(payload: RawSpan) throws(DecodingError) {
        var reader = ByteReader(payload)
        let membership = try Membership(decoding: &reader)
        try reader.finish()
        self = membership
    }

    private static func encode(_ address: String, into bytes: inout [UInt8]) {
        let content = Array(address.utf8.prefix(Int(UInt16.max)))
        bytes.append(uint16: UInt16(content.count))
        bytes.append(contentsOf: content)
    }

    @_lifetime(reader: copy reader)
    private static func decodeAddress(_ reader: inout ByteReader) throws(DecodingError) -> String {
        let count = Int(try reader.uint16())
        var content: [UInt8] = []
        content.append(bytes: try reader.slice(count))
        guard let address = String(validating: content, as: UTF8.self) else { throw .invalid }
        return address
    }

    @_lifetime(reader: copy reader)
    private static func decodeGroup(_ reader: inout ByteReader) throws(DecodingError) -> [NodeID] {
        var group: [NodeID] = []
        for _ in 0..<Int(try reader.byte()) { group.append(NodeID(try reader.uint64())) }
        return group
    }
}
