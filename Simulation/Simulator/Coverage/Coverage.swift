import LeaseMachine
import LeaseholdBase
import LeaseholdClientCore
import LeaseholdJournal
import LeaseholdReplica
import Raft

/// Which marks of the production code were hit: one bit a mark, one word a module, so that runs in many processes can be
/// united.
public struct Coverage: Codable, Hashable, Sendable {
    /// Marks of consensus.
    public var raft: UInt64 = 0
    /// Marks of the replicated state machine.
    public var machine: UInt64 = 0
    /// Marks of the journal and its recovery.
    public var journal: UInt64 = 0
    /// Marks of the node around those.
    public var replica: UInt64 = 0
    /// Marks of clients.
    public var client: UInt64 = 0

    /// None yet.
    public init() {}

    /// All there are.
    public static let everything = {
        var all = Coverage()
        all.raft = bits(RaftMark.self)
        all.machine = bits(LeaseMachineMark.self)
        all.journal = bits(JournalMark.self)
        all.replica = bits(ReplicaMark.self)
        all.client = bits(ClientMark.self)
        return all
    }()

    private static func bits<Mark: CoverageMark>(_ type: Mark.Type) -> UInt64 {
        var marks = MarkSet<Mark>()
        for mark in Mark.allCases { marks.hit(mark) }
        return marks.bits
    }

    /// Adds what another run, or another process of this one, has hit.
    public mutating func add(_ other: Coverage) {
        raft |= other.raft
        machine |= other.machine
        journal |= other.journal
        replica |= other.replica
        client |= other.client
    }

    /// Adds what a node has hit in this life; a node that does not run has hit nothing.
    mutating func add(_ node: borrowing SimulatedNode) {
        guard let replica = node.replica else { return }
        raft |= replica.raft.marks.bits
        machine |= replica.machine.marks.bits
        journal |= replica.journal.marks.bits
        self.replica |= replica.marks.bits
    }

    /// Adds what a client has hit in this life.
    mutating func add(_ client: borrowing SimulatedClient) { self.client |= client.core?.marks.bits ?? 0 }

    /// Adds what a node has hit that did not start.
    mutating func add(_ error: JournalError) {
        guard let mark = JournalMark(error) else { return }
        var marks = MarkSet<JournalMark>()
        marks.hit(mark)
        journal |= marks.bits
    }

    /// The marks hit, by name, such as `raft.conflictTruncated`, in the order of modules and numbers.
    public var names: [String] {
        MarkSet<RaftMark>(bits: raft).map { "raft.\($0)" }
            + MarkSet<LeaseMachineMark>(bits: machine).map { "machine.\($0)" }
            + MarkSet<JournalMark>(bits: journal).map { "journal.\($0)" }
            + MarkSet<ReplicaMark>(bits: replica).map { "replica.\($0)" }
            + MarkSet<ClientMark>(bits: client).map { "client.\($0)" }
    }
}
