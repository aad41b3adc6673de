internal import LeaseholdBase

/// One place in the table: a connection, or room for one.
struct Connection: ~Copyable {
    /// Where a connection is in its life.
    enum Phase {
        case free
        /// Dialled; its name is being looked up.
        case resolving
        /// Dialled; the other side has not answered yet.
        case connecting
        /// Bytes go both ways.
        case open
        /// We are done with it; what was queued is still being sent.
        case closing
        /// All is sent; what still comes in is thrown away until the other side closes too. Closing at once with
        /// bytes unread would make the kernel reset the connection, and the last answer could be lost on its way.
        case draining
    }

    /// What is needed to try the next address of a name.
    struct Dial {
        var endpoint: Endpoint
        var addresses: [SocketAddress] = []
        var next = 0
    }

    /// Bytes that a read asks for at first; four times as many after a read that was filled.
    static var readSizeMin: Int { 4 << 10 }
    static var readSizeMax: Int { 256 << 10 }
    /// Memory that a place keeps for its next connection, a queue.
    static var memoryKept: Int { 16 << 10 }

    var phase = Phase.free
    var generation: UInt32 = 1
    var descriptor: Int32 = -1
    var interest: Readiness = []
    /// In the list of those to be written this turn.
    var isDirty = false
    /// When it is read and written.
    var flow = ConnectionFlow()
    var readSize = Connection.readSizeMin
    /// The listener it came in at; -1 when it was dialled.
    var listener = -1
    var input = ByteQueue(bound: ConnectionLimits().inputBytes)
    var output = ByteQueue(bound: ConnectionLimits().outputBytes)
    var dial: Dial?

    /// What the poller is to watch for, given the rest.
    var wantedInterest: Readiness {
        switch phase {
        case .free, .resolving: []
        case .connecting: .writable
        case .closing: flow.isBlocked ? .writable : []
        case .draining: .readable
        case .open:
            (flow.reads(unconsumed: input.count) ? Readiness.readable : []).union(flow.isBlocked ? .writable : [])
        }
    }

    mutating func begin(_ phase: Phase, descriptor: Int32, listener: Int, limits: ConnectionLimits) {
        self.phase = phase
        self.descriptor = descriptor
        self.listener = listener
        flow = ConnectionFlow(limits: limits)
        input.bound = limits.inputBytes
        output.bound = limits.outputBytes
        readSize = Connection.readSizeMin
    }

    /// Makes the place free again. Ids given out for it are stale from here on.
    mutating func reset() {
        phase = .free
        generation = generation == .max ? 1 : generation + 1
        descriptor = -1
        interest = []
        isDirty = false
        flow = ConnectionFlow()
        dial = nil
        input.removeAll(keeping: Connection.memoryKept)
        output.removeAll(keeping: Connection.memoryKept)
    }
}
