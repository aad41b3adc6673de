public import LeaseMachine
public import LeaseholdBase
public import LeaseholdJournal
internal import LeaseholdWire
public import Raft

/// One node without its I/O: consensus, journal, state machine, the clients' requests and the links to other nodes.
///
/// A driver (the server's loop, the simulator) owns sockets, files and clocks. It works in turns: it hands in what
/// happened (`accepted`, `dialed`, `received`, `closed`, `diskCompleted`), each with a reading of the clock taken after
/// the event's bytes were there, then calls ``endTurn(now:)`` and carries out ``effects`` in their order. Everything
/// that decides is in here or below; what is left outside moves bytes, waits and tells the time.
///
/// Answers are bytes of ``outgoing``, named by the effects; both buffers are reused and cleared by the driver with
/// ``drained()``. Nothing here blocks, throws at the driver, or traps on what a peer or a client sent.
public struct Replica {
    /// What the node was told at its start.
    public let configuration: ReplicaConfiguration
    /// What the driver is to do, in order.
    public internal(set) var effects: [ReplicaEffect] = []
    /// The bytes that `send` effects name.
    public internal(set) var outgoing: [UInt8] = []

    /// Consensus; it leads nothing and votes for nothing while the node is unborn.
    public internal(set) var raft: Raft
    /// The replicated state, applied up to ``appliedIndex``.
    public internal(set) var machine: LeaseMachine
    /// The log on disk. A driver writes from its ``Journal/batchBytes``.
    public internal(set) var journal: Journal
    /// The last applied entry.
    public internal(set) var appliedIndex: LogIndex
    /// Its log time.
    public internal(set) var appliedLogTime: LogTime
    /// Counters of what was refused or dropped, for operators and tests.
    public internal(set) var counters = ReplicaCounters()
    /// Which branches were taken that are neither consensus', nor the state's, nor the journal's.
    package internal(set) var marks = MarkSet<ReplicaMark>()

    var birth: Birth?
    /// The payload of the cluster's first entry, for a listed node that missed the birth.
    var birthPayload: [UInt8]?
    /// The birth entry's persist, while its completion is awaited.
    var birthPersist: PersistNumber?
    /// How many persists this life of the process issued before consensus began to number its own.
    var persistsBefore: UInt64 = 0
    var random: RandomSource
    var links: [PeerLink] = []
    /// How many signs of life were asked for.
    var probesSent: UInt64 = 0
    /// How this node's clock stands among those of the cluster.
    public internal(set) var clockStanding = ClockStanding.unknown
    /// Nodes of the cluster that are no members as far as this one knows.
    var strangers: [Stranger] = []
    /// For which membership links were kept last.
    var contactsKept: ContactsVersion?
    /// Whether that membership was known to be committed when this node's standing in it was looked at.
    var standingSettled = false
    /// Whether the operator was told that this node is no member any more.
    var isToldRemoved = false
    /// The highest batch number that each incarnation has shown, newest last; bounded by the number of members.
    var batchesSeen: [BatchSeen] = []
    /// What this node has refused others, as far as the operator was told of late.
    var refusals = PeerRefusals()
    /// What others have refused this node.
    var refusalsHeard = PeerRefusals()
    /// When the operator is told next for whom a birth waits; never before the first turn.
    var birthTellAt = SteadyTime.never
    var sessions = SessionTable()
    var pending = PendingAnswers()
    var reads = PendingReads()
    var renewals = GatheredRenewals()
    /// The snapshot of this node's state that is being taken.
    var taking: SnapshotTaking
    /// Snapshots on their way to peers, one each.
    var outgoingSnapshots: [OutgoingSnapshot] = []
    /// Clients that save the snapshot that counts.
    var downloads = SnapshotDownloads()
    /// The snapshot that comes from the leader.
    var incomingSnapshot: IncomingSnapshot?
    /// One whose bytes are sound and whose state is not: it is not taken again.
    var unloadable: SnapshotID?
    /// One that has come, until consensus has said what becomes of it.
    var arrived: ArrivedSnapshot?
    /// The hand-over that an operator waits for.
    var handOver: PendingHandOver?
    /// The change of the membership that operators wait for.
    var pendingChange: PendingChange?
    /// An appended pulse that is not applied yet: one is in flight at a time.
    var pulseInFlight: LogIndex?
    /// An appended raise of the level that is not applied yet.
    var raiseInFlight: LogIndex?
    /// One that came to nothing is tried again then.
    var raiseNotBefore = SteadyTime.zero
    /// The level that the operator was told of last.
    var levelTold: UInt64
    /// A pulse that could not be appended is tried again then.
    var pulseNotBefore = SteadyTime.zero
    var sweepDue: SteadyTime
    /// When the last turn ended: the log clock stands where it was told then.
    var turnEnded: SteadyTime
    /// Whom consensus last announced as the leader: to be told of changes. Who leads now is ``Raft/leader``.
    var leader: NodeID?
    /// When a leader was last heard, or a quorum last confirmed this one.
    var leaderHeard: SteadyTime
    var stopping: StopState = .running

    // Reused from turn to turn.
    var raftEffects: [RaftEffect] = []
    var diskEffects: [DiskEffect] = []
    var incomingEntries = EntryBatch()
    var snapshotContent: [UInt8] = []
    var output = ApplyOutput()
    var settled: [(share: PendingAnswers.Share, isAnswered: Bool)] = []

    /// How far a graceful stop is.
    enum StopState: Hashable {
        /// Not asked for.
        case running
        /// Leadership is being handed over, for at most until then.
        case handingOver(until: SteadyTime)
        /// The journal writes its clean end.
        case closingJournal(until: SteadyTime)
        /// Done, or ended by a failure.
        case ended
    }

    /// The driver has carried out all effects.
    public mutating func drained() {
        effects.removeAll(keepingCapacity: true)
        outgoing.removeAll(keepingCapacity: true)
    }

    /// This node's id and incarnation.
    var identity: NodeIdentity {
        NodeIdentity(node: configuration.id, incarnation: journal.identity.incarnation)
    }

    /// The cluster, unborn until the birth entry is stored.
    var cluster: ClusterID { journal.identity.cluster }

    /// Whether the node has a log.
    public var isBorn: Bool { birth == nil }

    /// Whether this node leads and its reads can be confirmed.
    public var isLeader: Bool { raft.isLeader }

    mutating func log(_ level: LogLevel, _ event: String, _ message: String) {
        effects.append(.log(LogLine(level, event, message)))
    }

    /// Ends the node; later calls of this do nothing.
    mutating func end(_ reason: StopReason) {
        guard stopping != .ended else { return }
        stopping = .ended
        effects.append(.stop(reason))
    }

    /// What people and clients are told of the leader.
    var leaderHint: LeaderHint {
        // Of consensus itself: what was last told here may be of an earlier term than the one that is named with it.
        guard let leader = raft.leader, let member = raft.membership.member(leader) else { return .none }
        // A leader that has moved may be the one that is to be asked to change the membership accordingly.
        let moved =
            leader == configuration.id
            ? ownAddresses.client : links.first { $0.id == leader }?.provedClientAddress
        return LeaderHint(node: leader, clientAddress: moved ?? member.clientAddress, term: raft.term)
    }
}

/// What was refused or dropped since the start, for operators and tests.
public struct ReplicaCounters: Hashable, Sendable {
    /// Peer messages that named another incarnation of either side.
    public var peerMessagesMisdirected: UInt64 = 0
    /// Connections ended for what came over them.
    public var connectionsRefused: UInt64 = 0
    /// Requests refused at the door.
    public var requestsRefused: UInt64 = 0
    /// Requests answered `unknown` because leadership was lost.
    public var requestsUnknown: UInt64 = 0
    /// Empty entries appended for time's sake.
    public var pulses: UInt64 = 0
    /// Entries applied.
    public var entriesApplied: UInt64 = 0
    /// Snapshots of other nodes that took the place of the state.
    public var snapshotsInstalled: UInt64 = 0
}
