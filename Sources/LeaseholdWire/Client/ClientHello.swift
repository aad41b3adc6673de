public import LeaseholdBase

/// How a client says who it is. Version 1 knows only that it does not.
public enum AuthenticationMethod: UInt8, Hashable, Sendable {
    /// No credentials; the principal is empty.
    case none = 0
}

/// A client's first frame.
public struct ClientHello: Hashable, Sendable {
    /// What the client speaks.
    public var protocols: ProtocolRange
    /// What the client can do.
    public var features: FeatureSet
    /// The cluster that the client means, or unborn when it takes any.
    public var cluster: ClusterID
    /// The client's run.
    public var instance: ClientInstance
    /// How the client authenticates; nil is a method of a later version (``ConnectionErrorCode/authentication``).
    public var authentication: AuthenticationMethod?

    /// Joins the fields.
    public init(
        protocols: ProtocolRange = .current, features: FeatureSet = .current, cluster: ClusterID = .unborn,
        instance: ClientInstance, authentication: AuthenticationMethod = .none
    ) {
        self.protocols = protocols
        self.features = features
        self.cluster = cluster
        self.instance = instance
        self.authentication = authentication
    }

    /// Appends the whole frame.
    public func encodeFrame(into bytes: inout [UInt8]) {
        let start = FrameWriter.begin(.clientHello, in: &bytes)
        protocols.encode(into: &bytes)
        bytes.append(uint64: features.rawValue)
        bytes.append(cluster: cluster)
        bytes.append(uint64: instance.rawValue)
        bytes.append((authentication ?? .none).rawValue)
        bytes.append(uint16: 0)
        bytes.appendNoOptionalFields()
        FrameWriter.finish(at: start, in: &bytes)
    }

    /// Reads a body.
    public init(decoding body: RawSpan) throws(DecodingError) {
        var reader = ByteReader(body)
        protocols = try ProtocolRange(decoding: &reader)
        features = FeatureSet(rawValue: try reader.uint64())
        cluster = try reader.cluster()
        instance = ClientInstance(try reader.uint64())
        authentication = AuthenticationMethod(rawValue: try reader.byte())
        let credentials = Int(try reader.uint16())
        guard credentials <= WireLimits.credentialBytes else { throw .invalid }
        _ = try reader.slice(credentials)
        try reader.skipOptionalFields()
        try reader.finish()
    }
}
