internal import LeaseholdBase

/// Ends, and the passing of log time. Expiry is a function of the log: no node's clock has a say in it, and a new
/// leader's log clock goes on from the last entry, so no deadline starts again (trap 47).
extension LeaseMachine {
    /// Ends a claim and keeps what is told of it later.
    mutating func end(_ slot: UInt32, _ reason: EndReason, into output: inout ApplyOutput) {
        let record = claims.claims[slot]
        let reason = reason == .expired && isRestored(record.id) ? .restored : reason
        output.append(.ended(reason), claim: record.id, token: record.token, name: claims.name(ofLease: record.lease))
        let nameTag = EndingStore.tag(claims.name(ofLease: record.lease))
        let principalTag = EndingStore.tag(claims.principal(ofClaim: slot))
        endings.add(
            record.id, reason, at: logTime, nameTag: nameTag, principalTag: principalTag, atMost: settings.endings)
        claims.remove(slot)
    }

    /// Records what is due on a lease that an entry touches. True when anything was, so that the lease may be gone.
    mutating func recordDue(onLease lease: UInt32, into output: inout ApplyOutput) -> Bool {
        var next = claims.leases[lease].firstClaim
        var recorded = false
        while next != noSlot {
            let record = claims.claims[next]
            #if PLANTED_BUGS
            if planted(.endsAPulseEarly), record.deadline <= logTime + settings.pulse {
                end(next, .expired, into: &output)
                return true
            }
            #endif
            if record.deadline <= logTime {
                marks.hit(.expiredAtTouch)
                end(next, .expired, into: &output)
                recorded = true
            }
            next = record.next
        }
        return recorded
    }

    /// Records what else is due, in the order of (time due, claim id), and forgets what is old: so many an entry as
    /// the settings say, so that no burst of expiries holds up the rest (trap 50).
    mutating func recordDue(into output: inout ApplyOutput) {
        let limit = Int(clamping: settings.expiriesPerEntry)
        for _ in 0..<limit {
            guard let slot = claims.firstDue(at: logTime) else { break }
            marks.hit(.expiredInSweep)
            end(slot, .expired, into: &output)
        }
        if let next = nextDue, next <= logTime { marks.hit(.sweepCutShort) }
        if requests.forget(before: floor, atMost: limit) { marks.hit(.instanceForgotten) }
        if endings.forget(before: floor, atMost: limit) { marks.hit(.endingForgotten) }
        // Beyond what is due now, corrections serve nextDue only; renewals leave at most one each behind.
        claims.correctFirst(atMost: 64 + 2 * output.statuses.count)
    }
}
