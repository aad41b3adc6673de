internal import LeaseMachine
internal import Raft

extension Replica {
    /// What must hold after every turn and does not; empty when all is well. Looks at ends and counts only: O(peers).
    public func violations() -> [String] {
        guard stopping != .ended else { return [] }
        var found = raft.violations()
        if isBorn {
            if appliedIndex > raft.commitIndex {
                found.append("applied \(appliedIndex) of \(raft.commitIndex) committed")
            }
            if machine.appliedIndex != appliedIndex { found.append("the state is at another index than the node") }
        }
        if raft.currentRole != .leader, !pending.isEmpty {
            found.append("answers are pending at a node that does not lead")
        }
        if raft.currentRole != .leader, reads.count > 0 {
            found.append("reads are pending at a node that does not lead")
        }
        if pending.count > ReplicaLimits.commandsPending { found.append("\(pending.count) answers are pending") }
        if reads.count > ReplicaLimits.readsPending { found.append("\(reads.count) reads are pending") }
        if !renewals.isEmpty { found.append("renewals outlive their turn") }
        if !raftEffects.isEmpty { found.append("effects of consensus outlive their turn") }
        return found
    }
}
