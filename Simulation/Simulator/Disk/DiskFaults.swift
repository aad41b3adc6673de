public import LeaseholdBase
package import LeaseholdJournal

/// What is wrong with a disk, switched on and off by the world while it is used. All whole numbers; the initial value is
/// a disk that is quick and has no faults.
public struct DiskFaults: Hashable, Sendable {
    /// How long a call takes that does not wait for the medium: a write into the cache, a read, a name.
    public var writeTime: ClosedRange<Nanoseconds> = .microseconds(2)...(.microseconds(20))
    /// How long the sync of a file or of a directory takes.
    public var syncTime: ClosedRange<Nanoseconds> = .microseconds(60)...(.microseconds(400))
    /// Everything takes so many times as long.
    public var slowFactor = 1
    /// No sync completes before this, in nanoseconds of true time, and nothing that is behind one.
    public var stalledUntil: UInt64 = 0
    /// Nothing at all completes before this.
    public var hungUntil: UInt64 = 0
    /// So many of the next writes fail with an I/O error, some of their sectors written.
    public var failingWrites = 0
    /// So many of the next syncs fail: some of what was to be made durable is, the rest is given up and passes for clean,
    /// and whoever reads it before the next loss of power still sees it (trap 42).
    public var failingSyncs = 0
    /// So many of the next reads fail with an I/O error.
    public var failingReads = 0
    /// How many of ten thousand reads of a running node bring fewer bytes than were asked for, and at least one.
    public var shortReadsPerTenThousand = 0
    /// How many bytes all files together may take. What would need more fails for want of space, after what still fits;
    /// bytes that are allocated can be written all the time.
    public var capacityBytes: Int?

    /// A quick disk without faults.
    public init() {}

    /// The same disk with nothing failing, full, slow or stalled.
    public var mended: DiskFaults {
        var mended = DiskFaults()
        (mended.writeTime, mended.syncTime) = (writeTime, syncTime)
        return mended
    }
}

/// A call that changes something on a disk.
public enum DiskCall: String, Hashable, Sendable {
    /// Making or emptying a file.
    case create
    /// Writing bytes.
    case write
    /// Writing zeros.
    case fill
    /// Making a file durable.
    case sync
    /// Giving a file another name.
    case rename
    /// Removing a file.
    case remove
    /// Making a directory.
    case makeDirectory
    /// Making the names of a directory durable.
    case syncDirectory
}

/// A loss of power, or the end of the process by a signal, that is to come at one of the next calls that change something.
public struct CrashPoint: Hashable, Sendable {
    /// When within the call.
    public enum Moment: Int, Hashable, Sendable, CaseIterable {
        /// Nothing of it has happened.
        case before
        /// Some sectors of a write are in the cache, some writes that a sync is about are durable.
        case middle
        /// It is done, and nobody was told.
        case after
    }

    /// How many calls are done before it.
    public var calls: Int
    /// When within the call.
    public var moment: Moment

    /// Whether the power goes; else the process ends, and the machine keeps what was done.
    public var losesPower: Bool
    /// The number of the fault that asked for it.
    public var fault: Int

    /// At the call behind so many others.
    public init(after calls: Int, _ moment: Moment, losingPower losesPower: Bool = true, fault: Int = 0) {
        self.calls = calls
        self.moment = moment
        self.losesPower = losesPower
        self.fault = fault
    }
}

/// What a test asks of a disk's calls themselves.
package struct CallScript: Sendable {
    /// How many calls changed something, or tried to.
    package var count = 0
    /// Every call behind so many fails.
    package var failsFrom = Int.max
    /// The next call of this kind fails.
    package var failing: (call: DiskCall, reason: DiskError.Reason)?
    /// Calls of this kind do nothing, and say that they did.
    package var lying: DiskCall?
    /// Whether calls are recorded.
    package var isRecording = false
    /// What was called, while that is recorded.
    package var log: [DiskCall] = []

    /// Calls that are what they say.
    package init() {}
}
