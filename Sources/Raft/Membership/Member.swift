public import LeaseholdBase

/// One node as the membership knows it: enough to reach it and to tell its disk from another (traps 34, 36).
public struct Member: Hashable, Sendable {
    /// The node.
    public var id: NodeID
    /// Where its peers reach it: `host:port`, `[v6]:port` or `unix:path`.
    public var peerAddress: String
    /// Where clients reach it, in the same forms.
    public var clientAddress: String
    /// The data directory that is this member. Another directory under the same id is not.
    public var incarnation: Incarnation

    /// Joins the fields.
    public init(id: NodeID, peerAddress: String, clientAddress: String, incarnation: Incarnation) {
        self.id = id
        self.peerAddress = peerAddress
        self.clientAddress = clientAddress
        self.incarnation = incarnation
    }
}
