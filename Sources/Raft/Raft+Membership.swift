public import LeaseholdBase

extension Raft {
    /// Changes the membership, if this node leads and nothing speaks against it.
    ///
    /// The change is in force from its append, on every node that has its entry (trap 28). If it changes the voters,
    /// the membership is joint first, and is left by an entry of its own once that is committed, by whoever leads then.
    /// One change at a time: the next is refused until this one is over.
    ///
    /// Forcing passes over ``MembershipRefusal/losesQuorum(silent:)`` alone: the cluster then commits nothing until
    /// those voters are back.
    /// - Parameter heardSince: Only voters that were heard after this time, and within an election timeout, count as there.
    ///   One that has died a moment ago is told from the others by asking again until they have all answered anew.
    public mutating func proposeChange(
        _ change: MembershipChange, isForced: Bool = false, heardSince: SteadyTime = .zero, now: TimeReading
    ) -> MembershipResult {
        tell(now)
        do throws(MembershipRefusal) {
            try checkTime(for: change)
            let next = try membership.changed(by: change)
            try checkVoters(of: next, isForced: isForced, heardSince: heardSince)
            marks.hit(next.isJoint ? .jointBegun : .membersChanged)
            appendMembership(next, wallTime: now.wall)
            return .appended(log.lastIndex, term)
        } catch {
            marks.hit(.changeRefused)
            return .refused(error)
        }
    }

    /// The entry of the change that is not over, nil when there is none.
    public var changeUnderWay: LogIndex? {
        memberships.isJoint || memberships.currentIndex > commitIndex ? memberships.currentIndex : nil
    }

    /// Whether a change may begin now at all.
    private func checkTime(for change: MembershipChange) throws(MembershipRefusal) {
        guard case .leader(let leadership) = role else { throw .notLeader }
        guard leadership.transfer == nil, !leadership.isLeaving else { throw .transferring }
        // Two leaders in turn could each have begun a change that the other does not know of; the first entry of the
        // own term settles what was before it (trap 27).
        guard hasCommittedInTerm else { throw .tooEarly }
        if let index = changeUnderWay { throw .changeUnderWay(index) }
    }

    /// Whether the voters after a change could commit anything.
    private mutating func checkVoters(
        of next: Membership, isForced: Bool, heardSince: SteadyTime
    ) throws(MembershipRefusal) {
        guard next.isJoint, let leadership = role.leadership else { return }
        let limit = configuration.electionTimeout
        for voter in next.voters where !next.outgoing.contains(voter) {
            guard let position = leadership.position(of: voter) else { continue }
            let peer = leadership.peers[position]
            guard peer.isCaughtUp(within: limit, at: now) else {
                marks.hit(.promotionTooEarly)
                guard peer.isHeard(within: limit, at: now) else { throw .unheard(voter) }
                throw .notCaughtUp(voter, entriesBehind: log.lastIndex - peer.match)
            }
        }
        let recently = min(limit, now - heardSince)
        let silent = leadership.silent(of: next.voters, id: id, within: recently, at: now)
        guard isForced || silent.count <= (next.voters.count - 1) / 2 else {
            marks.hit(.quorumLossRefused)
            throw .losesQuorum(silent: silent)
        }
    }

    /// Appends a membership to this leader's log; it is in force at once.
    private mutating func appendMembership(_ next: Membership, wallTime: WallTime) {
        guard let logTime = logClock else { return }
        let payload = next.encoded()
        let (previous, id, now, timeout) = (membership, id, now, configuration.electionTimeout)
        unsafe appendOwn(.membership, payload: payload.span.bytes, logTime: logTime, wallTime: wallTime)
        let index = log.lastIndex
        memberships.append(next, at: index)
        role.lead { $0.adopt(next, after: previous, at: index, id: id, now: now, electionTimeout: timeout) }
    }

    /// At the end of a leader's turn: a joint membership that is committed is left, those who went are let go, and a
    /// leader that is no voter any more hands over.
    mutating func tendMembership(_ reading: TimeReading, into effects: inout [RaftEffect]) {
        guard case .leader(let leadership) = role else { return }
        if memberships.isJoint { leaveJoint(reading) }
        if !leadership.departing.isEmpty {
            let (commitIndex, now, log) = (commitIndex, now, log)
            var taken = marks
            role.lead {
                $0.tendDepartures(commitIndex: commitIndex, log: log, at: now, marking: &taken, into: &effects)
            }
            marks = taken
        }
        if leadership.isLeaving || !isCommittedVoter { leave(into: &effects) }
    }

    /// Ends a joint membership once its entry is committed, and an entry of this leader's own with it: the change may
    /// have been an earlier leader's (trap 35). A leader that is among the outgoing only leads on until then (trap 32).
    private mutating func leaveJoint(_ reading: TimeReading) {
        guard memberships.currentIndex <= commitIndex, hasCommittedInTerm else { return }
        marks.hit(.jointLeft)
        appendMembership(membership.left, wallTime: reading.wall)
    }

    /// Whether this node is a voter by a membership that may yet be rolled back, or by one that may not.
    ///
    /// A leader that is removed leads on, without counting itself, until the entry by which it goes is committed.
    private var isCommittedVoter: Bool { memberships.currentIndex > commitIndex || membership.isVoter(id) }

    /// The entry is committed by which this leader is no voter: it hands over to the voter that is most caught up,
    /// and gives up when that fails or there is none (thesis §4.2.2, trap 33).
    private mutating func leave(into effects: inout [RaftEffect]) {
        if role.leadership?.isLeaving == false {
            marks.hit(.removedLeaderLeft)
            role.lead { $0.isLeaving = true }
        }
        if !isTransferring { transferLeadership(to: nil, into: &effects) }
        if !isTransferring { stepDown() }
    }
}

extension Raft {
    /// What must hold of the membership of a leader.
    func violations(ofMembershipUnder leadership: Leadership) -> [String] {
        var found: [String] = []
        if hasCommittedInTerm, memberships.stages.count(where: { $0.index > commitIndex }) > 1 {
            found.append("a leader with more than one uncommitted membership")
        }
        for member in membership.members where member.id != id && leadership.position(of: member.id) == nil {
            found.append("member \(member.id) is not fed")
        }
        for peer in leadership.peers where membership.member(peer.id) == nil {
            if !leadership.departing.contains(where: { $0.member.id == peer.id }) {
                found.append("\(peer.id) is fed and no member")
            }
        }
        for (left, right) in zip(leadership.peers, leadership.peers.dropFirst()) where left.id >= right.id {
            found.append("peers out of order at \(right.id)")
        }
        return found
    }
}
