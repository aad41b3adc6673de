import LeaseholdBase

/// Whether a learner keeps up, by the rounds of the thesis (§4.2.1).
///
/// A round carries over all entries that were in the leader's log when it began. Whatever comes meanwhile is the next
/// round's. A learner whose last whole round took less than an election timeout would, as a voter, hold up commits for
/// less than that.
struct CatchUp: Sendable, BitwiseCopyable {
    private var target: LogIndex
    private var startedAt: SteadyTime
    /// How long the last whole round took.
    private var lastRound: Nanoseconds?

    /// Begins the first round, with a log up to this index.
    init(through last: LogIndex, at now: SteadyTime) {
        target = last
        startedAt = now
    }

    /// The learner holds the log up to an index, and the leader's has reached another.
    mutating func advanced(to match: LogIndex, of last: LogIndex, at now: SteadyTime) {
        guard match >= target else { return }
        lastRound = now - startedAt
        (target, startedAt) = (last, now)
    }

    /// Whether the last whole round took less than the limit, and the one under way has not lasted longer already.
    func isDone(within limit: Nanoseconds, at now: SteadyTime) -> Bool {
        guard let lastRound else { return false }
        return lastRound < limit && now - startedAt < limit
    }
}
