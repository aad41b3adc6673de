internal import LeaseMachine
internal import LeaseholdBase
internal import LeaseholdJournal
internal import LeaseholdWire
internal import Raft

extension Replica {
    /// A command is at the door: judged by what this node knows now, and appended as it came if nothing speaks against
    /// it. Apply judges again: between the two the state may change.
    mutating func command(_ bytes: RawSpan, _ waiter: Waiter, now: TimeReading) {
        guard raft.isLeader, stopping == .running else { return answerNotLeader(waiter) }
        let kind: CommandKind
        do throws(DecodingError) {
            let view = try CommandView(bytes)
            kind = view.kind
            if let error = view.refusal(under: machine.settings, knowing: configuration.knownLevel) {
                return answer(waiter, declining: error)
            }
            // What the cluster asks of itself is nobody else's to ask.
            guard view.request.instance != .cluster else { return answer(waiter, declining: .malformed) }
            if kind == .renew { return gather(view.items, claims: view.itemCount, waiter, now: now) }
        } catch {
            let code: RefusalCode = error == .unknown ? .notSupported : .malformed
            return answer(waiter, refusal: Refusal(code, message: "the command cannot be read"))
        }
        #if PLANTED_BUGS
        if planted(.duplicateFromMemory), let outcome = machine.remembered(bytes) {
            return answer(waiter, fromMemory: outcome)
        }
        #endif
        if let refusal = shed(kind) { return answer(waiter, refusal: refusal) }
        switch raft.propose(.command, payload: bytes, now: now) {
        case .appended(let index, let term): pending.add(waiter, index: index, term: term)
        case .notLeader, .transferring: answerNotLeader(waiter)
        case .full:
            marks.hit(.logFullAnswered)
            answer(waiter, refusal: Refusal(.overloaded, retryAfter: retry, message: "the log is full"))
        }
    }

    /// What is shed when there is too much: new acquires first, everything else only at the limit of what can wait.
    private mutating func shed(_ kind: CommandKind) -> Refusal? {
        if pending.count >= ReplicaLimits.commandsPending {
            return Refusal(.overloaded, retryAfter: retry, message: "too many commands are waiting")
        }
        guard kind == .acquire else { return nil }
        if pending.count >= ReplicaLimits.acquiresPending {
            return Refusal(.overloaded, retryAfter: retry, message: "too many commands are waiting for an acquire")
        }
        if journal.isDiskLow {
            marks.hit(.diskLowAnswered)
            journal.wantSpace()
            return Refusal(.diskLow, retryAfter: .seconds(1), message: "the journal has used up its space")
        }
        return nil
    }

    /// Adds a renewal to those of this turn.
    private mutating func gather(_ items: RawSpan, claims: Int, _ waiter: Waiter, now: TimeReading) {
        if pending.count + renewals.shares.count >= ReplicaLimits.commandsPending {
            let refusal = Refusal(.overloaded, retryAfter: retry, message: "too many commands are waiting")
            return answer(waiter, refusal: refusal)
        }
        let isFull =
            renewals.payload.count + items.byteCount > ReplicaLimits.renewalEntryBytes
            || renewals.claims + claims > Limits.claimsPerRenewalEntry
        if isFull { proposeRenewals(now: now) }
        if renewals.isEmpty { RenewalEntry.begin(in: &renewals.payload) }
        renewals.payload.append(bytes: items)
        renewals.claims += claims
        renewals.shares.append(PendingAnswers.Share(waiter: waiter, claims: claims))
    }

    /// Appends the renewals gathered so far as one entry.
    mutating func proposeRenewals(now: TimeReading) {
        guard !renewals.isEmpty else { return }
        if renewals.shares.count > 1 { marks.hit(.renewalsGathered) }
        RenewalEntry.finish(claims: renewals.claims, in: &renewals.payload)
        switch renewals.propose(to: &raft, now: now) {
        case .appended(let index, let term): pending.add(renewals.shares, index: index, term: term)
        case .notLeader, .transferring:
            for share in renewals.shares { answerNotLeader(share.waiter) }
        case .full:
            marks.hit(.logFullAnswered)
            let refusal = Refusal(.overloaded, retryAfter: retry, message: "the log is full")
            for share in renewals.shares { answer(share.waiter, refusal: refusal) }
        }
        renewals.removeAll()
    }
}

#if PLANTED_BUGS
extension Replica {
    private mutating func answer(_ waiter: Waiter, fromMemory outcome: Outcome) {
        let head = answerHead(waiter, .outcome)
        send(to: waiter.connection) { bytes in
            let start = head.begin(in: &bytes)
            outcome.encode(into: &bytes)
            FrameWriter.finish(at: start, in: &bytes)
        }
    }
}
#endif
