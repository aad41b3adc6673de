import LeaseMachine
import LeaseholdBase
import LeaseholdJournal
import LeaseholdReplica
import LeaseholdWire

/// What must hold of a backup that was made of the running cluster.
extension ClusterChecks {
    /// A client has saved a snapshot, and read it as a restore does.
    /// - Parameters:
    ///   - reference: What the node that served it has called it.
    ///   - committed: What was known to be committed when the client began: all that was acknowledged by then.
    mutating func saved(
        _ backup: Backup, _ id: SnapshotID, as reference: SnapshotReference, committedBefore committed: LogIndex,
        by label: String, _ findings: inout Findings
    ) {
        let index = id.lastIndex
        if index < committed {
            findings.add(
                18, by: label, "saved the state as of \(index)", "\(committed) was committed when it began")
        }
        if (reference.index, reference.byteCount, reference.checksum) != (index, id.byteCount, id.checksum) {
            findings.add(6, by: label, "saved a snapshot \(id)", "it was told of one \(reference)")
        }
        snapshots.saved(id, label, &findings)
        let digest = ClaimLedger.fold(backup.machine.digest) | 1
        if let expected = digestCommitted(at: index), expected != digest {
            findings.add(
                6, by: label, "saved state \(digest) as of \(index)", "the same entries make state \(expected)")
        }
        for broken in backup.machine.violations() { findings.add(6, by: label, "saved a state: \(broken)", "") }
    }
}
