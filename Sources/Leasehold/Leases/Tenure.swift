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
    let handle: LeaseHandle
    /// Checkpoints must come at least so often for the lease to be renewed.
    let checkpointWithin: Nanoseconds?
    /// It is `withLease` that gives it back.
    let isScoped: Bool
    private let state: Monitor<State>

    private struct State {
        var heldUntil: SteadyTime
        /// Somebody saw the deadline passed, and acted on it.
        var isOver = false
        var end: LeaseLost.Reason?
        /// It was this client that gave the lease back: no loss to whatever runs under it.
        var isGivenBack = false
        /// When the work last said that it goes on, and when the client's thread was last told so.
        var workedAt: SteadyTime
        var toldAt: SteadyTime
        var work: Work?
        /// The work is to stop as soon as it begins: the client is being stopped.
        var isStopping = false
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
    }

    init(
        _ facts: HeldLease, handle: LeaseHandle, checkpointWithin: Nanoseconds?, isScoped: Bool, now: SteadyTime
    ) {
        self.isScoped = isScoped
        self.facts = facts
        self.handle = handle
        self.checkpointWithin = checkpointWithin
        state = Monitor(State(heldUntil: facts.heldUntil, workedAt: now, toldAt: now))
    }

    // MARK: For callers

    /// How the tenure stands by the clock.
    var standing: Standing {
        // The clock is read in the lock: a belief that was extended after the reading is not judged by an older time.
        state.withLock { state in Self.standing(&state, now: SystemClocks.steady) }
    }

    private static func standing(_ state: inout State, now: SteadyTime) -> Standing {
        if let end = state.end { return .over(end) }
        if !state.isOver, now < state.heldUntil { return .held(until: state.heldUntil) }
        state.isOver = true
        return .over(.expiredLocally)
    }

    /// Notes that the work goes on. Answers how the tenure stands, and whether the client's thread is to be told.
    func checkpoint() -> (Standing, mustTell: Bool) {
        guard let checkpointWithin else { return (standing, false) }
        return state.withLock { state in
            let now = SystemClocks.steady
            let standing = Self.standing(&state, now: now)
            state.workedAt = now
            guard case .held = standing, now - state.toldAt >= checkpointWithin / 8 else { return (standing, false) }
            state.toldAt = now
            return (standing, true)
        }
    }

    /// Until when the lease may be renewed for the work's sake; nil when that does not matter.
    var workLimit: SteadyTime? {
        guard let checkpointWithin else { return nil }
        return state.withLock { state in state.workedAt + checkpointWithin + checkpointWithin / 8 }
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
                    if let end = state.end { return .some(end) }
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
            return state.isStopping || state.end != nil && !state.isGivenBack
        }
    }

    /// What ran under the lease has returned. Answers why the lease had been lost before that, if it had.
    func workReturned() -> LeaseLost.Reason? {
        state.withLock { state in
            state.work = nil
            if state.isGivenBack { return nil }
            if case .over(let reason) = Self.standing(&state, now: SystemClocks.steady) { return reason }
            return nil
        }
    }

    /// Whether something still runs under the lease.
    var isWorking: Bool { state.withLock { state in state.work != nil } }

    // MARK: For the client's thread, and for a release

    /// The cluster has confirmed the lease for longer. False when the tenure is over here already.
    func extend(until time: SteadyTime) -> Bool {
        state.withLock { state in
            guard state.end == nil, case .held = Self.standing(&state, now: SystemClocks.steady) else { return false }
            state.heldUntil = max(state.heldUntil, time)
            return true
        }
    }

    /// The work is to stop, without any loss: answers what cancels it.
    func stopWork() -> Work? {
        state.withLock { state in
            state.isStopping = true
            return state.work
        }
    }

    /// The tenure is over. The first call ends it and tells those who wait; any other does nothing and answers nil.
    /// - Parameter isGivenBack: It is this client's own release, and no loss.
    /// - Returns: what runs under it and is to be cancelled.
    func end(_ reason: LeaseLost.Reason, isGivenBack: Bool = false) -> Ended? {
        let ended = state.withLock { state -> (Ended, [CheckedContinuation<LeaseLost.Reason?, Never>])? in
            guard state.end == nil else { return nil }
            state.end = reason
            state.isGivenBack = isGivenBack
            let waiters = state.waiters.map(\.continuation)
            state.waiters = []
            return (Ended(work: isGivenBack ? nil : state.work), waiters)
        }
        // Outside of the lock: what is resumed may run here at once.
        for waiter in ended?.1 ?? [] { waiter.resume(returning: reason) }
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
