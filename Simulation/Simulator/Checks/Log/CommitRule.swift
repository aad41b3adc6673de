import LeaseholdBase

/// When a leader may call an entry committed (property 7): it is of the leader's own term (thesis §3.6.2, traps 1 and 2),
/// and the disks of a quorum hold it.
enum CommitRule {
    /// The entry's term against the leader's.
    static func judge(
        _ index: LogIndex, _ term: Term?, leaderTerm: Term, by label: String, _ findings: inout Findings
    ) {
        guard let term else {
            return findings.add(7, by: label, "commits \(index)", "its log has no such entry")
        }
        guard term != leaderTerm else { return }
        findings.add(
            7, by: label, "commits up to entry \(index) of term \(term)",
            "it leads term \(leaderTerm): entries of earlier terms are committed by one of its own")
    }

    /// How many disks hold the entry.
    static func judge(
        _ index: LogIndex, _ term: Term, holding: Int, of nodes: Int, by label: String, _ findings: inout Findings
    ) {
        guard holding <= nodes / 2 else { return }
        findings.add(
            7, by: label, "commits entry \(index) of term \(term)", "\(holding) of \(nodes) disks hold it")
    }
}
