import LeaseholdBase
import Raft

/// What stands on disks: read by the production recovery from copies of their durable images, so that what the node says of
/// itself does not count.
///
/// A disk that was damaged counts for what was written on it, and a directory that was emptied for what it held at that
/// moment and for nothing more: what was promised before was promised rightly, and nothing can be promised since.
enum QuorumImages {
    /// What a node's disk holds, and what it held when it was emptied.
    private static func images(of node: SimulatedNode, _ world: World) -> [DurableImage] {
        [DurableImage(of: node, world.plan)] + node.imagesLost
    }

    /// Whether a disk holds an entry, or held it when it was emptied.
    static func holds(_ node: SimulatedNode, _ index: LogIndex, _ term: Term, _ world: World) -> Bool {
        images(of: node, world).contains { $0.holds(index, term) }
    }

    /// Whether the disks of a quorum hold an entry, and how many of how many in the group in which they are fewest.
    static func holding(
        _ index: LogIndex, _ term: Term, by memberships: [Membership], _ world: World
    ) -> (holds: Bool, count: Int, of: Int) {
        var known: [NodeID: Bool] = [:]
        return memberships.judge { id in
            if let known = known[id] { return known }
            let isHolding = world.node(id).map { holds($0, index, term, world) } ?? false
            known[id] = isHolding
            return isHolding
        }
    }

    /// Whether the disks of a quorum have a vote, or may have had it: those that have gone on to a later term.
    static func votes(
        for leader: NodeID, in term: Term, by memberships: [Membership], _ world: World
    ) -> (holds: Bool, count: Int, of: Int) {
        memberships.judge { id in
            guard let node = world.node(id) else { return false }
            return images(of: node, world).contains { $0.term > term || $0.term == term && $0.votedFor == leader }
        }
    }
}
