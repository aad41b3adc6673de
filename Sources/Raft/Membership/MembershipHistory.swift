import LeaseholdBase

/// The memberships of the log that may still matter: the last committed one and all behind it.
struct MembershipHistory: Hashable, Sendable {
    struct Stage: Hashable, Sendable {
        var index: LogIndex
        var membership: Membership
    }

    private(set) var stages: [Stage] = []

    /// The effective membership: the newest in the log, committed or not (trap 28).
    var current: Membership { stages.last?.membership ?? .none }

    /// Makes a membership effective at the append of its entry.
    mutating func append(_ membership: Membership, at index: LogIndex) {
        stages.append(Stage(index: index, membership: membership))
    }

    /// Takes back the memberships whose entries are truncated (trap 29).
    mutating func truncate(after index: LogIndex) {
        while let last = stages.last, last.index > index { stages.removeLast() }
    }

    /// Forgets those that no truncation can bring back.
    mutating func settle(through commit: LogIndex) {
        while stages.count > 1, stages[1].index <= commit { stages.removeFirst() }
    }
}
