import LeaseholdBase

extension Raft {
    /// Takes a message. Anything a correct peer would not send is dropped and counted, never trapped on.
    ///
    /// The sender may be unknown to the membership: a lagging node must take entries from a leader it does not know
    /// yet (trap 34), and a vote for a candidate it does not know counts all the same.
    mutating func receive(
        _ message: RaftMessage, _ entries: EntryBatch, from sender: NodeID, _ reading: TimeReading,
        into effects: inout [RaftEffect]
    ) {
        guard sender != id else { return drop() }
        switch message.body {
        case .preVote(let lastIndex, let lastTerm):
            answerPreVote(message.term, lastIndex, lastTerm, from: sender, into: &effects)
        case .preVoteAnswer(let granted):
            takePreVote(message.term, granted: granted, from: sender, into: &effects)
        case .vote(let lastIndex, let lastTerm, let transfer):
            answerVote(message.term, lastIndex, lastTerm, transfer: transfer, from: sender, into: &effects)
        case .voteAnswer(let granted):
            #if PLANTED_BUGS
            if planted(.refusalTeachesNoTerm), !granted, message.term > term { return }
            #endif
            learn(message.term)
            guard message.term == term, case .candidate(var campaign) = role, campaign.isOpen else { return }
            campaign.record(sender, granted: granted)
            role = .candidate(campaign)
            decideVote(reading)
        case .append(let previousIndex, let previousTerm, let commit, let round, let entryCount):
            guard entryCount == entries.count else { return drop() }
            let append = IncomingAppend(
                sender: sender, term: message.term, previousIndex: previousIndex, previousTerm: previousTerm,
                commit: commit, round: round)
            takeAppend(append, entries, into: &effects)
        case .appendAnswer(let answer, let round):
            learn(message.term)
            guard message.term == term, role.isLeader else { return marks.hit(.lateAnswerIgnored) }
            takeAnswer(answer, round: round, from: sender, into: &effects)
        case .timeoutNow:
            learn(message.term)
            guard message.term == term else { return }
            campaignForTransfer(from: sender, into: &effects)
        case .removed(let index, let indexTerm):
            learn(message.term)
            takeRemoval(index, indexTerm, into: &effects)
        }
    }

    /// No correct peer sends this.
    mutating func drop() { droppedMessages &+= 1 }

    /// A message shows a greater term, and its sender is in it.
    mutating func learn(_ other: Term) { if other > term { adopt(other) } }

    /// Whether a candidate's log holds at least as much as this one: the later last term, then the greater index
    /// (thesis §3.6.1).
    func isUpToDate(_ lastIndex: LogIndex, _ lastTerm: Term) -> Bool {
        #if PLANTED_BUGS
        if planted(.voteLogCheckMissing) { return true }
        if planted(.lengthBeforeTerm) { return (lastIndex, lastTerm) >= (log.lastIndex, log.lastTerm) }
        #endif
        return (lastTerm, lastIndex) >= (log.lastTerm, log.lastIndex)
    }

    /// Answers a pre-vote and changes neither term nor vote, whatever the answer (trap 8).
    ///
    /// A refusal carries this node's own term: one behind learns it from there, and asks for a term that can be won.
    ///
    /// Two nodes that lose their leader's connection at once would split the vote. So a node that is itself asking, and
    /// meets one that would make at least as good a leader, grants *and drops its own question*. Equal logs are told
    /// apart by the lower id, or both would drop. The other of the two is granted all the same: refusing it would
    /// be a livelock where this node hears it and it does not hear this node.
    func isBetterLeader(_ other: NodeID, _ lastIndex: LogIndex, _ lastTerm: Term) -> Bool {
        (lastTerm, lastIndex) > (log.lastTerm, log.lastIndex)
            || ((lastTerm, lastIndex) == (log.lastTerm, log.lastIndex) && other < id)
    }

    private mutating func answerPreVote(
        _ wanted: Term, _ lastIndex: LogIndex, _ lastTerm: Term, from sender: NodeID,
        into effects: inout [RaftEffect]
    ) {
        guard wanted > term, !isLeaderLive, isOwnIncarnation, isUpToDate(lastIndex, lastTerm) else {
            if isLeaderLive {
                marks.hit(.preVoteRefusedForLeader)
            } else if !isUpToDate(lastIndex, lastTerm) {
                marks.hit(.preVoteRefusedByLog)
            }
            send(.preVoteAnswer(granted: false), to: sender, into: &effects)
            tellRemoved(sender, into: &effects)
            return
        }
        if case .preCandidate = role {
            if isBetterLeader(sender, lastIndex, lastTerm) {
                marks.hit(.ownPreVoteDropped)
                stepDown()
            } else {
                marks.hit(.preVoteGrantedWhileAsking)
            }
        }
        send(.preVoteAnswer(granted: true), in: wanted, to: sender, into: &effects)
    }

    /// Counts a pre-vote: only while asking, and only for the very term asked about (trap 7).
    private mutating func takePreVote(
        _ answered: Term, granted: Bool, from sender: NodeID, into effects: inout [RaftEffect]
    ) {
        #if PLANTED_BUGS
        if planted(.refusalTeachesNoTerm), !granted, answered > term { return }
        if planted(.preVoteCountsAsVote), granted, case .candidate(var campaign) = role, campaign.isOpen {
            campaign.record(sender, granted: true)
            role = .candidate(campaign)
            return decideVote(TimeReading(steady: now, wall: .zero))
        }
        #endif
        if !granted, answered > term {
            marks.hit(.termLearntFromRefusal)
            learn(answered)
        }
        guard case .preCandidate(var campaign) = role else { return }
        guard !granted || answered == campaign.term else { return }
        campaign.record(sender, granted: granted)
        role = .preCandidate(campaign)
        decidePreVote(into: &effects)
    }

    private mutating func answerVote(
        _ wanted: Term, _ lastIndex: LogIndex, _ lastTerm: Term, transfer: Bool, from sender: NodeID,
        into effects: inout [RaftEffect]
    ) {
        // While a leader is heard, a candidate of a greater term is refused and its term not even learnt: else a node
        // that was cut off, or removed, would depose it (thesis §4.2.3; trap 10). A hand-over is the leader's own wish.
        if wanted > term {
            if transfer || !isLeaderLive { adopt(wanted) } else { marks.hit(.voteRefusedForLeader) }
        }
        guard wanted == term, case .follower(let following) = role else {
            send(.voteAnswer(granted: false), to: sender, into: &effects)
            return
        }
        // A leader of this very term is known: whoever asks now is late (trap 5).
        let isFree = votedFor == nil && termLeader == nil
        guard isFree || votedFor == sender, isOwnIncarnation, isUpToDate(lastIndex, lastTerm) else {
            marks.hit(isFree || votedFor == sender ? .voteRefusedByLog : .voteRefusedAsGiven)
            send(.voteAnswer(granted: false), to: sender, into: &effects)
            return
        }
        if isFree {
            votedFor = sender
            rearmElection()
        }
        #if PLANTED_BUGS
        if planted(.voteBeforeDurable) { return send(.voteAnswer(granted: true), to: sender, into: &effects) }
        #endif
        if isDurable(vote: sender) {
            send(.voteAnswer(granted: true), to: sender, into: &effects)
        } else {
            // The answer waits for the disk (trap 3).
            marks.hit(.voteHeldForDisk)
            var waiting = following
            waiting.grantee = sender
            role = .follower(waiting)
        }
    }

    /// Says something without entries, in the current term or the one given.
    func send(
        _ body: RaftMessage.Body, in term: Term? = nil, to peer: NodeID, into effects: inout [RaftEffect]
    ) {
        effects.append(
            .send(
                to: peer, RaftMessage(term: term ?? self.term, body: body), entriesFrom: log.lastIndex.next,
                source: .log))
    }
}
