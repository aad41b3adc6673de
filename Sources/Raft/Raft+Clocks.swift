import LeaseholdBase

/// What a node does about its own clock when it is proved to be the odd one.
///
/// What leaders stamp into the log decides when leases end, so one whose clock runs wrong must not lead. It hands over to
/// a voter from whose clock its own differs, for those agree among themselves; should that come to nothing it steps down.
/// Then it leaves it to the others to campaign, for some election timeouts. It votes as ever.
///
/// After that it campaigns like any other: a cluster with a wrong clock is better than none, as fencing tokens protect
/// with any clock. Once it leads again it leads on for a while before it tries the same again.
struct ClockDoubt: Sendable {
    /// For how many elections in which nobody was elected it keeps out of them.
    static let elections = 4

    /// Those from whom its clock differs: empty while it is not known to be the odd one.
    var others: [NodeID] = []
    /// When it may give up leadership for it, at the earliest.
    var givesUpFrom = SteadyTime.zero
    /// How many elections it has kept out of since it last heard a leader.
    var passed = 0
}

extension Raft {
    /// Whether this node's clock is known to be the odd one.
    public var isClockOdd: Bool { !clockDoubt.others.isEmpty }

    /// The clock of this node is the odd one, as it differs from theirs; of nobody: it is not.
    mutating func judgeClock(differingFrom others: [NodeID]) {
        if !isClockOdd { clockDoubt.passed = 0 }
        clockDoubt.others = others
    }

    /// A leader whose clock is the odd one hands over, or steps down. Answers whether it did the latter.
    mutating func giveUpForClock(into effects: inout [RaftEffect]) -> Bool {
        guard isClockOdd, now >= clockDoubt.givesUpFrom, let leadership = role.leadership, leadership.transfer == nil
        else { return false }
        #if PLANTED_BUGS
        if planted(.oddClockLeadsOn) { return false }
        #endif
        clockDoubt.givesUpFrom = now + configuration.clockPatience
        marks.hit(.gaveUpForClock)
        let silent = leadership.silent(of: clockDoubt.others, id: id, within: configuration.electionTimeout, at: now)
        let heard = clockDoubt.others.filter { !silent.contains($0) && membership.voters.contains($0) }
        if let target = mostCaughtUp(leadership, among: heard) {
            transferLeadership(to: target, into: &effects)
            role.lead { $0.transfer?.isForGood = true }
            return false
        }
        marks.hit(.steppedDownForClock)
        stepDown()
        return true
    }

    /// Whether this node keeps out of the election that is due, for its clock's sake.
    mutating func leavesElectionToOthers() -> Bool {
        guard isClockOdd, clockDoubt.passed < ClockDoubt.elections else { return false }
        clockDoubt.passed += 1
        return true
    }
}
