public import LeaseholdBase
public import LeaseholdWire

/// Pulls a snapshot out of a cluster that runs: one that holds everything that was acknowledged before the pull began,
/// whichever node serves it.
///
/// The leader is asked how far the log was committed, which makes any snapshot of that entry or one behind it new enough.
/// Then a node is asked for such a snapshot, a follower by preference, and for its bytes piece by piece. After a break the
/// pull goes on where it stood, at that node or at one that has the very same snapshot; where another snapshot counts by
/// then, it begins anew with that one. When the client goes over to another cluster it ends: an index of one says nothing
/// about what was acknowledged in another.
///
/// ```swift
/// var pull = SnapshotPull(now: clock())
/// while true {
///     pull.step(&core, now: clock())                    // in every turn, and by pull.deadline
///     // … for each completed request of the core:
///     for news in pull.completed(request, result, core, now: clock()) {
///         switch news {
///         case .began(let reference, let node): // what was written before is void
///         case .bytes(let bytes):               // write them behind those before
///         case .complete, .failed(let failure): // the end
///         }
///     }
/// }
/// ```
public struct SnapshotPull: Sendable {
    /// What there is to do for whoever keeps the bytes.
    public enum News: Sendable, Equatable {
        /// A snapshot is pulled from its first byte on. What came of another one before is of no use.
        case began(SnapshotReference, from: NodeID)
        /// The bytes behind those before.
        case bytes([UInt8])
        /// All bytes have come.
        case complete
        /// It is given up.
        case failed(SnapshotPullFailure)
    }

    /// Where it stands.
    enum Stage: Sendable, Equatable {
        /// To ask how far the log is committed.
        case index
        /// To ask who belongs to the cluster.
        case members
        /// To ask a node for a snapshot.
        case begin
        /// To ask for the bytes at the offset.
        case piece
        case over
    }

    /// A node that may serve.
    struct Server: Sendable, Equatable {
        var node: NodeID
        var address: String
    }

    /// How it is done.
    let plan: SnapshotPullPlan
    var stage = Stage.index
    var hasFailed = false
    /// The request under way.
    public internal(set) var request: RequestHandle?
    /// Before then nothing is asked.
    var notBefore: SteadyTime
    /// The cluster that is asked, once one is known: the index, the servers and the bytes that have come are its.
    var cluster = ClusterID.unborn
    /// The least entry that the snapshot is to have.
    public internal(set) var index: LogIndex?
    var servers: [Server] = []
    /// Which of them is asked.
    var place = 0
    /// The snapshot that is pulled, and how many bytes of it have come.
    public internal(set) var reference: SnapshotReference?
    /// How many bytes of it have come.
    public internal(set) var offset = 0
    /// When something came of it last.
    var lastProgress: SteadyTime
    /// Since when the node that is asked is making a snapshot.
    var waitingSince: SteadyTime?
    /// How often it began anew with another snapshot.
    public internal(set) var beginnings = 0
    /// Why the last request came to nothing.
    var lastFailure: SnapshotPullFailure?

    /// Nothing asked yet.
    public init(_ plan: SnapshotPullPlan = SnapshotPullPlan(), now: SteadyTime) {
        self.plan = plan
        notBefore = now
        lastProgress = now
    }

    /// Whether it has come to its end.
    public var isOver: Bool { stage == .over }

    /// The node that serves, or is asked to.
    public var server: NodeID? { place < servers.count ? servers[place].node : nil }

    /// When ``step(_:now:)`` is due, if nothing else happens; never while a request is under way.
    public var deadline: SteadyTime { isOver || request != nil ? .never : notBefore }
}

/// How a snapshot is pulled.
public struct SnapshotPullPlan: Sendable, Hashable {
    /// The only node that may serve; nil for whichever does.
    public var node: NodeID?
    /// How many bytes are asked for at a time; a node may send fewer.
    public var pieceBytes: Int
    /// For each request.
    public var timeout: Nanoseconds
    /// It is given up when nothing has come of it for so long; a node that says that it is making the snapshot counts. The
    /// only node that may serve is given the time of one request to begin.
    public var patience: Nanoseconds
    /// How long a node may take to make a snapshot.
    public var takingPatience: Nanoseconds
    /// How often it may begin anew because another snapshot counts.
    public var beginningsMax = 16
    /// How long it waits before it asks somebody else, or again.
    public var pause = Nanoseconds.milliseconds(200)
    /// For how long a node that has served bytes and falls silent is asked again before another is.
    public var faithfulness: Nanoseconds

    /// Joins the fields; waits for three requests' time in vain, and ten minutes for a node to make a snapshot.
    public init(
        node: NodeID? = nil, pieceBytes: Int = WireLimits.snapshotPieceBytes, timeout: Nanoseconds = .seconds(10),
        takingPatience: Nanoseconds = .seconds(600)
    ) {
        self.node = node
        self.pieceBytes = max(1, min(pieceBytes, WireLimits.snapshotPieceBytes))
        self.timeout = timeout
        self.takingPatience = takingPatience
        patience = timeout * 3
        faithfulness = timeout
    }
}

/// Why no snapshot was pulled.
public enum SnapshotPullFailure: Hashable, Sendable, Error {
    /// Nothing came of the last request, and of others before it.
    case notDone(NotDone)
    /// The only node that may serve does not answer, while others do.
    case silent(NodeID)
    /// There is no such member.
    case unknownNode(NodeID)
    /// The node takes too long to make a snapshot.
    case takesTooLong(NodeID)
    /// Other snapshots came to count all the time while one was pulled.
    case outrun(NodeID)
    /// What every node that served has sent cannot be read; what was wrong with the last, told by whoever read it.
    case damaged(NodeID)
    /// The client has gone over to another cluster meanwhile: what was asked before is of the one, what would come of the
    /// other.
    case clusterChanged(from: ClusterID, to: ClusterID)
    /// A request could not be submitted.
    case notSubmitted(SubmissionError)
}
