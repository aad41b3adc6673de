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
    /// Whether the bytes of the one that counts were found damaged: another is wanted as soon as there is log behind it.
    var isDoubtful = false
    /// The one that was last told to the operator.
    var told: LogIndex = .zero

    /// How long no other is begun after one could not be written.
    static let pauseAfterFailure: Nanoseconds = .seconds(5)

    init(startedAt now: SteadyTime) { begunAt = now }

    /// Whether none is being taken.
    var isResting: Bool { if case .resting = stage { true } else { false } }
}
