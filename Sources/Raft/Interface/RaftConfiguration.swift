public import LeaseholdBase

/// What one node is told about itself and its limits.
public struct RaftConfiguration: Hashable, Sendable {
    /// This node.
    public var id: NodeID
    /// This node's data directory. A node that its membership knows under another neither campaigns nor votes (trap 36).
    public var incarnation: Incarnation
    /// How often a leader is heard at least.
    public var heartbeat: Nanoseconds
    /// The least election timeout; each wait is drawn anew from it up to twice as long.
    public var electionTimeout: Nanoseconds
    /// The longest a node waits after a lost connection to its leader before it asks for votes.
    public var disconnectDelay: Nanoseconds
    /// How many bytes the log may keep in memory, beyond what is not yet applied and durable: what a driver gives to
    /// ``RaftRecovery/init(logMemoryBytes:)``.
    public var logMemoryBytes: Int
    /// How many append messages to one peer may be unanswered.
    public var windowMessages: Int
    /// How many bytes of entries to one peer may be unanswered.
    public var windowBytes: Int
    /// How many bytes of entries one append message carries; one entry is always let through.
    public var appendBytes: Int
    /// How many entries one append message carries.
    public var appendEntries: Int
    /// How long a snapshot may be under way to a peer without progress before it is asked for again.
    public var snapshotPatience: Nanoseconds
    /// How long a node that was elected though its clock is the odd one leads on before it gives up once more.
    public var clockPatience: Nanoseconds
    /// How many bytes of uncommitted entries a leader takes on before it answers `full`.
    public var uncommittedBytes: Int

    /// The defaults, for one node.
    public init(id: NodeID, incarnation: Incarnation) {
        self.id = id
        self.incarnation = incarnation
        heartbeat = .milliseconds(50)
        electionTimeout = .milliseconds(500)
        disconnectDelay = .milliseconds(20)
        logMemoryBytes = 64 << 20
        windowMessages = 256
        windowBytes = 8 << 20
        appendBytes = 256 << 10
        appendEntries = 4096
        uncommittedBytes = 32 << 20
        snapshotPatience = .seconds(10)
        clockPatience = .seconds(30)
    }
}
