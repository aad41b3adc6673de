internal import LeaseholdSystem

/// Runs what is not the client's own code: observers, and the cancelling of bodies, whose handlers are users' code.
///
/// It has a thread of its own, started when there is something to run: code of users that blocks starves nobody but
/// the code of users behind it (trap 65). The loop's thread only ever puts something into the queue.
final class Courier: Sendable {
    private struct Queue {
        var jobs: [Job] = []
        var isRunning = false
        /// Events dropped since the last one that was taken.
        var dropped = 0
        var waitingEvents = 0

        /// Whether a thread has to be started for what is in the queue.
        mutating func begin() -> Bool {
            if isRunning { return false }
            isRunning = true
            return true
        }
    }

    private enum Job: Sendable {
        case event(LeaseClientEvent)
        case work(@Sendable () -> Void)
    }

    private let observer: (any LeaseObserver)?
    private let queue = Monitor(Queue())

    init(observer: (any LeaseObserver)?) { self.observer = observer }

    /// Whether anybody looks at events: none are made otherwise.
    var isObserved: Bool { observer != nil }

    /// Tells the observer, some time soon. Dropped when it is too far behind.
    func tell(_ event: @autoclosure () -> LeaseClientEvent) {
        guard observer != nil else { return }
        let event = event()
        let mustStart = queue.withLock { queue in
            guard queue.waitingEvents < LeaseClientEvent.queueLimit else {
                queue.dropped += 1
                return false
            }
            if queue.dropped > 0 { queue.jobs.append(.event(.dropped(queue.dropped))) }
            queue.waitingEvents += queue.dropped > 0 ? 2 : 1
            queue.dropped = 0
            queue.jobs.append(.event(event))
            return queue.begin()
        }
        if mustStart { start() }
    }

    /// Runs something of the user's, some time soon. Never dropped: there is at most one a lease.
    func run(_ work: @escaping @Sendable () -> Void) {
        let mustStart = queue.withLock { queue in
            queue.jobs.append(.work(work))
            return queue.begin()
        }
        if mustStart { start() }
    }

    /// The thread ends when there is nothing to do; the next job starts another. Jobs are rare: losses, and events for
    /// observers, which come in bunches.
    private func start() {
        do throws(SystemError) {
            _ = try SystemThread(name: "lease-observer") { self.work() }
        } catch {
            // No thread is to be had: better on this one than never.
            work()
        }
    }

    private func work() {
        while true {
            let jobs = queue.withLock { queue -> [Job] in
                let jobs = queue.jobs
                queue.jobs.removeAll()
                queue.waitingEvents = 0
                if jobs.isEmpty { queue.isRunning = false }
                return jobs
            }
            guard !jobs.isEmpty else { return }
            for job in jobs {
                switch job {
                case .event(let event): observer?.observe(event)
                case .work(let work): work()
                }
            }
        }
    }
}
