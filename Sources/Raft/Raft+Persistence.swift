import LeaseholdBase

extension Raft {
    /// Asks for everything that changed in this turn to be made durable, as one request: a term is never on disk
    /// after the entries of that term, nor apart from its vote (trap 6).
    mutating func submitPersist(into effects: inout [RaftEffect]) {
        let state = HardState(term: term, votedFor: votedFor)
        if let persist = persists.submit(state, lastIndex: log.lastIndex, commit: commitIndex, at: now) {
            effects.append(.persist(persist))
        }
    }

    /// Something has become durable: whatever waited for it may happen now.
    ///
    /// What is kept is compared with what is on disk, term and vote together, and not with what a request once meant:
    /// a vote of a term that has passed since is never sent, nor counted (traps 3, 17, 19).
    mutating func keepPromises(_ reading: TimeReading, into effects: inout [RaftEffect]) {
        releaseMemory()
        switch role {
        case .follower(let following):
            guard let grantee = following.grantee, isDurable(vote: grantee) else { return }
            role.following?.grantee = nil
            send(.voteAnswer(granted: true), to: grantee, into: &effects)
        case .candidate(let campaign):
            if !campaign.isOpen, isDurable(vote: id) { openCampaign(campaign, reading, into: &effects) }
        case .leader: advanceCommit(into: &effects)
        case .preCandidate, .stopped: break
        }
    }

    /// Whether this term's vote is on disk and went to the node.
    func isDurable(vote: NodeID) -> Bool { persists.durableState == HardState(term: term, votedFor: vote) }

    /// Gives up memory for entries that are applied and durable.
    mutating func releaseMemory() { log.release(through: min(appliedIndex, persists.durableIndex)) }

    /// Cuts the log behind an index, with everything that is known by way of what is cut.
    mutating func truncateLog(after index: LogIndex) {
        precondition(index >= commitIndex, "a committed entry is never cut")
        marks.hit(.conflictTruncated)
        if index < persists.submittedIndex, persists.durableIndex < persists.submittedIndex {
            marks.hit(.truncatedInFlight)
        }
        log.truncate(after: index)
        if memberships.currentIndex > index { marks.hit(.membershipRolledBack) }
        memberships.truncate(after: index)
        persists.truncated(after: index)
    }
}

extension Raft {
    /// When a leader has to act on a request that its disk does not complete: after half an election timeout it hands
    /// over, after a whole one it steps down.
    var stallDeadline: SteadyTime? {
        #if PLANTED_BUGS
        if planted(.stalledLeaderStays) { return nil }
        #endif
        guard let oldest = persists.oldestIssuedAt else { return nil }
        return oldest + (isDiskStalled ? configuration.electionTimeout : configuration.electionTimeout / 2)
    }

    /// Whether the disk has not completed a request for half an election timeout.
    var isDiskStalled: Bool {
        guard let oldest = persists.oldestIssuedAt else { return false }
        return now - oldest >= configuration.electionTimeout / 2
    }

    /// A leader whose disk hangs goes on hearing and heartbeating: nobody else would ever replace it (trap 26). So it
    /// hands over to a peer, and when that fails too it gives up. Answers whether it gave up.
    mutating func diskHasStalled(into effects: inout [RaftEffect]) -> Bool {
        #if PLANTED_BUGS
        if planted(.stalledLeaderStays) { return false }
        #endif
        guard isDiskStalled, let oldest = persists.oldestIssuedAt else { return false }
        if now - oldest >= configuration.electionTimeout {
            marks.hit(.steppedDownByStalledDisk)
            stepDown()
            return true
        }
        if !isTransferring {
            transferLeadership(to: nil, into: &effects)
            if isTransferring { marks.hit(.transferBegunByStalledDisk) }
        }
        return false
    }
}
