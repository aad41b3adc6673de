import LeaseholdBase
import LeaseholdReplica
import Raft

/// A leader whose clock runs far too fast or too slow gives up (property 28): its clock stamps what decides when leases end.
///
/// For that it takes a quorum of others whose clocks differ from its own by a fifth at least, all in the same direction,
/// with whom it is well connected, and time: three proofs in a row, each of which takes no more than some seconds over the
/// slowest network that there is without faults, and an election. A leader that gave up not long ago and was elected all
/// the same may lead on for a while.
struct OddLeaders {
    private var since: (place: Int, at: UInt64)?
    /// How long such a leader may lead, in nanoseconds of true time.
    static let longest: UInt64 = 20_000_000_000
    /// For how long leaders were watched that had to give up, in nanoseconds.
    private(set) var timeJudged: UInt64 = 0

    /// A leader that differs as said, or nil.
    mutating func sample(_ leader: (place: Int, label: String)?, _ findings: inout Findings) {
        guard let leader, let since, since.place == leader.place else {
            since = leader.map { ($0.place, findings.now) }
            return
        }
        let passed = findings.now - since.at
        timeJudged = max(timeJudged, passed)
        guard passed > Self.longest else { return }
        self.since = nil
        findings.add(
            28, by: leader.label, "leads on after \(passed / 1_000_000) ms",
            "its clock and those of a quorum of others differ by a fifth and more, all of them well and connected")
    }

    /// Something struck these places: whoever leads begins anew, if they are nodes.
    mutating func disturbed(_ places: [Int], nodes: Int) {
        if places.contains(where: { $0 < nodes }) { since = nil }
    }
}

extension World {
    /// The leader of the newest term if its clock differs from those of a quorum by far, in one direction, and it is well
    /// connected to all of them.
    var oddLeader: (place: Int, label: String)? {
        let picture = picture
        guard let place = picture.leader, let raft = nodes[place].running?.replica.raft, raft.mayGiveUpForClock,
            isAttentive(nodes[place])
        else { return nil }
        func differs(_ id: NodeID, isFaster: Bool) -> Bool {
            guard let other = node(id), other.place != place, isAttentive(other) else { return false }
            guard picture.reaches[place] & (1 << other.place) != 0 else { return false }
            let (own, theirs) = (1_000_000 + nodes[place].clock.rate, 1_000_000 + other.clock.rate)
            return isFaster ? theirs * 10 > own * 12 : own * 10 > theirs * 12
        }
        let isOdd =
            raft.membership.isQuorum { differs($0, isFaster: true) }
            || raft.membership.isQuorum { differs($0, isFaster: false) }
        return isOdd ? (place, nodes[place].label) : nil
    }

    /// Whether a node is well, whatever its clock does.
    private func isAttentive(_ node: SimulatedNode) -> Bool {
        node.isUp && !node.isEnding && node.slowness == 0 && !node.isStopped(at: now) && node.suspensions == 0
            && node.disk.faults.slowFactor <= 1 && node.disk.faults.stalledUntil <= now
            && node.standsUntil <= now + longestAbsence
    }
}
