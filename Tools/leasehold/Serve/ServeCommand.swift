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
            .value("join", "ADDRESS", "instead of --cluster: join the cluster whose clients connect there"),
            .value("snapshot-log", "BYTES", "take a snapshot when so much log has come (default 268435456, 256 MiB)"),
        ],
        summary: "Run one node of a cluster.",
        details: """
            A cluster is born once: when every node listed has been started with an empty directory. From then on the
            directory knows who belongs to the cluster, and --cluster only tells a directory of another one. SIGTERM hands
            leadership over, closes the journal and ends with exit 0; a second SIGTERM ends at once.

            With --join and an empty directory a node asks the cluster at that address to take it in, under an id that no
            member ever had. It gets all data, and does not vote before leasehold member promote. Later starts may keep
            the flag: a member that is reached elsewhere by then tells the cluster so.

            A snapshot lets the log behind it go, but for a quarter of --snapshot-log, which is kept for nodes that are a
            little behind; the log is kept in files of a quarter of it too. The directory takes about twice that much, and
            two snapshots. What is small restarts quickly, what is large writes snapshots seldom.
            """,
        example: "leasehold serve --id 1 --data /tmp/leasehold-one --listen-client 127.0.0.1:7801 "
            + "--listen-peer 127.0.0.1:7901 --cluster 1=127.0.0.1:7901/127.0.0.1:7801"
    ) { (invocation) throws(CommandFailure) -> Int32 in
        let configuration = try configuration(invocation.arguments)
        if let text = invocation.arguments.text("join") {
            guard let cluster = endpoints(text) else {
                throw CommandFailure(.usage, "--join takes client addresses of the cluster, not '\(text)'")
            }
            try Joining.begin(configuration.clientEndpoint, at: cluster)
        }
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
        guard let client = try arguments.endpoint("listen-client") else {
            throw CommandFailure(.usage, "--listen-client is missing")
        }
        guard let peer = try arguments.endpoint("listen-peer") else {
            throw CommandFailure(.usage, "--listen-peer is missing")
        }
        var replica = ReplicaConfiguration(id: id, listed: try listed(arguments, id, client, peer))
        replica.joins = arguments.text("join") != nil
        replica.processID = CurrentProcess.id
        if let bytes = try arguments.integer("snapshot-log", in: 1 << 20...1 << 40) {
            replica.takeSnapshots(afterLogBytes: bytes)
        }
        return ServerConfiguration(
            replica: replica, directory: try DevPlan.directory(try arguments.required("data")), clientEndpoint: client,
            peerEndpoint: peer)
    }

    /// Every node of the cluster to be born; of one to be joined, this node alone.
    private static func listed(
        _ arguments: Arguments, _ id: NodeID, _ client: Endpoint, _ peer: Endpoint
    ) throws(CommandFailure) -> [ListedNode] {
        guard arguments.text("join") == nil else {
            guard arguments.text("cluster") == nil else {
                throw CommandFailure(.usage, "--cluster is for a cluster to be born, --join for one that is there")
            }
            return [ListedNode(id: id, peerAddress: peer.description, clientAddress: client.description)]
        }
        let listed = try clusterList(try arguments.required("cluster"))
        guard listed.contains(where: { $0.id == id }) else {
            throw CommandFailure(.usage, "--cluster does not list node \(id)")
        }
        return listed
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
