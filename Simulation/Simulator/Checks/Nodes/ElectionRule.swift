import LeaseholdBase

/// When a node may lead a term (property 1): the disks of a quorum have a vote for it in that term, so that no other node
/// can come to lead it, whatever is lost and whoever starts anew.
enum ElectionRule {
    /// Judges an election by how many votes are on disks.
    static func judge(_ term: Term, votes: Int, of nodes: Int, by label: String, _ findings: inout Findings) {
        guard votes <= nodes / 2 else { return }
        findings.add(1, by: label, "leads term \(term)", "\(votes) of \(nodes) disks have a vote for it in that term")
    }
}
