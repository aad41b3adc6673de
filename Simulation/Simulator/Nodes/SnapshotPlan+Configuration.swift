import LeaseholdBase
import LeaseholdJournal
import LeaseholdReplica

extension SnapshotPlan {
    /// Tells a node.
    func apply(to configuration: inout ReplicaConfiguration) {
        configuration.snapshots = SnapshotPolicy(
            logBytes: logBytes, age: .milliseconds(Int64(age)), logBytesMinimum: logBytes / 4)
        configuration.retainedTailBytes = tailBytes
        configuration.snapshotShareBytes = shareBytes
        configuration.snapshotStepBytes = stepBytes
        configuration.snapshotPieceBytes = pieceBytes
        configuration.snapshotBytesPerSecond = bytesPerSecond
    }
}
