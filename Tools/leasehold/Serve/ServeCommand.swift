internal import LeaseholdBase
internal import LeaseholdReplica
internal import LeaseholdServer
internal import LeaseholdSystem

extension Command {
    /// One node, as in production.
    static let serve = Command(
        name: "serve",
        flags: [
            .value("id", "N", "this node's number, at least 1"),
            .value("data", "DIR", "where this node keeps its data; made if it is not there"),
            .value("listen-client", "ADDRESS", "where clients connect"),
            .value("listen-peer", "ADDRESS", "where other nodes connect"),
            .value("cluster", "1=PEER/CLIENT,2=…", "every node of a cluster to be born, this one included"),
            .value("max-log", "BYTES", "what the journal may take before acquires are refused (default 8 GiB)"),
        ],
        summary: "Run one node of a cluster.",
        details: """
            A cluster is born once: when every node listed has been started with an empty directory. From then on the
            directory knows who belongs to the cluster, and --cluster only tells a directory of another one. SIGTERM hands
            leadership over, closes the journal and ends with exit 0; a second SIGTERM ends at once.
            """,
        example: "leasehold serve --id 1 --data /tmp/leasehold-one --listen-client 127.0.0.1:7801 "
            + "--listen-peer 127.0.0.1:7901 --cluster 1=127.0.0.1:7901/127.0.0.1:7801"
    ) { (invocation) throws(CommandFailure) -> Int32 in
        let configuration = try configuration(invocation.arguments)
        do throws(ServerError) { try Server.run(configuration) } catch {
            throw CommandFailure(FailureCode(rawValue: error.code) ?? .internal, error.description)
        }
        return 0
    }

    private static func configuration(_ arguments: Arguments) throws(CommandFailure) -> ServerConfiguration {
        guard let number = try arguments.integer("id", in: 1...Int(Int32.max)) else {
            throw CommandFailure(.usage, "--id is missing")
        }
        let id = NodeID(UInt64(number))
        let listed = try clusterList(try arguments.required("cluster"))
        guard listed.contains(where: { $0.id == id }) else {
            throw CommandFailure(.usage, "--cluster does not list node \(id)")
        }
        guard let client = try arguments.endpoint("listen-client") else {
            throw CommandFailure(.usage, "--listen-client is missing")
        }
        guard let peer = try arguments.endpoint("listen-peer") else {
            throw CommandFailure(.usage, "--listen-peer is missing")
        }
        var replica = ReplicaConfiguration(id: id, listed: listed)
        replica.processID = CurrentProcess.id
        if let bytes = try arguments.integer("max-log", in: 1 << 20...Int.max) {
            replica.journalBytesMax = UInt64(bytes)
        }
        return ServerConfiguration(
            replica: replica, directory: try DevPlan.directory(try arguments.required("data")), clientEndpoint: client,
            peerEndpoint: peer)
    }

    /// Reads `1=PEER/CLIENT,2=PEER/CLIENT,…`.
    static func clusterList(_ text: String) throws(CommandFailure) -> [ListedNode] {
        var listed: [ListedNode] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let sides = part.split(separator: "=", maxSplits: 1).map(String.init)
            let addresses = sides.last?.split(separator: "/", maxSplits: 1).map(String.init) ?? []
            guard sides.count == 2, addresses.count == 2, let number = UInt32(sides[0]), number >= 1,
                let peer = Endpoint(addresses[0]), let client = Endpoint(addresses[1]),
                !listed.contains(where: { $0.id == NodeID(UInt64(number)) })
            else {
                throw CommandFailure(
                    .usage,
                    "--cluster takes a list such as 1=10.0.0.1:7501/10.0.0.1:7401,2=…, each number once, "
                        + "not '\(part)'")
            }
            listed.append(
                ListedNode(
                    id: NodeID(UInt64(number)), peerAddress: peer.description, clientAddress: client.description))
        }
        guard listed.count <= 9 else { throw CommandFailure(.usage, "--cluster lists at most 9 nodes") }
        return listed
    }
}
