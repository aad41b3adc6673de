import LeaseholdBase
import Testing

@testable import Raft

/// What a snapshot at an index stands for; its log time is the index.
func snapshot(_ index: UInt64, term: UInt64, _ membership: Membership, since: UInt64? = nil) -> SnapshotPoint {
    SnapshotPoint(
        position: LogPosition(index: LogIndex(index), term: Term(term)), logTime: LogTime(index),
        membershipIndex: since.map(LogIndex.init), membership: membership)
}

extension Bench {
    /// Everything that is committed is applied, and the log is given up through an index.
    mutating func compact(through index: UInt64) {
        step(.applied(through: raft.commitIndex))
        step(.compact(through: LogIndex(index)))
    }

    mutating func take(_ snapshot: SnapshotPoint, from sender: UInt64) {
        step(.snapshotReceived(from: NodeID(sender), snapshot))
    }

    var snapshotsBegun: [NodeID] {
        effects.compactMap { if case .sendSnapshot(let peer, _) = $0 { peer } else { nil } }
    }
    var installed: [LogIndex] {
        effects.compactMap { if case .installSnapshot(let point) = $0 { point.index } else { nil } }
    }
    func state(of peer: UInt64) -> Progress.State? {
        raft.role.leadership?.peers.first { $0.id == NodeID(peer) }?.state
    }
}
