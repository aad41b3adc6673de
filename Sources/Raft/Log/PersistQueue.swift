import LeaseholdBase

/// What this node has asked to be made durable, and what of it is.
///
/// Three cursors on persist numbers: flushed ≤ submitted ≤ accepted. Accepted is what the node holds in memory,
/// submitted what `endTurn` has handed to the journal, flushed what the journal has reported.
///
/// A completion must not be taken for entries that were rewritten since (trap 17): so a truncation also lowers what the
/// requests in flight will be taken to prove. A request that was to make entries up to 9 durable proves 5 once the log
/// was cut after 5, whatever lies at 6 to 9 by then; those are proven by the request that carries them.
struct PersistQueue: Sendable {
    struct Request: Sendable, BitwiseCopyable {
        var number: PersistNumber
        var issuedIn: Term
        /// Term and vote on disk once this is.
        var term: Term
        var votedFor: NodeID?
        /// How far the log as it is now will be on disk once this is.
        var lastIndex: LogIndex
        var issuedAt: SteadyTime
    }

    /// How far the log as it is now is on disk.
    private(set) var durableIndex: LogIndex
    /// Term and vote on disk.
    private(set) var durableState: HardState
    /// The newest request handed to the journal.
    private(set) var submitted = PersistNumber.zero
    /// The newest request reported durable.
    private(set) var flushed = PersistNumber.zero
    /// How far the log as it is now has been handed to the journal.
    private(set) var submittedIndex: LogIndex
    private var submittedState: HardState
    private var truncation: LogIndex?
    private var restart: LogPosition?
    private var restartNumber = PersistNumber.zero
    private var inFlight = Deque<Request>()

    init(durable hardState: HardState, lastIndex: LogIndex) {
        durableIndex = lastIndex
        submittedIndex = lastIndex
        durableState = hardState
        submittedState = hardState
    }

    /// When the oldest request in flight was handed over.
    var oldestIssuedAt: SteadyTime? { inFlight.first?.issuedAt }
    /// Whether the log began anew and the journal has not said that it knows.
    var isRestarting: Bool { restart != nil || restartNumber > flushed }
    /// How many requests are in flight.
    var inFlightCount: Int { inFlight.count }

    /// The log was cut: nothing behind the index is proven by anything asked before.
    mutating func truncated(after index: LogIndex) {
        durableIndex = min(durableIndex, index)
        if index < submittedIndex {
            submittedIndex = index
            truncation = min(truncation ?? index, index)
        }
        #if PLANTED_BUGS
        if planted(.completionWithoutTerm) { return }
        #endif
        for position in 0..<inFlight.count where inFlight[position].lastIndex > index {
            inFlight[position].lastIndex = index
        }
    }

    /// The log begins anew behind a snapshot that is durable: so is the log, up to there, whatever becomes of the
    /// requests in flight.
    mutating func restarted(behind position: LogPosition) {
        (durableIndex, submittedIndex) = (position.index, position.index)
        (restart, truncation) = (position, nil)
        for place in 0..<inFlight.count { inFlight[place].lastIndex = position.index }
    }

    /// One request for all that was accepted since the last, or nil when that is nothing.
    mutating func submit(
        _ state: HardState, lastIndex: LogIndex, commit: LogIndex, at now: SteadyTime
    ) -> Persist? {
        let first = submittedIndex.next
        guard state != submittedState || truncation != nil || restart != nil || lastIndex > submittedIndex else {
            return nil
        }
        submitted = submitted.next
        let persist = Persist(
            number: submitted, issuedIn: state.term, hardState: state == submittedState ? nil : state,
            restartBehind: restart, truncateAfter: truncation, entries: first..<max(first, lastIndex.next),
            commit: commit)
        inFlight.append(
            Request(
                number: submitted, issuedIn: state.term, term: state.term, votedFor: state.votedFor,
                lastIndex: lastIndex, issuedAt: now))
        submittedState = state
        submittedIndex = lastIndex
        if restart != nil { restartNumber = submitted }
        (truncation, restart) = (nil, nil)
        return persist
    }

    /// The journal reports a request, and all before it, durable. False when no such request is in flight.
    mutating func completed(_ number: PersistNumber, issuedIn term: Term) -> Bool {
        guard number > flushed, let first = inFlight.first, number >= first.number else { return false }
        let position = Int(number.rawValue - first.number.rawValue)
        guard position < inFlight.count else { return false }
        let request = inFlight[position]
        guard request.issuedIn == term else { return false }
        durableIndex = request.lastIndex
        durableState = HardState(term: request.term, votedFor: request.votedFor)
        flushed = number
        inFlight.removeFirst(position + 1)
        return true
    }

    func violations(lastIndex: LogIndex) -> [String] {
        var found: [String] = []
        if durableIndex > submittedIndex { found.append("durable \(durableIndex) beyond submitted \(submittedIndex)") }
        if submittedIndex > lastIndex { found.append("submitted \(submittedIndex) beyond the log's \(lastIndex)") }
        if submitted.rawValue - flushed.rawValue != UInt64(inFlight.count) {
            found.append("requests \(flushed) to \(submitted) with \(inFlight.count) in flight")
        }
        return found
    }
}
