internal import LeaseholdBase
internal import LeaseholdSystem

/// The nodes of a plan as children of this process, from their start to their end.
struct DevCluster: ~Copyable {
    private struct Node {
        let id: Int
        let process: ChildProcess
        var isRunning = true
    }

    private let plan: DevPlan
    private let executable: String
    private let signals: SignalQueue
    private var loop: ConnectionLoop
    private var events: [LoopEvent] = []
    private var nodes: [Node] = []

    /// How long the first leader may take.
    private static var readyTimeout: Nanoseconds { .seconds(30) }
    /// How long a node may take to end by itself when asked to. Leaves time to kill it within the five seconds promised.
    private static var stopTimeout: Nanoseconds { .milliseconds(3_500) }
    /// How long the last nodes may take to join after the leader is there.
    private static var patienceForAll: Nanoseconds { .seconds(5) }
    /// Between two questions whether there is a leader.
    private static var probeInterval: Nanoseconds { .milliseconds(50) }
    private static var signalTag: Int { 0 }

    /// Prepares to run a plan.
    static func prepare(_ plan: DevPlan) throws(SystemError) -> DevCluster {
        let executable = try CurrentProcess.executable()
        let signals = try SignalQueue([.interrupt, .terminate, .hangUp, .child])
        var loop = try ConnectionLoop(connectionsMax: 1)
        try loop.watch(signals, tag: signalTag)
        return DevCluster(plan: plan, executable: executable, signals: signals, loop: loop)
    }

    private init(
        plan: DevPlan, executable: String, signals: consuming SignalQueue, loop: consuming ConnectionLoop
    ) {
        self.plan = plan
        self.executable = executable
        self.signals = signals
        self.loop = loop
    }

    /// Starts the nodes, and stays until it is told to stop. The exit status.
    mutating func run() throws(CommandFailure) -> Int32 {
        do throws(SystemError) {
            try start()
            switch try waitUntilReady() {
            case .ready(let leader): say(ready(leader))
            case .told: return try stop()
            case .failed:
                StandardStream.error.write("leasehold: the cluster did not become ready; see \(plan.log(1))\n")
                _ = try stop()
                return 1
            }
            while try !wait(until: .never) {}
            return try stop()
        } catch { throw CommandFailure(.ioError, "\(error)") }
    }

    // MARK: Start

    private mutating func start() throws(SystemError) {
        for id in plan.ids {
            let process = try spawn(id)
            nodes.append(Node(id: id, process: process))
            say("node \(id) pid \(process.id) client \(plan.client(id)) peer \(plan.peer(id))\n")
        }
    }

    private func spawn(_ id: Int) throws(SystemError) -> ChildProcess {
        let log = try File(plan.log(id), .replace)
        let nothing = try File("/dev/null", .read)
        var options = ChildProcess.Options(arguments: [executable] + plan.serve(id))
        options.input = nothing.number
        options.output = log.number
        options.error = log.number
        // The terminal's Ctrl-C is for this process alone, which tells the nodes in an orderly way.
        options.hasOwnGroup = true
        options.diesWithParent = true
        return try ChildProcess.spawn(executable: executable, options)
    }

    private enum Readiness {
        case ready(NodeID)
        /// Told to stop meanwhile.
        case told
        case failed
    }

    private mutating func waitUntilReady() throws(SystemError) -> Readiness {
        let start = SystemClocks.steady
        while SystemClocks.steady < start + Self.readyTimeout {
            if let leader = try leader(waitedFor: SystemClocks.steady - start) { return .ready(leader) }
            if try wait(until: SystemClocks.steady + Self.probeInterval) { return .told }
            if !nodes.contains(where: \.isRunning) { return .failed }
        }
        return .failed
    }

    /// The leader, once every running node follows it; after some time a majority is enough.
    private func leader(waitedFor waited: Nanoseconds) throws(SystemError) -> NodeID? {
        let statuses = try StatusQuery.gather(from: plan.ids.map { plan.client($0) }, within: .milliseconds(500))
        guard let status = ClusterStatus(statuses), let leader = status.leader else { return nil }
        let running = nodes.filter(\.isRunning).count
        let isPatient = waited < Self.patienceForAll
        let wanted = max(isPatient ? running : 0, plan.nodes / 2 + 1)
        return status.following >= wanted ? leader : nil
    }

    private func ready(_ leader: NodeID) -> String {
        let program = displayed(executable)
        // With these defaults a client finds the cluster by itself.
        let flags = plan.basePort == 7400 ? "" : " --endpoints \(plan.endpoints)"
        return """
            ready leader=\(leader) endpoints=\(plan.endpoints)

            In another terminal:
              \(program) acquire jobs/nightly --ttl 60s\(flags)
              \(program) get jobs/nightly\(flags)
              \(program) status\(flags)
            Ctrl-C here stops the cluster; its data stays in \(plan.directory). What node N says is in
            \(plan.directory)/N.log.

            """
    }

    /// The program as a person would type it from here.
    private func displayed(_ path: String) -> String {
        let here = CurrentProcess.workingDirectory + "/"
        guard path.hasPrefix(here) else { return shellQuoted(path) }
        let parts = path.dropFirst(here.count).split(separator: "/")
        // The build folder's own shortcut past the name of the platform.
        if parts.count == 4, parts[0] == ".build",
            let exists = try? FileSystem.kind(of: ".build/\(parts[2])/\(parts[3])"),
            exists == .file
        {
            return ".build/\(parts[2])/\(parts[3])"
        }
        return shellQuoted(parts.joined(separator: "/"))
    }

    // MARK: Running

    /// Waits for signals until then, and looks after children that ended. True when told to stop.
    private mutating func wait(until deadline: SteadyTime) throws(SystemError) -> Bool {
        try loop.wait(until: deadline, into: &events)
        var isTold = false
        while let signal = try signals.next() {
            if signal == .child { try lookAfterChildren(saying: true) } else { isTold = true }
        }
        return isTold
    }

    private mutating func lookAfterChildren(saying isSaying: Bool) throws(SystemError) {
        for index in nodes.indices where nodes[index].isRunning {
            guard let status = try nodes[index].process.poll() else { continue }
            nodes[index].isRunning = false
            if isSaying { say(farewell(nodes[index], status)) }
        }
    }

    private func farewell(_ node: Node, _ status: ExitStatus) -> String {
        var text = "node \(node.id) pid \(node.process.id) \(status)\n"
        // One that ended by itself has said why; one that was killed had no time to.
        if case .exited = status {
            for line in lastWords(node.id) { text += "  \(line)\n" }
        }
        let words = ([executable] + plan.serve(node.id)).map(shellQuoted)
        return text + "start it again with:\n  \(words.joined(separator: " "))\n"
    }

    /// The end of what a node said.
    private func lastWords(_ id: Int) -> [String] {
        guard let bytes = try? FileSystem.readAll(plan.log(id)) else { return [] }
        let lines = bytes.split(separator: UInt8(ascii: "\n")).suffix(3)
        return lines.map { printable(String(decoding: $0, as: UTF8.self)) }
    }

    // MARK: Stop

    /// Asks the nodes to end; kills what has not ended in time, or at a second request.
    private mutating func stop() throws(SystemError) -> Int32 {
        let deadline = SystemClocks.steady + Self.stopTimeout
        for node in nodes where node.isRunning { try? node.process.send(.terminate) }
        while nodes.contains(where: \.isRunning), SystemClocks.steady < deadline {
            try loop.wait(until: deadline, into: &events)
            var isToldAgain = false
            while let signal = try signals.next() { isToldAgain = isToldAgain || signal != .child }
            try lookAfterChildren(saying: false)
            if isToldAgain { break }
        }
        for node in nodes where node.isRunning {
            try? node.process.send(.kill)
            _ = try node.process.wait()
        }
        return 0
    }

    private func say(_ text: String) { StandardStream.output.write(text) }
}
