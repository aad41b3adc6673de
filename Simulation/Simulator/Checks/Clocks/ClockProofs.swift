import LeaseholdBase
import Raft

/// What nodes take for proved of each other's clocks is true (property 27): in the stretch of its own clock that a node goes
/// by, the other's clock did advance by more, or by less, than two clocks may that are both off by what is agreed on.
///
/// Compared with how the simulated clocks really ran, and so it knows nothing of messages, how long they took, and what was
/// taken for an answer to what. A clock that stood still or jumped meanwhile did advance by less or by more: it is for
/// nodes not to take that for a rate.
struct ClockProofs {
    /// What each node held to be proved of each other one when it was looked at last.
    private var known: [[ClockComparison.Evidence?]]
    /// How many were compared.
    private(set) var compared: UInt64 = 0
    /// What roundings of both clocks may come to, in nanoseconds.
    private static let rounding: UInt64 = 64

    init(nodes: Int) {
        known = Array(repeating: Array(repeating: nil, count: nodes), count: nodes)
    }

    /// What a node goes by after a turn.
    mutating func look(
        _ evidence: [(node: NodeID, evidence: ClockComparison.Evidence)], of place: Int, _ label: String,
        clocks: (Int) -> SimulatedClock?, _ findings: inout Findings
    ) {
        for (node, proof) in evidence {
            let other = Int(node.rawValue) - 1
            guard known[place].indices.contains(other), known[place][other] != proof else { continue }
            known[place][other] = proof
            guard let own = clocks(place), let theirs = clocks(other) else { continue }
            compared += 1
            judge(proof, own: own, theirs: theirs, label, node, &findings)
        }
    }

    private func judge(
        _ proof: ClockComparison.Evidence, own: SimulatedClock, theirs: SimulatedClock, _ label: String, _ node: NodeID,
        _ findings: inout Findings
    ) {
        let isAhead = proof.verdict == .ahead
        // Where the own clock stood still, the stretch is the one that says most for the proof.
        let from =
            isAhead
            ? own.firstTime(of: proof.from, until: findings.now) : own.lastTime(of: proof.from, until: findings.now)
        let to =
            isAhead ? own.lastTime(of: proof.to, until: findings.now) : own.firstTime(of: proof.to, until: findings.now)
        let advance = (own: UInt64(max(0, (proof.to - proof.from).rawValue)), theirs: advanced(theirs, from, to))
        let (slowest, fastest) = (1_000_000 - ClaimLedger.drift, 1_000_000 + ClaimLedger.drift)
        let isTrue =
            isAhead
            ? exceeds(advance.theirs + Self.rounding, slowest, advance.own, fastest)
            : exceeds(advance.own + Self.rounding, slowest, advance.theirs, fastest)
        guard !isTrue else { return }
        findings.add(
            27, by: label, "holds the clock of node \(node) to be \(proof.verdict)",
            "while its own advanced by \(advance.own) ns, that one did by \(advance.theirs)")
    }

    private func advanced(_ clock: SimulatedClock, _ from: UInt64, _ to: UInt64) -> UInt64 {
        let (first, last) = (clock.steady(at: min(from, to)), clock.steady(at: to))
        return last > first ? last - first : 0
    }

    private func exceeds(_ left: UInt64, _ leftFactor: UInt64, _ right: UInt64, _ rightFactor: UInt64) -> Bool {
        let (greater, lesser) = (left.multipliedFullWidth(by: leftFactor), right.multipliedFullWidth(by: rightFactor))
        return (greater.high, greater.low) > (lesser.high, lesser.low)
    }
}
