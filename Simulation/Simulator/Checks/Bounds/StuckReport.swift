import LeaseholdBase
import LeaseholdReplica
import Raft

/// Why nothing moves: what the disks say, and what stands between them (property 22).
enum StuckReport {
    /// One line a node: whether it runs, what a recovery would find on its disk, what it thinks, and to whom it talks.
    static func lines(_ world: World) -> [String] {
        var lines: [String] = []
        for node in world.nodes {
            let image = DurableImage(of: node, world.plan)
            var line = node.label + (world.core.contains(node.place) ? "" : " (given up)")
            line += node.isUp ? " is up" : " is down"
            if let ending = node.ending { line += " (\(ending))" }
            if let failure = image.failure {
                line += ", its disk cannot be read: \(failure)"
            } else {
                line += ", on disk term \(image.term) vote \(image.votedFor?.description ?? "none") "
                line += "last \(image.lastIndex) of term \(image.lastTerm)"
            }
            if let replica = node.replica {
                let raft = replica.raft
                line += "; \(raft.currentRole) of term \(raft.term) leader \(raft.leader?.description ?? "none") "
                line += "last \(raft.lastIndex) durable \(raft.durableIndex) commit \(raft.commitIndex) "
                line += "applied \(replica.appliedIndex) links \(replica.openLinks.map(\.description))"
                if !replica.isBorn { line += " unborn" }
            }
            lines.append(line)
        }
        let flying = world.inFlight
        if !flying.isEmpty { lines.append("under way: " + flying.joined(separator: ", ")) }
        return lines
    }
}
