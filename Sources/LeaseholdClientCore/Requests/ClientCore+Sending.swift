import LeaseMachine
import LeaseholdBase
import LeaseholdWire

/// Sending tries of requests.
extension ClientCore {
    /// The place of pings in the correlation numbers, beyond that of any slot.
    static let pingSlot = 0xFFFF

    /// A number that was never used before: the slot below, a count above (trap 21).
    mutating func nextCorrelation(_ slot: Int) -> UInt64 {
        #if PLANTED_BUGS
        if planted(.correlationReused) { return 1 << 16 | UInt64(slot) }
        #endif
        attemptNumber += 1
        return attemptNumber << 16 | UInt64(slot)
    }

    /// Sends what is ready and has a node to go to, oldest first.
    mutating func send(now: SteadyTime) {
        var kept = 0
        for place in ready.indices {
            let index = Int(ready[place].slot)
            guard isReady(ready[place]) else { continue }
            if outgoing.count < ClientLimits.outgoingBytes, send(index, now: now) { continue }
            guard isReady(ready[place]) else { continue }
            ready[kept] = ready[place]
            kept += 1
        }
        ready.removeLast(ready.count - kept)
    }

    private func isReady(_ request: RequestHandle) -> Bool {
        let index = Int(request.slot)
        return slots[index].phase == .ready && slots[index].generation == request.generation
    }

    /// Sends one try, or answers false when it has to wait.
    private mutating func send(_ index: Int, now: SteadyTime) -> Bool {
        guard let endpoint = route(index), let connection = endpoints[endpoint].openConnection else { return false }
        let kind = slots[index].kind
        if kind.isIdentified, slots[index].sequence == nil {
            guard sequences.hasRoom else { return false }
        }
        if !kind.isExempt, slots[index].pinned < 0 {
            guard endpoints[endpoint].breaker.wouldAdmit(now: clock) else {
                marks.hit(.breakerHeld)
                return false
            }
            if slots[index].charged {
                guard budget.take(now: clock) else {
                    marks.hit(.budgetEmpty)
                    delay(index, until: budget.nextRetry(now: clock))
                    return false
                }
                slots[index].charged = false
                counts.retries += 1
            }
            _ = endpoints[endpoint].breaker.admit(now: clock, waiting: slots[index].attemptTimeout)
        }
        if kind.isExempt, endpoint != leader { marks.hit(.sentWithoutLeader) }
        prepare(index)
        if kind == .keepAlive {
            guard fill(round: index) else {
                free(index)
                return true
            }
        }
        emit(index, to: endpoint, connection, now: now)
        return true
    }

    /// The endpoint that a try goes to now: the leader; any open one for what any may answer, and, while no leader is
    /// known, for what must not wait.
    private func route(_ index: Int) -> Int? {
        if slots[index].pinned >= 0 {
            return endpoints[slots[index].pinned].openConnection == nil ? nil : slots[index].pinned
        }
        if let leader, endpoints[leader].leads, endpoints[leader].openConnection != nil { return leader }
        guard slots[index].stale || slots[index].kind.isExempt else { return nil }
        // Another one at each try.
        let first =
            slots[index].failures + slots[index].redirects + (slots[index].kind == .keepAlive ? counts.renewals : 0)
        for step in endpoints.indices {
            let candidate = (first + step) % endpoints.count
            if endpoints[candidate].openConnection != nil { return candidate }
        }
        return nil
    }

    /// Gives the command its number and its bytes, once and for all tries (trap 24).
    private mutating func prepare(_ index: Int) {
        guard slots[index].kind.isIdentified, slots[index].sequence == nil, let sequence = sequences.take() else {
            return
        }
        slots[index].sequence = sequence
        let head = RequestHead(
            request: RequestID(instance: instance, sequence: sequence),
            lowestUnanswered: sequences.lowestUnanswered, newestSeen: newestSeen)
        let command: Command
        switch slots[index].pending {
        case .none: return
        case .acquire(let acquire): command = .acquire(head, acquire)
        case .release(let claim): command = .release(head, claim)
        case .cancel(let cancel): command = .cancel(head, cancel)
        case .update(let update): command = .update(head, update)
        case .settings(let changes): command = .settings(head, changes)
        }
        command.encode(into: &slots[index].bytes)
    }

    private mutating func emit(_ index: Int, to endpoint: Int, _ connection: ConnectionID, now: SteadyTime) {
        let correlation = nextCorrelation(index)
        let start = outgoing.count
        let head = ClientRequestHead(
            correlation: CorrelationID(correlation), remaining: slots[index].deadline - now,
            operation: slots[index].operation)
        _ = head.begin(in: &outgoing)
        outgoing.append(contentsOf: slots[index].bytes)
        // Every request is far below the limit of a frame: the greatest, a renewal of 1,000 claims, is half of it.
        FrameWriter.finish(at: start, in: &outgoing)
        sent(from: start, to: endpoint, connection)
        counts.attempts += 1
        if slots[index].open.count == ClientLimits.openAttempts {
            slots[index].open.removeFirst()
            slots[index].lost += 1
        }
        slots[index].open.append(
            Attempt(correlation: correlation, sent: now, connection: connection, endpoint: endpoint))
        slots[index].phase = .inFlight
        slots[index].timer = Swift.min(now + slots[index].attemptTimeout, slots[index].deadline)
        slotTimer = Swift.min(slotTimer, slots[index].timer)
    }
}
