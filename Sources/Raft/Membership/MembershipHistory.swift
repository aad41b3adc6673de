import LeaseholdBase

/// The memberships of the log that may still matter: the one in effect at the last applied entry and all behind it.
struct MembershipHistory: Hashable, Sendable {
    struct Stage: Hashable, Sendable {
        var index: LogIndex
        var membership: Membership
    }

    private(set) var stages: [Stage] = []
    /// Whether the effective membership is joint.
    private(set) var isJoint = false

    /// The effective membership: the newest in the log, committed or not (trap 28).
    var current: Membership { stages.last?.membership ?? .none }

    /// The index of the effective membership's entry, zero when there is none.
    var currentIndex: LogIndex { stages.last?.index ?? .zero }

    /// The membership in effect at an index with its entry, nil when that is no longer known. It is this one that belongs into a
    /// snapshot at the index, and never a later one, which may yet be rolled back (trap 29).
    func stage(at index: LogIndex) -> Stage? { stages.last { $0.index <= index } }

    /// Whether a node is a voter by the effective membership or, while that may be rolled back, by one before it.
    func mayNeed(_ id: NodeID, commit: LogIndex) -> Bool {
        for stage in stages.reversed() {
            if stage.membership.isVoter(id) { return true }
            if stage.index <= commit { break }
        }
        return false
    }

    /// Makes a membership effective at the append of its entry.
    mutating func append(_ membership: Membership, at index: LogIndex) {
        stages.append(Stage(index: index, membership: membership))
        isJoint = membership.isJoint
    }

    /// Takes back the memberships whose entries are truncated (trap 29).
    mutating func truncate(after index: LogIndex) {
        while let last = stages.last, last.index > index { stages.removeLast() }
        isJoint = current.isJoint
    }

    /// A snapshot is adopted: its membership stands for all up to its index. Those behind it are the log's, and stay
    /// only if their entries do (trap 30).
    mutating func adopt(_ snapshot: SnapshotPoint) {
        stages.removeAll { $0.index <= snapshot.index }
        stages.insert(Stage(index: snapshot.membershipIndex, membership: snapshot.membership), at: 0)
        isJoint = current.isJoint
    }

    /// Forgets them all.
    mutating func removeAll() { self = MembershipHistory() }

    /// Forgets those that neither a truncation nor a snapshot at the index or behind it needs.
    mutating func settle(through applied: LogIndex) {
        while stages.count > 1, stages[1].index <= applied { stages.removeFirst() }
    }
}

extension MembershipHistory {
    /// What is wrong with it; empty when nothing is.
    func violations() -> [String] {
        var found: [String] = []
        for (before, after) in zip(stages, stages.dropFirst()) {
            if before.index >= after.index { found.append("memberships out of order at \(after.index)") }
            if !after.membership.shares(quorumsOf: before.membership) {
                found.append("the memberships of \(before.index) and \(after.index) have quorums apart")
            }
        }
        if isJoint != current.isJoint { found.append("jointness of the membership is not what is noted") }
        return found
    }
}
