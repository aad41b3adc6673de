public import LeaseholdBase

/// The shape of a simulated world. All of it is whole numbers, and every draw follows from the seed.
public struct WorldConfiguration: Sendable {
    /// From which everything random follows.
    public var seed: UInt64
    /// How many nodes the cluster has.
    public var nodes = 3
    /// The least time that a packet is under way.
    public var latency: ClosedRange<Nanoseconds> = .microseconds(50)...(.microseconds(300))
    /// How many of a thousand packets are much later than that.
    public var tailPerMille: UInt64 = 5
    /// How late those are at most.
    public var tail: Nanoseconds = .milliseconds(30)
    /// How many of ten thousand packets are lost.
    public var lossPerTenThousand: UInt64 = 0
    /// How many of ten thousand packets arrive twice.
    public var duplicatesPerTenThousand: UInt64 = 0
    /// Whether packets of one connection may overtake one another.
    public var reorders = false
    /// How long a write or a sync takes.
    public var diskTime: ClosedRange<Nanoseconds> = .microseconds(60)...(.microseconds(400))
    /// By how much the clocks of processes may differ in rate, in parts per million to either side.
    public var clockDriftPartsPerMillion: UInt64 = 100
    /// How large a node's journal may become.
    public var journalBytes: UInt64 = 1 << 20
    /// How much memory a node's log may take before entries are read back.
    public var logMemoryBytes = 256 << 10

    /// A quiet world of three nodes.
    public init(seed: UInt64) { self.seed = seed }
}
