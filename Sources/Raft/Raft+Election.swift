import LeaseholdBase

extension Raft {
    /// Whether this node may ask for votes at all: it is a voter by its own incarnation, its disk works, and there is a
    /// term left.
    ///
    /// A node that goes by an entry that may not be committed is still needed, though its own vote counts for nothing:
    /// nobody without that entry gets its vote, and the others may all be without (thesis §4.2.2).
    ///
    /// A removed node that knows or was told, a learner, a wiped directory under an old id, and a node without a birth
    /// entry never do (traps 10, 36). Nor does one whose disk hangs: it could not make its own vote durable.
    var mayCampaign: Bool {
        memberships.mayNeed(id, commit: commitIndex) && isOwnIncarnation && holdsNewsOfRemoval && !isDiskStalled
            && term.next > term
    }

    /// Whether the membership does not know this id by another data directory (trap 36).
    var isOwnIncarnation: Bool {
        guard let member = membership.member(id) else { return true }
        return member.incarnation == configuration.incarnation
    }

    /// Whether a leader was heard within the least election timeout. A leader hears itself: the quorum check sees to
    /// it that it is one.
    var isLeaderLive: Bool {
        switch role {
        case .leader: return true
        case .follower(let following):
            guard let leader = following.leader else { return false }
            return now - leader.heardAt < configuration.electionTimeout
        case .preCandidate, .candidate, .stopped: return false
        }
    }

    /// No leader was heard, or no campaign won, for an election timeout.
    mutating func electionTimedOut(into effects: inout [RaftEffect]) {
        let isLeft = mayCampaign && leavesElectionToOthers()
        guard mayCampaign, !isLeft else {
            marks.hit(isLeft ? .campaignLeftToOthers : .campaignBarred)
            // Waits on, and no longer names a leader that has gone silent; a vote under way to the disk stays.
            role.following?.leader = nil
            if role.following == nil { role = .follower(Following()) }
            rearmElection()
            return
        }
        #if PLANTED_BUGS
        if planted(.noPreVote) { return startCampaign(transfer: false) }
        #endif
        startPreVote(into: &effects)
    }

    /// The connection to a node was closed or refused: a hint that it is gone, if it is the leader.
    ///
    /// The leader is forgotten, so that no vote is refused on its account, and after a short random delay this node
    /// asks for pre-votes. They settle the rest: should the leader live, those who hear it refuse, and nothing has
    /// changed. So a killed leader is replaced in far less than an election timeout.
    mutating func connectionLost(_ peer: NodeID) {
        guard let following = role.following, following.leader?.id == peer else { return }
        marks.hit(.disconnectHintFollowed)
        role.following?.leader = nil
        let delay = random.duration(in: .zero...max(.zero, configuration.disconnectDelay))
        electionDeadline = min(electionDeadline, now + delay)
    }

    /// Asks whether an election would be won. Neither term nor vote change (trap 8).
    mutating func startPreVote(into effects: inout [RaftEffect]) {
        var campaign = Campaign(term: term.next)
        campaign.record(id, granted: true)
        role = .preCandidate(campaign)
        rearmElection()
        let question = RaftMessage.Body.preVote(lastIndex: log.lastIndex, lastTerm: log.lastTerm)
        for voter in membership.members where voter.id != id && membership.isVoter(voter.id) {
            send(question, in: campaign.term, to: voter.id, into: &effects)
        }
        decidePreVote(into: &effects)
    }

    /// Becomes a candidate in the next term with its own vote; it asks for others once that vote is durable.
    ///
    /// Asking sooner would be a trap of its own: a candidate that asked, went down before its disk had the vote, and
    /// came back with a shorter log could campaign in the same term again, and grants for the longer log it had
    /// claimed would still arrive. The completion of the vote's write covers the whole log before it.
    mutating func startCampaign(transfer: Bool) {
        adopt(term.next)
        votedFor = id
        role = .candidate(Campaign(term: term, transfer: transfer))
        rearmElection()
    }

    /// The candidate's vote is durable: it counts now (trap 3), and the others are asked.
    mutating func openCampaign(
        _ opened: Campaign, _ reading: TimeReading, into effects: inout [RaftEffect]
    ) {
        var campaign = opened
        campaign.isOpen = true
        campaign.record(id, granted: true)
        role = .candidate(campaign)
        let question = RaftMessage.Body.vote(
            lastIndex: log.lastIndex, lastTerm: log.lastTerm, transfer: campaign.transfer)
        for voter in membership.members where voter.id != id && membership.isVoter(voter.id) {
            send(question, to: voter.id, into: &effects)
        }
        decideVote(reading)
    }

    /// A greater term than the current: a new ballot. Whatever this node was, it follows now; nobody leads yet.
    ///
    /// The election timer goes on as it is for a follower: whoever sent the term may not deserve the wait.
    mutating func adopt(_ greater: Term) {
        precondition(greater > term, "terms only grow")
        if role.isLeader { marks.hit(.steppedDownByTerm) }
        term = greater
        votedFor = nil
        termLeader = nil
        if case .follower = role {} else { rearmElection() }
        role = .follower(Following())
    }

    mutating func decidePreVote(into effects: inout [RaftEffect]) {
        guard case .preCandidate(let campaign) = role else { return }
        switch campaign.tally(membership) {
        case .won:
            #if PLANTED_BUGS
            if planted(.ownVoteBeforeDurable), mayCampaign {
                startCampaign(transfer: false)
                return openCampaign(Campaign(term: term), TimeReading(steady: now, wall: .zero), into: &effects)
            }
            #endif
            if mayCampaign { startCampaign(transfer: false) }
        case .lost: stepDown()
        case .undecided: break
        }
    }

    mutating func decideVote(_ reading: TimeReading) {
        guard case .candidate(let campaign) = role else { return }
        switch campaign.tally(membership) {
        case .won: becomeLeader(reading)
        case .lost:
            marks.hit(.voteLost)
            stepDown()
        case .undecided: break
        }
    }

    /// Leads: every peer is taken to hold the whole log until it says otherwise, and an empty entry opens the term, by
    /// whose commit those before it are committed too (thesis §3.6.2 and §6.4; trap 1).
    private mutating func becomeLeader(_ reading: TimeReading) {
        termLeader = id
        let leadership = Leadership(
            id: id, membership: membership, log: log, heartbeat: configuration.heartbeat, at: now)
        role = .leader(leadership)
        appendOwn(.empty, payload: RawSpan(), logTime: leadership.clock.logTime, wallTime: reading.wall)
    }
}
