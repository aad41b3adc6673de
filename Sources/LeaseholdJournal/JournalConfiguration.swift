public import LeaseholdBase

/// A journal's sizes and times.
public struct JournalConfiguration: Hashable, Sendable {
    /// How large a segment is made, in bytes. One that must hold a larger batch is made as large as that needs.
    public var segmentBytes: Int
    /// How much of a spare segment is zero-filled and synced in one step, in bytes; at most 1 MiB.
    public var fillStepBytes: Int
    /// What all files together may take before ``Journal/isDiskLow``, in bytes; or eight times the snapshot, if that is more.
    public var budgetBytes: Int
    /// How much of the budget is kept for what goes on once the disk is low, in bytes.
    public var reserveBytes: Int
    /// How long nothing must follow a batch before it is sealed.
    public var sealDelay: Nanoseconds
    /// How long the first wait is after a spare could not be made. Each further one is twice the one before, up to 32
    /// times this; but while a batch waits for the spare, no longer than twice this: a cluster of a bare majority stands
    /// still for as long as its disk's space goes unnoticed.
    public var spareRetryDelay: Nanoseconds
    /// How often the wait doubles.
    static let spareRetryDoublings = 5
    /// How far apart the places are that are kept in memory for reading entries back, in bytes of journal.
    public var indexSpacingBytes: Int

    /// How much of a snapshot is written and synced in one step, in bytes.
    public var snapshotStepBytes: Int
    /// How many bytes of a snapshot are written in a second at most, so that batches find the disk free and clients the
    /// loop. 16 MiB unless told: a tenth of a core, and with nodes that share one disk and two cores still no burden,
    /// where four times as much made clients wait 10 ms and more. Log comes more slowly than that, but for large values.
    public var snapshotBytesPerSecond: Int
    /// How many bytes of log wholly before a snapshot are kept for those who are a little behind.
    public var retainedTailBytes: Int

    /// Sizes that follow from the budget: segments of 64 MiB, or an eighth of the budget when that is less, and an eighth
    /// of the budget as reserve.
    /// - Parameter budgetBytes: 8 GiB unless told, at least 512 KiB.
    public init(budgetBytes: Int = 8 << 30) {
        let budget = max(budgetBytes, 512 << 10)
        self.budgetBytes = budget
        self.segmentBytes = min(64 << 20, budget / 8)
        self.reserveBytes = budget / 8
        self.fillStepBytes = 256 << 10
        self.sealDelay = .milliseconds(5)
        self.spareRetryDelay = .seconds(1)
        self.indexSpacingBytes = 64 << 10
        self.snapshotStepBytes = 256 << 10
        self.snapshotBytesPerSecond = 16 << 20
        self.retainedTailBytes = min(64 << 20, budget / 8)
    }

    /// The physical size of a segment that holds at least one batch of so many bytes and two seals.
    func segmentBytes(holding batchBytes: Int) -> Int {
        let needed = JournalFormat.segmentHeaderBytes + batchBytes + 2 * JournalFormat.batchHeaderBytes
        return JournalFormat.aligned(max(segmentBytes, needed))
    }
}
