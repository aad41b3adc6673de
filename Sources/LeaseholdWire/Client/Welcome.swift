public import LeaseholdBase

/// What the cluster allows, as told in the handshake. The state machine has the last word.
@frozen public struct AdvertisedLimits: Hashable, Sendable {
    /// The longest lease name, in bytes.
    public var nameBytes: UInt16
    /// The longest holder label, in bytes.
    public var holderBytes: UInt16
    /// The longest value, in bytes.
    public var valueBytes: UInt32
    /// The most claims in one renewal.
    public var renewalClaims: UInt16
    /// The shortest TTL.
    public var shortestTTL: Nanoseconds
    /// The longest TTL.
    public var longestTTL: Nanoseconds

    /// Joins the fields; without arguments, the limits of a new cluster.
    public init(
        nameBytes: UInt16 = 255, holderBytes: UInt16 = 255, valueBytes: UInt32 = 4_096, renewalClaims: UInt16 = 1_000,
        shortestTTL: Nanoseconds = .milliseconds(500), longestTTL: Nanoseconds = .seconds(86_400)
    ) {
        self.nameBytes = nameBytes
        self.holderBytes = holderBytes
        self.valueBytes = valueBytes
        self.renewalClaims = renewalClaims
        self.shortestTTL = shortestTTL
        self.longestTTL = longestTTL
    }
}

/// How much of a told validity a client may believe: clock rates differ by at most ρ, and a margin is taken off.
@frozen public struct BeliefRule: Hashable, Sendable {
    /// ρ in millionths: 10,000 is 1 %.
    public var driftPartsPerMillion: UInt32
    /// Taken off the end.
    public var margin: Nanoseconds

    /// Joins the fields; without arguments, 1 % and 10 ms.
    @inlinable public init(driftPartsPerMillion: UInt32 = 10_000, margin: Nanoseconds = .milliseconds(10)) {
        self.driftPartsPerMillion = driftPartsPerMillion
        self.margin = margin
    }

    /// The stricter of both in each part: a client may be stricter than its cluster, and never laxer.
    public func strictest(with other: BeliefRule) -> BeliefRule {
        BeliefRule(
            driftPartsPerMillion: Swift.max(driftPartsPerMillion, other.driftPartsPerMillion),
            margin: Swift.max(margin, other.margin))
    }

    /// Until when the client believes: `sent + validFor·(1−ρ)/(1+ρ) − margin`, rounded down.
    ///
    /// `sent` was read before the first byte of the attempt was handed to a socket, never at the answer (trap 67).
    /// The cluster counts `validFor` from an entry that it made after that, on a clock at most ρ fast, while the
    /// client's own is at most ρ slow.
    public func end(sent: SteadyTime, validFor: Nanoseconds) -> SteadyTime {
        guard validFor > .zero else { return sent }
        #if PLANTED_BUGS
        if planted(.beliefIgnoresDrift) { return Swift.max(sent + validFor - Swift.max(margin, .zero), sent) }
        #endif
        let million: UInt64 = 1_000_000
        let drift = UInt64(Swift.min(driftPartsPerMillion, 1_000_000))
        let (high, low) = UInt64(validFor.rawValue).multipliedFullWidth(by: million - drift)
        // (million − drift) / (million + drift) ≤ 1, so that the quotient fits in 64 bits.
        let scaled = (million + drift).dividingFullWidth((high, low)).quotient
        let end = sent + Nanoseconds(Int64(scaled)) - Swift.max(margin, .zero)
        return Swift.max(end, sent)
    }
}

/// A node's answer to a ``ClientHello``.
public struct Welcome: Hashable, Sendable {
    /// The version that the connection speaks from here on.
    public var protocolVersion: UInt16
    /// What the node can do.
    public var features: FeatureSet
    /// The node's cluster.
    public var cluster: ClusterID
    /// The node's id.
    public var node: NodeID
    /// ρ and margin.
    public var belief: BeliefRule
    /// What the cluster allows.
    public var limits: AdvertisedLimits
    /// The log time of the newest entry that the node has applied: what the client puts into its requests.
    public var logTime: LogTime
    /// Who leads.
    public var leader: LeaderHint

    /// Joins the fields.
    public init(
        protocolVersion: UInt16 = ProtocolRange.current.newest, features: FeatureSet = .current, cluster: ClusterID,
        node: NodeID, belief: BeliefRule = BeliefRule(), limits: AdvertisedLimits = AdvertisedLimits(),
        logTime: LogTime, leader: LeaderHint
    ) {
        self.protocolVersion = protocolVersion
        self.features = features
        self.cluster = cluster
        self.node = node
        self.belief = belief
        self.limits = limits
        self.logTime = logTime
        self.leader = leader
    }

    /// Appends the whole frame.
    public func encodeFrame(into bytes: inout [UInt8]) {
        let start = FrameWriter.begin(.welcome, in: &bytes)
        bytes.append(uint16: protocolVersion)
        bytes.append(uint64: features.rawValue)
        bytes.append(cluster: cluster)
        bytes.append(uint64: node.rawValue)
        bytes.append(uint32: belief.driftPartsPerMillion)
        bytes.append(nanoseconds: belief.margin)
        bytes.append(uint16: limits.nameBytes)
        bytes.append(uint16: limits.holderBytes)
        bytes.append(uint32: limits.valueBytes)
        bytes.append(uint16: limits.renewalClaims)
        bytes.append(nanoseconds: limits.shortestTTL)
        bytes.append(nanoseconds: limits.longestTTL)
        bytes.append(uint64: logTime.rawValue)
        leader.encode(into: &bytes)
        bytes.appendNoOptionalFields()
        FrameWriter.finish(at: start, in: &bytes)
    }

    /// Reads a body.
    public init(decoding body: RawSpan) throws(DecodingError) {
        var reader = ByteReader(body)
        protocolVersion = try reader.uint16()
        features = FeatureSet(rawValue: try reader.uint64())
        cluster = try reader.cluster()
        node = NodeID(try reader.uint64())
        let drift = try reader.uint32()
        guard drift < 1_000_000 else { throw .invalid }
        belief = BeliefRule(driftPartsPerMillion: drift, margin: try reader.nanoseconds())
        limits = AdvertisedLimits()
        limits.nameBytes = try reader.uint16()
        limits.holderBytes = try reader.uint16()
        limits.valueBytes = try reader.uint32()
        limits.renewalClaims = try reader.uint16()
        limits.shortestTTL = try reader.nanoseconds()
        limits.longestTTL = try reader.nanoseconds()
        logTime = LogTime(try reader.uint64())
        leader = try LeaderHint(decoding: &reader)
        try reader.skipOptionalFields()
        try reader.finish()
    }
}
