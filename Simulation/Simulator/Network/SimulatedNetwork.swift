import LeaseholdBase
import LeaseholdReplica

/// One connection between two processes. Side 0 dialed, side 1 accepted.
struct SimulatedLink {
    struct Side {
        var process: Int
        var life: Int
        var connection: ConnectionID
        /// Whether the process still has it.
        var isOpen: Bool
        /// When the newest packet toward this side arrives: connections keep their order.
        var lastArrival: UInt64 = 0
    }
    var sides: [Side]
}

/// Connections, listeners and who cannot reach whom.
///
/// A packet is what one process wrote on one connection in one turn: whole frames, as production writes them. Packets
/// are lost, doubled, delayed and overtake one another as the world's configuration says.
struct SimulatedNetwork {
    var links: [SimulatedLink] = []
    /// Which process listens where, and for whom.
    var listeners: [(address: String, process: Int, kind: ListenerKind)] = []
    /// Per process: its connection slots, each with its link and side.
    var slots: [[(generation: UInt32, link: Int, side: Int)?]] = []
    private var generations: [[UInt32]] = []
    /// Pairs of processes between which nothing passes, one way.
    var blocked: Set<Pair> = []

    struct Pair: Hashable {
        var from: Int
        var to: Int
    }

    /// A process joins the network.
    mutating func addProcess() {
        slots.append([])
        generations.append([])
    }

    /// Gives a process a connection.
    mutating func attach(process: Int, life: Int, link: Int, side: Int) -> ConnectionID {
        let slot = slots[process].firstIndex { $0 == nil } ?? slots[process].count
        if slot == slots[process].count {
            slots[process].append(nil)
            generations[process].append(0)
        }
        generations[process][slot] += 1
        let generation = generations[process][slot]
        slots[process][slot] = (generation, link, side)
        return ConnectionID(slot: slot, generation: generation)
    }

    /// The link and side of a process's connection, if it is open.
    func find(_ process: Int, _ connection: ConnectionID) -> (link: Int, side: Int)? {
        guard connection.slot < slots[process].count, let entry = slots[process][connection.slot],
            entry.generation == connection.generation
        else { return nil }
        return (entry.link, entry.side)
    }

    /// A process gives up a connection.
    mutating func detach(_ process: Int, _ connection: ConnectionID) {
        guard find(process, connection) != nil else { return }
        slots[process][connection.slot] = nil
    }
}
