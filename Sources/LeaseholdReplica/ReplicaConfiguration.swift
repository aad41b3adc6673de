internal import LeaseMachine
public import LeaseholdBase
public import LeaseholdJournal
internal import Raft

/// A node as its operator lists it before the cluster is born.
public struct ListedNode: Hashable, Sendable {
    /// The node.
    public var id: NodeID
    /// Where other nodes reach it: `host:port`, `[v6]:port` or `unix:path`.
    public var peerAddress: String
    /// Where clients reach it, in the same forms.
    public var clientAddress: String

    /// Joins the fields.
    public init(id: NodeID, peerAddress: String, clientAddress: String) {
        self.id = id
        self.peerAddress = peerAddress
        self.clientAddress = clientAddress
    }
}

/// What a node is told at its start. Limits that decide the meaning of commands are not here: they are replicated.
public struct ReplicaConfiguration: Sendable {
    /// The node that this is.
    public var id: NodeID
    /// Every node of the cluster to be born, this one included. Once the data directory knows a membership that one
    /// counts, and this list only tells a directory of another cluster: see ``Replica/open(_:disk:seed:now:)``. But where
    /// this node itself is reached is as it is listed here, until the next start: it tells others so, and is known there
    /// once the membership is changed accordingly.
    public var listed: [ListedNode]
    /// Whether an empty directory waits to be taken into a cluster that is there, instead of waiting for the others of one
    /// to be born; then this node alone is listed.
    public var joins = false
    /// Shown in a status answer, for people.
    public var processID: Int32 = 0
    /// Consensus timing and windows.
    public var heartbeat: Nanoseconds = .milliseconds(50)
    /// The shortest election timeout; the longest is twice it.
    public var electionTimeout: Nanoseconds = .milliseconds(500)
    /// How many bytes of entries a leader takes on that are not committed yet; beyond it commands are refused
    /// `overloaded`.
    public var uncommittedBytes = 32 << 20
    /// What the log may take of memory before older entries are read back from disk.
    public var logMemoryBytes = 64 << 20
    /// What the journal may take of disk before new acquires are refused `disk_low`.
    public var journalBytesMax: UInt64 = 8 << 30
    /// How large a segment of the journal is made, in bytes; nil for what follows from ``journalBytesMax``.
    public var segmentBytes: Int?
    /// When snapshots are taken.
    public var snapshots = SnapshotPolicy()
    /// How much of the state is added to a snapshot in one turn, in bytes: no client waits longer for one than that takes.
    public var snapshotShareBytes = 64 << 10
    /// How much of a snapshot is written and synced in one step, in bytes; nil for the journal's default.
    public var snapshotStepBytes: Int?
    /// How much of a snapshot goes to a peer in one message, in bytes; at most ``WireLimits/snapshotPieceBytes``.
    public var snapshotPieceBytes = 64 << 10
    /// How many bytes of snapshots are sent in a second at most, to all peers together.
    public var snapshotBytesPerSecond = 32 << 20
    /// How much log before a snapshot is kept for those who are a little behind, in bytes; nil for the journal's default.
    public var retainedTailBytes: Int?
    /// The greatest level of commands that this node takes itself to understand: that of the program, but for tests of
    /// clusters in which programs differ.
    package var knownLevel = Settings.knownLevel
    /// How fast two clocks may drift apart, in parts per million; told to clients.
    public var clockDriftPartsPerMillion: UInt32 = 10_000
    /// What a client takes off the end of a belief; told to clients.
    public var beliefMargin: Nanoseconds = .milliseconds(10)

    /// Takes a snapshot whenever so much log has come, and keeps log in proportion to that: segments of a quarter of it, and
    /// as much before the snapshot for those who are a little behind; of either no more than 64 MiB.
    /// - Parameter bytes: At least 1 MiB.
    public mutating func takeSnapshots(afterLogBytes bytes: Int) {
        let quarter = min(64 << 20, max(bytes, 1 << 20) / 4)
        snapshots.logBytes = max(bytes, 1 << 20)
        segmentBytes = quarter
        retainedTailBytes = quarter
        // While a snapshot is being sent, four times the log may come.
        journalBytesMax = max(journalBytesMax, UInt64(snapshots.logBytes) * 8)
    }

    /// A configuration with the defaults.
    public init(id: NodeID, listed: [ListedNode]) {
        self.id = id
        self.listed = listed
    }
}

/// The limits of one node's door. Reaching one refuses what is new and disturbs nothing else.
public enum ReplicaLimits {
    /// Client connections; one more is told `overloaded` and closed.
    public static let clientConnections = 10_000
    /// Commands proposed and not yet answered; beyond it new acquires are refused `overloaded`.
    public static let acquiresPending = 50_000
    /// Commands proposed and not yet answered; beyond it every command is refused `overloaded`.
    public static let commandsPending = 100_000
    /// Reads waiting for a quorum's word; beyond it reads are refused `overloaded`.
    public static let readsPending = 50_000
    /// How long a connection may take for its handshake.
    public static let handshakeTime: Nanoseconds = .seconds(5)
    /// How long a frame may take from its first byte to its last.
    public static let frameTime: Nanoseconds = .seconds(10)
    /// How long a graceful stop waits for the journal's clean end.
    public static let closingTime: Nanoseconds = .seconds(2)
    /// How often a link that messages went over is asked whether the other side still has it.
    public static let linkProbe: Nanoseconds = .milliseconds(500)
    /// How long the answer may take before the link is given up and dialed anew.
    public static let linkSilence: Nanoseconds = .seconds(1)
    /// How long after its start a node that is not born tells for the first time whom it waits for.
    public static let birthTellFirst: Nanoseconds = .seconds(2)
    /// And how often from then on.
    public static let birthTellInterval: Nanoseconds = .seconds(10)
    /// Renewals gathered into one entry, in bytes of claims and names.
    public static let renewalEntryBytes = 256 << 10
    /// When a refused client may come back.
    public static let retryAfter: Nanoseconds = .milliseconds(100)
}
