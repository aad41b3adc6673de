import LeaseholdBase

/// Linearizable reads without log entries (thesis §6.4), batched by turn.
///
/// A read may be answered at the commit index of its request, once a quorum has shown after that request that it knows
/// no later term. All reads of a turn share one *round*: a number in the leader's appends that peers give back. A round
/// is never used twice within a term, so a late answer to an earlier round cannot confirm a later read (trap 21).
struct ReadQueue: Sendable {
    struct Group: Sendable, BitwiseCopyable {
        var through: ReadNumber
        var index: LogIndex
        var round: UInt64
    }

    /// How many groups may wait for their quorum; reads beyond them wait in one group more.
    static let groupLimit = 1024

    private var sent = Deque<Group>()
    private var gathering: (through: ReadNumber, index: LogIndex)?

    /// Whether reads wait for a round of their own.
    var needsRound: Bool { gathering != nil && sent.count < Self.groupLimit }

    /// How many groups wait for their quorum.
    var groupCount: Int { sent.count }

    /// Whether no read waits.
    var isEmpty: Bool { sent.isEmpty && gathering == nil }

    /// Adds a read at the commit index of now.
    mutating func add(_ number: ReadNumber, at index: LogIndex) { gathering = (number, index) }

    /// All reads so far go with this round.
    mutating func stamp(_ round: UInt64) {
        guard let group = gathering else { return }
        sent.append(Group(through: group.through, index: group.index, round: round))
        gathering = nil
    }

    /// A quorum has answered the round: the last of the reads that are confirmed by it, if there are any.
    mutating func confirmed(_ round: UInt64) -> Group? {
        var last: Group?
        while let first = sent.first, first.round <= round { last = sent.popFirst() }
        return last
    }
}
