import LeaseholdBase

/// Stops asking an endpoint whose answers do not come, and tries it again with one request at a time.
struct CircuitBreaker {
    /// Where the breaker stands.
    enum State: Equatable {
        /// Requests pass.
        case closed
        /// None pass before the time.
        case open(until: SteadyTime)
        /// One is under way that decides; when nothing has come of it by the time, the next one does. Its connection may
        /// have ended, or it may have been given up, without a word here.
        case probing(until: SteadyTime)
    }

    /// So many failures in a row open it.
    static let threshold = 3
    private static let rest = Backoff(shortest: .milliseconds(200), longest: .seconds(5))

    private(set) var state = State.closed
    private var failures = 0
    private var openings = 0

    /// Whether a request may pass now; when it was open it says so once, and then waits for that one's fate.
    /// - Parameter time: How long that one waits for its answer.
    mutating func admit(now: SteadyTime, waiting time: Nanoseconds) -> Bool {
        switch state {
        case .closed: return true
        case .open(let until), .probing(let until):
            guard now >= until else { return false }
            state = .probing(until: now + time)
            return true
        }
    }

    /// Whether ``admit(now:)`` would say yes.
    func wouldAdmit(now: SteadyTime) -> Bool {
        switch state {
        case .closed: true
        case .open(let until), .probing(let until): now >= until
        }
    }

    /// When it may admit next, if that is a matter of time.
    var admitsAt: SteadyTime? {
        switch state {
        case .closed: nil
        case .open(let until), .probing(let until): until
        }
    }

    /// An answer came.
    mutating func succeeded() {
        state = .closed
        failures = 0
        openings = 0
    }

    /// An answer did not come in time, or the connection ended under a request.
    mutating func failed(now: SteadyTime, _ random: inout RandomSource) {
        failures += 1
        switch state {
        case .open: return
        case .closed where failures < Self.threshold: return
        case .closed, .probing: break
        }
        openings += 1
        let bound = Self.rest.bound(afterFailures: openings)
        state = .open(until: now + bound / 2 + random.duration(in: .zero...(bound / 2)))
    }
}
