public import LeaseholdBase

/// Why a state cannot be restored.
public enum RestoreError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The clock is before the wall time of the state: a base made of it might have been used.
    case clockBehind(snapshot: WallTime, clock: WallTime)
    /// No indices are left above those that were used.
    case exhausted

    /// One line for people.
    public var description: String {
        switch self {
        case .clockBehind(let snapshot, let clock):
            "this machine's clock (\(clock.rawValue / 1_000_000_000) s since 1970) is behind the snapshot's time "
                + "(\(snapshot.rawValue / 1_000_000_000) s since 1970): set it right first"
        case .exhausted: "there are no indices left above the snapshot's"
        }
    }
}

extension LeaseMachine {
    /// Makes this state that of a new cluster, whose index goes on above all that the old one may have used, so that no
    /// token is issued twice, whichever backups are restored one after the other, and however often (trap 45).
    ///
    /// Indices are kept on the clock, in ticks of 2⁻²⁰ seconds since 1970. No cluster commits a million entries a second;
    /// so one that begins at index 1, or at the ticks of the moment of its restore, is never ahead of the ticks of any later
    /// moment, and what is restored then begins there, above everything that any cluster before it has issued: whichever
    /// of their backups it is made of, and whether that cluster, or others made of it, are known to the backup or not. For
    /// that no cluster may begin ahead of the clock. A margin, however large, would spoil it: a cluster that begins 2⁴⁰
    /// ahead, which is twelve days, is above what is restored of an older backup in these twelve days.
    ///
    /// A state that is ahead all the same, since clocks jumped or were never set, stays as far ahead, by 2⁴⁰ more: of that
    /// cluster it is not known how far it has come. It takes an hour to count as ahead, which is more than the clocks of
    /// machines differ by.
    ///
    /// Two restores of one backup have bases as far apart as they are in time.
    ///
    /// Old claims keep their slots until their deadlines, answer renewals `ended(restored)`, and end `restored`. Nothing is
    /// granted until the longest TTL that any setting allows has passed on the log clock: a claim that was granted or
    /// renewed after the backup is dead by then. What this state's own setting allows says nothing about that, for it
    /// may have been raised after the backup.
    /// - Parameters:
    ///   - clock: The wall clock of the machine that restores.
    ///   - quarantine: False waives the wait; then tokens alone protect.
    /// - Returns: The base: ``appliedIndex`` from here on. The new cluster's first entry has the next index.
    public mutating func restore(at clock: WallTime, quarantine: Bool) throws(RestoreError) -> LogIndex {
        guard clock >= wallTime else { throw .clockBehind(snapshot: wallTime, clock: clock) }
        guard let base = Self.base(after: appliedIndex, of: wallTime, at: clock) else { throw .exhausted }
        abandonSnapshot()
        appliedIndex = base
        wallTime = clock
        restoredThrough = ClaimID(base.rawValue)
        quarantineUntil = quarantine ? logTime + Limits.ttl.upperBound : .zero
        marks.hit(.restored)
        return base
    }

    /// The index of the last entry before those of a restored cluster; nil when it would not be small enough to go on.
    static func base(after last: LogIndex, of wallTime: WallTime, at clock: WallTime) -> LogIndex? {
        #if PLANTED_BUGS
        if planted(.restoreKeepsIndex) { return last }
        #endif
        let (then, now) = (ticks(wallTime), ticks(clock))
        let elapsed = now - min(now, then)
        let isOnTheClock = now >= leastTicks && last.rawValue <= then + ticksOfSkew
        let base = max(LogIndex(now), max(last.next, last + elapsed + (isOnTheClock ? 0 : 1 << 40)))
        return base.rawValue < 1 << 62 ? base : nil
    }

    /// A clock that shows less has never been set: it is before 2004.
    private static var leastTicks: UInt64 { 1 << 50 }

    /// By how many ticks an index may be ahead of its entry's wall time only because clocks differ: 4,096 seconds.
    private static var ticksOfSkew: UInt64 { 1 << 32 }

    /// A clock's reading in units of 2⁻²⁰ seconds.
    private static func ticks(_ time: WallTime) -> UInt64 {
        let (seconds, rest) = time.rawValue.quotientAndRemainder(dividingBy: 1_000_000_000)
        return seconds << 20 + (rest << 20) / 1_000_000_000
    }
}

extension LeaseMachine {
    /// Whether a claim was made before this cluster was, from a backup.
    func isRestored(_ claim: ClaimID) -> Bool { claim <= restoredThrough }

    /// Why an acquire is refused now whatever it asks for, if it is.
    var quarantineRefusal: LeaseError? {
        logTime < quarantineUntil ? .quarantined(remaining: quarantineUntil - logTime) : nil
    }
}
