internal import LeaseholdBase
package import LeaseholdReplica
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
            .value("advertise-client", "ADDRESS", "with --join: where clients reach it, if not where it listens"),
            .value("advertise-peer", "ADDRESS", "with --join: where nodes reach it, if not where it listens"),
            .value("snapshot-log", "BYTES", "take a snapshot when so much log has come (default 268435456, 256 MiB)"),
        ],
        summary: "Run one node of a cluster.",
        details: """
            A cluster is born once: when every node listed has been started with an empty directory. From then on the
            directory knows who belongs to the cluster, and --cluster only tells a directory of another one. SIGTERM hands
            leadership over, closes the journal and ends with exit 0; a second SIGTERM ends at once.

            With --join and an empty directory a node asks the cluster at that address to take it in, under an id that no
            member ever had. It gets all data, and does not vote before leasehold member promote. Later starts may keep
            the flag. A member, a founder too, that is started with --join and other addresses than before tells the
            cluster that it has moved; one that is started with --cluster and another address for itself in the list waits
            for leasehold member add.

            Other nodes and clients are told the addresses that the list has for a node; with --join, those that it listens
            at, or --advertise-client and --advertise-peer. They cannot be 0.0.0.0 or [::], where it may listen.

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
            let own = try Advertised(invocation.arguments)
            try Joining(door: configuration.clientEndpoint, advertised: own.client, cluster: cluster).begin()
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
        var replica = ReplicaConfiguration(id: id, listed: try listed(arguments, id))
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
        _ arguments: Arguments, _ id: NodeID
    ) throws(CommandFailure) -> [ListedNode] {
        guard arguments.text("join") == nil else {
            guard arguments.text("cluster") == nil else {
                throw CommandFailure(.usage, "--cluster is for a cluster to be born, --join for one that is there")
            }
            let own = try Advertised(arguments)
            return [ListedNode(id: id, peerAddress: own.peer.description, clientAddress: own.client.description)]
        }
        for flag in ["advertise-client", "advertise-peer"] where arguments.text(flag) != nil {
            throw CommandFailure(.usage, "--\(flag) is for --join; in --cluster the list says where a node is reached")
        }
        let listed = try clusterList(try arguments.required("cluster"))
        guard listed.contains(where: { $0.id == id }) else {
            throw CommandFailure(.usage, "--cluster does not list node \(id)")
        }
        return listed
    }

    /// Reads `1=PEER/CLIENT,2=PEER/CLIENT,…`.
    package static func clusterList(_ text: String) throws(CommandFailure) -> [ListedNode] {
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
            for address in [peer, client] where !address.isReachable {
                throw CommandFailure(
                    .usage,
                    "--cluster has \(address) for node \(number), where nobody reaches it: list an address of its machine; it may "
                        + "listen elsewhere, as at \(address)")
            }
            listed.append(
                ListedNode(
                    id: NodeID(UInt64(number)), peerAddress: peer.description, clientAddress: client.description))
        }
        guard listed.count <= 9 else { throw CommandFailure(.usage, "--cluster lists at most 9 nodes") }
        return listed
    }
}
