internal import LeaseholdBase
internal import LeaseholdSystem

/// A benchmark from its start to its report.
struct BenchRun: ~Copyable {
    var driver: LoadDriver
    let signals: SignalQueue
    /// Told to stop.
    var isTold = false
    private var watchedAt = SteadyTime.zero
    private var progress = BenchProgress()

    /// How often signals are looked for and progress is shown.
    private static var watchInterval: Nanoseconds { .milliseconds(50) }
    /// How long what is under way may take to end when told to stop.
    private static var stopPatience: Nanoseconds { .seconds(2) }

    init(_ driver: consuming LoadDriver, _ signals: consuming SignalQueue) {
        self.driver = driver
        self.signals = signals
    }

    /// Runs the load of the plan.
    mutating func load() throws(CommandFailure) -> BenchReport {
        try prepare()
        driver.start()
        let end = driver.plan.length.map { SystemClocks.steady + $0 } ?? .never
        while !isTold, !driver.isDone, SystemClocks.steady < end { try turn(until: end) }
        try finish()
        return driver.tally.report(driver.plan)
    }

    /// Connects the clients, and has them acquire what they need.
    mutating func prepare() throws(CommandFailure) {
        while driver.isPreparing, !isTold { try turn(until: .never) }
        if isTold { throw CommandFailure(.unreachable, "stopped before all clients were connected") }
    }

    /// One turn, with a look at signals and progress now and then.
    mutating func turn(until limit: SteadyTime) throws(CommandFailure) {
        try driver.turn(until: min(limit, watchedAt + Self.watchInterval))
        let now = SystemClocks.steady
        guard now >= watchedAt + Self.watchInterval else { return }
        watchedAt = now
        do throws(SystemError) {
            while try signals.next() != nil { isTold = true }
        } catch { throw CommandFailure(.ioError, "\(error)") }
        if driver.phase != .preparing { progress.show(driver.tally, at: now) }
    }

    /// Ends the load: what is under way is answered, or given up when told to stop.
    mutating func finish() throws(CommandFailure) {
        driver.drain()
        let patience = SystemClocks.steady + Self.stopPatience
        while !driver.isDone {
            if isTold, SystemClocks.steady >= patience { break }
            try turn(until: isTold ? patience : .never)
        }
        do throws(SystemError) { try driver.abandon() } catch { throw CommandFailure(.ioError, "\(error)") }
        driver.settle(for: .milliseconds(500))
        progress.end(driver.tally)
    }
}
