import LeaseholdBase

/// Everything that a run does: the whole expanded configuration, in whole numbers. Two runs of one plan are the same.
///
/// A replay file is a plan as JSON, and a shrunk failure is a plan with less in it.
public struct Plan: Codable, Hashable, Sendable {
    /// The format of this type's JSON.
    public static let format = 1
    /// The format that this value was written in.
    public var format = Plan.format
    /// From which every draw follows.
    public var seed: UInt64
    /// What the run is about.
    public var profile = Profile.quiet
    /// How many nodes the cluster has: one, three or five.
    public var nodes = 3
    /// How many of them the cluster is born of, the first ones; all when it is not told. The others wait to be taken in.
    public var founders: Int?
    /// How many clients there are.
    public var clients = 4
    /// How long things go wrong, in milliseconds of true time.
    public var trouble = 60_000
    /// How the network is when nothing goes wrong.
    public var network = NetworkPlan()
    /// How disks are when nothing goes wrong.
    public var disk = DiskPlan()
    /// When nodes take snapshots, and how fast; what production does unless told, when it is not told.
    public var snapshots: SnapshotPlan? = SnapshotPlan()
    /// How clocks are.
    public var clocks = ClockPlan()
    /// How processes are.
    public var process = ProcessPlan()
    /// What clients do.
    public var work = WorkPlan()
    /// What operators change while the run goes on, in the order of times; changed back when it is healed.
    public var changes: [SettingsChange] = []
    /// The level of commands that a node's program understands from its second start on, as after an upgrade; all that
    /// there is of them when it is not told.
    public var upgrade: Int?
    /// How operators change the membership, in the order of times.
    public var members: [MemberChange]?
    /// The nodes, by place, that are healed in the end; all others stay as they are then. A majority.
    public var core: [Int] = []
    /// What the faults were drawn from, for people.
    public var rules: [FaultRule] = []
    /// What goes wrong, in the order of numbers.
    public var faults: [Fault] = []

    /// A quiet run of three nodes and four clients.
    public init(seed: UInt64) {
        self.seed = seed
        core = Array(0..<nodes)
    }

    /// The draws of this run.
    public var draws: Draws { Draws(seed: seed) }
}

/// How the network is when nothing goes wrong. Times in microseconds.
public struct NetworkPlan: Codable, Hashable, Sendable {
    /// The least time that a packet is under way.
    public var latencyAtLeast = 50
    /// The most, but for the tail.
    public var latencyAtMost = 300
    /// How many of ten thousand packets are later than that.
    public var tailPerTenThousand = 50
    /// How late those are at most.
    public var tail = 30_000
    /// How many of ten thousand packets arrive in two pieces.
    public var fragmentsPerTenThousand = 0
    /// What may wait in a node's memory to be sent to another on one connection before it gives that up, in bytes. For
    /// clients it is a 64th of it.
    public var queueBytes = 4 << 20
    /// What the systems of both ends keep of one direction of a connection besides, in bytes; 64 KiB when it is not told.
    public var systemBytes: Int?

    /// A quiet network.
    public init() {}
}

/// How disks are when nothing goes wrong. Times in microseconds.
public struct DiskPlan: Codable, Hashable, Sendable {
    /// The least that a write or a sync takes.
    public var timeAtLeast = 60
    /// The most.
    public var timeAtMost = 400
    /// How large a node's journal may become, in bytes.
    public var journalBytes = 16 << 20
    /// How large a segment of it is, in bytes: small, so that what is read again and again is.
    public var segmentBytes = 64 << 10
    /// How much memory a node's log may take before entries are read back, in bytes.
    public var logMemoryBytes = 256 << 10

    /// Quiet disks.
    public init() {}

    /// How long a sync takes.
    var range: ClosedRange<Nanoseconds> {
        .microseconds(Int64(timeAtLeast))...(.microseconds(Int64(max(timeAtLeast, timeAtMost))))
    }
}

/// When nodes take snapshots, and how fast they write and send them. Sizes in bytes, times in milliseconds: all so small
/// that a node that was away for some seconds comes back by a snapshot.
public struct SnapshotPlan: Codable, Hashable, Sendable {
    /// So much log since the last one makes the next due.
    public var logBytes = 64 << 10
    /// So old makes the next due, if there is any log behind it.
    public var age = 30_000
    /// How much log before a snapshot is kept.
    public var tailBytes = 0
    /// How much of the state is added in one turn.
    public var shareBytes = 4 << 10
    /// How much is written and synced in one step.
    public var stepBytes = 8 << 10
    /// How much goes to a peer in one message.
    public var pieceBytes = 4 << 10
    /// How much goes to peers in a second.
    public var bytesPerSecond = 4 << 20

    /// Usual ones.
    public init() {}
}

/// How clocks are.
public struct ClockPlan: Codable, Hashable, Sendable {
    /// By how much rates may differ from true time to either side, in parts per million. Within ρ (10,000) beliefs hold.
    public var ratePartsPerMillion = 100

    /// Good clocks.
    public init() {}
}

/// How processes are.
public struct ProcessPlan: Codable, Hashable, Sendable {
    /// How long at most passes between an event and the turn that takes it in, in microseconds.
    public var turnDelayAtMost = 20
    /// How many of ten thousand turns stand still between two of their steps.
    public var stumblePerTenThousand = 0
    /// For how long at most, in milliseconds.
    public var stumble = 0
    /// How long an election timeout is at least, in milliseconds.
    public var electionTimeout = 500
    /// How often a leader speaks, in milliseconds.
    public var heartbeat = 50
    /// How much a leader takes on that is not committed, in bytes.
    public var uncommittedBytes = 32 << 20

    /// Quick processes.
    public init() {}
}

/// What clients do. Times in milliseconds.
public struct WorkPlan: Codable, Hashable, Sendable {
    /// The names they ask for.
    public var names = 3
    /// The shortest TTL.
    public var ttlAtLeast = 500
    /// The longest TTL.
    public var ttlAtMost = 3_000
    /// How long they keep what they got, at least.
    public var holdAtLeast = 10
    /// And at most.
    public var holdAtMost = 4_000
    /// How long they rest between two things, at least.
    public var restAtLeast = 1
    /// And at most.
    public var restAtMost = 400

    /// The usual mix.
    public init() {}
}
