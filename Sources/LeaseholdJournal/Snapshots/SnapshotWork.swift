import LeaseholdBase

/// A snapshot that is being written aside: taken here, or received from a leader.
struct SnapshotWork: Sendable {
    /// What the file waits for.
    enum Stage: Hashable, Sendable {
        /// More bytes, or the time of the next step.
        case resting
        /// Its opening, or a write and its sync.
        case writing
        /// The rename to the name that it keeps.
        case renaming
        /// The sync of the directory.
        case publishing
    }

    let file: FileID
    /// Makes a file of content, when the snapshot is taken here.
    var writer: SnapshotFileWriter?
    /// Checks a file as it comes, when the snapshot is received.
    var reader: SnapshotFileReader?
    var header: SnapshotHeader?
    /// Known at once of one that is received, at the end of one that is taken.
    var id: SnapshotID?
    var stage = Stage.writing
    /// Bytes for the next step, and those of the step under way.
    var gathering: [UInt8] = []
    var flying: [UInt8] = []
    /// How many bytes were handed to writes.
    var written = 0
    /// Whether no more bytes come.
    var isComplete = false
    /// Whether it is given up as soon as the step under way has ended.
    var isAbandoned = false
    var nextStep = SteadyTime.zero
    /// How much log there was when it was begun.
    let appendedBytes: Int

    /// How many bytes of the file there are, written or not.
    var gathered: Int { written + gathering.count }
    /// Whether it comes from a leader.
    var isReceived: Bool { reader != nil }
    /// The temporary name.
    var name: String { isReceived ? SnapshotName.receiving : SnapshotName.taking }

    /// Whether there is enough for a step.
    func hasStep(_ configuration: JournalConfiguration) -> Bool {
        isComplete || gathering.count >= configuration.snapshotStepBytes
    }
}

/// The removal of the first segment.
enum SegmentRelease: Hashable, Sendable {
    /// Nothing is to be removed, as far as is known.
    case resting
    /// There may be something.
    case due
    /// The first segment is being removed.
    case removing(DiskNumber)
    /// The directory is being synced, so that no later segment's removal is durable before it.
    case syncing(DiskNumber)
}

/// A piece of a snapshot that is being read for somebody.
struct SnapshotRead: Hashable, Sendable {
    var number: DiskNumber
    var reader: SnapshotReader
    var id: SnapshotID
    var offset: Int
    var count: Int
}
