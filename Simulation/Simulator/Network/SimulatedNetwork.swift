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
        /// When it reads and writes.
        var flow: ConnectionFlow
        /// What the process has queued, and its system has not taken.
        var output: [UInt8] = []
        /// Whether the news are on their way that it can write again.
        var isWoken = false
        /// Bytes that have arrived and that the process has not read; and those of them that it has passed over.
        var arrived = 0
        var untaken: [UInt8] = []
        /// When the newest packet toward this side arrives: connections keep their order.
        var lastArrival: UInt64 = 0
        /// Bytes on their way toward this side, those that wait included.
        var underWay = 0
        /// A packet of a moment ago, and one of any time since the connection began, to be sent again by a fault.
        var old: (bytes: [UInt8], sentAt: UInt64) = ([], 0)
        var ancient: (bytes: [UInt8], sentAt: UInt64) = ([], 0)
        /// What cannot get through to this side yet; the other side's system keeps it.
        var held: [[UInt8]] = []
        /// Whether something waits to get through, and since when; and whether the end of the connection does.
        var isWaiting = false
        var waitingSince: UInt64 = 0
        var endWaits = false

        /// What nobody will read or write any more.
        mutating func forgetContents() {
            output = []
            untaken = []
            old.bytes = []
            ancient.bytes = []
        }

        /// Nothing waits any more.
        mutating func forgetWaiting() {
            for bytes in held { underWay -= bytes.count }
            held = []
            (isWaiting, endWaits) = (false, false)
        }
    }
    var sides: [Side]
}

/// How it stands between two processes, one way: the faults that are under way, summed up.
struct PathState: Hashable {
    /// How many faults let nothing pass.
    var blocks = 0
    /// How many of those lose what is sent; the others only keep it from arriving.
    var losing = 0
    /// Of ten thousand packets.
    var loss: UInt64 = 0
    var duplication: UInt64 = 0
    var replay: UInt64 = 0
    var reordering: UInt64 = 0
    var corruption: UInt64 = 0
    /// How much later packets are at most, in nanoseconds.
    var delay: UInt64 = 0
    /// Until when everything waits, in true time.
    var cloggedUntil: UInt64 = 0
}

/// Connections, listeners and the state of each path.
///
/// A packet is what one process wrote on one connection in one turn: whole frames, as production writes them. Packets
/// are lost, doubled, repeated, delayed, damaged and overtake one another as the state of their path says.
struct SimulatedNetwork {
    var links: [SimulatedLink] = []
    /// The dials that somebody waits for.
    var dials = DialTable()
    /// The directions in which something waits, in the order in which it began to.
    var waiting: [(link: Int, toward: Int)] = []
    /// Which process listens where, and for whom.
    var listeners: [Listener] = []
    /// Per process: its connection slots, each with its link and side.
    var slots: [[Slot?]] = []
    private var generations: [[UInt32]] = []
    /// How often packets were sent from each process to each, and the state of that path; by `from * stride + to`.
    private(set) var sent: [UInt64] = []
    var paths: [PathState] = []
    private var stride = 0

    struct Listener {
        var address: String
        var process: Int
        var kind: ListenerKind
    }

    struct Slot {
        var generation: UInt32
        var link: Int
        var side: Int
    }

    /// Room for so many processes.
    mutating func reserve(processes: Int) {
        guard processes > stride else { return }
        let (old, states, counts) = (stride, paths, sent)
        stride = processes
        paths = [PathState](repeating: PathState(), count: processes * processes)
        sent = [UInt64](repeating: 0, count: processes * processes)
        for from in 0..<old {
            for to in 0..<old {
                paths[from * stride + to] = states[from * old + to]
                sent[from * stride + to] = counts[from * old + to]
            }
        }
    }

    /// A process joins the network.
    mutating func addProcess() {
        slots.append([])
        generations.append([])
        reserve(processes: slots.count)
    }

    /// Where the state of a path stands.
    func path(from: Int, to: Int) -> Int { from * stride + to }

    /// Nothing passes on a path; what is sent is lost, or kept until something passes again.
    mutating func block(_ path: Int, losing isLosing: Bool) {
        paths[path].blocks += 1
        if isLosing { paths[path].losing += 1 }
    }

    /// Numbers a packet of a path.
    mutating func number(_ path: Int) -> UInt64 {
        sent[path] += 1
        return sent[path]
    }

    /// Gives a process a connection.
    mutating func attach(process: Int, link: Int, side: Int) -> ConnectionID {
        let slot = slots[process].firstIndex { $0 == nil } ?? slots[process].count
        if slot == slots[process].count {
            slots[process].append(nil)
            generations[process].append(0)
        }
        generations[process][slot] += 1
        let generation = generations[process][slot]
        slots[process][slot] = Slot(generation: generation, link: link, side: side)
        return ConnectionID(slot: slot, generation: generation)
    }

    /// The link and side of a process's connection, if it is open.
    func find(_ process: Int, _ connection: ConnectionID) -> (link: Int, side: Int)? {
        guard connection.slot < slots[process].count, let entry = slots[process][connection.slot],
            entry.generation == connection.generation
        else { return nil }
        return (entry.link, entry.side)
    }

    /// A side of a link is no more. Behind both of them nothing is kept for the link.
    mutating func end(_ link: Int, _ side: Int) {
        links[link].sides[side].isOpen = false
        guard !links[link].sides.contains(where: \.isOpen) else { return }
        for side in links[link].sides.indices { links[link].sides[side].forgetContents() }
    }

    /// A process gives up a connection.
    mutating func detach(_ process: Int, _ connection: ConnectionID) {
        guard find(process, connection) != nil else { return }
        slots[process][connection.slot] = nil
    }
}
