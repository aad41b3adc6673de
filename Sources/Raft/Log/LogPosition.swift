public import LeaseholdBase

/// An index with the term of its entry: together they name one entry and all before it, on whichever node.
@frozen public struct LogPosition: Hashable, Sendable {
    /// The index.
    public var index: LogIndex
    /// The term of the entry there.
    public var term: Term

    /// Joins an index and its term.
    @inlinable public init(index: LogIndex, term: Term) {
        self.index = index
        self.term = term
    }

    /// Before the first entry.
    @inlinable public static var zero: LogPosition { LogPosition(index: .zero, term: .zero) }
}

/// What consensus knows of a snapshot: what it stands for, and not a byte of the state in it.
public struct SnapshotPoint: Hashable, Sendable {
    /// The last entry that is part of the state.
    public var position: LogPosition
    /// The log time of that entry.
    public var logTime: LogTime
    /// The entry that made the membership: not behind the last one, and the same on every node.
    public var membershipIndex: LogIndex
    /// The membership in effect at that entry: committed, and maybe joint (trap 29).
    public var membership: Membership

    /// Joins the fields; without an index of its own, the membership is taken to be as old as the state.
    public init(
        position: LogPosition, logTime: LogTime, membershipIndex: LogIndex? = nil, membership: Membership
    ) {
        self.position = position
        self.logTime = logTime
        self.membershipIndex = min(membershipIndex ?? position.index, position.index)
        self.membership = membership
    }

    /// The index of the last entry that is part of the state.
    public var index: LogIndex { position.index }
    /// The term of the last entry that is part of the state.
    public var term: Term { position.term }
}
