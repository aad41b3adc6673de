package import LeaseholdSystem

/// A cluster on one machine: how many nodes, where they listen, where their data is.
package struct DevPlan: Hashable, Sendable {
    /// How many.
    package let nodes: Int
    /// Client ports begin one above it, peer ports a hundred and one above it.
    package let basePort: Int
    /// A node's data is in the folder of its number below this one.
    package let directory: String

    /// The most nodes that a plan has: beyond that a cluster gains nothing.
    package static var nodesMax: Int { 9 }
    /// The highest base that leaves room for every port.
    package static var basePortMax: Int { 65_535 - 100 - nodesMax }

    /// A plan.
    package init(nodes: Int, basePort: Int, directory: String) {
        self.nodes = nodes
        self.basePort = basePort
        self.directory = directory
    }

    /// The numbers of the nodes.
    package var ids: ClosedRange<Int> { 1...nodes }

    /// Where a node answers clients.
    package func client(_ id: Int) -> Endpoint { .internet(host: "127.0.0.1", port: UInt16(clamping: basePort + id)) }
    /// Where a node answers its peers.
    package func peer(_ id: Int) -> Endpoint {
        .internet(host: "127.0.0.1", port: UInt16(clamping: basePort + 100 + id))
    }
    /// Where a node's data is.
    package func data(_ id: Int) -> String { "\(directory)/\(id)" }
    /// Where what a node says is kept.
    package func log(_ id: Int) -> String { "\(directory)/\(id).log" }

    /// Every client address, with commas between.
    package var endpoints: String { ids.map { client($0).description }.joined(separator: ",") }

    /// The words of the command that serves a node, behind the program's name.
    package func serve(_ id: Int) -> [String] {
        let cluster = ids.map { "\($0)=\(peer($0))/\(client($0))" }.joined(separator: ",")
        return [
            "serve", "--id", "\(id)", "--data", data(id), "--listen-client", client(id).description, "--listen-peer",
            peer(id).description, "--cluster", cluster,
        ]
    }

    /// What is written beside the data, so that the next start continues with the same cluster.
    package var record: String { "nodes=\(nodes)\nbase_port=\(basePort)\n" }

    /// Reads a record; nil when it is none.
    package static func recorded(_ text: String, directory: String) -> DevPlan? {
        var fields: [String: Int] = [:]
        for line in text.split(separator: "\n") {
            let parts = line.split(separator: "=")
            if parts.count == 2 { fields[String(parts[0])] = Int(parts[1]) }
        }
        guard let nodes = fields["nodes"], (1...nodesMax).contains(nodes), let basePort = fields["base_port"],
            (1...basePortMax).contains(basePort)
        else { return nil }
        return DevPlan(nodes: nodes, basePort: basePort, directory: directory)
    }
}
