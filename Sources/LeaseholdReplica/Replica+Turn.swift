internal import LeaseMachine
public import LeaseholdBase
internal import LeaseholdJournal
internal import LeaseholdWire
internal import Raft

extension Replica {
    /// Ends a turn: everything that arrived has been handed in. Appends what was gathered, applies what is committed,
    /// and leaves in ``effects`` what is to be sent and written.
    public mutating func endTurn(now: TimeReading) {
        guard stopping != .ended else { return }
        turnEnded = now.steady
        if isBorn {
            // Before the leader steps down, which it may in this turn: what it knew by then is no newer.
            if let confirmed = raft.confirmedAt(now: now) { leaderHeard = confirmed }
            raft.step(.tick, now: now, into: &raftEffects)
            settle(now: now)
            proposeRenewals(now: now)
            proposeRaise(now: now)
            proposePulse(now: now)
            raft.endTurn(now: now, into: &raftEffects)
            settle(now: now)
        } else if stopping == .running {
            tendBirth(now: now)
        }
        journal.tick(now: now.steady, into: &diskEffects)
        journal.submit(now: now.steady, into: &diskEffects)
        // Behind the batch: what the clients wait for goes to the disk first.
        tendSnapshot(now: now)
        tendOutgoingSnapshots(now: now)
        tendDownloads(now: now)
        keepContacts()
        tendLinks(now: now)
        tendClocks(now: now)
        sweepSessions(now: now)
        tendHandOver(now: now)
        tendChange(now: now)
        tendStop(now: now)
        flushDisk()
    }

    /// When ``endTurn(now:)`` is wanted next, though nothing happens.
    public var deadline: SteadyTime {
        guard stopping != .ended else { return .never }
        if case .closingJournal(let until) = stopping { return min(journal.deadline, until) }
        var due = min(journal.deadline, linksDue, sweepDue)
        if isBorn { due = min(due, raft.deadline, pulseDue) } else { due = min(due, birth?.deadline ?? .never) }
        if let handOver { due = min(due, handOver.until) }
        if let asked = pendingChange {
            due = min(due, asked.isProposed ? asked.until : asked.askedAt + configuration.electionTimeout)
        }
        due = min(due, snapshotDue, outgoingSnapshotsDue, downloads.due)
        if case .handingOver(let until) = stopping { due = min(due, until) }
        return due
    }

    /// Carries out what consensus asked for, and what follows from it, until nothing is left.
    mutating func settle(now: TimeReading) {
        var position = 0
        while position < raftEffects.count {
            // An index, not an iterator: applying adds effects behind the ones being carried out.
            let effect = raftEffects[position]
            position += 1
            switch effect {
            case .send(let node, let message, let first, let source):
                sendRaft(to: node, message, from: first, source: source)
            case .persist(let persist): hand(persist)
            case .committed(let index): apply(through: index, now: now)
            case .readsReady(let number, _): answerReads(through: number, now: now)
            case .roleChanged(let role, let term, let leader): roleChanged(role, term, leader, now: now)
            case .readBack(let node, let first, let limit): readBack(for: node, from: first, maxBytes: limit, now: now)
            case .sendSnapshot(let node, _): sendSnapshot(to: node, now: now)
            case .stopSnapshot(let node): stopSnapshot(to: node)
            case .installSnapshot(let point): install(point, now: now)
            }
        }
        raftEffects.removeAll(keepingCapacity: true)
    }

    /// Another role, term or leader.
    private mutating func roleChanged(_ role: RaftRole, _ term: Term, _ leader: NodeID?, now: TimeReading) {
        let before = self.leader
        self.leader = leader
        if let leader, leader != configuration.id { leaderHeard = now.steady }
        #if PLANTED_BUGS
        if planted(.doneAfterTermChange), role == .leader { abandonRequests() }
        if planted(.deposedLeaderPulse), role == .follower, before == configuration.id, machine.hasPending {
            _ = raft.propose(.empty, payload: RawSpan(), now: now)
        }
        #endif
        if role != .leader {
            abandonRequests()
            outgoingSnapshots.removeAll()
        }
        if leader != before, let leader {
            tellClients()
            log(
                .info, "leader",
                leader == configuration.id ? "leading term \(term)" : "node \(leader) leads term \(term)")
        }
    }

    /// Tells every client who leads: after a failover nobody has to search.
    private mutating func tellClients() {
        let start = outgoing.count
        LeaderNotice(leader: leaderHint).encodeFrame(into: &outgoing)
        let notice = start..<outgoing.count
        var told: [ConnectionID] = []
        sessions.forEach { if case .client = $0.role { told.append($0.connection) } }
        for connection in told { effects.append(.send(connection, notice)) }
    }

    /// Nothing that waits here will be answered by a commit of this leader.
    private mutating func abandonRequests() {
        #if PLANTED_BUGS
        if planted(.doneAfterTermChange), !raft.isLeader { return }
        #endif
        pulseInFlight = nil
        raiseInFlight = nil
        var waiters: [Waiter] = []
        pending.abandon { waiters.append($0) }
        for waiter in waiters { answerUnknown(waiter) }
        while let read = reads.next() {
            marks.hit(.readAbandoned)
            answerNotLeader(read.waiter)
        }
    }

    // MARK: Time

    /// Appends an empty entry when something in the state is due on the log clock, or when so much of it has passed
    /// since the last entry that a leader change would forget more than a pulse's worth (trap 47).
    ///
    /// After the renewals of this turn: what was read before the pulse was decided is before it in the log.
    private mutating func proposePulse(now: TimeReading) {
        #if PLANTED_BUGS
        if planted(.noPulseWhileIdle) { return }
        #endif
        guard let clock = raft.logClock, pulseInFlight == nil, now.steady >= pulseNotBefore, isPulseDue(at: clock)
        else { return }
        if case .appended(let index, _) = raft.propose(.empty, payload: RawSpan(), now: now) {
            let isDue = machine.nextDue.map { $0 <= clock } ?? false
            marks.hit(isDue ? .pulseByDue : .pulseBySilence)
            counters.pulses &+= 1
            pulseInFlight = index
        } else {
            marks.hit(.pulseRefused)
            // The log is full: what is due stays due, and is not asked for in a circle.
            pulseNotBefore = now.steady + configuration.heartbeat
        }
    }

    private func isPulseDue(at clock: LogTime) -> Bool {
        if let due = machine.nextDue, due <= clock { return true }
        return clock - raft.log.lastLogTime >= longestSilence
    }

    /// How much log time may pass without an entry. While nothing is pending, a fraction of how long requests are
    /// remembered: what nodes tell clients of the log would else be older than that, and their first requests too old.
    private var longestSilence: Nanoseconds {
        #if PLANTED_BUGS
        if planted(.pulseOnlyWhenDue) { return .seconds(86_400) }
        #endif
        return machine.hasPending ? machine.settings.pulse : max(machine.settings.pulse, machine.settings.retention / 4)
    }

    /// When a pulse may be due, on the steady clock: the log clock is never ahead of it.
    private var pulseDue: SteadyTime {
        #if PLANTED_BUGS
        if planted(.noPulseWhileIdle) { return .never }
        #endif
        guard let clock = raft.logClock, pulseInFlight == nil, !raft.isTransferring else { return .never }
        let due = min(machine.nextDue ?? .never, raft.log.lastLogTime + longestSilence)
        return max(pulseNotBefore, turnEnded + max(.zero, due - clock))
    }
}
