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
    /// The greatest index that any node has known to be committed, its term, and in which term that was known.
    private(set) var committed = (index: LogIndex.zero, term: Term.zero, knownIn: Term.zero)
    private var commits: UInt64 = 0
    /// One commit in so many is compared with the durable images.
    private static let sampling: UInt64 = 61
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
        for broken in replica.violations() { world.violate(0, by: node.label, broken, "") }
        var last = seen[node.id] ?? Seen()
        if last.life != node.life {
            // What a crash may take back was promised to nobody; a term in which something was promised outlives it.
            last = Seen(life: node.life, term: world.promises.promisedTerms[node.place])
        }
        let raft = replica.raft
        if raft.term < last.term {
            world.violate(3, by: node.label, "is in term \(raft.term)", "it was in term \(last.term)")
        }
        if raft.commitIndex < last.commit {
            world.violate(3, by: node.label, "has committed \(raft.commitIndex)", "it had committed \(last.commit)")
        }
        if raft.isLeader {
            if let other = leaders[raft.term], other != node.id {
                world.violate(1, by: node.label, "leads term \(raft.term)", "node \(other) leads that term")
            } else if leaders[raft.term] == nil {
                leaders[raft.term] = node.id
                elections += 1
                // One who was elected earlier and hears of it now, after a pause, need not have it.
                if raft.term > committed.knownIn, raft.log.term(at: committed.index) != committed.term {
                    world.violate(
                        5, by: node.label,
                        "leads term \(raft.term) with term \(raft.log.term(at: committed.index)?.description ?? "none") "
                            + "at \(committed.index)",
                        "entry \(committed.index) of term \(committed.term) is committed")
                }
            }
            if raft.commitIndex > last.commit { lookAtCommit(of: node, raft, world) }
        }
        if raft.commitIndex > committed.index, let term = raft.log.term(at: raft.commitIndex) {
            committed = (raft.commitIndex, term, raft.term)
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
                    world.violate(
                        6, by: node.label, "applied an entry of term \(header.term) at \(index)",
                        "another entry was applied there first")
                }
            }
            index = index.next
        }
        let digest = replica.machine.digest.rawValue
        let folded = UInt64(truncatingIfNeeded: digest >> 64) ^ mix(UInt64(truncatingIfNeeded: digest))
        if let other = digests[replica.appliedIndex], other != folded {
            world.violate(
                6, by: node.label, "has state \(folded) at \(replica.appliedIndex)", "another node had state \(other)")
        }
        digests[replica.appliedIndex] = folded
        last.term = raft.term
        last.commit = raft.commitIndex
        last.applied = replica.appliedIndex
        last.turns += 1
        seen[node.id] = last
        world.note(raft.term.rawValue ^ raft.commitIndex.rawValue << 20 ^ replica.appliedIndex.rawValue << 40)
    }

    /// What contradicts that a leader may call its newest commit so: the disks of a quorum have the entry (property 7).
    /// They are looked at now and then only.
    private mutating func lookAtCommit(of node: SimulatedNode, _ raft: borrowing Raft, _ world: World) {
        let index = raft.commitIndex
        guard let term = raft.log.term(at: index) else {
            return world.violate(7, by: node.label, "commits \(index)", "its log has no such entry")
        }
        commits += 1
        guard commits % Self.sampling == 0 else { return }
        var holding = 0
        for other in world.nodes {
            let image = DurableImage(of: other, world.plan)
            if image.term(at: index) == term { holding += 1 }
        }
        guard holding <= world.nodes.count / 2 else { return }
        world.violate(
            7, by: node.label, "committed entry \(index) of term \(term)",
            "\(holding) of \(world.nodes.count) disks have it")
    }
}
