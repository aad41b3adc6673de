import LeaseMachine
import LeaseholdBase
import LeaseholdWire

/// What answers do to requests.
extension ClientCore {
    /// An answer came. It belongs to the try whose number it carries, and to none other.
    mutating func answered(
        _ answer: ClientAnswerView, by endpoint: Int, _ connection: ConnectionID
    ) throws(DecodingError) {
        endpoints[endpoint].breaker.succeeded()
        endpoints[endpoint].dialFailures = 0
        let head = answer.head
        newestSeen = Swift.max(newestSeen, head.logTime)
        renewEvery = head.renewEvery
        let correlation = head.correlation.rawValue
        let index = Int(correlation & 0xFFFF)
        guard index < slots.count, slots[index].phase != .free,
            let place = slots[index].open.firstIndex(where: {
                $0.correlation == correlation && $0.connection == connection
            })
        else {
            marks.hit(.lateAnswerIgnored)
            counts.lateAnswers += 1
            return
        }
        let attempt = slots[index].open[place]
        let isNewest = place == slots[index].open.count - 1 && slots[index].phase == .inFlight
        switch head.kind {
        case .outcome:
            var reader = ByteReader(answer.body)
            let outcome = try Outcome(decoding: &reader, statuses: &statuses)
            try reader.finish()
            slots[index].open.remove(at: place)
            done(index, outcome, attempt)
        case .lease:
            try expect(index, .get)
            let lease = try LeaseAnswer(decoding: answer.body)
            finish(index, .done(.lease(lease)))
        case .page:
            try expect(index, .list)
            let page = try PageAnswer(decoding: answer.body)
            finish(index, .done(.page(page)))
        case .status:
            try expect(index, .status)
            let status = try NodeStatus(decoding: answer.body)
            finish(index, .done(.status(status)))
        case .settings:
            try expect(index, .settings)
            let settings = try SettingsAnswer(decoding: answer.body)
            finish(index, .done(.settings(settings)))
        case .transferred:
            try expect(index, .transfer)
            let hint = try LeaderHint(decoding: answer.body)
            hinted(hint, by: endpoint)
            finish(index, .done(.transferred(hint)))
        case .members:
            guard slots[index].kind == .members || slots[index].kind == .changeMembers else { throw .invalid }
            let list = try MemberList(decoding: answer.body)
            finish(index, .done(.members(list)))
        case .snapshot:
            try expect(index, .snapshot)
            let snapshot = try SnapshotAnswer(decoding: answer.body)
            finish(index, .done(.snapshot(snapshot)))
        case .notLeader:
            let hint = try LeaderHint(decoding: answer.body)
            slots[index].open.remove(at: place)
            hinted(hint, by: endpoint)
            if isNewest { redirected(index) }
        case .refused:
            let refusal = try Refusal(decoding: answer.body)
            slots[index].open.remove(at: place)
            refused(index, refusal, isNewest: isNewest)
        case .declined:
            var reader = ByteReader(answer.body)
            let error = try LeaseError(decoding: &reader)
            slots[index].open.remove(at: place)
            declined(index, error)
        case .unknown:
            slots[index].open.remove(at: place)
            slots[index].lost += 1
            marks.hit(.unknownRetried)
            if isNewest { retry(index, now: clock) }
        }
    }

    private func expect(_ index: Int, _ kind: RequestKind) throws(DecodingError) {
        guard slots[index].kind == kind else { throw .invalid }
    }

    /// Another node leads, or none: the try is settled, and the request goes on when the leader is known.
    private mutating func redirected(_ index: Int) {
        marks.hit(.redirected)
        slots[index].redirects += 1
        if slots[index].kind == .keepAlive {
            return missed(round: index, retryAfter: .zero, now: clock, harmless: true)
        }
        if slots[index].redirects <= ClientLimits.freeRedirects, leader != nil {
            makeReady(index)
        } else {
            retry(index, now: clock)
        }
    }

    private mutating func refused(_ index: Int, _ refusal: Refusal, isNewest: Bool) {
        if slots[index].kind == .keepAlive {
            if refusal.code == .denied { return loseRound(index, .unauthorized) }
            if isNewest { missed(round: index, retryAfter: refusal.retryAfter, now: clock) }
            return
        }
        slots[index].lastRefusal = refusal
        if !refusal.code.mayPass {
            finish(index, unanswered: .refused(refusal))
        } else if isNewest {
            marks.hit(.refusalRetried)
            retry(index, after: refusal.retryAfter, now: clock)
        }
    }

    /// The door found the request wrong: that settles the try, and there is no use in another.
    private mutating func declined(_ index: Int, _ error: LeaseError) {
        if slots[index].kind == .keepAlive {
            if slots[index].phase == .inFlight { missed(round: index, retryAfter: .zero, now: clock) }
            return
        }
        finish(index, unanswered: .declined(error))
    }

    /// The state machine has answered.
    private mutating func done(_ index: Int, _ outcome: Outcome, _ attempt: Attempt) {
        if case .refused(let error) = outcome, error.settlesOnlyTheAttempt, slots[index].kind != .keepAlive {
            // Nothing was done or remembered by this try; an earlier one may have been (trap 25).
            // An acquire that is being undone is not asked for under a number that nobody undoes (trap 66).
            let mayRenumber = slots[index].isSettled && !slots[index].isRenumbered && !slots[index].isUndone
            if error == .tooOld, mayRenumber { return renumber(index) }
            guard error == .overloaded else { return finish(index, unanswered: .declined(error)) }
            slots[index].lastRefusal = Refusal(.overloaded)
            if slots[index].phase == .inFlight { retry(index, now: clock) }
            return
        }
        switch (slots[index].kind, outcome) {
        case (.keepAlive, .renewed): renewed(round: index, attempt)
        case (.keepAlive, _): missed(round: index, retryAfter: .zero, now: clock)
        case (.acquire, .acquired(let claim, let status)): acquired(index, claim, status, attempt)
        case (.renew, .renewed):
            let start = renewals.count
            for status in statuses {
                let until = heldUntil(status, sent: attempt.sent)
                looseUntil = Swift.max(looseUntil, until)
                renewals.append(RenewedClaim(status: status, heldUntil: until))
            }
            finish(index, .done(.renewed(start..<renewals.count)))
        default: finish(index, .done(.outcome(outcome)))
        }
    }

    /// Asks anew, once, under another number: the only try was refused because this client had heard nothing of the log
    /// for longer than requests are remembered. It has done nothing, and its answer told how far the log is.
    private mutating func renumber(_ index: Int) {
        marks.hit(.renumbered)
        if let sequence = slots[index].sequence { sequences.settle(sequence) }
        slots[index].sequence = nil
        slots[index].isRenumbered = true
        slots[index].bytes.removeAll(keepingCapacity: true)
        makeReady(index)
    }

    private mutating func acquired(_ index: Int, _ claim: ClaimID, _ status: ClaimStatus, _ attempt: Attempt) {
        guard case .acquire(let acquire) = slots[index].pending, let sequence = slots[index].sequence else { return }
        var status = status
        var isUndone = false
        if slots[index].isUndone, case .holding = status { (isUndone, status) = (true, .ended(.cancelled)) }
        var result = Acquired(
            claim: claim, status: status, sent: attempt.sent, heldUntil: heldUntil(status, sent: attempt.sent),
            lease: nil)
        let request = RequestID(instance: instance, sequence: sequence)
        if slots[index].keeps, case .holding(let token, _) = status {
            // The acquire's place among the leases becomes the lease's own: leaseCount goes on counting it.
            slots[index].keeps = false
            result.lease = keep(
                HeldLease(
                    name: acquire.name, claim: claim, token: token, ttl: acquire.ttl, heldUntil: result.heldUntil,
                    request: request, cluster: cluster), sent: attempt.sent)
        } else {
            looseUntil = Swift.max(looseUntil, result.heldUntil)
        }
        finish(index, .done(.acquired(result)))
        // An answer that came too late to hold on: whoever asked is told of grant and loss, and nobody worked.
        if let lease = result.lease, result.heldUntil <= clock { loseUnused(lease) }
        // The caller's cancel may have ended without being done: the claim would hold its name, and nobody believes it.
        if isUndone { giveBack(.cancel(Cancel(target: request, name: acquire.name)), ttl: acquire.ttl) }
    }

    /// Until when a status may be believed.
    func heldUntil(_ status: ClaimStatus, sent: SteadyTime) -> SteadyTime {
        #if PLANTED_BUGS
        if planted(.beliefFromReply), case .holding(_, let validFor) = status {
            return belief.end(sent: clock, validFor: validFor)
        }
        #endif
        return switch status {
        case .holding(_, let validFor), .ending(_, let validFor): belief.end(sent: sent, validFor: validFor)
        case .waiting, .ended, .unknown: sent
        }
    }
}
