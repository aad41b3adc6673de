internal import LeaseMachine
internal import LeaseholdBase
internal import LeaseholdClientCore
internal import LeaseholdSystem

/// Tenures: from the grant to the end.
extension ClientEngine {
    /// An acquire was answered. A grant that cannot be used any more is undone (trap 66).
    mutating func began(_ call: Call, _ acquired: Acquired) -> CallResult {
        guard case .acquire(_, let checkpointWithin, let isScoped) = call.request else {
            return .failure(.refused(.malformed))
        }
        switch acquired.status {
        case .holding: break
        case .ended(let reason), .ending(let reason, _): return .failure(.refused(.ended(LeaseLost.Reason(reason))))
        case .unknown: return .failure(.refused(.claimUnknown))
        case .waiting: return .failure(.refused(.notSupported))
        }
        // The core gives a grant back that came too late to be believed.
        guard let handle = acquired.lease, let facts = loop.cores[0].lease(handle) else {
            return .failure(.refused(.ended(.expiredLocally)))
        }
        let now = SystemClocks.steady
        let tenure = Tenure(
            facts, handle: handle, checkpointWithin: checkpointWithin, isScoped: isScoped, now: now)
        let place = Int(handle.slot)
        while tenures.count <= place { tenures.append(nil) }
        tenures[place] = tenure
        thread.courier.tell(.acquired(name: facts.name, token: Lease.Token(facts.token)))
        if call.isGivenUp || stopLimit != nil {
            giveBack(tenure, now)
            return .failure(.unknown(call.isGivenUp ? .cancelled : .stopped))
        }
        keepRenewing(tenure, now)
        return .success(.acquired(tenure))
    }

    /// The core's belief has changed.
    mutating func changed(_ handle: LeaseHandle, _ state: LeaseState) {
        let place = Int(handle.slot)
        guard place < tenures.count, let tenure = tenures[place], tenure.handle == handle else { return }
        let now = SystemClocks.steady
        let (name, token) = (tenure.name, tenure.token)
        switch state {
        case .held(let until):
            guard tenure.extend(until: until) else { return runOut(tenure, now) }
            thread.courier.tell(.renewed(name: name, token: token, remaining: Duration(until - now)))
        case .atRisk(let until):
            thread.courier.tell(.atRisk(name: name, token: token, remaining: Duration(until - now)))
        case .ending(_, let until):
            guard tenure.extend(until: until) else { return runOut(tenure, now) }
            thread.courier.tell(.ending(name: name, token: token, remaining: Duration(until - now)))
        case .lost(let reason):
            tenures[place] = nil
            lose(tenure, tenure.precise(reason, now: now), now)
        }
    }

    /// Ends a tenure, and stops what runs under it.
    mutating func lose(_ tenure: Tenure, _ reason: LossReason, _ now: SteadyTime) {
        guard let work = thread.end(tenure, reason) else { return }
        cancel(work, of: tenure, tenure.loss(LeaseLost.Reason(reason)), now)
    }

    /// The lease may be renewed for as long as its work goes on.
    mutating func keepRenewing(_ tenure: Tenure, _ now: SteadyTime) {
        guard let limit = tenure.workLimit else { return }
        loop.cores[0].renew(tenure.handle, until: limit, now: now)
    }

    /// Gives a lease back that nobody uses any more.
    mutating func giveBack(_ tenure: Tenure, _ now: SteadyTime) {
        thread.giveBack(tenure)
        release(tenure, now)
    }

    /// Somebody has seen the tenure past its deadline, and acted on it: that stands, though the cluster has confirmed
    /// it for longer since. It is left to run out: what was done under it may not have come to rest yet (trap 60).
    private mutating func runOut(_ tenure: Tenure, _ now: SteadyTime) {
        lose(tenure, .expiredLocally, now)
        loop.cores[0].renew(tenure.handle, until: now, now: now)
    }

    /// Sends a release that nobody waits for.
    private mutating func release(_ tenure: Tenure, _ now: SteadyTime) {
        if !sendRelease(tenure, now) { unreleased.append(tenure) }
    }

    /// False when it has to wait until other calls are answered: a client that ends may hold more leases than it may have
    /// calls under way.
    mutating func sendRelease(_ tenure: Tenure, _ now: SteadyTime) -> Bool {
        let call = Call(.release(tenure), timeout: nil)
        do throws(SubmissionError) {
            guard let handle = try loop.cores[0].release(tenure.handle, now: now) else { return true }
            open(OpenCall(handle: handle, call: call, continuation: nil))
            loop.touch(0)
        } catch {
            if error == .tooManyRequests, stopLimit != nil { return false }
            releaseFailed(tenure, LeaseholdError(error))
        }
        return true
    }

    /// A release that nobody waits for has no good answer: somebody else may have to wait for the deadline.
    func releaseFailed(_ tenure: Tenure, _ error: LeaseholdError) {
        thread.courier.tell(.releaseFailed(name: tenure.name, token: tenure.token, error))
    }
}

extension Tenure {
    /// The claim, by its number and name.
    var reference: ClaimReference { ClaimReference(claim: facts.claim, name: facts.name) }
}
