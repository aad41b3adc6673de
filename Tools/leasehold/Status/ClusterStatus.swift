package import LeaseholdBase
package import LeaseholdWire

/// What the nodes that answered say, put together: all members, those that did not answer included.
package struct ClusterStatus: Sendable {
    /// One member.
    package struct Node: Sendable {
        /// Its id.
        package let id: NodeID
        /// Where clients reach it.
        package let clientAddress: String
        /// Where other nodes reach it.
        package let peerAddress: String
        /// What it says of itself; nil when it did not answer.
        package let status: NodeStatus?
    }

    /// The cluster's id.
    package let cluster: ClusterID
    /// By id.
    package let nodes: [Node]

    /// Puts statuses together; nil when there are none. Of several views of the membership, that of the node with the
    /// newest log counts: who is no member by that, any more or yet, is left out.
    package init?(_ statuses: [NodeStatus]) {
        let newest = statuses.max { ($0.commit, $0.term) < ($1.commit, $1.term) }
        guard let newest else { return nil }
        cluster = newest.cluster
        let members = newest.members.map(\.node)
        let own = statuses.filter { members.isEmpty || members.contains($0.identity.node) }
        var nodes = own.map {
            Node(
                id: $0.identity.node, clientAddress: $0.clientAddress, peerAddress: $0.peerAddress, status: $0)
        }
        for member in newest.members where !nodes.contains(where: { $0.id == member.node }) {
            nodes.append(
                Node(
                    id: member.node, clientAddress: member.clientAddress, peerAddress: member.peerAddress, status: nil))
        }
        self.nodes = nodes.sorted { $0.id < $1.id }
    }

    /// The node that leads by its own account, in the newest term in which one does.
    package var leader: NodeID? {
        let leaders = nodes.compactMap(\.status).filter { $0.role == .leader }
        return leaders.max { $0.term < $1.term }?.identity.node
    }

    /// How many nodes follow that leader, itself included.
    package var following: Int {
        guard let leader else { return 0 }
        return nodes.filter { $0.status?.leader == leader }.count
    }

    /// The form for scripts, whose keys are fixed: how clocks stand and levels are told to people, and by the nodes' logs.
    package var json: JSON {
        .object([
            ("cluster", .string(cluster.description)),
            ("nodes", .array(nodes.map(Self.json))),
        ])
    }

    private static func json(_ node: Node) -> JSON {
        let status = node.status
        return .object([
            ("id", .count(node.id.rawValue)),
            ("role", .string(status?.role.name ?? "unreachable")),
            ("term", .optional(status.map { .count($0.term.rawValue) })),
            ("leader", .optional(status?.leader.map { .count($0.rawValue) })),
            ("last", .optional(status.map { .count($0.last.rawValue) })),
            ("commit", .optional(status.map { .count($0.commit.rawValue) })),
            ("applied", .optional(status.map { .count($0.applied.rawValue) })),
            ("pid", .optional(status.map { .count($0.process) })),
            ("client_address", .string(node.clientAddress)),
            ("peer_address", .string(node.peerAddress)),
            ("digest", .optional(status.map { .string($0.digest) })),
        ])
    }

    /// The form for people.
    package var table: String {
        var table = Table([
            .numbers("id"), .words("role"), .numbers("term"), .numbers("leader"), .numbers("last"), .numbers("commit"),
            .numbers("applied"), .numbers("pid"), .words("client address"), .words("peer address"), .words("clock"),
            .words("level"), .words("digest"),
        ])
        for node in nodes {
            let status = node.status
            table.append([
                "\(node.id)", status?.role.name ?? "unreachable", text(status?.term), text(status?.leader),
                text(status?.last), text(status?.commit), text(status?.applied), text(status?.process),
                node.clientAddress, node.peerAddress, status?.clock.name ?? "",
                levels(status), status?.digest ?? "",
            ])
        }
        return "cluster \(cluster)\n\n" + table.text
    }

    /// The level in force, and behind a stroke what the node's program understands, if that is another.
    private func levels(_ status: NodeStatus?) -> String {
        guard let levels = status?.levels else { return "" }
        return levels.known == levels.inForce ? "\(levels.inForce)" : "\(levels.inForce)/\(levels.known)"
    }

    private func text(_ value: (some CustomStringConvertible)?) -> String { value?.description ?? "" }
}
