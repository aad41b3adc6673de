import LeaseholdBase

/// What a majority says, in one group of voters or jointly in two.
///
/// Always computed anew from what is known of each voter: bookkeeping that is updated step by step has committed
/// without a quorum (trap 14). No allocation; quadratic in the number of voters, which is small.
enum Quorum {
    /// How a vote stands.
    enum Tally: Hashable, Sendable {
        case won, lost, undecided
    }

    /// The greatest value that a quorum has reached, given what each voter has reached; zero without voters.
    ///
    /// Jointly it is the lesser of both groups' values. Learners are in neither group (trap 31).
    static func reached(_ membership: Membership, by value: (NodeID) -> UInt64) -> UInt64 {
        let incoming = reached(in: membership.voters, by: value)
        return membership.isJoint ? min(incoming, reached(in: membership.outgoing, by: value)) : incoming
    }

    /// How a vote stands, given who granted it (true), refused it (false), or is still silent (nil).
    static func tally(_ membership: Membership, votes vote: (NodeID) -> Bool?) -> Tally {
        let incoming = tally(in: membership.voters, votes: vote)
        guard membership.isJoint else { return incoming }
        switch (incoming, tally(in: membership.outgoing, votes: vote)) {
        case (.won, .won): return .won
        case (.lost, _), (_, .lost): return .lost
        default: return .undecided
        }
    }

    /// Whether a node is a quorum all by itself.
    static func isAlone(_ id: NodeID, in membership: Membership) -> Bool {
        reached(membership) { $0 == id ? 1 : 0 } == 1
    }

    private static func reached(in voters: [NodeID], by value: (NodeID) -> UInt64) -> UInt64 {
        var best: UInt64 = 0
        for voter in voters {
            let candidate = value(voter)
            guard candidate > best else { continue }
            var count = 0
            for other in voters where value(other) >= candidate { count += 1 }
            if count > voters.count / 2 { best = candidate }
        }
        return best
    }

    private static func tally(in voters: [NodeID], votes vote: (NodeID) -> Bool?) -> Tally {
        var granted = 0
        var refused = 0
        for voter in voters {
            switch vote(voter) {
            case true?: granted += 1
            case false?: refused += 1
            case nil: break
            }
        }
        let majority = voters.count / 2 + 1
        if granted >= majority { return .won }
        return voters.count - refused < majority ? .lost : .undecided
    }
}
