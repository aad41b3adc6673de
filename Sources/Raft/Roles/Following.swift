import LeaseholdBase

/// What a follower knows.
struct Following: Hashable, Sendable {
    /// The leader it hears, nil while there is none or its connection was lost.
    var leader: HeardLeader?
    /// A vote given in this term whose answer waits for the disk (trap 3).
    var grantee: NodeID?

    init(leader: HeardLeader? = nil) { self.leader = leader }
}

/// A leader as its follower hears it, within one term.
struct HeardLeader: Hashable, Sendable {
    let id: NodeID
    /// When it was last heard.
    var heardAt: SteadyTime
    /// How far this log was compared with the leader's and agreed. The leader only appends, so this holds for the term.
    private(set) var verified = LogIndex.zero
    private var heardRound: UInt64 = 0
    private var answeredRound: UInt64 = 0
    private var answeredMatch = LogIndex.zero
    /// The greatest index of a message not answered in full.
    private var owed: LogIndex?

    init(id: NodeID, heardAt: SteadyTime) {
        self.id = id
        self.heardAt = heardAt
    }

    /// An append was found to agree with this log through the index.
    mutating func agreed(through index: LogIndex, round: UInt64) {
        verified = max(verified, index)
        heardRound = max(heardRound, round)
        owed = max(owed ?? .zero, index)
    }

    /// An append is being refused; answers the round to say.
    mutating func refused(round: UInt64) -> UInt64 {
        heardRound = max(heardRound, round)
        answeredRound = heardRound
        return heardRound
    }

    /// What to answer now, if anything: at once for a new round, for entries when they are durable.
    ///
    /// What is acknowledged is durable *and* known to agree with the leader's log: an entry on disk behind the verified
    /// part may be a former leader's, one behind the durable part may be lost in a crash.
    mutating func answer(durable: LogIndex) -> RaftMessage.Body? {
        let match = min(verified, durable)
        let isComplete = owed.map { match >= $0 } ?? false
        guard heardRound > answeredRound || match > answeredMatch || isComplete else { return nil }
        answeredRound = heardRound
        answeredMatch = max(answeredMatch, match)
        if isComplete { owed = nil }
        return .appendAnswer(.accepted(match: match), round: heardRound)
    }
}
