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
        guard let leadership = role.leadership else { return }
        let isRound = leadership.isHeartbeatDue || leadership.reads.needsRound
        if isRound {
            role.leadership?.beginRound(at: now)
            role.leadership?.heartbeatDeadline = now + configuration.heartbeat
        }
        for position in leadership.peers.indices {
            let hasSent = sendEntries(position, into: &effects)
            if isRound, !hasSent { sendHeartbeat(position, into: &effects) }
        }
        guard isRound else { return }
        confirmRounds(into: &effects)
        if let transfer = leadership.transfer, transfer.isAsked {
            send(.timeoutNow, to: transfer.target, into: &effects)
        }
    }

    /// Sends a peer its next entries until its window is full or it has them all; answers whether anything was sent.
    private mutating func sendEntries(_ position: Int, into effects: inout [RaftEffect]) -> Bool {
        var hasSent = false
        while let peer = role.leadership?.peers[position], peer.next <= log.lastIndex,
            peer.hasRoom(messages: configuration.windowMessages, bytes: configuration.windowBytes)
        {
            guard peer.next > log.releasedIndex else {
                role.leadership?.peers[position].readingBack = peer.next
                effects.append(.readBack(for: peer.id, from: peer.next, maxBytes: configuration.appendBytes))
                break
            }
            let (last, bytes) = log.lastIndex(
                from: peer.next, fitting: configuration.appendBytes, entries: configuration.appendEntries)
            sendAppend(to: peer, through: last, source: .log, into: &effects)
            role.leadership?.peers[position].sent(through: last, bytes: bytes)
            hasSent = true
        }
        return hasSent
    }

    /// A message without entries, behind the last one sent: a peer that has not got that one refuses it, and so a
    /// stall in which every message was lost ends with the next heartbeat (trap 18).
    private mutating func sendHeartbeat(_ position: Int, into effects: inout [RaftEffect]) {
        guard let peer = role.leadership?.peers[position] else { return }
        sendAppend(to: peer, through: peer.next.previous, source: .log, into: &effects)
    }

    /// The entries that were read back for a peer go to it, if they are still what it needs next.
    mutating func sendReadBack(
        _ entries: EntryBatch, from first: LogIndex, to id: NodeID, into effects: inout [RaftEffect]
    ) {
        guard let position = role.leadership?.position(of: id), let peer = role.leadership?.peers[position],
            peer.readingBack == first
        else { return }
        role.leadership?.peers[position].readingBack = nil
        var last = first.previous
        for header in entries.headers {
            guard header.index == last.next, log.term(at: header.index) == header.term else { break }
            last = header.index
        }
        guard peer.next == first, last >= first else { return }
        sendAppend(to: peer, through: last, source: .readBack, into: &effects)
        role.leadership?.peers[position].sent(
            through: last, bytes: entries.payloadBytes + entries.count * RaftLog.recordBytes)
    }

    private func sendAppend(
        to peer: Progress, through last: LogIndex, source: EntrySource, into effects: inout [RaftEffect]
    ) {
        guard let round = role.leadership?.round else { return }
        let previous = peer.next.previous
        let count = last - previous
        let body = RaftMessage.Body.append(
            previousIndex: previous, previousTerm: log.term(at: previous) ?? .zero,
            commit: count == 0 ? min(peer.match, commitIndex) : commitIndex, round: round, entryCount: Int(count))
        effects.append(
            .send(to: peer.id, RaftMessage(term: term, body: body), entriesFrom: peer.next, source: source))
    }
}
