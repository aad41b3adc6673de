internal import LeaseholdBase
internal import LeaseholdSystem

/// What callers have put down for the client's thread to take up.
struct Mailbox {
    enum Command: Sendable {
        case submit(Call, CheckedContinuation<CallResult, Never>)
        /// The caller's task was cancelled.
        case giveUp(Call)
        /// The work under a lease goes on.
        case worked(Tenure)
        /// The client is to end, by then at the latest.
        case stop(limit: SteadyTime)
        /// Nobody refers to the client any more.
        case abandoned
    }

    /// Where the thread is.
    enum Phase {
        case notStarted
        case running
        case ended(LeaseholdError.Obstacle)
    }

    /// What the thread looks at.
    enum Attention {
        /// It will look at the commands before it waits.
        case working
        /// It waits, and has to be woken.
        case waiting
        /// It was woken.
        case woken
    }

    /// Callers that may wait to be looked at.
    static let commandLimit = 65_536

    var commands: [Command] = []
    var phase = Phase.notStarted
    var attention = Attention.working
    var wakeUp: WakeUp?
    /// Those who wait for the end of the thread.
    var endWaiters: [CheckedContinuation<Void, Never>] = []

    /// Nothing is taken up any more: answers the commands that were not, and those who wait for the end.
    mutating func end(
        _ obstacle: LeaseholdError.Obstacle
    ) -> (commands: [Command], waiters: [CheckedContinuation<Void, Never>]) {
        if case .ended = phase { return ([], []) }
        phase = .ended(obstacle)
        defer { (commands, endWaiters) = ([], []) }
        return (commands, endWaiters)
    }

    /// Puts a command down, and wakes the thread if it waits. In the lock, so that a wake-up that the thread has seen
    /// is one that it can take back.
    mutating func put(_ command: Command) {
        commands.append(command)
        guard case .waiting = attention else { return }
        attention = .woken
        wakeUp?.signal()
    }
}
