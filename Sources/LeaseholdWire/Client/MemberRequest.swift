public import LeaseholdBase
public import Raft

/// Asks the leader to change who belongs to the cluster. Answered with a ``MemberList`` when the change holds for good.
///
/// Asked again it does no harm: a change that is done already is answered as done.
public struct MemberRequest: Hashable, Sendable {
    /// What is to change.
    public var change: MembershipChange
    /// Whether it is to be done though the voters that are heard would be no quorum after it.
    public var isForced: Bool
    /// The greatest level of commands that a node which is to be added understands.
    public var knownLevel: UInt64

    /// Joins the fields.
    public init(_ change: MembershipChange, isForced: Bool = false, knownLevel: UInt64 = 1) {
        self.change = change
        self.isForced = isForced
        self.knownLevel = knownLevel
    }

    private enum Kind: UInt8 {
        case add = 1
        case reshape = 2
        case addresses = 3
    }

    /// Appends an operation's body.
    public func encode(into bytes: inout [UInt8]) {
        bytes.append(flag: isForced)
        switch change {
        case .addLearner(let member):
            bytes.append(Kind.add.rawValue)
            bytes.append(uint64: member.id.rawValue)
            bytes.append(uint64: member.incarnation.rawValue)
            bytes.append(shortText: member.peerAddress)
            bytes.append(shortText: member.clientAddress)
        case .reshape(let promoted, let removed):
            bytes.append(Kind.reshape.rawValue)
            Self.encode(promoted, into: &bytes)
            Self.encode(removed, into: &bytes)
        case .setAddresses(let node, let peer, let client):
            bytes.append(Kind.addresses.rawValue)
            bytes.append(uint64: node.rawValue)
            bytes.append(shortText: peer)
            bytes.append(shortText: client)
        }
        bytes.appendOptionalFields { $0.append(uint64: knownLevel) }
    }

    /// Reads an operation's body.
    public init(decoding body: RawSpan) throws(DecodingError) {
        var reader = ByteReader(body)
        isForced = try reader.flag()
        guard let kind = Kind(rawValue: try reader.byte()) else { throw .unknown }
        switch kind {
        case .add:
            let (id, incarnation) = (NodeID(try reader.uint64()), Incarnation(try reader.uint64()))
            change = .addLearner(
                Member(
                    id: id, peerAddress: try reader.shortText(upTo: WireLimits.addressBytes),
                    clientAddress: try reader.shortText(upTo: WireLimits.addressBytes), incarnation: incarnation))
        case .reshape:
            let promoted = try Self.nodes(&reader)
            change = .reshape(promote: promoted, remove: try Self.nodes(&reader))
        case .addresses:
            change = .setAddresses(
                NodeID(try reader.uint64()), peer: try reader.shortText(upTo: WireLimits.addressBytes),
                client: try reader.shortText(upTo: WireLimits.addressBytes))
        }
        var added = ByteReader(try reader.optionalFields())
        knownLevel = added.remaining > 0 ? try added.uint64() : 1
        try reader.finish()
    }

    private static func encode(_ nodes: [NodeID], into bytes: inout [UInt8]) {
        let sent = nodes.prefix(WireLimits.statusMembers)
        bytes.append(UInt8(sent.count))
        for node in sent { bytes.append(uint64: node.rawValue) }
    }

    @_lifetime(reader: copy reader)
    private static func nodes(_ reader: inout ByteReader) throws(DecodingError) -> [NodeID] {
        let count = Int(try reader.byte())
        guard count <= WireLimits.statusMembers else { throw .invalid }
        var nodes: [NodeID] = []
        for _ in 0..<count { nodes.append(NodeID(try reader.uint64())) }
        return nodes
    }
}

/// Who belongs to the cluster.
public struct MemberList: Hashable, Sendable {
    /// A member.
    public struct Item: Hashable, Sendable {
        /// Who it is.
        public var member: Member
        /// Whether its vote counts, if only until the change under way is over.
        public var votes: Bool

        /// Its id.
        public var node: NodeID { member.id }
        /// Where clients reach it.
        public var clientAddress: String { member.clientAddress }

        /// Joins the fields.
        public init(member: Member, votes: Bool) {
            self.member = member
            self.votes = votes
        }
    }

    /// The cluster.
    public var cluster: ClusterID
    /// All members, by id; at most ``WireLimits/statusMembers``.
    public var members: [Item]

    /// Those of a membership.
    public init(_ membership: Membership) {
        cluster = membership.clusterID
        members = membership.members.map { Item(member: $0, votes: membership.isVoter($0.id)) }
    }

    /// Appends the whole frame of an answer. The head's kind is set.
    public func encodeFrame(_ head: AnswerHead, into bytes: inout [UInt8]) {
        var head = head
        head.kind = .members
        let start = head.begin(in: &bytes)
        bytes.append(cluster: cluster)
        let sent = members.prefix(WireLimits.statusMembers)
        bytes.append(uint16: UInt16(sent.count))
        for item in sent {
            bytes.append(uint64: item.member.id.rawValue)
            bytes.append(uint64: item.member.incarnation.rawValue)
            bytes.append(flag: item.votes)
            bytes.append(shortText: item.member.peerAddress)
            bytes.append(shortText: item.member.clientAddress)
        }
        bytes.appendNoOptionalFields()
        FrameWriter.finish(at: start, in: &bytes)
    }

    /// Reads the body of an answer.
    public init(decoding body: RawSpan) throws(DecodingError) {
        var reader = ByteReader(body)
        cluster = try reader.cluster()
        let count = Int(try reader.uint16())
        guard count <= WireLimits.statusMembers else { throw .invalid }
        members = []
        for _ in 0..<count {
            let (id, incarnation) = (NodeID(try reader.uint64()), Incarnation(try reader.uint64()))
            let votes = try reader.flag()
            let member = Member(
                id: id, peerAddress: try reader.shortText(upTo: WireLimits.addressBytes),
                clientAddress: try reader.shortText(upTo: WireLimits.addressBytes), incarnation: incarnation)
            members.append(Item(member: member, votes: votes))
        }
        try reader.skipOptionalFields()
        try reader.finish()
    }
}
