internal import LeaseholdBase
internal import LeaseholdClientCore
internal import LeaseholdSystem

/// One tenure as the callers' side sees it: what a ``Lease`` answers from, without changing threads.
///
/// The client's thread tells it until when the lease is held and why it ended; whoever asks looks at the clock as well.
/// A tenure that was once seen as past its deadline never comes back, whatever answer arrives later, and its end is told
/// once (trap 59).
final class Tenure: Sendable {
    /// What the core knows of it.
    let facts: HeldLease
    /// The core's handle.
    let lease: LeaseHandle
    private let state: Monitor<State>

    private struct State {
        /// What decides.
        var belief: TenureBelief
        var work: Work?
        var waiters: [(number: UInt64, continuation: CheckedContinuation<LeaseLost.Reason?, Never>)] = []
        var waiterNumber: UInt64 = 0
    }

    /// What runs under the lease.
    struct Work: Sendable {
        /// Cancels it. Runs users' code.
        let cancel: @Sendable () -> Void
        /// What follows when it does not return.
        let policy: LossPolicy
    }

    /// How the tenure stands.
    enum Standing {
        case held(until: SteadyTime)
        case over(LeaseLost.Reason)

        init(_ standing: TenureBelief.Standing) {
            switch standing {
            case .held(let until): self = .held(until: until)
            case .over(let reason): self = .over(LeaseLost.Reason(reason))
            }
        }
    }

    init(
        _ facts: HeldLease, lease: LeaseHandle, checkpointWithin: Nanoseconds?, isScoped: Bool, now: SteadyTime
    ) {
        self.facts = facts
        self.lease = lease
        state = Monitor(
            State(
                belief: TenureBelief(
                    heldUntil: facts.heldUntil, checkpointWithin: checkpointWithin, isScoped: isScoped, now: now)))
    }

    // MARK: For callers

    /// How the tenure stands by the clock.
    var standing: Standing {
        judge { belief, now in Standing(belief.standing(now: now)) }
    }

    /// Notes that the work goes on. Answers how the tenure stands, and whether the client's thread is to be told.
    func checkpoint() -> (Standing, mustTell: Bool) {
        judge { belief, now in
            let (standing, mustTell) = belief.checkpoint(now: now)
            return (Standing(standing), mustTell)
        }
    }

    /// Waits for the end. Nil when the caller's task is cancelled before it.
    func waitForEnd() async -> LeaseLost.Reason? {
        let number = state.withLock { state in
            state.waiterNumber += 1
            return state.waiterNumber
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let end = state.withLock { state -> LeaseLost.Reason?? in
                    if let end = state.belief.end { return .some(LeaseLost.Reason(end)) }
                    if Task.isCancelled { return .some(nil) }
                    state.waiters.append((number, continuation))
                    return nil
                }
                if let end { continuation.resume(returning: end) }
            }
        } onCancel: {
            let waiter = state.withLock { state -> CheckedContinuation<LeaseLost.Reason?, Never>? in
                guard let place = state.waiters.firstIndex(where: { $0.number == number }) else { return nil }
                return state.waiters.remove(at: place).continuation
            }
            waiter?.resume(returning: nil)
        }
    }

    /// What to run under the lease. Answers true when it is to be cancelled at once.
    func begin(_ work: Work) -> Bool {
        state.withLock { state in
            state.work = work
            return state.belief.workBegins()
        }
    }

    /// What ran under the lease has returned. Answers why the lease had been lost before that, if it had.
    func workReturned() -> LeaseLost.Reason? {
        state.withLock { state in
            state.work = nil
            return state.belief.workReturned(now: SystemClocks.steady).map(LeaseLost.Reason.init)
        }
    }

    /// Whether something still runs under the lease.
    var isWorking: Bool { state.withLock { state in state.belief.isWorking } }

    // MARK: For the client's thread, and for a release

    /// What runs under the lease.
    var work: Work? { state.withLock { state in state.work } }

    /// The tenure is over. The first call ends it and tells those who wait; any other does nothing and answers nil.
    /// - Parameter isGivenBack: It is this client's own release, and no loss.
    /// - Returns: what runs under it and is to be cancelled.
    func end(_ reason: LossReason, isGivenBack: Bool = false) -> Ended? {
        let ended = state.withLock { state -> (Ended, [CheckedContinuation<LeaseLost.Reason?, Never>])? in
            guard state.belief.finish(reason, isGivenBack: isGivenBack) else { return nil }
            let waiters = state.waiters.map(\.continuation)
            state.waiters = []
            return (Ended(work: isGivenBack ? nil : state.work), waiters)
        }
        // Outside of the lock: what is resumed may run here at once.
        for waiter in ended?.1 ?? [] { waiter.resume(returning: LeaseLost.Reason(reason)) }
        return ended?.0
    }

    /// What an end leaves to be done.
    struct Ended {
        /// What runs under the lease and is to be cancelled.
        let work: Work?
    }

    // MARK: What is said of it

    var name: String { facts.name }
    var token: Lease.Token { Lease.Token(facts.token) }
    var claim: UInt64 { facts.claim.rawValue }
    var ttl: Duration { Duration(facts.ttl) }

    /// The loss, told of by its reason.
    func loss(_ reason: LeaseLost.Reason) -> LeaseLost { LeaseLost(name: name, token: token, reason: reason) }
}

extension Tenure: KeptTenure {
    /// Looks at the belief in the lock. So is the clock read: a belief that was extended after the reading is not judged by
    /// an older time.
    func judge<Answer>(_ body: (inout TenureBelief, SteadyTime) -> Answer) -> Answer {
        state.withLock { state in body(&state.belief, SystemClocks.steady) }
    }
}
