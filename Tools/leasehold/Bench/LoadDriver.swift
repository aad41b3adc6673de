internal import LeaseMachine
internal import Leasehold
internal import LeaseholdBase
internal import LeaseholdClientCore
internal import LeaseholdSystem

/// Makes the load: many clients on one thread, each lane with one operation after the other.
///
/// It shares a machine with what it measures, so it is to be cheap: the clock is read once a turn, and nothing is
/// allocated for an operation but what the request itself needs.
struct LoadDriver: ~Copyable {
    /// How far the run has come.
    enum Phase {
        /// Connecting, and acquiring what the workload needs.
        case preparing
        case running
        /// Nothing new is begun.
        case draining
    }

    let plan: BenchPlan
    let endpoints: [Endpoint]
    private(set) var phase = Phase.preparing
    /// What was measured.
    var tally = BenchTally()
    /// The first acknowledged acquire that was sent behind ``watchFrom``, when it was answered.
    private(set) var firstGrant: SteadyTime?
    /// Acquires sent later than this are watched for.
    private(set) var watchFrom = SteadyTime.never

    var loop: ClientLoop
    var lanes: [Lane]
    let log: OperationLog?
    let holder: String
    /// Lanes with something under way.
    var underWay = 0
    private var begun = 0
    private var names = 0
    /// The earliest time at which an idle lane has something to do.
    private var nextWake = SteadyTime.zero
    /// What ends the run: it would not be answered otherwise next time.
    var fatal: CommandFailure?

    /// Connections to be opened: to the leader, and while it is looked for to others.
    private static var connectionsPerClient: Int { 4 }

    init(_ plan: BenchPlan, endpoints: [Endpoint], log: OperationLog?) throws(SystemError) {
        self.plan = plan
        self.endpoints = endpoints
        self.log = log
        holder = "bench:\(CurrentProcess.id)"
        CurrentProcess.raiseDescriptorLimit()
        var configuration = ClientConfiguration(endpoints: endpoints.map(\.description))
        configuration.timeout = plan.timeout
        // Undone acquires need room beside the operations.
        configuration.requestLimit = max(1_024, plan.depth * 4)
        var cores: [ClientCore] = []
        for _ in 0..<plan.connections {
            cores.append(
                ClientCore(
                    configuration: configuration, instance: ClientInstance(try SystemRandom.next()),
                    seed: try SystemRandom.next(), now: SystemClocks.steady))
        }
        loop = try ClientLoop(connectionsMax: plan.connections * Self.connectionsPerClient + 16)
        lanes = []
        for core in cores {
            let place = loop.add(core)
            for _ in 0..<plan.depth { lanes.append(Lane(core: place)) }
        }
    }

    /// Ends the warming up: from now on operations count.
    mutating func start() {
        phase = .running
        let now = SystemClocks.steady
        tally.begin(at: now)
        nextWake = now
    }

    /// Begins nothing more.
    mutating func drain() { phase = .draining }

    /// Watches for the first grant that was asked for from now on.
    mutating func watch(from now: SteadyTime) {
        watchFrom = now
        firstGrant = nil
    }

    /// Whether lanes are to be connected and prepared still.
    var isPreparing: Bool {
        lanes.contains { lane in
            switch lane.step {
            case .connecting, .preparing: true
            case .idle: lane.name.isEmpty && lane.holdings.isEmpty
            default: false
            }
        }
    }

    /// Whether the run has done what it was to do.
    var isDone: Bool {
        switch phase {
        case .preparing: false
        case .running: plan.count.map { begun >= $0 } == true && underWay == 0
        case .draining: underWay == 0
        }
    }

    /// One turn: begins what is due, sends, waits until the limit at most, and takes answers in.
    mutating func turn(until limit: SteadyTime) throws(CommandFailure) {
        do throws(SystemError) {
            try begin(at: SystemClocks.steady)
            let wake = phase == .draining ? .never : nextWake
            try loop.turn(until: min(limit, wake))
            let now = SystemClocks.steady
            for position in loop.news.indices {
                let item = loop.news[position]
                guard case .completed(let request, let result) = item.effect else { continue }
                guard let lane = lane(of: request, on: item.core) else { continue }
                try completed(lane, result, at: now)
            }
            try log?.flush(ifDueAt: now)
        } catch { throw CommandFailure(.ioError, "\(error)") }
        if let fatal { throw fatal }
    }

    /// What is under way is given up: its outcome is not known.
    mutating func abandon() throws(SystemError) {
        let now = SystemClocks.steady
        for lane in lanes.indices where lanes[lane].request != nil { try lost(lane, at: now) }
        try log?.flush()
    }

    /// Gives the clients a moment to undo acquires of unknown outcome.
    mutating func settle(for patience: Nanoseconds) {
        let end = SystemClocks.steady + patience
        while loop.cores.contains(where: { $0.requestsUnderWay > 0 }), SystemClocks.steady < end {
            guard (try? loop.turn(until: end)) != nil else { return }
        }
    }

    private func lane(of request: RequestHandle, on core: Int) -> Int? {
        let first = core * plan.depth
        for lane in first..<first + plan.depth where lanes[lane].request == request { return lane }
        return nil
    }

    // MARK: Beginning

    /// Begins what idle lanes have to do.
    private mutating func begin(at now: SteadyTime) throws(SystemError) {
        guard phase != .draining, now >= nextWake else { return }
        nextWake = .never
        for lane in lanes.indices where lanes[lane].request == nil {
            if lanes[lane].wakesAt <= now {
                beginNext(lane, at: now)
            } else {
                nextWake = min(nextWake, lanes[lane].wakesAt)
            }
        }
    }

    /// Begins the lane's next operation, or what must come before it.
    mutating func beginNext(_ lane: Int, at now: SteadyTime) {
        lanes[lane].step = .idle
        guard phase != .draining, fatal == nil else { return }
        if phase == .preparing, lanes[lane].name.isEmpty { return submit(lane, .connecting, at: now) }
        switch plan.workload {
        case .renew where lanes[lane].holdings.count < plan.leasesPerRenew,
            .read where lanes[lane].holdings.isEmpty:
            lanes[lane].name = freshName()
            return submit(lane, .preparing, at: now)
        default: break
        }
        guard phase == .running else { return }
        let size = plan.workload == .renew ? plan.leasesPerRenew : 1
        if let count = plan.count {
            guard begun < count else { return }
        }
        begun += size
        lanes[lane].began = now
        switch plan.workload {
        case .acquire, .failover:
            lanes[lane].name = freshName()
            submit(lane, .acquiring, at: now)
        case .cycle:
            if lanes[lane].name.isEmpty || lanes[lane].name == connectingName { lanes[lane].name = freshName() }
            submit(lane, .acquiring, at: now)
        case .renew: submit(lane, .renewing, at: now)
        case .read: submit(lane, .reading, at: now)
        }
    }

    /// What a lane asks for to be connected: a lease of its own that nobody takes.
    private var connectingName: String { "\(plan.prefix)connecting" }

    /// A name that this run has not used yet.
    private mutating func freshName() -> String {
        names += 1
        return plan.name(names - 1)
    }

    private mutating func submit(_ lane: Int, _ step: Lane.Step, at now: SteadyTime) {
        let core = lanes[lane].core
        lanes[lane].step = step
        lanes[lane].sent = now
        do throws(SubmissionError) {
            switch step {
            case .idle: return
            case .connecting:
                lanes[lane].name = connectingName
                lanes[lane].request = try loop.cores[core].get(name: connectingName, now: now)
            case .preparing, .acquiring:
                let wanted = Acquire(name: lanes[lane].name, holder: holder, ttl: plan.ttl)
                lanes[lane].request = try loop.cores[core].acquire(wanted, keep: false, now: now)
            case .renewing:
                // As a client renews for itself: an answer that comes later than that is of no use.
                lanes[lane].request = try loop.cores[core].renew(
                    lanes[lane].renewals, attemptTimeout: min(.seconds(1), plan.ttl / 4), now: now)
            case .releasing:
                guard let holding = lanes[lane].holdings.last else { return }
                let claim = ClaimReference(claim: holding.claim, name: holding.name)
                lanes[lane].request = try loop.cores[core].release(claim, now: now)
            case .reading:
                let cursor = lanes[lane].cursor
                lanes[lane].cursor = (cursor + 1) % lanes[lane].holdings.count
                lanes[lane].request = try loop.cores[core].get(name: lanes[lane].holdings[cursor].name, now: now)
            }
        } catch {
            fatal = fatal ?? CommandFailure(error)
            return
        }
        underWay += 1
        loop.touch(core)
    }

    /// The lane goes on to release what it has just acquired.
    mutating func release(_ lane: Int, at now: SteadyTime) { submit(lane, .releasing, at: now) }

    /// The lane has done an operation: the next one follows, at once or after the pause.
    mutating func next(_ lane: Int, at now: SteadyTime) {
        if plan.pause > .zero, phase == .running {
            lanes[lane].step = .idle
            lanes[lane].wakesAt = now + plan.pause
            nextWake = min(nextWake, lanes[lane].wakesAt)
        } else {
            beginNext(lane, at: now)
        }
    }

    /// A grant of an acquire whose answered try was sent then.
    mutating func granted(sent: SteadyTime, at now: SteadyTime) {
        if firstGrant == nil, sent > watchFrom { firstGrant = now }
    }

    /// The lane goes on under another name: the old one may be held by a claim that nobody knows.
    mutating func rename(_ lane: Int) {
        lanes[lane].drop()
        if plan.workload == .cycle { lanes[lane].name = freshName() }
    }
}
