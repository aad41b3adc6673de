public import LeaseholdBase

extension Raft {
    /// Asks for a linearizable read; nil when this node does not lead, or has not committed an entry of its own term.
    ///
    /// Before that, the commit index of a new leader may lie behind what a former leader has told clients (trap 20).
    /// The number is in ``RaftEffect/readsReady(through:index:)`` once a quorum has confirmed the leadership.
    public mutating func requestRead(now: TimeReading) -> ReadNumber? {
        tell(now)
        guard hasCommittedInTerm else { return nil }
        lastRead = lastRead.next
        let (number, index) = (lastRead, commitIndex)
        role.lead { $0.reads.add(number, at: index) }
        return number
    }

    /// Sees how far a quorum has confirmed this leader's rounds, for reads and for the quorum check.
    mutating func confirmRounds(into effects: inout [RaftEffect]) {
        guard let round = role.leadership?.confirmedRound(membership, id: id) else { return }
        let group = role.lead { leadership in
            leadership.confirmed(round)
            return leadership.reads.confirmed(round)
        }
        if let group = group ?? nil {
            effects.append(.readsReady(through: group.through, index: group.index))
        }
    }
}
