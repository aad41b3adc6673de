import LeaseholdBase

/// What a leader knows, within its one term.
struct Leadership: Sendable {
    /// A hand-over under way (thesis §3.10).
    struct Transfer: Hashable, Sendable {
        var target: NodeID
        var deadline: SteadyTime
        var isAsked = false
        /// Whether the leader steps down when it comes to nothing.
        var isForGood = false
    }

    /// The index of the leader's first entry, the empty one.
    let firstIndex: LogIndex
    var clock: LogClock
    /// One for each other member, in order of ids, and for those that are going and have not heard of it.
    var peers: [Progress]
    /// Who is no longer a member and is to learn of it.
    var departing: [Departure] = []
    /// Whether this leader is no longer a voter, for good, and only hands over.
    var isLeaving = false
    var reads = ReadQueue()
    var transfer: Transfer?
    /// Counts heartbeats and read rounds, from 1, never used twice (trap 21).
    private(set) var round: UInt64 = 0
    /// Whether the next turn's end begins a new round though no read needs it.
    var isHeartbeatDue = true
    var heartbeatDeadline: SteadyTime
    /// The sending time of the newest round known to be answered by a quorum: from then on no other leader was elected
    /// before it. From the sending, never from the answer (trap 22).
    private(set) var confirmedAt: SteadyTime
    /// The round watched for `confirmedAt`, and when it was sent.
    private var watched: (round: UInt64, sentAt: SteadyTime)?

    init(
        id: NodeID, membership: Membership, log: RaftLog, heartbeat: Nanoseconds, at now: SteadyTime
    ) {
        firstIndex = log.lastIndex.next
        clock = LogClock(from: log.lastLogTime, at: now, heartbeat: heartbeat)
        #if PLANTED_BUGS
        if planted(.leaderKeepsAbsoluteTimes) {
            clock = LogClock(from: max(log.lastLogTime, LogTime(now.rawValue)), at: now, heartbeat: heartbeat)
        }
        #endif
        peers = membership.members.filter { $0.id != id }
            .map { Progress(id: $0.id, lastIndex: log.lastIndex, at: now) }
        heartbeatDeadline = now
        confirmedAt = now
    }

    /// Where a peer stands in `peers`.
    func position(of id: NodeID) -> Int? { peers.firstIndex { $0.id == id } }

    /// Begins a round if a heartbeat is due or reads wait for one; answers whether it did.
    mutating func beginRoundIfDue(at now: SteadyTime, heartbeat: Nanoseconds) -> Bool {
        guard isHeartbeatDue || reads.needsRound else { return false }
        #if PLANTED_BUGS
        if planted(.readIDReused), !isHeartbeatDue, round > 0 {
            reads.stamp(round)
            return false
        }
        if planted(.noQuorumCheck) { confirmedAt = now }
        #endif
        round += 1
        heartbeatDeadline = now + heartbeat
        reads.stamp(round)
        isHeartbeatDue = false
        if watched == nil { watched = (round, now) }
        return true
    }

    /// The greatest round a quorum has answered; this node answers its own at once.
    func confirmedRound(_ membership: Membership, id: NodeID) -> UInt64 {
        Quorum.reached(membership) { voter in
            voter == id ? round : position(of: voter).map { peers[$0].answeredRound } ?? 0
        }
    }

    /// A quorum has answered the round.
    mutating func confirmed(_ round: UInt64) {
        guard let watch = watched, watch.round <= round else { return }
        confirmedAt = max(confirmedAt, watch.sentAt)
        watched = nil
    }

    /// The greatest index that a quorum holds durably, this node's own durable part included.
    func replicatedIndex(_ membership: Membership, id: NodeID, durable: LogIndex) -> LogIndex {
        LogIndex(
            Quorum.reached(membership) { voter in
                voter == id ? durable.rawValue : position(of: voter).map { peers[$0].match.rawValue } ?? 0
            })
    }

    /// What an answer came to.
    enum Outcome: Hashable, Sendable {
        case accepted, refused
        /// As accepted, and no snapshot is needed any more.
        case acceptedBySnapshot
        /// A refusal that says nothing new.
        case refusedBefore
        /// From a node that is no member.
        case ignored
        /// No correct peer sends it.
        case malformed
    }

    /// A peer answers an append of this term.
    mutating func take(
        _ answer: AppendAnswer, round answered: UInt64, from sender: NodeID, log: RaftLog, at now: SteadyTime
    ) -> Outcome {
        guard let position = position(of: sender) else { return .ignored }
        guard answered <= round else { return .malformed }
        switch answer {
        case .accepted(let match):
            guard match <= log.lastIndex else { return .malformed }
            peers[position].answered(round: answered, at: now)
            let wasTaking = peers[position].isTakingSnapshot
            #if PLANTED_BUGS
            if planted(.answerCountsForAllSent) {
                peers[position].accepted(peers[position].next.previous, of: log, at: now)
            }
            #endif
            peers[position].accepted(match, of: log, at: now)
            return wasTaking && !peers[position].isTakingSnapshot ? .acceptedBySnapshot : .accepted
        case .rejected(let previousIndex, let hintIndex, let hintTerm):
            peers[position].answered(round: answered, at: now)
            #if PLANTED_BUGS
            if planted(.nextNeverBackedOff) { return .refused }
            #endif
            guard peers[position].isNews(refused: previousIndex) else { return .refusedBefore }
            // The peer's entries between the hint and the refused index cannot agree; nor can this log's entries at or
            // below the hint with a term above the hint's, as the peer's terms there are no greater.
            let agreeing = log.greatestIndex(atOrBelow: hintIndex, termAtMost: hintTerm)
            peers[position].refused(previousIndex: previousIndex, mayAgreeAt: agreeing.index)
            return .refused
        }
    }

    func violations(lastIndex: LogIndex) -> [String] {
        var found = peers.flatMap { $0.violations(lastIndex: lastIndex, round: round) }
        if firstIndex > lastIndex { found.append("a leader without its first entry \(firstIndex)") }
        return found
    }
}
