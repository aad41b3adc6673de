public import LeaseholdBase

/// How a node's own clock stands among those of its cluster.
public enum ClockStanding: Hashable, Sendable {
    /// Nothing is proved.
    case unknown
    /// With this node, a quorum agrees.
    case right
    /// It is the odd one: it gains on each voter of a quorum by more than clocks may differ.
    case fast
    /// It is the odd one: it loses on each voter of a quorum by more than clocks may differ.
    case slow

    /// Whether it is the odd one.
    public var isOdd: Bool { self == .fast || self == .slow }
}

/// Which of two clocks that differ is wrong, no message can tell; what most of them agree on counts.
///
/// A node takes its own clock for the odd one when a quorum of *other* voters differs from it in the same direction. So
/// fewer than a quorum can agree with it, and those who differ can elect a leader without it. Of three nodes that takes
/// both others, of five three; of two, or where as many are wrong as right, nobody is the odd one, because nobody can know.
///
/// There is always a voter that is not the odd one, whatever the clocks do: by their rates, those ahead of the middle one
/// are no quorum, and neither are those behind it.
extension Membership {
    /// How the clock of a node stands, by what its comparison with each other voter has proved.
    public func clockStanding(
        of id: NodeID, comparedWith verdict: (NodeID) -> ClockComparison.Verdict
    ) -> ClockStanding {
        if isQuorum({ $0 != id && verdict($0) == .ahead }) { return .slow }
        if isQuorum({ $0 != id && verdict($0) == .behind }) { return .fast }
        return isQuorum { $0 == id || verdict($0) == .agrees } ? .right : .unknown
    }
}
