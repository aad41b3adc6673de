public import LeaseholdBase

/// One node's part in Raft consensus (Ongaro's thesis), as a value: events in, effects out.
///
/// It knows no clock, no disk, no socket and nothing of what the entries mean. Its driver works in turns: it hands in
/// what has happened, with the time read after it happened, then calls ``endTurn(now:into:)`` once, and then does
/// what the effects say, in order. What promises durability is held back in here until the disk has reported.
///
///     var effects: [RaftEffect] = []
///     raft.step(.received(from: peer, message, entries), now: now, into: &effects)
///     raft.endTurn(now: now, into: &effects)
///     for effect in effects { … }
///
/// Always on: pre-votes (thesis §9.6), the quorum check of leaders (§6.2), votes refused while a leader is heard
/// (§4.2.3). The two belong together: with one of them alone a partial partition can make elections without end
/// (trap 9).
public struct Raft: Sendable {
    /// What this node was told about itself.
    public let configuration: RaftConfiguration
    /// The log.
    public internal(set) var log: RaftLog
    /// The current term; never falls.
    public internal(set) var term: Term
    /// Who got this node's vote in the current term. Cleared by a greater term and by nothing else (trap 4).
    public internal(set) var votedFor: NodeID?
    /// The greatest index known to be committed; never falls.
    public internal(set) var commitIndex: LogIndex
    /// How far the state machine has applied, as told.
    public internal(set) var appliedIndex: LogIndex
    /// How many messages were dropped because no correct peer sends them.
    public internal(set) var droppedMessages: UInt64 = 0
    /// Which of its branches were taken.
    package internal(set) var marks = MarkSet<RaftMark>()

    var role: Role
    /// The leader of the current term once known, also after its connection was lost (trap 5).
    var termLeader: NodeID?
    var memberships: MembershipHistory
    var persists: PersistQueue
    var random: RandomSource
    /// When a node that leads nothing asks for votes.
    var electionDeadline: SteadyTime
    /// The newest committed entry by which this node was said to be no member.
    var removal: (index: LogIndex, term: Term) = (.zero, .zero)
    var lastRead = ReadNumber(0)
    /// What is known against this node's own clock.
    var clockDoubt = ClockDoubt()
    /// The newest time told; time does not run backwards in here.
    var now: SteadyTime
    private var announced: (RaftRole, Term, NodeID?)

    /// A node as its journal left it.
    ///
    /// What the journal knew to be committed is so from the start: the state machine applies up to `commitIndex`
    /// without being told by an effect.
    public init(configuration: RaftConfiguration, recovery: consuming RaftRecovery, seed: UInt64, now: TimeReading) {
        precondition(recovery.isComplete, "a log that begins behind a snapshot is recovered with it")
        self.configuration = configuration
        log = recovery.log
        term = recovery.hardState.term
        votedFor = recovery.hardState.votedFor
        commitIndex = recovery.commitIndex
        appliedIndex = recovery.appliedIndex
        memberships = recovery.memberships
        persists = PersistQueue(durable: recovery.writtenState, lastIndex: recovery.log.lastIndex)
        if let position = recovery.restartBehind { persists.restarted(behind: position) }
        random = RandomSource(seed: seed)
        role = .follower(Following())
        electionDeadline = now.steady
        self.now = now.steady
        announced = (.follower, recovery.hardState.term, nil)
        rearmElection()
    }

    /// This node.
    public var id: NodeID { configuration.id }

    /// Takes one event, with the time read after it happened.
    public mutating func step(_ event: RaftEvent, now: TimeReading, into effects: inout [RaftEffect]) {
        guard !isStopped else { return }
        tell(now)
        switch event {
        case .tick: tick(now, into: &effects)
        case .received(let sender, let message, let entries):
            receive(message, entries, from: sender, now, into: &effects)
        case .persisted(let number, let term):
            if persists.completed(number, issuedIn: term) { keepPromises(now, into: &effects) }
        case .applied(let index):
            appliedIndex = max(appliedIndex, min(index, commitIndex))
            memberships.settle(through: appliedIndex)
            releaseMemory()
        case .connectionLost(let peer): connectionLost(peer)
        case .clockIsOdd(let others): judgeClock(differingFrom: others)
        case .transfer(let target): transferLeadership(to: target, into: &effects)
        case .entriesRead(let peer, let first, let entries):
            sendReadBack(entries, from: first, to: peer, into: &effects)
        case .compact(let index): compact(through: index)
        case .snapshotReceived(let sender, let snapshot): install(snapshot, from: sender, into: &effects)
        case .snapshotProgressed(let peer):
            let time = self.now
            role.lead { $0.snapshotProgressed(to: peer, at: time) }
        case .snapshotFailed(let peer):
            marks.hit(.snapshotFailed)
            let retry = self.now + configuration.electionTimeout
            role.lead { $0.snapshotFailed(to: peer, retryAt: retry) }
        case .stop: role = .stopped
        }
        announce(into: &effects)
    }

    /// Appends an entry to the log, if this node leads. It is sent and written by the end of the turn.
    ///
    /// A membership is not proposed like this, but by ``proposeChange(_:isForced:now:)``.
    /// - Complexity: O(payload), no allocation once the log has grown to its working size.
    public mutating func propose(_ kind: EntryKind, payload: RawSpan, now: TimeReading) -> ProposalResult {
        precondition(kind != .membership, "the membership is changed by steps of its own")
        tell(now)
        #if PLANTED_BUGS
        if planted(.deposedLeaderPulse), kind == .empty, role.following != nil {
            appendOwn(kind, payload: payload, logTime: log.lastLogTime, wallTime: now.wall)
            return .appended(log.lastIndex, term)
        }
        #endif
        guard case .leader(let leadership) = role else { return .notLeader }
        guard leadership.transfer == nil else {
            marks.hit(.proposalRefusedInTransfer)
            return .transferring
        }
        let waiting = log.bytes(after: commitIndex)
        guard waiting == 0 || waiting + payload.byteCount <= configuration.uncommittedBytes else {
            marks.hit(.logFull)
            return .full
        }
        appendOwn(kind, payload: payload, logTime: leadership.clock.logTime, wallTime: now.wall)
        return .appended(log.lastIndex, term)
    }

    /// Ends a turn: one message to each peer that is due one, or as many as its backlog and window ask for, and then
    /// one request for all that is to become durable. So the disk of the leader works while its peers do.
    public mutating func endTurn(now: TimeReading, into effects: inout [RaftEffect]) {
        guard !isStopped else { return }
        tell(now)
        tendMembership(now, into: &effects)
        sendAppends(into: &effects)
        sendAnswer(into: &effects)
        submitPersist(into: &effects)
        announce(into: &effects)
    }

    /// Tells the time to whoever keeps some.
    mutating func tell(_ reading: TimeReading) {
        let latest = max(now, reading.steady)
        now = latest
        role.lead { $0.clock.tell(latest) }
    }

    /// Says so when role, term or leader are others than were last said.
    private mutating func announce(into effects: inout [RaftEffect]) {
        let current = (role.announced, term, leader)
        guard current != announced else { return }
        announced = current
        effects.append(.roleChanged(current.0, term: current.1, leader: current.2))
    }
}

extension Raft {
    /// What this node is.
    public var currentRole: RaftRole { role.announced }
    /// Whether this node leads its term.
    public var isLeader: Bool { role.isLeader }
    /// Whether it takes no further part.
    public var isStopped: Bool { if case .stopped = role { true } else { false } }
    /// The leader to turn to, as far as this node knows.
    public var leader: NodeID? {
        switch role {
        case .leader: id
        case .follower(let following): following.leader?.id
        case .preCandidate, .candidate, .stopped: nil
        }
    }
    /// The index of the last entry.
    public var lastIndex: LogIndex { log.lastIndex }
    /// How far the log is on this node's disk.
    public var durableIndex: LogIndex { persists.durableIndex }
    /// The effective membership: the newest in the log, committed or not.
    public var membership: Membership {
        #if PLANTED_BUGS
        if planted(.membershipAtCommit) { return memberships.stage(at: commitIndex)?.membership ?? memberships.current }
        #endif
        return memberships.current
    }
    /// A leader's log time as of the time last told; nil on any other node.
    public var logClock: LogTime? { if case .leader(let leadership) = role { leadership.clock.logTime } else { nil } }
    /// The time up to which a leader knows that no other was elected: a quorum has answered what it sent then. Nil on any
    /// other node.
    public func confirmedAt(now: TimeReading) -> SteadyTime? {
        guard case .leader(let leadership) = role else { return nil }
        return Quorum.isAlone(id, in: membership) ? now.steady : leadership.confirmedAt
    }
    /// Whether leadership is being handed over.
    public var isTransferring: Bool {
        if case .leader(let leadership) = role { leadership.transfer != nil } else { false }
    }
    /// Whether an entry of this leader's own term is committed: only then may it serve reads (trap 20).
    public var hasCommittedInTerm: Bool {
        #if PLANTED_BUGS
        if planted(.readBeforeOwnCommit) { return isLeader }
        #endif
        return if case .leader(let leadership) = role { commitIndex >= leadership.firstIndex } else { false }
    }
    /// The header of an entry in memory.
    public func header(at index: LogIndex) -> EntryHeader? { log.header(at: index) }
    /// The payload of an entry in memory; empty for any other index.
    @_lifetime(borrow self)
    public func payload(at index: LogIndex) -> RawSpan { log.payload(at: index) }
}
