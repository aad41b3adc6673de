public import LeaseholdBase

extension Raft {
    /// When the node is to be told the time at the latest, by ``RaftEvent/tick``.
    public var deadline: SteadyTime {
        switch role {
        case .follower, .preCandidate, .candidate: return electionDeadline
        case .leader(let leadership):
            var deadline = min(leadership.heartbeatDeadline, leadership.confirmedAt + configuration.electionTimeout)
            if let transfer = leadership.transfer { deadline = min(deadline, transfer.deadline) }
            if let stall = stallDeadline { deadline = min(deadline, stall) }
            return deadline
        case .stopped: return .never
        }
    }

    mutating func tick(_ reading: TimeReading, into effects: inout [RaftEffect]) {
        switch role {
        case .follower, .preCandidate, .candidate:
            if now >= electionDeadline { electionTimedOut(into: &effects) }
        case .leader: leaderTick(into: &effects)
        case .stopped: break
        }
    }

    private mutating func leaderTick(into effects: inout [RaftEffect]) {
        guard let leadership = role.leadership else { return }
        // The quorum check (thesis §6.2): a leader that a quorum has not answered for an election timeout may have a
        // successor, and must not keep clients waiting. A pause of this process shows here too: the clock ran on.
        if now - leadership.confirmedAt >= configuration.electionTimeout, !Quorum.isAlone(id, in: membership) {
            marks.hit(.steppedDownByQuorumCheck)
            stepDown()
            return
        }
        // A hand-over that came to nothing must not bar proposals for ever (trap 23).
        if let transfer = leadership.transfer, now >= transfer.deadline {
            marks.hit(.transferTimedOut)
            // One that is no voter any more has nothing to go on with (trap 33).
            if leadership.isLeaving { return stepDown() }
            if transfer.isForGood {
                marks.hit(.steppedDownForClock)
                return stepDown()
            }
            role.lead { $0.transfer = nil }
        }
        if diskHasStalled(into: &effects) { return }
        if giveUpForClock(into: &effects) { return }
        if now >= leadership.heartbeatDeadline { role.lead { $0.isHeartbeatDue = true } }
    }

    /// Gives up a role for that of a follower in the same term, without a leader. The vote stays (trap 4).
    mutating func stepDown() {
        #if PLANTED_BUGS
        if planted(.voteClearedByStepDown) { votedFor = nil }
        #endif
        role = .follower(Following())
        rearmElection()
    }

    /// Draws the next election timeout.
    mutating func rearmElection() {
        let least = configuration.electionTimeout
        electionDeadline = now + random.duration(in: least...least * 2)
    }
}
