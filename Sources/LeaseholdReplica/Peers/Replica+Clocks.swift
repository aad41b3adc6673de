internal import LeaseholdBase
internal import LeaseholdWire
internal import Raft

/// What is made of the comparison of clocks. Every node asks every other one that it keeps a link to for a sign of life
/// twice a second, and learns with it what the other's clock read.
extension Replica {
    /// Says so when this node's clock is found to be the odd one, and lets consensus act on it; a leader tells of others
    /// whose clock is.
    mutating func tendClocks(now: TimeReading) {
        let standing = raft.membership.clockStanding(of: configuration.id) { node in
            links.first { $0.id == node }?.clock.verdict ?? .unknown
        }
        if standing != clockStanding {
            let before = clockStanding
            clockStanding = standing
            tellStanding(before: before, now: now)
        }
        guard raft.isLeader, !standing.isOdd else { return }
        for position in links.indices where links[position].clock.verdict != links[position].clockTold {
            tellClock(of: position)
        }
    }

    private mutating func tellStanding(before: ClockStanding, now: TimeReading) {
        let others = clockStanding.isOdd ? raft.membership.voters.filter { differs(from: $0) } : []
        if clockStanding.isOdd {
            marks.hit(.clockFoundOdd)
            let names = others.map(\.description).joined(separator: ", ")
            log(
                .warning, "clock_wrong",
                "this node's clock is \(clockStanding == .fast ? "fast" : "slow"): it differs from those of nodes \(names) "
                    + "by more than \(driftAllowed); this node does not lead while others can")
        } else if before.isOdd {
            marks.hit(.clockFoundRight)
            log(.info, "clock_right", "this node's clock is not known to be wrong any more")
        }
        raft.step(.clockIsOdd(differingFrom: others), now: now, into: &raftEffects)
        settle(now: now)
    }

    private func differs(from node: NodeID) -> Bool {
        let verdict = links.first { $0.id == node }?.clock.verdict
        return verdict == (clockStanding == .fast ? .behind : .ahead)
    }

    /// A leader tells of another node. Which of the two is wrong it knows if a quorum agrees with it.
    private mutating func tellClock(of position: Int) {
        let (node, verdict, told) = (links[position].id, links[position].clock.verdict, links[position].clockTold)
        switch verdict {
        case .unknown: return
        case .agrees:
            if told != .unknown { log(.info, "clock_right", "the clock of node \(node) agrees with this leader's") }
        case .ahead, .behind:
            marks.hit(.clockOfPeerTold)
            let way = verdict == .ahead ? "fast" : "slow"
            let isKnown = clockStanding == .right
            log(
                .warning, "clock_wrong",
                isKnown
                    ? "the clock of node \(node) is \(way): it differs from this leader's by more than \(driftAllowed)"
                    : "the clock of node \(node) is \(way), or this leader's is wrong: they differ by more than "
                        + driftAllowed)
        }
        links[position].clockTold = verdict
    }

    /// By how much two clocks may differ, for people.
    private var driftAllowed: String {
        let drift = configuration.clockDriftPartsPerMillion
        return "the \(drift) millionths that each may be off"
    }
}
