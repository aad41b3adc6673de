import LeaseMachine
import LeaseholdBase

/// What each command means.
extension ReferenceModel {
    /// A name that nobody holds is granted; the token is the entry's index.
    mutating func acquire(_ acquire: Acquire, _ head: RequestHead) -> Outcome {
        guard (1...Limits.nameBytes).contains(acquire.name.utf8.count) else { return .refused(.nameInvalid) }
        guard (1...Limits.holderBytes).contains(acquire.holder.utf8.count) else { return .refused(.holderInvalid) }
        guard acquire.value.count <= Limits.valueBytes else { return .refused(.valueTooLong) }
        guard acquire.ttl >= settings.ttlMinimum, acquire.ttl <= settings.ttlMaximum else {
            return .refused(.ttlOutOfRange(minimum: settings.ttlMinimum, maximum: settings.ttlMaximum))
        }
        guard acquire.capacity == 1, acquire.wait == .none, acquire.lockDelay == .zero else {
            return .refused(.notSupported)
        }
        if let holder = claims.first(where: { $0.name == acquire.name && isAlive($0) }) {
            return .refused(
                .held(
                    LeaseError.Held(
                        name: holder.name, holder: holder.holder, token: FencingToken(holder.id.rawValue),
                        remaining: holder.deadline - logTime)))
        }
        // An entry that touches a lease first records what is due on it.
        for claim in claims where claim.name == acquire.name { end(claim, .expired) }
        guard UInt64(claims.count) < settings.claims else { return .refused(.overloaded) }
        let id = ClaimID(index.rawValue)
        claims.append(
            Claim(
                id: id, name: acquire.name, holder: acquire.holder, ttl: acquire.ttl,
                deadline: logTime + acquire.ttl, value: acquire.value, principal: head.principal,
                request: head.request))
        return .acquired(claim: id, status(of: id))
    }

    /// A live claim lives for its TTL from now; a dead one stays dead.
    mutating func renew(_ item: Renewal) -> ClaimStatus {
        touch(item.claim)
        guard let place = live(item.claim, item.name, item.principal) else {
            return reason(item.claim, item.name, item.principal).map { .ended($0) } ?? .unknown
        }
        claims[place].deadline = logTime + claims[place].ttl
        return status(of: item.claim)
    }

    /// Ends the claim, and no other.
    mutating func release(_ claim: ClaimReference, _ head: RequestHead) -> Outcome {
        touch(claim.claim)
        if let place = live(claim.claim, claim.name, head.principal) {
            end(claims[place], .released)
            return .released(claim: claim.claim, .released)
        }
        return reason(claim.claim, claim.name, head.principal).map { .released(claim: claim.claim, $0) }
            ?? .refused(.claimUnknown)
    }

    /// Gives a live claim another value.
    mutating func update(_ update: Update, _ head: RequestHead) -> Outcome {
        touch(update.claim.claim)
        if let place = live(update.claim.claim, update.claim.name, head.principal) {
            claims[place].value = update.value
            return .updated(claim: update.claim.claim)
        }
        let reason = reason(update.claim.claim, update.claim.name, head.principal)
        return .refused(reason.map { .ended($0) } ?? .claimUnknown)
    }

    /// Ends what the acquire got, or sees to it that the acquire will do nothing.
    mutating func cancel(_ cancel: Cancel, _ head: RequestHead) -> Outcome {
        guard cancel.target != head.request else { return .refused(.malformed) }
        switch memory(of: cancel.target) {
        case .undone: return .cancelled(.remembered)
        case .answered: return .cancelled(.nothing)
        case .acquired(let claim, _): return undo(claim, cancel.name, head.principal)
        case nil: break
        }
        if let claim = claims.first(where: { $0.name == cancel.name && $0.request == cancel.target }) {
            return undo(claim.id, cancel.name, head.principal)
        }
        let known = instance(cancel.target.instance)
        if let known, cancel.target.sequence < known.mark { return .cancelled(.nothing) }
        guard known == nil ? hasRoomForAnInstance() : hasRoomForARequest(cancel.target.instance) else {
            return .refused(.overloaded)
        }
        hear(cancel.target.instance, mark: RequestSequence(0))
        remember(cancel.target, .undone)
        return .cancelled(.remembered)
    }

    private mutating func undo(_ claim: ClaimID, _ name: String, _ principal: String) -> Outcome {
        touch(claim)
        if let place = live(claim, name, principal) {
            end(claims[place], .cancelled)
            return .cancelled(.ended(claim: claim))
        }
        guard let reason = reason(claim, name, principal) else { return .refused(.claimUnknown) }
        return .cancelled(reason == .cancelled ? .ended(claim: claim) : .hadEnded(claim: claim, reason))
    }

    // MARK: Looking

    func isAlive(_ claim: Claim) -> Bool { claim.deadline > logTime }

    /// The place of a claim that lives, of this lease if one is named, and of this principal.
    private func live(_ id: ClaimID, _ name: String, _ principal: String) -> Int? {
        claims.firstIndex { claim in
            claim.id == id && isAlive(claim) && (name.isEmpty || claim.name == name) && claim.principal == principal
        }
    }

    /// Why a claim is over, if it is and was of this lease and principal.
    private func reason(_ id: ClaimID, _ name: String, _ principal: String) -> EndReason? {
        let over: (reason: EndReason, name: String, principal: String)
        if let claim = claims.first(where: { $0.id == id }) {
            guard !isAlive(claim) else { return nil }
            over = (.expired, claim.name, claim.principal)
        } else if let ending = ending(id) {
            over = (ending.reason, ending.name, ending.principal)
        } else {
            return nil
        }
        return (name.isEmpty || over.name == name) && over.principal == principal ? over.reason : nil
    }

    /// How a claim stands.
    func status(of id: ClaimID) -> ClaimStatus {
        if let claim = claims.first(where: { $0.id == id }) {
            return isAlive(claim)
                ? .holding(token: FencingToken(id.rawValue), validFor: claim.deadline - logTime) : .ended(.expired)
        }
        return ending(id).map { .ended($0.reason) } ?? .unknown
    }

    // MARK: Reading

    /// A lease as a reader sees it now.
    func lease(_ name: String) -> LeaseView {
        let holders = claims.filter { $0.name == name && isAlive($0) }
        return LeaseView(
            name: name, capacity: 1,
            holders: holders.map { claim in
                LeaseView.Holder(
                    claim: claim.id, token: FencingToken(claim.id.rawValue), holder: claim.holder,
                    value: claim.value, ttl: claim.ttl, remaining: claim.deadline - logTime)
            }, waiters: 0)
    }

    /// A page of the leases that are held, in the order of their names' bytes.
    func page(prefix: String, after: String, limit: Int) -> LeasePage {
        let names = claims.filter {
            isAlive($0) && $0.name.hasBytes(prefix) && (after.isEmpty || after.comesBefore($0.name))
        }
        .map(\.name).sorted { $0.comesBefore($1) }
        let size = min(max(limit, 1), Limits.leasesPerPage)
        return LeasePage(leases: names.prefix(size).map { lease($0) }, hasMore: names.count > size, index: index)
    }
}
