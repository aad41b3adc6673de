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
        guard
            let replicated = role.leadership?.replicatedIndex(membership, id: id, durable: persists.durableIndex)
        else { return }
        guard replicated > commitIndex, log.term(at: replicated) == term else { return }
        commit(through: replicated, into: &effects)
    }

    /// A peer answers an append of this term.
    mutating func takeAnswer(
        _ answer: AppendAnswer, round: UInt64, from sender: NodeID, into effects: inout [RaftEffect]
    ) {
        guard let position = role.leadership?.position(of: sender), let current = role.leadership?.round else { return }
        guard round <= current else { return drop() }
        switch answer {
        case .accepted(let match):
            guard match <= log.lastIndex else { return drop() }
            role.leadership?.peers[position].answered(round: round)
            role.leadership?.peers[position].accepted(match)
            advanceCommit(into: &effects)
            advanceTransfer(into: &effects)
        case .rejected(let previousIndex, let hintIndex, let hintTerm):
            role.leadership?.peers[position].answered(round: round)
            guard role.leadership?.peers[position].isNews(refused: previousIndex) == true else { break }
            // The peer's entries between the hint and the refused index cannot agree; nor can this log's entries at or
            // below the hint with a term above the hint's, as the peer's terms there are no greater.
            let agreeing = log.greatestIndex(atOrBelow: hintIndex, termAtMost: hintTerm)
            role.leadership?.peers[position].refused(previousIndex: previousIndex, mayAgreeAt: agreeing.index)
        }
        confirmRounds(into: &effects)
    }

    /// Sends to each peer what its window has room for, and a heartbeat to those that got nothing in a new round.
    mutating func sendAppends(into effects: inout [RaftEffect]) {
        guard role.isLeader else { return }
        let isRound = role.leadership?.beginRoundIfDue(at: now, heartbeat: configuration.heartbeat) ?? false
        let sending = sending
        role.leadership?.sendAppends(sending, isRound: isRound, from: log, into: &effects)
        guard isRound else { return }
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
        guard let position = role.leadership?.position(of: id) else { return }
        let sending = sending
        role.leadership?.sendReadBack(entries, from: first, to: position, sending, log: log, into: &effects)
    }

    private var sending: Leadership.Sending {
        Leadership.Sending(term: term, commitIndex: commitIndex, configuration: configuration)
    }
}
