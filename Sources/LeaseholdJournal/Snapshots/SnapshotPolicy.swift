public import LeaseholdBase

/// When a snapshot is to be taken, as a function of what there is: by the log that came since the last one, and by age.
public struct SnapshotPolicy: Hashable, Sendable {
    /// So much log since the last snapshot makes the next due, in bytes; or as much as that has, when it is larger, so that
    /// a restart reads about as much of either.
    public var logBytes: Int
    /// A snapshot that is older than this makes the next due, if there is any log behind it.
    public var age: Nanoseconds
    /// How much log there must be for age, or a disk that is low, to count, in bytes.
    public var logBytesMinimum: Int

    /// Joins the fields; the defaults suit a cluster with large disks.
    public init(
        logBytes: Int = 256 << 20, age: Nanoseconds = .seconds(3_600), logBytesMinimum: Int = 1 << 20
    ) {
        self.logBytes = logBytes
        self.age = age
        self.logBytesMinimum = logBytesMinimum
    }

    /// What a decision depends on.
    public struct Situation: Hashable, Sendable {
        /// How much log there is behind the last snapshot, in bytes.
        public var logBytes: Int
        /// How large the last snapshot is, in bytes; zero without one.
        public var snapshotBytes: Int
        /// How long ago the last snapshot was begun, or the node started without one.
        public var age: Nanoseconds
        /// Whether one is being taken or received, or none can be kept yet: nothing applied, nothing durable.
        public var isBusy: Bool
        /// Whether the last one is being sent to somebody, who would have to begin anew.
        public var isSending: Bool
        /// Whether the disk is low: then the log is to go as soon as it can.
        public var isDiskLow: Bool
        /// Whether somebody waits for one that is newer than the last.
        public var isWanted: Bool

        /// Joins the fields.
        public init(
            logBytes: Int, snapshotBytes: Int, age: Nanoseconds, isBusy: Bool, isSending: Bool, isDiskLow: Bool,
            isWanted: Bool = false
        ) {
            self.logBytes = logBytes
            self.snapshotBytes = snapshotBytes
            self.age = age
            self.isBusy = isBusy
            self.isSending = isSending
            self.isDiskLow = isDiskLow
            self.isWanted = isWanted
        }
    }

    /// Whether a snapshot is to be begun now. One that somebody waits for is, if there is space. While the last one is being
    /// sent, only when there is four times the log that would do otherwise, so that a slow transfer neither starts over for
    /// ever nor holds the log for ever; or when the disk is low, which is everybody's concern.
    public func isDue(_ situation: Situation) -> Bool {
        guard !situation.isBusy, situation.logBytes > 0 else { return false }
        let wanted = max(logBytes, situation.snapshotBytes)
        if situation.isSending, !situation.isDiskLow {
            let (more, overflow) = wanted.multipliedReportingOverflow(by: 4)
            return situation.logBytes >= (overflow ? .max : more)
        }
        if situation.logBytes >= wanted || situation.isWanted && !situation.isDiskLow { return true }
        return (situation.age >= age || situation.isDiskLow) && situation.logBytes >= logBytesMinimum
    }
}
