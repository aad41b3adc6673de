import LeaseholdBase

/// When a node may lead a term (property 1): the disks of a quorum have a vote for it in that term, so that no other node
/// can come to lead it, whatever is lost and whoever starts anew.
enum ElectionRule {
    /// How many disks have the vote, or may have had it: those that have gone on to a later term, and damaged ones.
    static func votes(for leader: SimulatedNode, in term: Term, _ world: World) -> Int {
        var votes = 0
        for node in world.nodes {
            if world.isDestroyed(node) {
                votes += 1
                continue
            }
            let image = DurableImage(of: node, world.plan)
            if image.term > term || image.term == term && image.votedFor == leader.id { votes += 1 }
        }
        return votes
    }

    /// Judges an election by how many votes are on disks.
    static func judge(_ term: Term, votes: Int, of nodes: Int, by label: String, _ findings: inout Findings) {
        guard votes <= nodes / 2 else { return }
        findings.add(1, by: label, "leads term \(term)", "\(votes) of \(nodes) disks have a vote for it in that term")
    }
}
