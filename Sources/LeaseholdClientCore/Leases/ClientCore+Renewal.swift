import LeaseMachine
import LeaseholdBase
import LeaseholdWire

/// Renewing kept leases: all together, in rounds. A round is one request with one try; what it does not renew, the next
/// round does. A round that was not answered in time is listened to for as long as its answer could be of use.
extension ClientCore {
    /// TTL/3 ± 10 %, or what the cluster asks for as far as it leaves room for another try.
    mutating func renewalInterval(_ ttl: Nanoseconds) -> Nanoseconds {
        let third = ttl / 3
        let drawn = random.duration(in: (third - third / 10)...(third + third / 10))
        return Swift.max(drawn, Swift.min(renewEvery, ttl / 2))
    }

    /// Begins the rounds that are due. What would be due before those are due again goes along: leases of one TTL come
    /// together and stay together, and a long lease is not renewed as often as a short one.
    mutating func startRounds(within window: Nanoseconds, now: SteadyTime) {
        var round = -1
        for index in leases.indices where leases[index].isRenewable(now: now) && !leases[index].isRenewing {
            guard leases[index].renewAt - now <= window else { continue }
            if round < 0 || slots[round].leases.count == ClientLimits.renewalClaims { round = newRound(now: now) }
            let facts = leases[index].facts
            slots[round].leases.append(handle(lease: index))
            slots[round].attemptTimeout = Swift.min(slots[round].attemptTimeout, facts.ttl / 4)
            slots[round].deadline = Swift.max(slots[round].deadline, facts.heldUntil)
            slots[round].timer = Swift.min(slots[round].timer, now + facts.ttl / 4)
            slotTimer = Swift.min(slotTimer, slots[round].timer)
            leases[index].isRenewing = true
        }
    }

    private mutating func newRound(now: SteadyTime) -> Int {
        let round = take(.keepAlive)
        slots[round].attemptTimeout = configuration.attemptTimeout
        slots[round].deadline = now
        slots[round].phase = .ready
        slots[round].timer = now + configuration.attemptTimeout
        slotTimer = Swift.min(slotTimer, slots[round].timer)
        ready.append(handle(round))
        return round
    }

    /// Writes the round's request, of those of its leases that are still kept (trap 65) and still to be renewed (trap 52);
    /// false when there is none.
    mutating func fill(round: Int) -> Bool {
        var kept = 0
        for place in slots[round].leases.indices {
            guard let index = position(slots[round].leases[place]) else { continue }
            guard leases[index].isRenewable(now: clock) else {
                leases[index].isRenewing = false
                continue
            }
            slots[round].leases[kept] = slots[round].leases[place]
            kept += 1
        }
        slots[round].leases.removeLast(slots[round].leases.count - kept)
        guard kept > 0 else { return false }
        renewalItems.removeAll(keepingCapacity: true)
        for handle in slots[round].leases {
            let facts = leases[Int(handle.slot)].facts
            renewalItems.append(Renewal(claim: facts.claim, name: facts.name))
        }
        slots[round].bytes.removeAll(keepingCapacity: true)
        Command.renew(renewalItems).encode(into: &slots[round].bytes)
        counts.renewals += 1
        return true
    }

    /// The round's timer: it could not be sent, or was not answered.
    mutating func passRound(_ round: Int, now: SteadyTime) {
        if slots[round].phase == .inFlight, let attempt = slots[round].open.last { unanswered(attempt, now: now) }
        missed(round: round, retryAfter: .zero, now: now)
    }

    /// The round has not renewed its leases: another one will, after a random while, and in any case while there is
    /// time. One failed round is no loss (trap 62).
    mutating func missed(round: Int, retryAfter: Nanoseconds, now: SteadyTime, harmless: Bool = false) {
        for handle in slots[round].leases {
            guard let index = position(handle), leases[index].isRenewing else { continue }
            leases[index].isRenewing = false
            leases[index].failures += 1
            let facts = leases[index].facts
            let wait =
                retryAfter + Backoff.renewal(ttl: facts.ttl).delay(afterFailures: leases[index].failures, &random)
            let room: Nanoseconds = facts.heldUntil - now
            leases[index].renewAt = now + Swift.min(wait, Swift.max(room / 2, .milliseconds(1)))
            if harmless, leader != nil, leases[index].failures == 1 { leases[index].renewAt = now }
            if !harmless, case .held = leases[index].phase {
                marks.hit(.renewalMissed)
                leases[index].phase = .atRisk
                effects.append(.leaseChanged(handle, .atRisk(until: facts.heldUntil)))
            }
            watch(index)
        }
        if slots[round].open.isEmpty {
            free(round)
        } else {
            // A late answer counts from its own sending, and is of use until the leases it could extend are lost.
            slots[round].phase = .listening
            slots[round].timer = Swift.max(slots[round].deadline, now + .milliseconds(1))
            slotTimer = Swift.min(slotTimer, slots[round].timer)
        }
    }

    /// The round's answer, one status a lease in its order.
    mutating func renewed(round: Int, _ attempt: Attempt) {
        guard statuses.count == slots[round].leases.count else {
            return missed(round: round, retryAfter: .zero, now: clock)
        }
        let isLate = slots[round].phase == .listening
        for (status, handle) in zip(statuses, slots[round].leases) {
            guard let index = position(handle) else { continue }
            if isLate { marks.hit(.lateRenewalUsed) } else { leases[index].isRenewing = false }
            apply(status, to: index, handle, sent: attempt.sent)
        }
        free(round)
    }

    private mutating func apply(_ status: ClaimStatus, to index: Int, _ handle: LeaseHandle, sent: SteadyTime) {
        switch status {
        case .holding(let token, _):
            guard token == leases[index].facts.token else { return lose(index, .claimUnknown) }
            if case .ending = leases[index].phase { return }
            let until = Swift.max(leases[index].facts.heldUntil, heldUntil(status, sent: sent))
            leases[index].facts.heldUntil = until
            leases[index].phase = .held
            leases[index].failures = 0
            if !leases[index].isRenewing {
                leases[index].renewAt = sent + renewalInterval(leases[index].facts.ttl)
            }
            effects.append(.leaseChanged(handle, .held(until: until)))
            watch(index)
        case .ending(let reason, _):
            let until = Swift.max(leases[index].facts.heldUntil, heldUntil(status, sent: sent))
            leases[index].facts.heldUntil = until
            leases[index].phase = .ending(reason)
            effects.append(.leaseChanged(handle, .ending(reason, until: until)))
            watch(index)
        case .ended(let reason):
            marks.hit(.endedByCluster)
            lose(index, LossReason(reason))
        case .unknown, .waiting: lose(index, .claimUnknown)
        }
    }

    /// All leases of the round are lost for one reason.
    mutating func loseRound(_ round: Int, _ reason: LossReason) {
        for handle in slots[round].leases {
            if let index = position(handle) { lose(index, reason) }
        }
        free(round)
    }
}
