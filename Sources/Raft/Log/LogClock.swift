import LeaseholdBase

/// The leader's log clock: what stamps entries with log time.
///
/// Set at an election to the log time of the leader's last entry. Each time the leader is told the time, it advances by
/// the steady time since it was last told, but never by more than two heartbeats: a leader that was stopped,
/// suspended or stuck in a sync charges nobody for the silence. So log time never runs backwards, never runs faster
/// than real time beyond the drift of clocks, and stands still while there is no attentive leader (traps 46, 47, 53).
struct LogClock: Hashable, Sendable {
    /// The log time as of the time last told.
    private(set) var logTime: LogTime
    private(set) var told: SteadyTime
    let longestStep: Nanoseconds

    init(from logTime: LogTime, at now: SteadyTime, heartbeat: Nanoseconds) {
        self.logTime = logTime
        self.told = now
        self.longestStep = heartbeat * 2
    }

    /// Tells the time. An earlier time than the one last told changes nothing.
    mutating func tell(_ now: SteadyTime) {
        guard now > told else { return }
        #if PLANTED_BUGS
        if planted(.stallCharged) { logTime = logTime + max(.zero, now - told - longestStep) }
        #endif
        logTime = logTime + min(now - told, longestStep)
        told = now
    }
}
