public import LeaseholdBase

/// Which disk a node is: its id and the incarnation drawn when its directory was made (trap 36).
@frozen public struct NodeIdentity: Hashable, Sendable {
    /// The node's id.
    public var node: NodeID
    /// The life of its data directory; unknown when the sender has not learnt it yet.
    public var incarnation: Incarnation

    /// Pairs an id and an incarnation.
    @inlinable public init(node: NodeID, incarnation: Incarnation) {
        self.node = node
        self.incarnation = incarnation
    }
}

/// The first frame in each direction between two nodes: the dialing side's, and the answer to it.
public struct PeerHello: Hashable, Sendable {
    /// What the sender speaks. An answer has the chosen version at both ends.
    public var protocols: ProtocolRange
    /// What the sender can do.
    public var features: FeatureSet
    /// The sender's cluster, or unborn.
    public var cluster: ClusterID
    /// Who sends.
    public var sender: NodeIdentity
    /// Whom the sender means to talk to; its incarnation is unknown until learnt.
    public var receiver: NodeIdentity
    /// The newest batch number that the sender's journal has synced. A peer that has seen a higher one of the same
    /// incarnation answers ``ConnectionErrorCode/diskRolledBack``: that disk has lost promises.
    public var newestSyncedBatch: UInt64
    /// Where other nodes reach the sender.
    public var peerAddress: String
    /// Where clients reach the sender.
    public var clientAddress: String
    /// The greatest level of commands that the sender understands, and the one that is in force as far as it knows.
    public var levels: CommandLevels

    /// Joins the fields.
    public init(
        protocols: ProtocolRange = .current, features: FeatureSet = .current, cluster: ClusterID,
        sender: NodeIdentity, receiver: NodeIdentity, newestSyncedBatch: UInt64, peerAddress: String,
        clientAddress: String, levels: CommandLevels = .first
    ) {
        self.protocols = protocols
        self.features = features
        self.cluster = cluster
        self.sender = sender
        self.receiver = receiver
        self.newestSyncedBatch = newestSyncedBatch
        self.peerAddress = peerAddress
        self.clientAddress = clientAddress
        self.levels = levels
    }

    /// How many bytes the fields take that were added since the first version.
    package static let addedBytes = CommandLevels.bytes

    /// Appends the whole frame, as a hello or as the answer to one.
    public func encodeFrame(answering: Bool, into bytes: inout [UInt8]) {
        let start = FrameWriter.begin(answering ? .peerHelloAnswer : .peerHello, in: &bytes)
        protocols.encode(into: &bytes)
        bytes.append(uint64: features.rawValue)
        bytes.append(cluster: cluster)
        sender.encode(into: &bytes)
        receiver.encode(into: &bytes)
        bytes.append(uint64: newestSyncedBatch)
        bytes.append(shortText: peerAddress)
        bytes.append(shortText: clientAddress)
        bytes.appendOptionalFields { levels.encode(into: &$0) }
        FrameWriter.finish(at: start, in: &bytes)
    }

    /// Reads a body of either kind.
    public init(decoding body: RawSpan) throws(DecodingError) {
        var reader = ByteReader(body)
        protocols = try ProtocolRange(decoding: &reader)
        features = FeatureSet(rawValue: try reader.uint64())
        cluster = try reader.cluster()
        sender = try NodeIdentity(decoding: &reader)
        receiver = try NodeIdentity(decoding: &reader)
        newestSyncedBatch = try reader.uint64()
        peerAddress = try reader.shortText(upTo: WireLimits.addressBytes)
        clientAddress = try reader.shortText(upTo: WireLimits.addressBytes)
        var added = ByteReader(try reader.optionalFields())
        levels = try CommandLevels(decoding: &added)
        try reader.finish()
    }
}

extension NodeIdentity {
    func encode(into bytes: inout [UInt8]) {
        bytes.append(uint64: node.rawValue)
        bytes.append(uint64: incarnation.rawValue)
    }

    init(decoding reader: inout ByteReader) throws(DecodingError) {
        node = NodeID(try reader.uint64())
        incarnation = Incarnation(try reader.uint64())
        guard node.rawValue != 0 else { throw .invalid }
    }
}

/// The beginning of every message between two nodes after the handshake: who sends, and whom the sender means.
///
/// Both incarnations travel in every message, so that one meant for, or sent by, another life of a data directory is
/// recognised and dropped (trap 36).
@frozen public struct PeerEnvelope: Hashable, Sendable {
    /// How many bytes an envelope has.
    public static let bytes = 32
    /// Who sends.
    public var sender: NodeIdentity
    /// Whom the sender means.
    public var receiver: NodeIdentity

    /// Joins both ends.
    @inlinable public init(sender: NodeIdentity, receiver: NodeIdentity) {
        self.sender = sender
        self.receiver = receiver
    }

    func encode(into bytes: inout [UInt8]) {
        sender.encode(into: &bytes)
        receiver.encode(into: &bytes)
    }

    init(decoding reader: inout ByteReader) throws(DecodingError) {
        sender = try NodeIdentity(decoding: &reader)
        receiver = try NodeIdentity(decoding: &reader)
    }
}
