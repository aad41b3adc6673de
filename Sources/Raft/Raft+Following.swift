import LeaseholdBase

/// An append message on its way into a follower.
struct IncomingAppend {
    let sender: NodeID
    let term: Term
    let previousIndex: LogIndex
    let previousTerm: Term
    let commit: LogIndex
    let round: UInt64
}

extension Raft {
    /// Takes what a leader sent.
    mutating func takeAppend(_ append: IncomingAppend, _ entries: EntryBatch, into effects: inout [RaftEffect]) {
        guard append.term >= term else {
            marks.hit(.appendOfOldTermRefused)
            // A leader of the past learns the present from the answer, even where this node may not depose it by a
            // vote: else a candidate of a greater term could never be part of the cluster again (trap 8).
            let answer = AppendAnswer.rejected(
                previousIndex: append.previousIndex, hintIndex: log.lastIndex, hintTerm: log.lastTerm)
            send(.appendAnswer(answer, round: 0), to: append.sender, into: &effects)
            return
        }
        guard append.isWellFormed(entries) else { return drop() }
        learn(append.term)
        guard !role.isLeader, termLeader == nil || termLeader == append.sender else { return drop() }
        hear(append.sender)
        #if PLANTED_BUGS
        if planted(.commitBeforeCompared) { commit(through: min(append.commit, log.lastIndex), into: &effects) }
        #endif
        guard agrees(with: append, into: &effects) else { return }
        #if PLANTED_BUGS
        if planted(.truncateOnAnyAppend), append.previousIndex < log.lastIndex {
            truncateLog(after: max(commitIndex, append.previousIndex))
        }
        #endif
        guard take(entries) else { return drop() }
        let through = append.previousIndex + UInt64(entries.count)
        role.following?.leader?.agreed(through: through, round: append.round)
        // What lies behind the verified part may be a former leader's: the notice covers only what was compared
        // (trap 13).
        #if PLANTED_BUGS
        if planted(.heartbeatCommitsAll), entries.isEmpty {
            return commit(through: min(append.commit, log.lastIndex), into: &effects)
        }
        #endif
        if append.commit > through { marks.hit(.commitNoticeCut) }
        commit(through: min(append.commit, through), into: &effects)
    }

    /// The leader of the term speaks: it is followed, and the wait for it begins anew.
    private mutating func hear(_ leader: NodeID) {
        termLeader = leader
        clockDoubt.passed = 0
        if role.following == nil { role = .follower(Following()) }
        rearmElection()
        if role.following?.leader?.id == leader {
            role.following?.leader?.heardAt = now
        } else {
            role.following?.leader = HeardLeader(id: leader, heardAt: now)
        }
    }

    /// Whether this log holds the entry before those sent; if not, says where the logs may agree.
    ///
    /// The hint is the last index here, below the rejected one, whose term is at most the term that the leader has at
    /// the rejected index. All entries between it and there have greater terms, and the leader's entries up to there
    /// do not, since terms never fall along a log: none of them can agree, and the leader may skip them all.
    ///
    ///     index   1 2 3 4 5 6 7
    ///     leader  1 1 1 2 2 2 2    probes behind 6 (term 2)
    ///     this    1 1 1 3 3 3      mismatch at 6: hint index 3, term 1. The leader goes on behind 3.
    private mutating func agrees(with append: IncomingAppend, into effects: inout [RaftEffect]) -> Bool {
        let previous = append.previousIndex
        #if PLANTED_BUGS
        if planted(.prevBelowStartIsConflict), previous < log.releasedIndex { truncateLog(after: commitIndex) }
        #endif
        // What is compacted is committed, and every leader holds it: its term is not known here, and no conflict
        // (trap 12).
        if previous < log.start.index { return true }
        if log.term(at: previous) == append.previousTerm { return true }
        // A committed entry that differs is no conflict but a broken peer: nothing is said, nothing is cut (trap 12).
        guard previous > commitIndex else {
            drop()
            return false
        }
        marks.hit(.appendRejected)
        let hint = log.greatestIndex(atOrBelow: min(previous.previous, log.lastIndex), termAtMost: append.previousTerm)
        let round = role.following?.leader?.refused(round: append.round) ?? append.round
        let answer = AppendAnswer.rejected(previousIndex: previous, hintIndex: hint.index, hintTerm: hint.term)
        send(.appendAnswer(answer, round: round), to: append.sender, into: &effects)
        return false
    }

    /// Adds what is new among the entries. False when they contradict a committed entry or cannot be read.
    ///
    /// The log is cut only where an entry really differs: a late or repeated message holds less than is here by now,
    /// and what it does not mention may be committed (trap 11).
    private mutating func take(_ entries: EntryBatch) -> Bool {
        for (position, header) in entries.headers.enumerated() where header.index >= log.start.index {
            if let held = log.term(at: header.index) {
                if held == header.term {
                    marks.hit(.entriesHeldAlready)
                    continue
                }
                guard header.index > commitIndex else { return false }
                #if PLANTED_BUGS
                if planted(.conflictNotTruncated) { continue }
                #endif
                truncateLog(after: header.index.previous)
            }
            let payload = entries.payload(at: position)
            if header.kind == .membership {
                guard let membership = try? Membership(payload: payload) else { return false }
                memberships.append(membership, at: header.index)
            }
            log.append(header, payload: payload)
        }
        releaseMemory()
        return true
    }

    /// Learns that entries up to an index are committed.
    mutating func commit(through index: LogIndex, into effects: inout [RaftEffect]) {
        guard index > commitIndex else { return }
        precondition(index <= log.lastIndex, "what is committed here is here")
        commitIndex = index
        effects.append(.committed(through: index))
    }

    /// Answers the leader, once a turn, what is to be answered by now. Nothing is answered in a term that the disk
    /// does not have yet: what is acknowledged in it would be forgotten with it (trap 6).
    mutating func sendAnswer(into effects: inout [RaftEffect]) {
        #if PLANTED_BUGS
        if planted(.appendBeforeTermDurable), let leader = role.following?.leader,
            let answer = role.following?.leader?.answer(durable: persists.durableIndex)
        {
            return send(answer, to: leader.id, into: &effects)
        }
        #endif
        guard let leader = role.following?.leader else { return }
        // Of a snapshot that took the log's place only the bytes are durable yet: a start would not begin with it.
        guard !persists.isRestarting else { return }
        guard persists.durableState.term == term else { return marks.hit(.answerHeldForTerm) }
        #if PLANTED_BUGS
        if planted(.appendBeforeSync), let answer = role.following?.leader?.answer(durable: log.lastIndex) {
            return send(answer, to: leader.id, into: &effects)
        }
        #endif
        if let answer = role.following?.leader?.answer(durable: persists.durableIndex) {
            send(answer, to: leader.id, into: &effects)
        }
    }
}

extension IncomingAppend {
    /// Whether the numbers are such as a leader can send: entries that follow one another behind the previous one, in
    /// terms that do not fall and do not exceed the leader's.
    func isWellFormed(_ entries: EntryBatch) -> Bool {
        guard previousTerm <= term, (previousIndex == .zero) == (previousTerm == .zero) else { return false }
        guard !previousIndex.rawValue.addingReportingOverflow(UInt64(entries.count) + 1).overflow else { return false }
        var index = previousIndex
        var reached = previousTerm
        for header in entries.headers {
            guard header.index == index.next, header.term >= reached, header.term <= term else { return false }
            guard header.term > .zero else { return false }
            index = header.index
            reached = header.term
        }
        return true
    }
}
