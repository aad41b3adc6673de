internal import LeaseholdBase
internal import LeaseholdJournal

/// How far this node is with a snapshot of its own state.
struct SnapshotTaking: Sendable {
    enum Stage: Sendable {
        /// None is being taken.
        case resting
        /// The state's begins; its last entry is not durable here yet, or the journal has something to end first.
        case waiting(SnapshotHeader)
        /// The state is being handed to the journal.
        case writing
    }

    var stage = Stage.resting
    /// When the last one was begun, or the node started.
    var begunAt: SteadyTime
    /// Before then none is begun: the last one could not be written.
    var notBefore = SteadyTime.zero
    /// The one whose bytes were found damaged: while it counts another is wanted, as soon as there is log behind it.
    var doubtful: SnapshotID?
    /// The one that was last told to the operator.
    var told: LogIndex = .zero

    /// The entry of which somebody wants one, or of any behind it, and until when that is believed.
    private var wanted: (index: LogIndex, until: SteadyTime)?
    /// Before then none is begun only because it is wanted.
    private var wantedNotBefore = SteadyTime.zero

    /// When somebody who waits for one is to ask again.
    static let askAgainAfter: Nanoseconds = .milliseconds(100)
    /// How long it is believed that somebody wants one who does not ask again.
    private static let wantedFor: Nanoseconds = .seconds(10)
    /// Those that are wanted are written no faster than this, in bytes a second, one after the other.
    private static let wantedBytesPerSecond: Int64 = 8 << 20

    /// When a piece of one came from a leader last.
    var receiptHeard = SteadyTime.zero
    /// How long nothing may come of one until it is given up.
    static let receiptPatience: Nanoseconds = .seconds(30)

    /// How long no other is begun after one could not be written.
    static let pauseAfterFailure: Nanoseconds = .seconds(5)

    init(startedAt now: SteadyTime) { begunAt = now }

    /// Somebody wants one of an entry, or of one behind it.
    mutating func want(_ index: LogIndex, now: SteadyTime) {
        wanted = (max(index, wanted?.index ?? .zero), now + Self.wantedFor)
    }

    /// Whether one is to be begun because somebody wants it: newer than the one that counts, and not so soon behind the last
    /// that nothing else would be done.
    func isWanted(behind last: LogIndex?, now: SteadyTime) -> Bool {
        guard let wanted, now < wanted.until, now >= wantedNotBefore else { return false }
        return last.map { $0 < wanted.index } ?? true
    }

    /// One is begun.
    mutating func begin(behind bytes: Int, now: SteadyTime) {
        begunAt = now
        let (seconds, rest) = Int64(bytes).quotientAndRemainder(dividingBy: Self.wantedBytesPerSecond)
        wantedNotBefore =
            now + .seconds(1 + seconds) + Nanoseconds(rest * 1_000_000_000 / Self.wantedBytesPerSecond)
    }

    /// Whether none is being taken.
    var isResting: Bool { if case .resting = stage { true } else { false } }
}
