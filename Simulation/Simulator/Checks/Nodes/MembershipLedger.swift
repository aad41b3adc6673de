import LeaseholdBase
import Raft

/// Who decides what, as members come and go (property 21): a membership and the one before it share their quorums, no log
/// has two beyond what is committed, and what is in force stands in the log.
struct MembershipLedger {
    /// The newest that is committed.
    private(set) var committed: Membership?
    /// How many were committed.
    private(set) var changes = 0
    /// What was in force on each node when it was looked at last, by place.
    private var inForce: [Membership]

    init(nodes: Int) { inForce = [Membership](repeating: .none, count: nodes) }

    /// A membership entry was committed, in the order of the log.
    mutating func committed(_ payload: RawSpan, at index: LogIndex, _ findings: inout Findings) {
        guard let membership = try? Membership(payload: payload) else {
            return findings.add(21, by: "the log", "has no membership in entry \(index)", "it says that it has one")
        }
        if let before = committed, !membership.shares(quorumsOf: before) {
            findings.add(
                21, by: "the log", "goes on at entry \(index) with voters \(Self.words(membership))",
                "before them \(Self.words(before)) decided, and they need not have met")
        }
        committed = membership
        changes += 1
    }

    /// A node has taken a turn.
    ///
    /// - Parameter last: The last entry that anybody knows to be committed.
    mutating func look(
        _ raft: borrowing Raft, _ place: Int, last: LogIndex, _ label: String, _ findings: inout Findings
    ) {
        let open = raft.membershipIndices.filter { $0 > max(last, raft.commitIndex) }
        if open.count > 1 {
            findings.add(
                21, by: label, "has memberships at \(open) in its log", "no more than one may be open, behind \(last)")
        }
        if let index = raft.membershipIndices.last, let header = raft.header(at: index), header.kind != .membership {
            findings.add(21, by: label, "goes by a membership of entry \(index)", "that entry is none any more")
        }
        inForce[place] = raft.membershipInLog
    }

    /// The memberships by which a node may have decided something in its last turn: those before and behind it.
    func deciding(_ place: Int, now: Membership) -> [Membership] {
        inForce[place] == now || inForce[place] == .none ? [now] : [inForce[place], now]
    }

    private static func words(_ membership: Membership) -> String {
        let voters = membership.voters.map(\.description).joined(separator: " ")
        return membership.isJoint
            ? "\(voters) and \(membership.outgoing.map(\.description).joined(separator: " "))" : voters
    }
}

extension [Membership] {
    /// Whether, by one of them, a quorum does what is asked of it; and how many of how many do in the group in which they
    /// are fewest.
    func judge(_ isCounted: (NodeID) -> Bool) -> (holds: Bool, count: Int, of: Int) {
        var worst = (holds: false, count: 0, of: 0)
        for membership in self {
            var least = (holds: true, count: 0, of: 0)
            for group in [membership.voters, membership.outgoing] where !group.isEmpty {
                let count = group.count(where: isCounted)
                if count <= group.count / 2 { least = (false, count, group.count) }
            }
            if least.holds { return least }
            worst = least
        }
        return worst
    }
}
