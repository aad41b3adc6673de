import LeaseholdBase

extension Raft {
    /// Appends an entry of this leader, stamped with its log clock and its wall clock.
    mutating func appendOwn(_ kind: EntryKind, payload: RawSpan, logTime: LogTime, wallTime: WallTime) {
        log.append(
            EntryHeader(
                index: log.lastIndex.next, term: term, logTime: logTime, wallTime: wallTime, kind: kind,
                payloadCount: payload.byteCount), payload: payload)
        releaseMemory()
    }

    /// Commits what a quorum holds durably, if it ends with an entry of this term (thesis §3.6.2).
    ///
    /// An entry of an earlier term is not committed by counting: a quorum may hold it and a later leader still
    /// overwrite it (figure 3.7, trap 1). It is committed with the first entry of the own term behind it, and that
    /// first entry counts (trap 2). The leader is one of those who hold it only as far as its own disk goes (trap 19).
    mutating func advanceCommit(into effects: inout [RaftEffect]) {
        #if PLANTED_BUGS
        if let reached = reachedByMistake, reached > commitIndex, log.term(at: reached) == term {
            return commit(through: reached, into: &effects)
        }
        #endif
        guard
            let replicated = role.leadership?.replicatedIndex(membership, id: id, durable: persists.durableIndex)
        else { return }
        #if PLANTED_BUGS
        if planted(.stalledLeaderStays), replicated > persists.durableIndex { return }
        if planted(.olderTermByCounting), replicated > commitIndex {
            return commit(through: replicated, into: &effects)
        }
        if planted(.olderTermOffByOne), replicated > commitIndex,
            replicated.next >= role.leadership?.firstIndex ?? .zero
        {
            return commit(through: replicated, into: &effects)
        }
        #endif
        guard replicated > commitIndex else { return }
        guard log.term(at: replicated) == term else { return marks.hit(.olderTermHeldBack) }
        commit(through: replicated, into: &effects)
    }

    /// A peer answers an append of this term.
    mutating func takeAnswer(
        _ answer: AppendAnswer, round: UInt64, from sender: NodeID, into effects: inout [RaftEffect]
    ) {
        let (log, now) = (log, now)
        switch role.lead({ $0.take(answer, round: round, from: sender, log: log, at: now) }) ?? .ignored {
        case .ignored: return
        case .malformed: return drop()
        case .refused: break
        case .refusedBefore: marks.hit(.oldRefusalIgnored)
        case .acceptedBySnapshot:
            marks.hit(.snapshotDone)
            effects.append(.stopSnapshot(to: sender))
            advanceCommit(into: &effects)
            advanceTransfer(into: &effects)
        case .accepted:
            advanceCommit(into: &effects)
            advanceTransfer(into: &effects)
        }
        confirmRounds(into: &effects)
    }

    /// Sends to each peer what its window has room for, and a heartbeat to those that got nothing in a new round.
    mutating func sendAppends(into effects: inout [RaftEffect]) {
        let (sending, log, now) = (sending, log, now)
        var taken = marks
        let isRound = role.lead { leadership in
            let isRound = leadership.beginRoundIfDue(at: now, heartbeat: sending.configuration.heartbeat)
            leadership.sendAppends(sending, isRound: isRound, from: log, marking: &taken, into: &effects)
            return isRound
        }
        marks = taken
        guard isRound == true else { return }
        confirmRounds(into: &effects)
        // Asked again with each round: the first asking may have been lost.
        if let transfer = role.leadership?.transfer, transfer.isAsked {
            send(.timeoutNow, to: transfer.target, into: &effects)
        }
    }

    /// The entries that were read back for a peer go to it, if they are still what it needs next.
    mutating func sendReadBack(
        _ entries: EntryBatch, from first: LogIndex, to id: NodeID, into effects: inout [RaftEffect]
    ) {
        let (sending, log) = (sending, log)
        var taken = marks
        role.lead { leadership in
            guard let position = leadership.position(of: id) else { return }
            leadership.sendReadBack(
                entries, from: first, to: position, sending, log: log, marking: &taken, into: &effects)
        }
        marks = taken
    }

    private var sending: Leadership.Sending {
        Leadership.Sending(term: term, commitIndex: commitIndex, now: now, configuration: configuration)
    }
}

#if PLANTED_BUGS
extension Raft {
    /// What a leader takes for replicated that counts wrongly.
    private var reachedByMistake: LogIndex? {
        if planted(.leaderCountsItselfEarly) {
            return role.leadership?.replicatedIndex(membership, id: id, durable: log.lastIndex)
        }
        guard planted(.commitWithoutQuorum), let peers = role.leadership?.peers else { return nil }
        return peers.map(\.match).reduce(persists.durableIndex, max)
    }
}
#endif
