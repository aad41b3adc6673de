import LeaseMachine
import LeaseholdBase
import LeaseholdReplica
import Raft

/// What must hold over the whole cluster, looked at after every turn of a node.
struct ClusterChecks {
    /// Who led each term.
    private var leaders: [Term: NodeID] = [:]
    /// The first apply of an index fixes its entry.
    private var applied: [UInt64] = []
    /// The state's digest at an index, where a turn ended there.
    private var digests: [LogIndex: UInt64] = [:]
    /// Per node: what was seen of its present life.
    private var seen: [NodeID: Seen] = [:]
    /// How often each kind of thing happened, so that a run cannot pass by doing nothing.
    private(set) var elections = 0

    private struct Seen {
        var life = 0
        var term = Term.zero
        var applied = LogIndex.zero
        var commit = LogIndex.zero
        var turns = 0
    }

    mutating func look(at node: SimulatedNode, _ world: World) {
        guard let replica = node.replica else { return }
        var found = replica.violations()
        var last = seen[node.id] ?? Seen()
        if last.life != node.life {
            // What a crash may take back was promised to nobody: a term counts once it is durable.
            last = Seen(life: node.life)
        }
        let raft = replica.raft
        if raft.term < last.term { found.append("term went back from \(last.term) to \(raft.term) (property 3)") }
        if raft.commitIndex < last.commit { found.append("commit went back (property 3)") }
        if raft.isLeader {
            if let other = leaders[raft.term], other != node.id {
                found.append("nodes \(other) and \(node.id) both led term \(raft.term) (property 1)")
            } else if leaders[raft.term] == nil {
                leaders[raft.term] = node.id
                elections += 1
            }
        }
        var index = last.applied.next
        while index <= replica.appliedIndex {
            if let header = raft.header(at: index) {
                let payload = raft.payload(at: index)
                let hash = mix(header.term.rawValue ^ mix(header.logTime.rawValue)) ^ UInt64(CRC32C.checksum(payload))
                let position = Int(index.rawValue)
                while applied.count <= position { applied.append(0) }
                if applied[position] == 0 {
                    applied[position] = hash | 1
                } else if applied[position] != hash | 1 {
                    found.append("node \(node.id) applied another entry at \(index) (property 6)")
                }
            }
            index = index.next
        }
        let digest = replica.machine.digest.rawValue
        let folded = UInt64(truncatingIfNeeded: digest >> 64) ^ mix(UInt64(truncatingIfNeeded: digest))
        if let other = digests[replica.appliedIndex], other != folded {
            found.append("node \(node.id) has another state at \(replica.appliedIndex) (property 6)")
        }
        digests[replica.appliedIndex] = folded
        last.term = raft.term
        last.commit = raft.commitIndex
        last.applied = replica.appliedIndex
        last.turns += 1
        seen[node.id] = last
        world.note(raft.term.rawValue ^ raft.commitIndex.rawValue << 20 ^ replica.appliedIndex.rawValue << 40)
        for violation in found { world.violations.append("\(node.label) at \(world.now) ns: \(violation)") }
    }
}
