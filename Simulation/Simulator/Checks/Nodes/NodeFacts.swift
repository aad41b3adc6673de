import LeaseholdBase
import LeaseholdReplica
import Raft

/// How a node stands after a turn: all that its life is judged by.
struct NodeFacts: Hashable {
    var place: Int
    var life: Int
    var term = Term.zero
    var votedFor: NodeID?
    var isLeader = false
    var lastIndex = LogIndex.zero
    var commit = LogIndex.zero
    var applied = LogIndex.zero
    /// How often its log was cut in this life.
    var cuts: UInt64 = 0
    /// Term and vote that the node takes for durable.
    var durableState = HardState(term: .zero, votedFor: nil)
    /// How far its log is durable, as the node has it.
    var durableIndex = LogIndex.zero
    /// The term of the entry there.
    var durableTerm = Term.zero

    init(place: Int, life: Int) {
        self.place = place
        self.life = life
    }

    /// How a node stands now.
    init(of node: SimulatedNode, _ replica: borrowing Replica) {
        self.init(place: node.place, life: node.life)
        term = replica.raft.term
        votedFor = replica.raft.votedFor
        isLeader = replica.raft.isLeader
        lastIndex = replica.raft.lastIndex
        commit = replica.raft.commitIndex
        applied = replica.appliedIndex
        cuts = replica.raft.log.cuts
        durableState = replica.raft.durableState
        // While a snapshot takes the log's place on the disk, a start finds either.
        durableIndex = replica.raft.isRestartingLog ? .zero : replica.raft.durableIndex
        durableTerm = replica.raft.log.term(at: durableIndex) ?? .zero
    }
}
