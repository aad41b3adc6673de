import LeaseholdBase

/// What a node is, with all that it knows only while it is that: leaving a role forgets it.
enum Role: Sendable {
    /// Follows a leader, or waits for one.
    case follower(Following)
    /// Asks whether it would be elected in the next term. Term and vote are untouched (traps 4, 8).
    case preCandidate(Campaign)
    /// Asks for votes in its term.
    case candidate(Campaign)
    /// Leads its term.
    case leader(Leadership)
    /// Takes no further part.
    case stopped

    /// What others are told about it.
    var announced: RaftRole {
        switch self {
        case .follower: .follower
        case .preCandidate: .preCandidate
        case .candidate: .candidate
        case .leader: .leader
        case .stopped: .stopped
        }
    }

    var isLeader: Bool {
        if case .leader = self { true } else { false }
    }

    /// The leader's knowledge, nil in any other role.
    var leadership: Leadership? {
        if case .leader(let leadership) = self { leadership } else { nil }
    }

    /// Changes the leader's knowledge in place; nil in any other role.
    ///
    /// The role lets go of it meanwhile, so that nothing in it is copied. A `_modify` accessor would read better at the
    /// calls, but allocates its frame at each of them.
    @inline(__always)
    @discardableResult
    mutating func lead<Result>(_ change: (inout Leadership) -> Result) -> Result? {
        guard case .leader(var leadership) = self else { return nil }
        self = .stopped
        let result = change(&leadership)
        self = .leader(leadership)
        return result
    }

    /// The follower's knowledge, nil in any other role.
    var following: Following? {
        get {
            if case .follower(let following) = self { following } else { nil }
        }
        set {
            if case .follower = self, let newValue { self = .follower(newValue) }
        }
    }
}
