public import LeaseholdBase

/// What a node does in its cluster.
public enum NodeRole: UInt8, Hashable, Sendable, CaseIterable {
    /// It answers requests.
    case leader = 1
    /// It stores what the leader sends.
    case follower = 2
    /// It asks for votes.
    case candidate = 3
    /// It stores, and does not vote.
    case learner = 4

    /// The word for people and scripts.
    public var name: String {
        switch self {
        case .leader: "leader"
        case .follower: "follower"
        case .candidate: "candidate"
        case .learner: "learner"
        }
    }
}

/// How a node's clock stands among those of its cluster, as the node itself has found.
public enum NodeClock: UInt8, Hashable, Sendable, CaseIterable {
    /// Nothing is proved, or the node does not say.
    case unknown = 0
    /// With this node, a quorum agrees.
    case right = 1
    /// It runs faster than those of a quorum of other nodes, by more than clocks may differ.
    case fast = 2
    /// It runs slower than those of a quorum of other nodes, by more than clocks may differ.
    case slow = 3

    /// The word for people and scripts.
    public var name: String {
        switch self {
        case .unknown: "unknown"
        case .right: "right"
        case .fast: "fast"
        case .slow: "slow"
        }
    }
}

/// A member of the cluster as another one knows it.
public struct MemberStatus: Hashable, Sendable {
    /// The member's id.
    public var node: NodeID
    /// Whether it votes.
    public var votes: Bool
    /// Where other nodes reach it.
    public var peerAddress: String
    /// Where clients reach it.
    public var clientAddress: String

    /// Joins the fields.
    public init(node: NodeID, votes: Bool, peerAddress: String, clientAddress: String) {
        self.node = node
        self.votes = votes
        self.peerAddress = peerAddress
        self.clientAddress = clientAddress
    }
}

/// How one node fares: what it says of itself, and the members it knows. A client asks each of them.
public struct NodeStatus: Hashable, Sendable {
    /// The cluster, or unborn.
    public var cluster: ClusterID
    /// Who answers.
    public var identity: NodeIdentity
    /// What it does.
    public var role: NodeRole
    /// Its term.
    public var term: Term
    /// Whom it takes for the leader.
    public var leader: NodeID?
    /// Its last entry.
    public var last: LogIndex
    /// The last entry that it knows to be committed.
    public var commit: LogIndex
    /// The last entry that its state holds.
    public var applied: LogIndex
    /// The process that runs it.
    public var process: UInt64
    /// Where clients reach it.
    public var clientAddress: String
    /// Where other nodes reach it.
    public var peerAddress: String
    /// The upper half of the state's digest at `applied`.
    public var digestHigh: UInt64
    /// The lower half.
    public var digestLow: UInt64
    /// How its clock stands.
    public var clock: NodeClock
    /// The levels of commands: what it understands, and what is in force.
    public var levels: CommandLevels
    /// All members, by id; at most ``WireLimits/statusMembers`` are sent.
    public var members: [MemberStatus]

    /// Joins the fields.
    public init(
        cluster: ClusterID, identity: NodeIdentity, role: NodeRole, term: Term, leader: NodeID?, last: LogIndex,
        commit: LogIndex, applied: LogIndex, process: UInt64, clientAddress: String, peerAddress: String,
        digestHigh: UInt64, digestLow: UInt64, clock: NodeClock = .unknown, levels: CommandLevels = .first,
        members: [MemberStatus]
    ) {
        self.cluster = cluster
        self.identity = identity
        self.role = role
        self.term = term
        self.leader = leader
        self.last = last
        self.commit = commit
        self.applied = applied
        self.process = process
        self.clientAddress = clientAddress
        self.peerAddress = peerAddress
        self.digestHigh = digestHigh
        self.digestLow = digestLow
        self.clock = clock
        self.levels = levels
        self.members = members
    }

    /// How many bytes the fields take that were added since the first version.
    package static let addedBytes = 1 + CommandLevels.bytes

    /// The digest in 32 hexadecimal digits.
    public var digest: String { hexadecimal(digestHigh) + hexadecimal(digestLow) }

    /// Appends the body of a status answer.
    public func encode(into bytes: inout [UInt8]) {
        bytes.append(cluster: cluster)
        identity.encode(into: &bytes)
        bytes.append(role.rawValue)
        bytes.append(uint64: term.rawValue)
        bytes.append(uint64: leader?.rawValue ?? 0)
        bytes.append(uint64: last.rawValue)
        bytes.append(uint64: commit.rawValue)
        bytes.append(uint64: applied.rawValue)
        bytes.append(uint64: process)
        bytes.append(shortText: clientAddress)
        bytes.append(shortText: peerAddress)
        bytes.append(uint64: digestHigh)
        bytes.append(uint64: digestLow)
        let sent = members.prefix(WireLimits.statusMembers)
        bytes.append(uint16: UInt16(sent.count))
        for member in sent {
            bytes.append(uint64: member.node.rawValue)
            bytes.append(flag: member.votes)
            bytes.append(shortText: member.peerAddress)
            bytes.append(shortText: member.clientAddress)
        }
        bytes.appendOptionalFields {
            $0.append(clock.rawValue)
            levels.encode(into: &$0)
        }
    }

    /// Reads the body of a status answer.
    public init(decoding body: RawSpan) throws(DecodingError) {
        var reader = ByteReader(body)
        cluster = try reader.cluster()
        identity = try NodeIdentity(decoding: &reader)
        guard let role = NodeRole(rawValue: try reader.byte()) else { throw .unknown }
        self.role = role
        term = Term(try reader.uint64())
        let leader = try reader.uint64()
        self.leader = leader == 0 ? nil : NodeID(leader)
        last = LogIndex(try reader.uint64())
        commit = LogIndex(try reader.uint64())
        applied = LogIndex(try reader.uint64())
        process = try reader.uint64()
        clientAddress = try reader.shortText(upTo: WireLimits.addressBytes)
        peerAddress = try reader.shortText(upTo: WireLimits.addressBytes)
        digestHigh = try reader.uint64()
        digestLow = try reader.uint64()
        let count = Int(try reader.uint16())
        guard count <= WireLimits.statusMembers else { throw .invalid }
        members = []
        for _ in 0..<count {
            members.append(
                MemberStatus(
                    node: NodeID(try reader.uint64()), votes: try reader.flag(),
                    peerAddress: try reader.shortText(upTo: WireLimits.addressBytes),
                    clientAddress: try reader.shortText(upTo: WireLimits.addressBytes)))
        }
        var added = ByteReader(try reader.optionalFields())
        // A word of a later version is none that this one could repeat.
        clock = added.remaining > 0 ? NodeClock(rawValue: try added.byte()) ?? .unknown : .unknown
        levels = try CommandLevels(decoding: &added)
        try reader.finish()
    }
}
