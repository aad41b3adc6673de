internal import LeaseholdSystem

extension Command {
    /// A cluster to try things on.
    static let dev = Command(
        name: "dev",
        flags: [
            .value("nodes", "N", "how many nodes (default 3, or as many as the data has)"),
            .value("data", "DIR", "where the nodes keep their data (default ~/.local/state/leasehold/dev)"),
            .value("base-port", "PORT", "clients at PORT+1 and on, peers at PORT+101 and on (default 7400)"),
        ],
        summary: "Start a cluster on this machine and say what to type next.",
        details: """
            Each node is a process of its own, with its own data directory and real sockets, as in production. All end when
            this command ends; the next start continues with the data. A node that was killed is started again by the
            command that is printed then. With -o json an error is JSON; the lines about the nodes are the same.
            """,
        example: "leasehold dev --nodes 5 --data /tmp/leasehold-five --base-port 7600"
    ) { (invocation) throws(CommandFailure) -> Int32 in
        let arguments = invocation.arguments
        let directory = try DevPlan.directory(arguments.text("data"))
        do throws(SystemError) { try FileSystem.makeDirectory(directory) } catch {
            throw CommandFailure(.ioError, "\(directory): \(error)")
        }
        let lock: DirectoryLock
        do throws(DirectoryLockError) { lock = try DirectoryLock(directory) } catch {
            if case .taken = error { throw CommandFailure(.directoryLocked, "\(error)") }
            throw CommandFailure(.ioError, "\(error)")
        }
        let plan = try DevPlan.choose(
            nodes: arguments.integer("nodes", in: 1...DevPlan.nodesMax),
            basePort: arguments.integer("base-port", in: 1...DevPlan.basePortMax), directory: directory)
        try plan.checkPorts()
        var cluster: DevCluster
        do throws(SystemError) { cluster = try DevCluster.prepare(plan) } catch {
            throw CommandFailure(.ioError, "\(error)")
        }
        let status = try cluster.run()
        _ = consume lock
        return status
    }
}

extension DevPlan {
    static func directory(_ given: String?) throws(CommandFailure) -> String {
        var path: String
        if let given {
            guard !given.isEmpty else { throw CommandFailure(.usage, "--data needs a directory") }
            path = given
        } else {
            guard let home = CurrentProcess.environment("HOME"), !home.isEmpty else {
                throw CommandFailure(.usage, "HOME is not set; say where the data goes with --data DIR")
            }
            path = "\(home)/.local/state/leasehold/dev"
        }
        // Nodes are started by commands that work from anywhere.
        if !path.hasPrefix("/") { path = "\(CurrentProcess.workingDirectory)/\(path)" }
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        return path
    }

    /// What was asked for, and where nothing was, what the data already has. A cluster's addresses and size are in its
    /// log from its birth: other ones would never meet.
    static func choose(nodes: Int?, basePort: Int?, directory: String) throws(CommandFailure) -> DevPlan {
        let plan: DevPlan
        do throws(SystemError) {
            guard let found = try existing(in: directory) else {
                let plan = DevPlan(nodes: nodes ?? 3, basePort: basePort ?? 7400, directory: directory)
                try FileSystem.writeAll(Array(plan.record.utf8), to: recordPath(directory))
                return plan
            }
            plan = found
        } catch { throw CommandFailure(.ioError, "\(recordPath(directory)): \(error)") }
        return try confirm(plan, nodes, basePort)
    }

    private static func recordPath(_ directory: String) -> String { "\(directory)/cluster" }

    private static func existing(in directory: String) throws(SystemError) -> DevPlan? {
        guard try FileSystem.kind(of: recordPath(directory)) == .file else { return nil }
        let text = String(decoding: try FileSystem.readAll(recordPath(directory)), as: UTF8.self)
        return recorded(text, directory: directory)
    }

    private static func confirm(_ found: DevPlan, _ nodes: Int?, _ basePort: Int?) throws(CommandFailure) -> DevPlan {
        if nodes ?? found.nodes == found.nodes && basePort ?? found.basePort == found.basePort { return found }
        throw CommandFailure(
            .usage,
            "\(found.directory) holds a cluster of \(found.nodes) nodes at base port \(found.basePort); "
                + "leave out --nodes and --base-port to go on with it, or choose another --data")
    }

    /// Fails when somebody listens where a node is to.
    func checkPorts() throws(CommandFailure) {
        for endpoint in ids.flatMap({ [client($0), peer($0)] }) {
            do throws(ListenError) { _ = try Listener(at: endpoint) } catch {
                if case .addressInUse = error {
                    throw CommandFailure(.addressInUse, "\(error); choose others with --base-port")
                }
                throw CommandFailure(.ioError, "\(error)")
            }
        }
    }
}
