internal import LeaseMachine
internal import LeaseholdBase
internal import LeaseholdClientCore
internal import LeaseholdSystem

/// Tenures: from the grant to the end. What becomes of them is decided by ``Tenures``; here it is told.
extension ClientEngine {
    /// An acquire was answered.
    mutating func began(_ call: Call, _ acquired: Acquired) -> CallResult {
        guard case .acquire(_, let checkpointWithin, let isScoped) = call.request else {
            return .failure(.refused(.malformed))
        }
        let (lease, facts): (LeaseHandle, HeldLease)
        switch Grant(acquired, in: loop.cores[0]) {
        case .held(let handle, let known): (lease, facts) = (handle, known)
        case .over(let reason): return .failure(.refused(.ended(LeaseLost.Reason(reason))))
        case .unknown: return .failure(.refused(.claimUnknown))
        case .waiting: return .failure(.refused(.notSupported))
        }
        let now = SystemClocks.steady
        let tenure = Tenure(facts, lease: lease, checkpointWithin: checkpointWithin, isScoped: isScoped, now: now)
        thread.courier.tell(.acquired(name: facts.name, token: Lease.Token(facts.token)))
        guard tenures.begin(tenure, isGivenUp: call.isGivenUp, &loop.cores[0], now: now) else {
            giveBack(tenure, now)
            return .failure(.unknown(call.isGivenUp ? .cancelled : .stopped))
        }
        return .success(.acquired(tenure))
    }

    /// The core's belief has changed.
    mutating func changed(_ lease: LeaseHandle, _ state: LeaseState) {
        let now = SystemClocks.steady
        guard let (tenure, news) = tenures.changed(lease, state, &loop.cores[0], now: now) else { return }
        let (name, token) = (tenure.name, tenure.token)
        switch news {
        case .renewed(let until):
            thread.courier.tell(.renewed(name: name, token: token, remaining: Duration(until - now)))
        case .atRisk(let until):
            thread.courier.tell(.atRisk(name: name, token: token, remaining: Duration(until - now)))
        case .ending(let until):
            thread.courier.tell(.ending(name: name, token: token, remaining: Duration(until - now)))
        case .ranOut: lose(tenure, .expiredLocally, now)
        case .lost(let reason): lose(tenure, reason, now)
        }
    }

    /// Ends a tenure, and stops what runs under it.
    mutating func lose(_ tenure: Tenure, _ reason: LossReason, _ now: SteadyTime) {
        guard let work = thread.end(tenure, reason) else { return }
        cancel(work, of: tenure, tenure.loss(LeaseLost.Reason(reason)), now)
    }

    /// Gives a lease back that nobody uses any more.
    mutating func giveBack(_ tenure: Tenure, _ now: SteadyTime) {
        thread.giveBack(tenure)
        tenures.giveBack(tenure, &loop.cores[0], now: now)
        loop.touch(0)
    }

    /// Tells which releases failed that nobody waits for.
    mutating func tellFailures(_ obstacle: LeaseholdError.Obstacle = .stopped) {
        for failed in tenures.takeFailures() {
            let error =
                switch failed.failure {
                case .notSubmitted(let error): LeaseholdError(error)
                case .notDone(.givenUp): LeaseholdError.notDone(.stopped)
                case .notDone(let reason): LeaseholdError(reason)
                case .refused(let error): LeaseholdError(error)
                case .unknown where failed.wasAwaited: LeaseholdError.unknown(.cancelled)
                case .unknown: LeaseholdError.unknown(stopLimit == nil ? .timedOut : .stopped)
                case .neverSent: LeaseholdError.notDone(obstacle)
                }
            thread.courier.tell(.releaseFailed(name: failed.tenure.name, token: failed.tenure.token, error))
        }
    }
}
