internal import LeaseholdBase

/// What each command does, once it is known to be new and within limits.
extension LeaseMachine {
    mutating func acquire(_ command: borrowing CommandView, into output: inout ApplyOutput) -> Outcome {
        if let refusal = quarantineRefusal {
            marks.hit(.quarantined)
            return .refused(refusal)
        }
        var lease = claims.lease(named: command.name)
        if let found = lease, recordDue(onLease: found, into: &output) {
            lease = claims.lease(named: command.name)
        }
        if let lease {
            let record = claims.leases[lease]
            if record.capacity != command.capacity { return .refused(.capacityMismatch) }
            if record.claimCount >= record.capacity {
                marks.hit(.acquireFoundHeld)
                let first = claims.claims[record.firstClaim]
                return .refused(
                    .held(
                        LeaseError.Held(
                            name: Text.string(command.name),
                            holder: Text.string(claims.holder(ofClaim: record.firstClaim)), token: first.token,
                            remaining: first.deadline - logTime)))
            }
        }
        #if PLANTED_BUGS
        if planted(.applyReadsNodeLimit), UInt64(claims.claims.count) >= mistaken.claimLimit {
            return .refused(.overloaded)
        }
        #endif
        guard UInt64(claims.claims.count) < settings.claims else { return overloaded() }
        let id = ClaimID(appliedIndex.rawValue)
        let deadline = logTime + Nanoseconds(Int64(clamping: command.ttl))
        let slot = claims.add(id: id, deadline: deadline, command: command, lease: lease)
        #if PLANTED_BUGS
        if let token = mistakenToken() { claims.setToken(slot, to: token) }
        #endif
        let token = claims.claims[slot].token
        output.append(.granted, claim: id, token: token, name: command.name)
        return .acquired(claim: id, .holding(token: token, validFor: deadline - logTime))
    }

    mutating func renew(_ command: borrowing CommandView, into output: inout ApplyOutput) -> Outcome {
        guard command.itemCount <= Limits.claimsPerRenewalEntry else { return .refused(.malformed) }
        var ahead = ByteReader(command.items)
        var reader = ByteReader(command.items)
        var left = command.itemCount
        do {
            while left > 0 {
                // Claims of one client lie anywhere in memory. Finding a group of them before any is changed lets the
                // processor wait for all of them at once.
                let group = min(left, 16)
                var ids = InlineArray<16, ClaimID>(repeating: ClaimID(0))
                var slots = InlineArray<16, UInt32>(repeating: noSlot)
                for position in 0..<group {
                    ids[position] = try RenewalView(&ahead).claim
                    slots[position] = claims.candidate(ids[position])
                }
                for position in 0..<group where !claims.holds(ids[position], at: slots[position]) {
                    slots[position] = noSlot
                }
                for position in 0..<group {
                    output.statuses.append(renew(try RenewalView(&reader), at: slots[position], into: &output))
                }
                left -= group
            }
        } catch {
            preconditionFailure("the items were read once when the command was")
        }
        return .renewed
    }

    /// A live claim gets its TTL from now; a dead one stays dead, and is recorded as such (trap 48).
    private mutating func renew(
        _ item: borrowing RenewalView, at candidate: UInt32, into output: inout ApplyOutput
    ) -> ClaimStatus {
        let found = claims.holds(item.claim, at: candidate) ? candidate : claims.claim(item.claim)
        #if PLANTED_BUGS
        if planted(.renewalOfExpired), let late = found,
            claims.matches(late, name: item.name, principal: item.principal)
        {
            let (token, ttl) = (claims.claims[late].token, claims.claims[late].ttl)
            claims.extend(late, to: logTime + ttl)
            return .holding(token: token, validFor: claims.claims[late].deadline - logTime)
        }
        #endif
        guard let slot = live(found, name: item.name, principal: item.principal, into: &output) else {
            marks.hit(.renewalOfEnded)
            return endings.reason(of: item.claim, name: item.name, principal: item.principal).map { .ended($0) }
                ?? .unknown
        }
        let record = claims.claims[slot]
        if isRestored(record.id) {
            marks.hit(.renewalOfRestored)
            return .ended(.restored)
        }
        claims.extend(slot, to: logTime + record.ttl)
        return .holding(token: record.token, validFor: claims.claims[slot].deadline - logTime)
    }

    mutating func release(_ command: borrowing CommandView, into output: inout ApplyOutput) -> Outcome {
        #if PLANTED_BUGS
        if planted(.releaseByName), let lease = claims.lease(named: command.name) {
            end(claims.leases[lease].firstClaim, .released, into: &output)
            return .released(claim: command.claim, .released)
        }
        #endif
        let id = command.claim
        if let slot = live(claims.claim(id), name: command.name, principal: command.principal, into: &output) {
            end(slot, .released, into: &output)
            return .released(claim: id, .released)
        }
        guard let reason = endings.reason(of: id, name: command.name, principal: command.principal) else {
            return .refused(.claimUnknown)
        }
        marks.hit(.releaseOfEnded)
        return .released(claim: id, reason)
    }

    mutating func update(_ command: borrowing CommandView, into output: inout ApplyOutput) -> Outcome {
        let id = command.claim
        guard let slot = live(claims.claim(id), name: command.name, principal: command.principal, into: &output) else {
            let reason = endings.reason(of: id, name: command.name, principal: command.principal)
            return .refused(reason.map { .ended($0) } ?? .claimUnknown)
        }
        if isRestored(id) { return .refused(.ended(.restored)) }
        claims.setValue(slot, to: command.value)
        let record = claims.claims[slot]
        output.append(.updated, claim: id, token: record.token, name: claims.name(ofLease: record.lease))
        return .updated(claim: id)
    }

    /// Finds the acquire by its request: among what its instance has not had answered, else among the claims of the
    /// lease named. Remembers, when there is none and it may still come, that it is to do nothing.
    mutating func cancel(_ command: borrowing CommandView, into output: inout ApplyOutput) -> Outcome {
        let target = command.target
        if let known = requests.request(target) {
            let record = requests.requests[known]
            switch record.kind {
            case .cancelledBefore: return .cancelled(.remembered)
            case .answered: return .cancelled(.nothing)
            case .acquired: return cancel(record.claim, command, into: &output)
            }
        }
        if let lease = claims.lease(named: command.name) {
            var next = claims.leases[lease].firstClaim
            while next != noSlot {
                let record = claims.claims[next]
                if record.request == target { return cancel(record.id, command, into: &output) }
                next = record.next
            }
        }
        let known = requests.instance(target.instance)
        if let known, target.sequence < requests.instances[known].mark { return .cancelled(.nothing) }
        if known == nil, UInt64(requests.instances.count) >= settings.instances { return overloaded() }
        if let known, UInt64(requests.instances[known].requestCount) >= settings.requestsPerInstance {
            return overloaded()
        }
        #if PLANTED_BUGS
        if planted(.cancelForgotten) { return .cancelled(.remembered) }
        #endif
        marks.hit(.cancelFoundNothing)
        let owner = requests.hear(target.instance, at: logTime)
        requests.add(target.sequence, of: owner, kind: .cancelledBefore, content: 0)
        return .cancelled(.remembered)
    }

    private mutating func cancel(
        _ id: ClaimID, _ command: borrowing CommandView, into output: inout ApplyOutput
    ) -> Outcome {
        if let slot = live(claims.claim(id), name: command.name, principal: command.principal, into: &output) {
            marks.hit(.cancelEndedClaim)
            end(slot, .cancelled, into: &output)
            return .cancelled(.ended(claim: id))
        }
        guard let reason = endings.reason(of: id, name: command.name, principal: command.principal) else {
            return .refused(.claimUnknown)
        }
        marks.hit(.cancelOfEnded)
        return .cancelled(reason == .cancelled ? .ended(claim: id) : .hadEnded(claim: id, reason))
    }

    /// The slot of a claim if it is alive, of the lease named, and the principal's. One that is dead and not yet
    /// recorded is recorded first.
    private mutating func live(
        _ found: UInt32?, name: RawSpan, principal: RawSpan, into output: inout ApplyOutput
    ) -> UInt32? {
        guard let slot = found else { return nil }
        if claims.claims[slot].deadline <= logTime {
            marks.hit(.expiredAtTouch)
            end(slot, .expired, into: &output)
            return nil
        }
        return claims.matches(slot, name: name, principal: principal) ? slot : nil
    }
}
