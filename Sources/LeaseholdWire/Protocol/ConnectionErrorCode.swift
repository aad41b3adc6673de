/// Why a connection is ended by the side that says so. The numbers and names are stable: part of the protocol.
///
/// Sent in a ``ConnectionErrorMessage`` just before the connection is closed.
public enum ConnectionErrorCode: UInt16, Hashable, Sendable, CaseIterable {
    /// A frame's length is below its header or above 1 MiB.
    case frameLength = 1
    /// A frame's checksum does not match its bytes.
    case checksum = 2
    /// A frame's format is not known.
    case format = 3
    /// A frame's kind is not known, or not one that this side may send.
    case kind = 4
    /// A frame's body does not follow its kind's layout.
    case malformed = 5
    /// Something else came where a handshake was due, or a second handshake.
    case handshakeExpected = 6
    /// The handshake was not finished in time.
    case handshakeTimeout = 7
    /// A frame was begun and not finished in time.
    case frameTimeout = 8
    /// No protocol version is spoken by both sides.
    case protocolUnsupported = 9
    /// The other side belongs to another cluster.
    case wrongCluster = 10
    /// The other side is not the node, or not the incarnation of it, that was meant; or knows this one otherwise.
    case wrongNode = 11
    /// The other side's disk is older than what it showed before: it was rolled back.
    case diskRolledBack = 12
    /// The node holds as many connections as it may.
    case tooManyConnections = 13
    /// The other side does not read what is sent to it.
    case slowReader = 14
    /// The node is about to end.
    case shuttingDown = 15
    /// Authentication is wanted and missing, or offered in a way that this node does not know.
    case authentication = 16
    /// The frame's group is not known to this node.
    case group = 17
    /// The cluster's commands have a level that the other side's program does not understand: it is too old.
    case levelUnsupported = 18

    /// The stable name, for people and scripts.
    public var name: String {
        switch self {
        case .frameLength: "frame_length"
        case .checksum: "checksum"
        case .format: "format_unknown"
        case .kind: "kind_unknown"
        case .malformed: "malformed"
        case .handshakeExpected: "handshake_expected"
        case .handshakeTimeout: "handshake_timeout"
        case .frameTimeout: "frame_timeout"
        case .protocolUnsupported: "protocol_unsupported"
        case .wrongCluster: "wrong_cluster"
        case .wrongNode: "wrong_node"
        case .diskRolledBack: "disk_rolled_back"
        case .tooManyConnections: "too_many_connections"
        case .slowReader: "slow_reader"
        case .shuttingDown: "shutting_down"
        case .authentication: "authentication"
        case .group: "group_unknown"
        case .levelUnsupported: "level_unsupported"
        }
    }
}
