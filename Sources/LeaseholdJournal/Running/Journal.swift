public import LeaseholdBase
import Raft

/// The write-ahead log of one node: one stream of batches, in which entries, term and vote, and truncations are ordered by
/// one sync (trap 6).
///
/// A journal comes from ``recover(from:node:cluster:configuration:seed:visitor:)`` and then runs on events and effects:
///
/// ```swift
/// journal.append(number: number, issuedIn: term, hardState: nil, truncateAfter: nil, commit: commit)
/// journal.appendEntry(header, payload: payload)           // for each entry of the request
/// journal.submit(now: now, into: &effects)                // at the end of the turn
/// // … the driver performs the effects and tells what became of each:
/// if let progress = journal.completed(completion, now: now, into: &effects) { … }
/// ```
///
/// At most one batch is in flight. No byte of the next is written before the sync of the one before has completed; what
/// is appended meanwhile is gathered and becomes one batch with the next ``submit(now:into:)``, which the owner calls at
/// the end of every turn. Cursors count persistence requests: flushed ≤ submitted ≤ accepted.
///
/// Memory: two batch buffers, each as large as the largest batch so far; 24 bytes for each 64 KiB of journal; a hundred
/// or so bytes a segment.
public struct Journal: Sendable {
    /// Sizes and times.
    public let configuration: JournalConfiguration
    /// Whose journal it is. The cluster is that of the batches written from here on.
    public internal(set) var identity: JournalIdentity
    /// All segments in order; the last one is written to.
    public internal(set) var segments: [JournalSegment]
    /// The number of the newest batch whose sync has completed, for the handshake between peers (a disk that was rolled
    /// back has a lower one than its peers have seen).
    public internal(set) var newestSyncedBatch: UInt64

    /// The last request that was handed in.
    public internal(set) var accepted: PersistNumber = .zero
    /// The last request that was put into a batch.
    public internal(set) var submitted: PersistNumber = .zero
    /// The last request that is durable.
    public internal(set) var flushed: PersistNumber = .zero
    /// Why the journal does nothing any more, if so.
    public internal(set) var failure: JournalFailure?
    /// Which of its branches were taken, in recovery too.
    package internal(set) var marks = MarkSet<JournalMark>()

    var gathering = BatchBuffer()
    var flying = BatchBuffer()
    var flyingFlags: BatchHeader.Flags = []
    var stage: Stage = .resting
    var awaited = Awaited()
    var terms: TermRuns
    var positions: PositionIndex
    /// The last index of what is durable.
    var durableLastIndex: LogIndex

    var spare: Spare = .none
    var spareAwaited = Awaited()
    /// How many attempts in a row to make a spare failed.
    var spareFailures = 0
    /// Whether an attempt to make a spare or to name it ended for want of space, and none has succeeded since.
    public internal(set) var isOutOfSpace = false
    /// Whether something was refused for want of space since it was last looked for.
    var isSpaceWanted = false
    /// Where the sealing of the last batch is due; never when it is sealed or something follows.
    var sealDue: SteadyTime = .never
    /// Whether the last batch is a clean end.
    var isClean: Bool
    var isStopping = false
    /// The snapshot that counts: its mark is durable. What it stands for need not be in the log any more.
    public internal(set) var snapshot: InstalledSnapshot?
    /// Why the journal began with an older snapshot than the newest one, if it did.
    public internal(set) var snapshotWarning: JournalError?
    /// The mark that made it count.
    var newestMark: SnapshotMark?
    /// One that is durable under its name, and whose mark is still to be written.
    var unmarked: Unmarked?
    /// The snapshot that is being written, if one is.
    var work: SnapshotWork?
    var snapshotAwaited = Awaited()
    /// Renames and removals of snapshots that only those wait for that use the same names.
    var asideAwaited: [DiskNumber] = []
    /// How much room the file of an older snapshot keeps for the next one, in bytes; and a rename that is to keep some.
    var roomBytes = 0
    var roomExpected = 0
    var roomAwaited: DiskNumber?
    var snapshotReads: [SnapshotRead] = []
    /// How many segments were removed in this life, and before which the log began anew.
    var releasedSegments = 0
    var restartSegment = 0
    var release = SegmentRelease.resting
    /// How many bytes of batches were written, or recovered behind the snapshot, and how many when it was begun.
    var appendedBytes = 0
    var appendedAtSnapshot = 0
    var reads: [ReadBack] = []
    var readFound: [ReadFound] = []

    var random: RandomSource
    var nextNumber = DiskNumber(1)
    var nextFile = FileID(1)
    /// What the sealed segments have in bytes, physically.
    var olderBytes: Int

    /// What the batch in flight is waiting for.
    enum Stage: Hashable {
        /// There is none.
        case resting
        /// A spare segment, as none is ready.
        case awaitingSpare
        /// The write and sync of the segment header in the spare.
        case heading(SegmentHeader, FileID, size: Int)
        /// Room for the segment's new name: to be tried again then.
        case renamingLater(SegmentHeader, FileID, size: Int, at: SteadyTime)
        /// The rename of the spare.
        case renaming(SegmentHeader, FileID, size: Int, name: String)
        /// The sync of the directory.
        case publishing(SegmentHeader, FileID, size: Int, name: String)
        /// Its own write and sync.
        case writing
    }

    /// The bytes that ``DiskEffect/Operation/write(_:offset:bytes:)`` names a range of. They stay as they are until the
    /// writes that name them have completed.
    public var batchBytes: RawSpan {
        @_lifetime(borrow self)
        get { unsafe flying.bytes.span.bytes }
    }

    /// Whether nothing handed in still waits for the disk.
    public var isIdle: Bool { stage == .resting && gathering.isEmpty }

    /// Whether the clean end of ``stop(now:into:)`` is durable.
    public internal(set) var isStopped = false

    /// The last index that the journal holds, durable or not.
    public var lastIndex: LogIndex { terms.lastIndex }

    /// How many bytes are gathered for the next batch.
    public var gatheredBytes: Int { gathering.bytes.count - BatchBuffer.payloadStart }

    /// How many bytes the two batch buffers have room for: as much as the largest batches needed so far.
    public var bufferCapacity: Int { gathering.bytes.capacity + flying.bytes.capacity }

    /// How many bytes of the budget are taken: older segments as they are on disk, the current one as far as it is written,
    /// and snapshots with the room for the next.
    public var usedBytes: Int {
        let snapshots = (snapshot?.id.byteCount ?? 0) + (unmarked?.snapshot.id.byteCount ?? 0)
        return olderBytes + segments[segments.count - 1].end + snapshots + max(roomBytes, work?.written ?? 0)
    }

    /// How many bytes of log there are behind the snapshot that counts, or from the beginning without one.
    public var bytesBehindSnapshot: Int { appendedBytes - appendedAtSnapshot }

    /// The last entry that a snapshot stands for, whether it counts already or is still to. It is committed: nothing up to it
    /// is ever voided.
    package var snapshotReach: LogIndex {
        var reach = max(snapshot?.id.lastIndex ?? .zero, gathering.mark?.id.lastIndex ?? .zero)
        reach = max(reach, flying.mark?.id.lastIndex ?? .zero)
        if let unmarked, !unmarked.isReceived { reach = max(reach, unmarked.snapshot.id.lastIndex) }
        if let work, !work.isReceived { reach = max(reach, work.header?.lastIndex ?? .zero) }
        return reach
    }

    /// The first entry that the journal has. Those before are in the snapshot alone.
    public var firstIndex: LogIndex { terms.baseIndex.next }

    /// Whether no more than the reserve is left of the budget, or no spare segment can be made for want of space: acquires
    /// are refused then (`disk_low`), while renewals and releases go on. Trying again is not yet having space. The budget
    /// itself stops nothing, and grows with the state.
    public var isDiskLow: Bool { isOutOfSpace || usedBytes > budgetBytes - configuration.reserveBytes }

    /// Two snapshots, and the log that comes until the next is taken and the one before need not be sent any more, are no
    /// more than six times a snapshot beyond what the configuration has room for.
    private var budgetBytes: Int {
        let (grown, overflow) = (snapshot?.id.byteCount ?? 0).multipliedReportingOverflow(by: 8)
        return max(configuration.budgetBytes, overflow ? .max : grown)
    }

    /// Something was refused because ``isDiskLow``: whether there is space again is looked for soon, not only after the longer
    /// and longer pauses of a journal that nobody waits for.
    public mutating func wantSpace() { isSpaceWanted = isOutOfSpace }

    /// When ``tick(now:into:)`` is to be called at the latest.
    public var deadline: SteadyTime {
        guard failure == nil else { return .never }
        var due = sealDue
        if spareAwaited.isEmpty { due = min(due, spareRetry) }
        if case .renamingLater(_, _, _, let retry) = stage { due = min(due, retry) }
        if let work, work.stage == .resting, !isStopping, work.hasStep(configuration) { due = min(due, work.nextStep) }
        return due
    }

    mutating func emit(_ operation: DiskEffect.Operation, into effects: inout [DiskEffect]) -> DiskNumber {
        let number = nextNumber
        nextNumber = number.next
        effects.append(DiskEffect(number: number, operation: operation))
        return number
    }

    mutating func newFile() -> FileID {
        defer { nextFile = nextFile.next }
        return nextFile
    }
}
