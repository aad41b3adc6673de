internal import LeaseholdBase
internal import LeaseholdSystem

/// A benchmark through the SDK, from its start to its report. The main thread waits and looks after signals; the load is
/// made by tasks.
struct SDKRun: ~Copyable {
    private let source: SDKLoad
    private let plan: BenchPlan
    private let signals: SignalQueue
    private var progress = BenchProgress()

    private static var watchInterval: Nanoseconds { .milliseconds(20) }
    /// How long calls under way may take to end when told to stop.
    private static var stopPatience: Nanoseconds { .seconds(2) }

    init(_ load: SDKLoad, _ plan: BenchPlan) throws(CommandFailure) {
        source = load
        self.plan = plan
        do throws(SystemError) { signals = try SignalQueue([.interrupt, .terminate]) } catch {
            throw CommandFailure(.ioError, "\(error)")
        }
    }

    /// Runs the load of the plan.
    consuming func load() throws(CommandFailure) -> BenchReport {
        try connect()
        source.start()
        var end = plan.length.map { SystemClocks.steady + $0 } ?? .never
        var isOver = false
        while true {
            let (tally, isDone) = try source.look()
            let now = SystemClocks.steady
            let isTold = try isTold()
            if isTold || now >= end {
                if isOver, now >= end { break }
                source.end()
                isOver = true
                // What is under way is waited for, but not for ever once somebody is in a hurry.
                end = isTold ? now + Self.stopPatience : .never
            }
            if isDone { break }
            progress.show(tally, at: now)
            SystemClocks.sleep(Self.watchInterval)
        }
        let (tally, _) = try source.look()
        do throws(SystemError) { try source.flush() } catch { throw CommandFailure(.ioError, "\(error)") }
        progress.end(tally)
        wait { [source] in await source.stop() }
        return tally.report(plan)
    }

    private func connect() throws(CommandFailure) {
        let failure = Monitor<CommandFailure?>(nil)
        wait { [source] in
            do throws(CommandFailure) { try await source.connect() } catch { failure.withLock { $0 = error } }
        }
        if let failure = failure.withLock({ $0 }) { throw failure }
    }

    private func isTold() throws(CommandFailure) -> Bool {
        var isTold = false
        do throws(SystemError) {
            while try signals.next() != nil { isTold = true }
        } catch { throw CommandFailure(.ioError, "\(error)") }
        return isTold
    }

    /// Waits on this thread, which is none of the pool's, until the work is done.
    private func wait(for work: @escaping @Sendable () async -> Void) {
        let isDone = Monitor(false)
        Task {
            await work()
            isDone.change { $0 = true }
        }
        _ = isDone.wait { $0 ? true : nil }
    }
}
