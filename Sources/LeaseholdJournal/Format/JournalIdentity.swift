public import LeaseholdBase

/// Whose journal it is: stands in the header of every segment and every batch.
public struct JournalIdentity: Hashable, Sendable, CustomStringConvertible {
    /// The consensus group. There is one so far: 0.
    public var group: UInt32
    /// The node.
    public var node: NodeID
    /// The life of the data directory.
    public var incarnation: Incarnation
    /// The cluster, or ``ClusterID/unborn`` in what was written before its birth.
    public var cluster: ClusterID

    /// Joins the fields.
    public init(group: UInt32 = 0, node: NodeID, incarnation: Incarnation, cluster: ClusterID = .unborn) {
        self.group = group
        self.node = node
        self.incarnation = incarnation
        self.cluster = cluster
    }

    /// `node 1 incarnation … cluster …`.
    public var description: String {
        "node \(node) incarnation \(hexadecimal(incarnation.rawValue)) cluster \(cluster)"
            + (group == 0 ? "" : " group \(group)")
    }

    /// Whether something that carries `other` can follow what carries this: the same in all, but that an unborn cluster
    /// may become a born one.
    func mayBeFollowed(by other: JournalIdentity) -> Bool {
        group == other.group && node == other.node && incarnation == other.incarnation
            && (cluster == other.cluster || cluster == .unborn)
    }
}
