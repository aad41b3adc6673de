public import LeaseholdBase
import LeaseholdJournal
import LeaseholdReplica

/// A cluster and its clients in one thread and in virtual time, every draw from one seed.
///
/// It drives the very same ``Replica`` as the server does, in turns: events gather while a process is busy, its clock is
/// read once a turn, and its effects are carried out in order. The world owns true time; processes know only their own
/// clocks.
public final class World {
    /// What is run.
    public let plan: Plan
    /// True time, in nanoseconds since the beginning.
    public internal(set) var now: UInt64 = 0 {
        didSet { findings.now = now }
    }
    /// What happened so far, in number.
    public private(set) var events: UInt64 = 0 {
        didSet { findings.event = events }
    }
    /// How much of everything there was.
    public internal(set) var figures = Figures()
    /// What contradicts a property, in the order it was found; a world stops at the first.
    public var violations: [Violation] { findings.violations }
    /// Where checkers put what they find.
    var findings = Findings()
    /// A running hash over everything that happened, for comparing two runs.
    public internal(set) var traceHash: UInt64 = 0
    /// Who wants to see it all, if anybody.
    public var recorder: TraceRecorder?

    let draws: Draws
    var queue = EventQueue<Happening>()
    var processes: [SimulatedProcess] = []
    var network = SimulatedNetwork()
    /// The nodes, by their place: the node with id n has place n − 1.
    public internal(set) var nodes: [SimulatedNode] = []
    /// The clients, in the order in which they were added.
    public internal(set) var clients: [SimulatedClient] = []
    var faults: FaultEngine
    /// What of the disks was destroyed, and what may be.
    var atlas: FaultAtlas
    /// Packets of clients that were delivered twice: whose, and when they had been sent.
    var repeats: [(client: Int, sentAt: UInt64)] = []
    /// Whether a fault of the plan repeats packets, so that some are kept.
    let repeatsPackets: Bool
    /// The nodes that are healed in the end, by place.
    var core: [Int]
    /// Paths that a script has cut.
    var manualCuts: [Pair] = []
    var checks: ClusterChecks
    var promises = Promises()
    var beliefs = Beliefs()
    /// What clients saw.
    public internal(set) var history: History
    /// What the cluster committed.
    public internal(set) var committedLog = CommittedLog()
    /// How nodes read their whole state, now and then.
    var states: [LogJudge.State] = []
    /// What clients were told of the replicated settings.
    var settingsRead: [LogJudge.SettingsRead] = []
    var resources = FencedResources()
    /// Where the run is ended early.
    var abort: Run.Abort?
    /// Which marks of the production code were hit by processes that have ended.
    var coverageOfEnded = Coverage()

    /// A world with its nodes set up and not started, and its faults on the calendar.
    public init(_ plan: Plan) {
        self.plan = plan
        draws = plan.draws
        history = History(seed: plan.seed)
        checks = ClusterChecks(plan)
        faults = FaultEngine(plan)
        atlas = FaultAtlas(sparing: plan.core)
        core = plan.core
        repeatsPackets = plan.faults.contains { $0.kind == .replay }
        beliefs.clocks = ClockTrust(nodes: plan.nodes, clients: plan.clients)
        network.reserve(processes: plan.nodes + plan.clients)
        let listed = (1...plan.nodes).map {
            ListedNode(id: NodeID(UInt64($0)), peerAddress: "node\($0):7501", clientAddress: "node\($0):7401")
        }
        for position in 0..<plan.nodes {
            let node = SimulatedNode(
                place: position, listed: listed, clock: clock(of: position),
                disk: SimulatedDisk(draws: draws, place: position))
            node.disk.faults.syncTime = plan.disk.range
            nodes.append(node)
            add(node)
            network.listeners.append(.init(address: listed[position].peerAddress, process: position, kind: .peer))
            network.listeners.append(.init(address: listed[position].clientAddress, process: position, kind: .client))
        }
        if UInt64(max(0, plan.clocks.ratePartsPerMillion)) > ClaimLedger.drift {
            for place in 0..<plan.nodes + plan.clients { mislead(place) }
        }
        for (position, fault) in plan.faults.enumerated() {
            queue.schedule(.faultBegins(position), at: UInt64(max(0, fault.at)) * 1_000_000)
        }
    }

    private func add(_ process: SimulatedProcess) {
        processes.append(process)
        network.addProcess()
    }

    private func clock(of place: Int) -> SimulatedClock {
        var random = draws.source(.clock, place)
        let most = plan.clocks.ratePartsPerMillion
        return SimulatedClock(rate: Int64(random.integer(in: -most...most)), showing: random.below(1 << 50))
    }

    // MARK: Processes

    /// Adds a client and starts it.
    @discardableResult
    public func addClient(_ workload: SimulatedClient.Workload? = nil) -> SimulatedClient {
        let place = processes.count
        let client = SimulatedClient(
            place: place, number: clients.count + 1, workload: workload ?? .init(plan.work),
            draws: draws, clock: clock(of: place))
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
        record(.ended, client.place)
        coverageOfEnded.add(client)
        client.close(self)
        endConnections(of: client.place, isTold: true)
    }

    /// Stops a process for some true time, as a signal does: its clock runs on.
    public func pause(_ process: SimulatedProcess, for time: Nanoseconds) {
        let length = UInt64(max(0, time.rawValue))
        process.stoppedUntil = max(process.stoppedUntil, now + length)
        record(.paused, process.place, value: length)
    }

    private func begin(_ process: SimulatedProcess) {
        process.beginLife()
        process.isUp = true
        process.inbox = []
        process.wakeAt = .max
        process.isTurnScheduled = false
        process.isInTurn = false
        process.standsUntil = 0
        // A signal stops a process; the one that comes after it runs, unless the machine stands still.
        process.stoppedUntil = process.suspendedUntil
        process.isListening = true
        record(.started, process.place)
        if process.isDark {
            process.isDark = false
            releaseWaiting()
        }
    }

    /// Starts every node.
    public func startAll() { for node in nodes { start(node) } }

    /// Starts a node on its disk as it is.
    public func start(_ node: SimulatedNode) {
        guard !node.isUp else { return }
        begin(node)
        node.open(self)
        // The journal is read before the first turn; the kernel takes connections in meanwhile.
        if node.isUp {
            standStill(node, for: node.disk.timeOfCalls(at: now))
        } else {
            record(.ended, node.place) { node.ending ?? "" }
        }
    }

    /// Ends a node's process, and its machine tells everybody who has a connection to it. With the power, unsynced writes
    /// are lost or torn too, and nobody is told anything.
    public func crash(_ node: SimulatedNode, losingPower: Bool) {
        guard node.isUp else {
            if losingPower { losePower(node) }
            return
        }
        node.isUp = false
        record(.ended, node.place) { node.ending ?? (losingPower ? "lost its power" : "crashed") }
        coverageOfEnded.add(node)
        node.close()
        endConnections(of: node.place, isTold: !losingPower)
        if losingPower { losePower(node) } else { node.disk.processEnded() }
    }

    /// The machine of a node that is down loses its power too.
    public func losePower(_ node: SimulatedNode) {
        guard !node.isUp else { return }
        node.isDark = true
        node.disk.crash()
    }

    /// Asks a node to end gracefully; a property is violated when it has not done so in good time.
    public func stopGracefully(_ node: SimulatedNode) {
        guard node.isUp, !node.isAskedToStop else { return }
        node.isAskedToStop = true
        deliver(.stopAsked, to: node)
        expectEnd(of: node, life: node.life, within: 5_000_000_000)
    }

    /// A node ends within so much time in which neither it nor its disk stands still.
    func expectEnd(of node: SimulatedNode, life: Int, within time: UInt64) {
        let step: UInt64 = 50_000_000
        after(.milliseconds(50)) { [unowned self, unowned node] in
            guard node.isUp, node.life == life else { return }
            let still = max(node.stoppedUntil, node.standsUntil, node.disk.faults.stalledUntil)
            let isSlow = node.disk.faults.slowFactor > 1 || node.slowness > 0 || still > now
            guard isSlow || time > step else {
                return violate(22, by: node.label, "has not ended", "it was asked to stop, and had five seconds for it")
            }
            expectEnd(of: node, life: life, within: isSlow ? time : time - step)
        }
    }

    /// Takes a node's directory away, as an operator may who means to help; the node must be down.
    public func wipe(_ node: SimulatedNode) {
        precondition(!node.isUp, "a directory is emptied while nobody works on it")
        let image = DurableImage(of: node, plan)
        if image.failure == nil { node.imagesLost.append(image) }
        if !node.disk.strike(.wipe, isSeen: true, &atlas, at: now) { node.disk.wipe() }
        checks.emptied(node)
    }

    /// Notes that a property is violated: what was seen, and what it contradicts.
    func violate(
        _ property: Int, by process: @autoclosure () -> String, _ what: @autoclosure () -> String,
        _ against: @autoclosure () -> String
    ) { findings.add(property, by: process(), what(), against()) }

    // MARK: Time

    /// Does something at a time from now.
    public func after(_ delay: Nanoseconds, _ action: @escaping () -> Void) {
        queue.schedule(.action(action), at: now + UInt64(max(0, delay.rawValue)))
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
            if let abort, events >= abort.event { return findings.abort(abort.what) }
            recorder?.beforeEvent?(events)
            note(happening.word ^ now)
            happen(happening)
            recorder?.note(traceHash)
        }
        if violations.isEmpty, !condition() { now = max(now, end) }
    }

    private func happen(_ happening: Happening) {
        switch happening {
        case .turn(let place, let life, let number):
            let process = processes[place]
            guard process.isUp, process.life == life, process.turnNumber == number else { return }
            turn(process)
        case .wake(let place, let life):
            let process = processes[place]
            guard process.isUp, process.life == life, process.wakeAt <= now else { return }
            process.wakeAt = .max
            scheduleTurn(process)
        case .arrival(let link, let toward, let bytes): packetArrives(link, toward: toward, bytes)
        case .dial(let number, let attempt): dialArrives(number, attempt: attempt)
        case .dialAnswer(let link, let number): dialAnswered(link, number)
        case .dialTimeout(let number): dialFails(number)
        case .writable(let link, let side): becomesWritable(link, side)
        case .ended(let link, let toward): endArrives(link, toward: toward)
        case .disk(let place, let life, let effect):
            guard nodes[place].isUp, nodes[place].life == life else { return }
            nodes[place].diskDone(effect, self)
        case .faultBegins(let position): faultBegins(position)
        case .faultEnds(let position): faultEnds(position)
        case .faultTurns(let position): faultTurns(position)
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
        process.turns += 1
        #if PLANTED_BUGS
        process.firstReading = process.reading(at: now)
        #endif
        let most = UInt64(plan.process.turnDelayAtMost + process.slowness) * 1_000 + 1
        let delay = draws.below(most, .turn, process.place, process.lifeKey, process.turns)
        ask(turnOf: process, at: max(now, process.stoppedUntil) + delay)
    }

    /// A process has one turn, or one step of it, to come: this one, whatever was asked for before.
    private func ask(turnOf process: SimulatedProcess, at time: UInt64) {
        process.isTurnScheduled = true
        process.turnNumber += 1
        queue.schedule(.turn(process.place, life: process.life, number: process.turnNumber), at: time)
    }

    /// A node that stands still for longer has not been attentive, in nanoseconds: two heartbeats, for which a leader's log
    /// clock makes up.
    var longestAbsence: UInt64 { UInt64(max(0, plan.process.heartbeat)) * 2_000_000 }

    /// A process stands still in the middle of a turn, or before its next one.
    func standStill(_ process: SimulatedProcess, for time: UInt64) {
        process.standsUntil = max(process.standsUntil, now + time)
        if time > longestAbsence {
            checks.disturbed([process.place], at: now)
            record(.paused, process.place, value: time)
        }
        ask(turnOf: process, at: now + time)
    }

    /// Before which of its effects a process stands still this turn, if it does.
    func stumblePlace(of process: SimulatedProcess, among effects: Int) -> Int? {
        let probability = UInt64(plan.process.stumblePerTenThousand)
        guard probability > 0, effects > 0, !faults.isHealed else { return nil }
        let draw = draws.bits(.stumble, process.place, process.lifeKey, process.turns)
        guard draw % 10_000 < probability else { return nil }
        return Int(draw >> 32) % effects
    }

    /// For how long.
    func stumble(of process: SimulatedProcess) -> UInt64 {
        let draw = mix(draws.bits(.stumble, process.place, process.lifeKey, process.turns))
        return draw % (UInt64(max(0, plan.process.stumble)) * 1_000_000 + 1)
    }

    private func turn(_ process: SimulatedProcess) {
        if now < process.stoppedUntil { return ask(turnOf: process, at: process.stoppedUntil + 1) }
        process.isTurnScheduled = false
        if process.isInTurn { process.goOn(self) } else { process.beginTurn(self) }
        if recorder != nil { recordState(of: process) }
        guard process.isUp, !process.isInTurn else { return }
        if !process.inbox.isEmpty { return scheduleTurn(process) }
        let due = process.clock.trueTime(of: process.deadline, after: now)
        if due <= now { return scheduleTurn(process) }
        if due < process.wakeAt {
            process.wakeAt = due
            queue.schedule(.wake(process.place, life: process.life), at: due)
        }
    }

    // MARK: For reports

    /// Which marks of the production code were hit so far.
    public var coverage: Coverage {
        var all = coverageOfEnded
        for node in nodes { all.add(node) }
        for client in clients { all.add(client) }
        return all
    }

    /// What nodes told their operators: the latest hundred lines.
    public private(set) var lines: [String] = []

    func tell(_ node: SimulatedNode, _ line: LogLine) {
        let text = "\(line.level.rawValue) \(line.event) \(line.message)"
        record(.log, node.place) { text }
        if lines.count >= 100 { lines.removeFirst() }
        lines.append("\(now / 1_000_000) ms \(node.label): \(text)")
    }

    func note(_ word: UInt64) { traceHash = mix(traceHash ^ word) }

    func record(
        _ kind: TraceEvent.Kind, _ place: Int, _ other: Int = -1, _ value: UInt64 = 0,
        _ text: () -> String = { "" }
    ) {
        guard let recorder else { return }
        recorder.record(
            TraceEvent(at: now, event: events, kind, place: place, other: other, value: value, text: text()))
    }

    func record(_ kind: TraceEvent.Kind, _ place: Int, value: UInt64, _ text: () -> String = { "" }) {
        record(kind, place, -1, value, text)
    }
}
