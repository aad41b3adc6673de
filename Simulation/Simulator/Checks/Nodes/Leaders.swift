import LeaseholdBase
import Raft

/// Who led each term: one node at most (property 1), from what nodes are and from every append that they send.
struct Leaders {
    /// By term; zero where nobody was seen to lead.
    private var byTerm: [UInt64] = []
    /// How many terms had a leader.
    private(set) var count = 0
    /// The greatest term with a leader.
    private(set) var newest = Term.zero
    /// Terms beyond are not kept: no run comes near.
    private static let limit: UInt64 = 1 << 22

    /// Who led a term, as far as seen.
    func leader(of term: Term) -> NodeID? {
        guard term.rawValue < UInt64(byTerm.count), byTerm[Int(term.rawValue)] != 0 else { return nil }
        return NodeID(byTerm[Int(term.rawValue)])
    }

    /// A node leads a term; answers whether that is news.
    mutating func leads(_ term: Term, _ node: NodeID, _ label: String, _ findings: inout Findings) -> Bool {
        if let other = leader(of: term) {
            if other != node {
                findings.add(1, by: label, "leads term \(term)", "node \(other) leads that term")
            }
            return false
        }
        guard term.rawValue < Self.limit else { return false }
        while UInt64(byTerm.count) <= term.rawValue { byTerm.append(0) }
        byTerm[Int(term.rawValue)] = node.rawValue
        count += 1
        newest = max(newest, term)
        return true
    }

    /// A node sends an append of a term: only the term's leader does that.
    func appends(_ term: Term, _ node: NodeID, _ label: String, _ findings: inout Findings) {
        guard term.rawValue < Self.limit else { return }
        let known = leader(of: term)
        guard known != node else { return }
        findings.add(
            1, by: label, "sends an append of term \(term)",
            known.map { "node \($0) leads that term" } ?? "nobody was elected in that term")
    }
}
