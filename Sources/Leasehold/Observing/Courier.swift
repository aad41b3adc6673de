internal import LeaseholdSystem

/// Runs what is not the client's own code: observers, and the cancelling of bodies, whose handlers are users' code.
///
/// Each of the two has a thread of its own, started when there is something to run: code of users that blocks starves nobody
/// but the code of users behind it (trap 65), and an observer that blocks keeps no body from being cancelled. The loop's thread
/// only ever puts something into the queues.
final class Courier: Sendable {
    private struct Queue<Job: Sendable>: Sendable {
        var jobs: [Job] = []
        var isRunning = false
        /// Events dropped since the last one that was taken.
        var dropped = 0

        /// Puts a job down. Answers whether a thread has to be started for it.
        mutating func put(_ job: Job) -> Bool {
            jobs.append(job)
            if isRunning { return false }
            isRunning = true
            return true
        }

        /// What there is to do; nothing when the thread is to end.
        mutating func take() -> [Job] {
            defer { jobs.removeAll() }
            if jobs.isEmpty { isRunning = false }
            return jobs
        }
    }

    private let observer: (any LeaseObserver)?
    private let events = Monitor(Queue<LeaseClientEvent>())
    private let works = Monitor(Queue<@Sendable () -> Void>())

    init(observer: (any LeaseObserver)?) { self.observer = observer }

    /// Whether anybody looks at events: none are made otherwise.
    var isObserved: Bool { observer != nil }

    /// Tells the observer, some time soon. Dropped when it is too far behind.
    func tell(_ event: @autoclosure () -> LeaseClientEvent) {
        guard let observer else { return }
        let event = event()
        let mustStart = events.withLock { queue in
            guard queue.jobs.count < LeaseClientEvent.queueLimit else {
                queue.dropped += 1
                return false
            }
            let dropped = queue.dropped
            queue.dropped = 0
            let starts = dropped > 0 && queue.put(.dropped(dropped))
            return queue.put(event) || starts
        }
        if mustStart { start("lease-observer") { Self.work(self.events) { observer.observe($0) } } }
    }

    /// Runs something of the user's, some time soon. Never dropped: there is at most one a lease.
    func run(_ work: @escaping @Sendable () -> Void) {
        if works.withLock({ $0.put(work) }) { start("lease-canceller") { Self.work(self.works) { $0() } } }
    }

    /// The thread ends when there is nothing to do; the next job starts another. Jobs are rare: losses, and events for
    /// observers, which come in bunches.
    private func start(_ name: String, _ body: @escaping @Sendable () -> Void) {
        do throws(SystemError) { _ = try SystemThread(name: name, body) } catch {
            // No thread is to be had: better on this one than never.
            body()
        }
    }

    private static func work<Job>(_ queue: Monitor<Queue<Job>>, _ body: (Job) -> Void) {
        while true {
            let jobs = queue.withLock { $0.take() }
            guard !jobs.isEmpty else { return }
            for job in jobs { body(job) }
        }
    }
}
