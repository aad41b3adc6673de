import LeaseholdBase

extension Raft {
    /// What is wrong with this node's state; empty when nothing is. Run after every step in tests and simulation.
    ///
    /// These are the statements the other files rely on. It looks at ends and boundaries, not along the whole log.
    public func violations() -> [String] {
        var found = log.violations() + persists.violations(lastIndex: log.lastIndex)
        func check(_ holds: Bool, _ rule: @autoclosure () -> String) { if !holds { found.append(rule()) } }
        check(commitIndex <= log.lastIndex, "commit \(commitIndex) beyond the log's end \(log.lastIndex)")
        check(appliedIndex <= commitIndex, "applied \(appliedIndex) beyond commit \(commitIndex)")
        check(log.releasedIndex <= appliedIndex, "released \(log.releasedIndex) is not applied")
        check(log.releasedIndex <= persists.durableIndex, "released \(log.releasedIndex) is not durable")
        check(log.lastTerm <= term, "an entry of term \(log.lastTerm) in term \(term)")
        check(persists.durableState.term <= term, "the disk is ahead of the term")
        if persists.durableState.term == term, let vote = persists.durableState.votedFor {
            check(votedFor == vote, "a vote of the term was forgotten")
        }
        check(memberships.currentIndex <= log.lastIndex, "a membership beyond the log's end")
        found += memberships.violations()
        switch role {
        case .follower(let following):
            check(termLeader != id || following.leader == nil, "follows while it leads the term")
            if let leader = following.leader {
                check(leader.id == termLeader, "follows \(leader.id), and the term's leader is another")
                check(leader.verified <= log.lastIndex, "verified \(leader.verified) beyond the log's end")
            }
            if let grantee = following.grantee { check(votedFor == grantee, "owes a grant to another than it chose") }
        case .preCandidate(let campaign):
            check(campaign.term == term.next, "asks about term \(campaign.term) in term \(term)")
        case .candidate(let campaign):
            check(campaign.term == term && votedFor == id, "a candidate without its own vote")
            check(!campaign.isOpen || isDurable(vote: id), "a campaign open before its vote is durable")
        case .leader(let leadership):
            check(termLeader == id && isDurable(vote: id), "leads without its own durable vote")
            check(log.lastTerm == term, "a leader whose last entry is another's")
            found += leadership.violations(lastIndex: log.lastIndex)
            found += violations(ofMembershipUnder: leadership)
        case .stopped: break
        }
        return found
    }
}
