import LeaseholdBase

/// What the log and the vote are at some point of the stream.
struct LogState: Hashable, Sendable {
    var lastIndex: LogIndex = .zero
    var lastTerm: Term = .zero
    var term: Term = .zero
    var votedFor: NodeID?
    var commit: LogIndex = .zero
}
