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
    /// Makes this state that of a new cluster, whose index goes on far above all that the old one may have used, so that
    /// no token is issued twice, even when one backup is restored twice (trap 45).
    ///
    /// The base is at least the last index + 2⁴⁰ and at least the clock's Unix time × 2²⁰. It rises by 2²⁰ with each
    /// second of the clock in either case: two restores of one backup have bases as far apart as they are in time, and no
    /// cluster commits a million entries a second.
    ///
    /// Old claims keep their slots until their deadlines, answer renewals `ended(restored)`, and end `restored`. Nothing is
    /// granted until the longest TTL that anybody may have asked for has passed on the log clock: a claim that was
    /// granted or renewed after the backup is dead by then.
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
        quarantineUntil = quarantine ? logTime + longestTTL : .zero
        marks.hit(.restored)
        return base
    }

    private var longestTTL: Nanoseconds {
        var longest = settings.ttlMaximum
        var walk = claims.order.cursor(from: RawSpan(), strictly: false, difference: nil)
        while let lease = claims.order.next(&walk) {
            var next = claims.leases[lease].firstClaim
            while next != noSlot {
                longest = max(longest, claims.claims[next].ttl)
                next = claims.claims[next].next
            }
        }
        return longest
    }

    /// The index of the last entry before those of a restored cluster; nil when it would not be small enough to go on.
    static func base(after last: LogIndex, of wallTime: WallTime, at clock: WallTime) -> LogIndex? {
        #if PLANTED_BUGS
        if planted(.restoreKeepsIndex) { return last }
        #endif
        let elapsed = ticks(clock) - min(ticks(clock), ticks(wallTime))
        let base = max(last + (1 << 40) + elapsed, LogIndex(ticks(clock)))
        return base.rawValue < 1 << 62 ? base : nil
    }

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
