import LeaseholdBase
import Raft

/// Which disks hold an entry: read by the production recovery from copies of their durable images, so that what the node
/// says of itself does not count.
enum QuorumImages {
    /// Whether a disk holds an entry, or was damaged since, so that it does not matter any more what it held.
    static func holds(_ node: SimulatedNode, _ index: LogIndex, _ term: Term, _ world: World) -> Bool {
        world.isDestroyed(node) || DurableImage(of: node, world.plan).term(at: index) == term
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
}
