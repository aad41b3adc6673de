internal import LeaseholdBase
internal import LeaseholdClientCore
internal import LeaseholdSystem

/// What runs on a client's thread: one core over its sockets, in turns, and the calls that wait for its answers.
///
/// A turn takes up what callers have put down, lets the core send, waits, and hands out what came. Nothing is decided
/// here but when the client has come to its end.
struct ClientEngine: ~Copyable {
    /// A call whose request is under way in the core.
    struct OpenCall {
        let handle: RequestHandle
        let call: Call
        let continuation: CheckedContinuation<CallResult, Never>
    }

    /// A body that was told to stop, and has until then to return.
    struct Grace {
        let tenure: Tenure
        let loss: LeaseLost
        let policy: LossPolicy
        let end: SteadyTime
    }

    let thread: ClientThread
    let wakeUp: WakeUp
    var loop: ClientLoop
    /// By the place of the core's request. Releases that nobody waits for are not among them.
    var calls: [OpenCall?] = []
    /// Calls that the core has ended, and whose places others have got before that was taken in.
    var displaced: [OpenCall] = []
    var tenures = Tenures<Tenure>()
    var graces: [Grace] = []
    /// The client ends, by then at the latest.
    var stopLimit: SteadyTime?
    /// Nobody refers to the client any more: it ends with its last lease.
    var isAbandoned = false

    /// Connections beyond those that the core can have: some may still be closing.
    private static let connectionsMax = ClientLimits.endpoints * 2

    /// Runs the client until its end, and answers why it ended.
    static func run(for thread: ClientThread, wakeUp: WakeUp) -> LeaseholdError.Obstacle {
        do throws(SystemError) {
            var engine = ClientEngine(thread, wakeUp, try open(thread.configuration.core, wakeUp))
            return engine.turnUntilEnd()
        } catch { return .system("\(error)") }
    }

    private static func open(
        _ configuration: ClientConfiguration, _ wakeUp: WakeUp
    ) throws(SystemError) -> ClientLoop {
        var loop = try ClientLoop(connectionsMax: connectionsMax)
        try loop.watch(wakeUp)
        let core = ClientCore(
            configuration: configuration, instance: ClientInstance(try SystemRandom.next()),
            seed: try SystemRandom.next(), now: SystemClocks.steady)
        _ = loop.add(core)
        return loop
    }

    private init(_ thread: ClientThread, _ wakeUp: WakeUp, _ loop: consuming ClientLoop) {
        self.thread = thread
        self.wakeUp = wakeUp
        self.loop = loop
    }

    private mutating func turnUntilEnd() -> LeaseholdError.Obstacle {
        var obstacle = LeaseholdError.Obstacle.stopped
        do throws(SystemError) {
            while true {
                takeUpCommands()
                passGraces()
                sendMoreReleases()
                tellFailures()
                if isDone { break }
                try turn()
            }
        } catch { obstacle = .system("\(error)") }
        end(obstacle)
        waitForGraces()
        return obstacle
    }

    // MARK: Turns

    /// Lets the core send, waits, and hands out what came.
    private mutating func turn() throws(SystemError) {
        var limit = stopLimit ?? .never
        for grace in graces { limit = min(limit, grace.end) }
        // What callers put down from here on wakes the thread.
        let mayWait = thread.mailbox.withLock { mailbox in
            guard mailbox.commands.isEmpty else { return false }
            mailbox.attention = .waiting
            return true
        }
        try loop.turn(until: mayWait ? limit : .zero)
        for news in loop.news { take(news.effect) }
    }

    private mutating func takeUpCommands() {
        var commands: [Mailbox.Command] = []
        let wasWoken = thread.mailbox.withLock { mailbox in
            defer { mailbox.attention = .working }
            swap(&commands, &mailbox.commands)
            if case .woken = mailbox.attention { return true }
            return false
        }
        if wasWoken { wakeUp.clear() }
        guard !commands.isEmpty else { return }
        let now = SystemClocks.steady
        for command in commands { takeUp(command, now) }
        loop.touch(0)
    }

    private mutating func takeUp(_ command: Mailbox.Command, _ now: SteadyTime) {
        switch command {
        case .submit(let call, let continuation): submit(call, continuation, now)
        case .giveUp(let call): giveUp(call, now)
        case .worked(let tenure): tenures.keepRenewing(tenure, &loop.cores[0], now: now)
        case .stop(let limit): beginStop(limit, now)
        case .abandoned: isAbandoned = true
        }
    }

    /// Whether there is nothing left to do.
    private var isDone: Bool {
        let isIdle = tenures.isDone(loop.cores[0])
        if let stopLimit { return isIdle || SystemClocks.steady >= stopLimit }
        return isAbandoned && isIdle
    }

    // MARK: The end

    /// Sends further releases as earlier ones are answered.
    private mutating func sendMoreReleases() {
        guard !tenures.sendMore(&loop.cores[0], now: SystemClocks.steady).isEmpty else { return }
        loop.touch(0)
    }

    /// What runs under a lease is cancelled, and its lease given back when it has returned (trap 60); all other leases are
    /// given back now.
    private mutating func beginStop(_ limit: SteadyTime, _ now: SteadyTime) {
        stopLimit = min(stopLimit ?? .never, limit)
        for (tenure, order) in tenures.stop(&loop.cores[0], now: now) {
            switch order {
            // It may have returned since.
            case .cancelWork: if let work = tenure.work { thread.courier.run(work.cancel) }
            case .leave: break
            case .giveBack: giveBack(tenure, now)
            }
        }
        loop.touch(0)
    }

    /// Completes what is under way, loses what is held, tells which releases failed, and closes the connections.
    private mutating func end(_ obstacle: LeaseholdError.Obstacle) {
        loop.cores[0].shutDown(now: SystemClocks.steady)
        loop.touch(0)
        do throws(SystemError) { try loop.turn(until: .zero) } catch { loop.flush() }
        for news in loop.news { take(news.effect) }
        // Nothing is left there unless the loop failed: nobody is left waiting then either.
        for open in calls + displaced {
            open?.continuation.resume(returning: .failure(.unknown(.stopped)))
        }
        (calls, displaced) = ([], [])
        for tenure in tenures.end() { lose(tenure, .shutDown, SystemClocks.steady) }
        tellFailures(obstacle)
        thread.ended(obstacle)
    }

    // MARK: Bodies that do not return

    /// A body was told to stop because its lease is lost.
    mutating func cancel(_ work: Tenure.Work, of tenure: Tenure, _ loss: LeaseLost, _ now: SteadyTime) {
        thread.courier.run(work.cancel)
        graces.append(
            Grace(tenure: tenure, loss: loss, policy: work.policy, end: now + Nanoseconds(work.policy.grace)))
    }

    private mutating func passGraces() {
        guard !graces.isEmpty else { return }
        let now = SystemClocks.steady
        let courier = thread.courier
        graces.removeAll { grace in
            guard grace.tenure.isWorking else { return true }
            guard now >= grace.end else { return false }
            courier.tell(.overdue(grace.loss))
            let loss = grace.loss
            switch grace.policy.action {
            case .nothing: break
            case .call(let action): courier.run { action(loss) }
            case .exit(let status):
                _ = StandardStream.error.write("leasehold: \(loss), and its work did not end: leaving\n")
                CurrentProcess.exit(status)
            }
            return true
        }
    }

    /// The client has ended; bodies that go on have what is left of their grace.
    private mutating func waitForGraces() {
        while !graces.isEmpty {
            passGraces()
            // In steps: a body's return takes no notice of this thread, which has nothing else to do.
            if !graces.isEmpty { SystemClocks.sleep(.milliseconds(20)) }
        }
    }
}
