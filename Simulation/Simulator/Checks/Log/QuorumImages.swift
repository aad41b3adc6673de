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

    /// How many disks hold an entry; stops counting at a quorum.
    static func holding(_ index: LogIndex, _ term: Term, _ world: World) -> Int {
        let quorum = world.nodes.count / 2 + 1
        var holding = 0
        for node in world.nodes where holding < quorum {
            if holds(node, index, term, world) { holding += 1 }
        }
        return holding
    }

    /// How many disks have a vote, or may have had it: those that have gone on to a later term.
    static func votes(for leader: NodeID, in term: Term, _ world: World) -> Int {
        world.nodes.count { node in
            images(of: node, world).contains { $0.term > term || $0.term == term && $0.votedFor == leader }
        }
    }
}
