public import LeaseholdBase
import LeaseholdJournal
import LeaseholdReplica

/// A cluster and its clients in one thread and in virtual time, every draw from one seed.
///
/// It drives the very same ``Replica`` as the server does, in turns: events gather while a process is busy, its clock is
/// read once a turn, and its effects are carried out in order. The world owns true time; processes know only their own
/// clocks.
public final class World {
    /// The shape of the world.
    public internal(set) var configuration: WorldConfiguration
    /// True time, in nanoseconds since the beginning.
    public internal(set) var now: UInt64 = 0 {
        didSet { findings.now = now }
    }
    /// Packets sent, and those of them that were lost.
    public internal(set) var packets: UInt64 = 0
    /// Packets that the network lost.
    public internal(set) var packetsLost: UInt64 = 0
    /// What happened so far, in number.
    public private(set) var events: UInt64 = 0 {
        didSet { findings.event = events }
    }
    /// What contradicts a property, in the order it was found; a world stops at the first.
    public var violations: [Violation] { findings.violations }
    /// Where checkers put what they find.
    var findings = Findings()
    /// A running hash over everything that happened, for comparing two runs.
    public internal(set) var traceHash: UInt64 = 0

    var queue = EventQueue<Happening>()
    var processes: [SimulatedProcess] = []
    var network = SimulatedNetwork()
    /// The nodes, by their place: the node with id n has place n − 1.
    public internal(set) var nodes: [SimulatedNode] = []
    var checks = ClusterChecks()
    var promises: Promises
    var beliefs = Beliefs()
    /// The clients, in the order in which they were added.
    public internal(set) var clients: [SimulatedClient] = []

    // One stream a concern: one more draw in one leaves the others as they were.
    var networkRandom: RandomSource
    var diskRandom: RandomSource
    var turnRandom: RandomSource
    var seedRandom: RandomSource
    private var workRandom: RandomSource

    /// A world with its nodes set up and not started.
    public init(_ configuration: WorldConfiguration) {
        self.configuration = configuration
        promises = Promises(nodes: configuration.nodes)
        var random = RandomSource(seed: configuration.seed)
        networkRandom = random.fork()
        diskRandom = random.fork()
        turnRandom = random.fork()
        seedRandom = random.fork()
        workRandom = random.fork()
        var clockRandom = random.fork()
        let listed = (1...configuration.nodes).map {
            ListedNode(id: NodeID(UInt64($0)), peerAddress: "node\($0):7501", clientAddress: "node\($0):7401")
        }
        for position in 0..<configuration.nodes {
            let drift = Int(configuration.clockDriftPartsPerMillion)
            let node = SimulatedNode(
                place: position, listed: listed, drift: Int64(clockRandom.integer(in: -drift...drift)),
                clockBase: clockRandom.below(1 << 50))
            nodes.append(node)
            add(node)
            network.listeners.append((listed[position].peerAddress, position, .peer))
            network.listeners.append((listed[position].clientAddress, position, .client))
        }
    }

    func add(_ process: SimulatedProcess) {
        processes.append(process)
        network.addProcess()
    }

    /// Adds a client and starts it.
    @discardableResult
    public func addClient(_ workload: SimulatedClient.Workload = .init()) -> SimulatedClient {
        let drift = Int(configuration.clockDriftPartsPerMillion)
        let client = SimulatedClient(
            place: processes.count, number: clients.count + 1, workload: workload, random: workRandom.fork(),
            drift: Int64(workRandom.integer(in: -drift...drift)), clockBase: workRandom.below(1 << 50))
        clients.append(client)
        add(client)
        start(client)
        return client
    }

    /// Starts a client that does not run.
    public func start(_ client: SimulatedClient) {
        guard !client.isUp else { return }
        begin(client)
        client.open(self)
        scheduleTurn(client)
    }

    /// Ends a client's process: what it held, it holds no more.
    public func crash(_ client: SimulatedClient) {
        guard client.isUp else { return }
        client.isUp = false
        client.close(self)
        endConnections(of: client.place)
    }

    /// Stops a process for some true time, as a signal does: its clock runs on.
    public func pause(_ process: SimulatedProcess, for time: Nanoseconds) {
        process.stoppedUntil = max(process.stoppedUntil, now + UInt64(max(0, time.rawValue)))
    }

    /// How often leaders were elected, tenures begun and writes made.
    public var activity: (elections: Int, tenures: Int, writes: Int) {
        (checks.elections, beliefs.tenures, beliefs.writes)
    }

    private func begin(_ process: SimulatedProcess) {
        process.life += 1
        process.isUp = true
        process.inbox = []
        process.wakeAt = .max
        process.isTurnScheduled = false
    }

    /// Starts every node.
    public func startAll() { for node in nodes { start(node) } }

    /// Starts a node on its disk as it is.
    public func start(_ node: SimulatedNode) {
        guard !node.isUp else { return }
        begin(node)
        node.open(self)
        if node.isUp { scheduleTurn(node) }
    }

    /// Ends a node's process; with the power, unsynced writes are lost or torn too.
    public func crash(_ node: SimulatedNode, losingPower: Bool) {
        guard node.isUp else { return }
        node.isUp = false
        node.replica = nil
        endConnections(of: node.place)
        if losingPower { node.disk.crash(&diskRandom) } else { node.disk.processEnded() }
    }

    /// Asks a node to end gracefully; a property is violated when it has not done so in good time.
    public func stopGracefully(_ node: SimulatedNode) {
        guard node.isUp, !node.isAskedToStop else { return }
        node.isAskedToStop = true
        deliver(.stopAsked, to: node)
        expectEnd(of: node, life: node.life, within: 5_000_000_000)
    }

    private func expectEnd(of node: SimulatedNode, life: Int, within time: UInt64) {
        queue.schedule(
            .action { [unowned self] in
                guard node.isUp, node.life == life else { return }
                // A process that is stopped by a signal ends when it goes on.
                if node.stoppedUntil + time > now { return expectEnd(of: node, life: life, within: time) }
                violate(22, by: node.label, "has not ended", "it was asked to stop \(time) ns ago")
            }, at: max(now, node.stoppedUntil) + time)
    }

    /// The machine of a node that is down loses its power too.
    public func losePower(_ node: SimulatedNode) {
        guard !node.isUp else { return }
        node.disk.crash(&diskRandom)
    }

    /// Takes a node's directory away, as an operator may who means to help; the node must be down.
    public func wipe(_ node: SimulatedNode) {
        precondition(!node.isUp, "a directory is emptied while nobody works on it")
        node.disk.wipe()
        promises.wiped(node)
    }

    /// Notes that a property is violated: what was seen, and what it contradicts.
    func violate(
        _ property: Int, by process: @autoclosure () -> String, _ what: @autoclosure () -> String,
        _ against: @autoclosure () -> String
    ) { findings.add(property, by: process(), what(), against()) }

    /// Does something at a time from now.
    public func after(_ delay: Nanoseconds, _ action: @escaping () -> Void) {
        queue.schedule(.action(action), at: now + UInt64(max(0, delay.rawValue)))
    }

    /// Cuts everything between two groups of nodes, both ways, or mends it.
    public func cut(_ left: [Int], _ right: [Int], _ isCut: Bool = true) {
        for from in left {
            for to in right where from != to {
                for pair in [SimulatedNetwork.Pair(from: from, to: to), .init(from: to, to: from)] {
                    if isCut { network.blocked.insert(pair) } else { network.blocked.remove(pair) }
                }
            }
        }
    }

    /// How many processes there are, nodes first.
    public var processCount: Int { processes.count }

    /// Ends every fault of the network and wakes whoever is stopped.
    public func mend() {
        network.blocked.removeAll()
        configuration.lossPerTenThousand = 0
        configuration.duplicatesPerTenThousand = 0
        configuration.tailPerMille = 0
        for process in processes { process.stoppedUntil = min(process.stoppedUntil, now) }
        for node in nodes { node.disk.failsNextSync = false }
    }

    /// Forgets what was still to happen: a scenario's actions hold on to the world that holds them.
    public func end() { queue = EventQueue() }

    /// Lets so much true time pass, or less when a property is violated.
    public func run(for time: Nanoseconds) { run(until: now + UInt64(time.rawValue)) { false } }

    /// Lets time pass until the condition holds; answers whether it did in time.
    @discardableResult
    public func run(for time: Nanoseconds, until condition: () -> Bool) -> Bool {
        run(until: now + UInt64(time.rawValue), condition)
        return condition()
    }

    private func run(until end: UInt64, _ condition: () -> Bool) {
        while findings.isEmpty, let next = queue.nextTime, next <= end, !condition() {
            guard let (time, happening) = queue.next() else { return }
            now = max(now, time)
            events += 1
            happen(happening)
        }
        if !condition() { now = max(now, end) }
    }

    private func happen(_ happening: Happening) {
        switch happening {
        case .turn(let place, let life): turn(processes[place], life: life)
        case .wake(let place, let life):
            let process = processes[place]
            guard process.isUp, process.life == life, process.wakeAt <= now else { return }
            process.wakeAt = .max
            scheduleTurn(process)
        case .arrival(let link, let toward, let bytes):
            arrive(link, toward: toward) { .received($0, bytes) }
        case .dial(let from, let life, let tag, let address):
            dialArrives(from: from, life: life, tag: tag, address: address)
        case .dialAnswer(let link, let tag): arrive(link, toward: 0) { .dialed(tag: tag, $0) }
        case .dialFailure(let place, let life, let tag):
            guard processes[place].isUp, processes[place].life == life else { return }
            deliver(.dialFailed(tag: tag), to: processes[place])
        case .ended(let link, let toward): endArrives(link, toward: toward)
        case .disk(let place, let life, let effect, let bytes):
            guard let node = processes[place] as? SimulatedNode, node.isUp, node.life == life else { return }
            node.diskDone(effect, bytes, self)
        case .action(let action): action()
        }
    }

    /// Something reaches a process.
    func deliver(_ input: Input, to process: SimulatedProcess) {
        process.inbox.append(input)
        scheduleTurn(process)
    }

    func scheduleTurn(_ process: SimulatedProcess) {
        guard !process.isTurnScheduled else { return }
        process.isTurnScheduled = true
        let busy = turnRandom.below(20_000)
        queue.schedule(.turn(process.place, life: process.life), at: max(now, process.stoppedUntil) + busy)
    }

    private func turn(_ process: SimulatedProcess, life: Int) {
        guard process.isUp, process.life == life else { return }
        if now < process.stoppedUntil {
            process.isTurnScheduled = false
            return scheduleTurn(process)
        }
        process.isTurnScheduled = false
        process.takeTurn(self)
        guard process.isUp else { return }
        let due = process.trueTime(of: process.deadline, after: now)
        if due <= now { return scheduleTurn(process) }
        if due < process.wakeAt {
            process.wakeAt = due
            queue.schedule(.wake(process.place, life: process.life), at: due)
        }
    }

    /// What nodes told their operators: the latest hundred lines.
    public private(set) var lines: [String] = []

    func tell(_ node: SimulatedNode, _ line: LogLine) {
        if lines.count >= 100 { lines.removeFirst() }
        lines.append("\(now / 1_000_000) ms \(node.label): \(line.level.rawValue) \(line.event) \(line.message)")
    }

    func note(_ word: UInt64) { traceHash = mix(traceHash ^ word) }
}
