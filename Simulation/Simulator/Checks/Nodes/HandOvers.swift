import LeaseholdBase
import LeaseholdReplica
import Raft

/// How long leaders hand over. Meanwhile they append nothing, no expiry either: so one that comes to nothing ends after an
/// election timeout, and the leader goes on (property 16; trap 23). Another one may have begun within it, for another node.
struct HandOvers {
    private struct HandOver {
        var life: Int
        var term: Term
        /// The leader's log time when it was first seen: time in which the leader does not run hardly counts.
        var began: LogTime
    }

    private var underWay: [HandOver?]
    private let longest: Nanoseconds

    init(nodes: Int, electionTimeout: Nanoseconds) {
        underWay = [HandOver?](repeating: nil, count: nodes)
        longest = electionTimeout * 2 + .milliseconds(200)
    }

    /// A node has taken a turn.
    mutating func look(
        _ replica: borrowing Replica, life: Int, of place: Int, _ label: String, _ findings: inout Findings
    ) {
        guard replica.raft.isTransferring, let now = replica.raft.logClock else { return underWay[place] = nil }
        guard let known = underWay[place], known.life == life, known.term == replica.raft.term else {
            underWay[place] = HandOver(life: life, term: replica.raft.term, began: now)
            return
        }
        guard now - known.began > longest else { return }
        findings.add(
            16, by: label, "hands over for \(now - known.began) of log time, and appends nothing",
            "a hand-over that comes to nothing ends after an election timeout")
    }
}
