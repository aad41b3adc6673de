package import LeaseholdBase
package import LeaseholdClientCore
package import LeaseholdSystem

/// Client cores and their sockets on one thread, in turns: what the SDK, the command line and `bench` run on.
///
/// Moves bytes, waits and tells the time; what decides is in each ``ClientCore``. Its owner submits requests to
/// ``cores`` (and says so with ``touch(_:)``), calls ``turn(until:)``, and looks at ``news``.
///
/// ```swift
/// var loop = try ClientLoop(connectionsMax: 16)
/// let core = loop.add(ClientCore(…))
/// let request = try loop.cores[core].get(name: "jobs/nightly", now: SystemClocks.steady)
/// loop.touch(core)
/// while … {
///     try loop.turn(until: deadline)
///     for item in loop.news { … }
/// }
/// ```
package struct ClientLoop: ~Copyable {
    /// Something that a core's owner wants to know.
    package struct News: Sendable {
        /// Whose it is.
        package let core: Int
        /// `completed`, `leaseChanged` or `clusterChanged`.
        package let effect: ClientEffect
    }

    /// What a connection is to its core.
    private struct Owner {
        var connection: ConnectionID
        var core: Int
        var endpoint: EndpointID
    }

    /// The clients. Whoever submits to one touches it.
    package var cores: [ClientCore] = []
    /// What the last turn brought, in order. The ranges that a renewal's answer names are good until the next turn.
    package private(set) var news: [News] = []

    private var loop: ConnectionLoop
    private var events: [LoopEvent] = []
    private var owners: [Owner?] = []
    private var isTouched: [Bool] = []
    /// How many of a core's effects have been carried out since they were last taken.
    private var carriedOut: [Int] = []
    private var touched: [Int] = []
    private var used: [Int] = []

    /// A loop without clients, for at most so many connections.
    package init(connectionsMax: Int) throws(SystemError) { loop = try ConnectionLoop(connectionsMax: connectionsMax) }

    /// Adds a client, and answers its place among ``cores``.
    package mutating func add(_ core: ClientCore) -> Int {
        cores.append(core)
        isTouched.append(false)
        carriedOut.append(0)
        touch(cores.count - 1)
        return cores.count - 1
    }

    /// The core has been given something to do.
    package mutating func touch(_ core: Int) {
        guard !isTouched[core] else { return }
        isTouched[core] = true
        touched.append(core)
    }

    /// Ends the wait of ``turn(until:)`` when the wake-up is signalled.
    package mutating func watch(_ wakeUp: WakeUp) throws(SystemError) { try loop.watch(wakeUp, tag: 0) }

    /// Sends what there is to send, waits until something arrives, a deadline comes or the wake-up is signalled, and
    /// takes it in. Returns at once when there is news without waiting.
    package mutating func turn(until limit: SteadyTime) throws(SystemError) {
        news.removeAll(keepingCapacity: true)
        let start = SystemClocks.steady
        for core in used {
            // What was asked of a core since the last turn may have had effects at once: a request given up, a lease
            // given back.
            carryOut(core, start)
            cores[core].effectsTaken()
            carriedOut[core] = 0
        }
        used.removeAll(keepingCapacity: true)

        endTurns(now: start)
        guard news.isEmpty else { return loop.flush() }
        var deadline = limit
        for core in cores.indices { deadline = min(deadline, cores[core].deadline) }
        try loop.wait(until: deadline, into: &events)
        let now = SystemClocks.steady
        for event in events { handIn(event, now) }
        endTurns(now: now)
        loop.flush()
    }

    /// Sends what is queued: before the owner ends.
    package mutating func flush() { loop.flush() }

    private mutating func endTurns(now: SteadyTime) {
        for core in cores.indices where cores[core].deadline <= now { touch(core) }
        var position = 0
        while position < touched.count {
            let core = touched[position]
            position += 1
            isTouched[core] = false
            cores[core].endTurn(now: now)
            carryOut(core, now)
            used.append(core)
        }
        touched.removeAll(keepingCapacity: true)
    }

    private mutating func carryOut(_ core: Int, _ now: SteadyTime) {
        // The list only grows while it is carried out: a dial that fails at once adds to it.
        var position = carriedOut[core]
        while position < cores[core].effects.count {
            let effect = cores[core].effects[position]
            position += 1
            switch effect {
            case .dial(let endpoint, let address): dial(core, endpoint, address, now)
            case .abandon(let endpoint): abandon(core, endpoint)
            case .send(let connection, let range): Self.queue(range, of: cores[core], for: connection, on: &loop)
            case .close(let connection):
                if connection.slot < owners.count { owners[connection.slot] = nil }
                loop.close(connection)
            case .completed, .leaseChanged, .clusterChanged: news.append(News(core: core, effect: effect))
            }
        }
        carriedOut[core] = position
    }

    private static func queue(
        _ range: Range<Int>, of core: borrowing ClientCore, for connection: ConnectionID, on loop: inout ConnectionLoop
    ) {
        unsafe loop.send(core.outgoing.span.bytes.extracting(range), to: connection)
    }

    private mutating func dial(_ core: Int, _ endpoint: EndpointID, _ address: String, _ now: SteadyTime) {
        guard let target = Endpoint(address), let connection = loop.dial(target) else {
            return cores[core].dialFailed(endpoint, now: now)
        }
        while owners.count <= connection.slot { owners.append(nil) }
        owners[connection.slot] = Owner(connection: connection, core: core, endpoint: endpoint)
    }

    private mutating func abandon(_ core: Int, _ endpoint: EndpointID) {
        for position in owners.indices {
            guard let owner = owners[position], owner.core == core, owner.endpoint == endpoint else { continue }
            owners[position] = nil
            loop.abandon(owner.connection)
        }
    }

    private func owner(of connection: ConnectionID) -> Owner? {
        guard connection.slot < owners.count, let owner = owners[connection.slot], owner.connection == connection
        else { return nil }
        return owner
    }

    private mutating func handIn(_ event: LoopEvent, _ now: SteadyTime) {
        switch event {
        case .connected(let connection):
            guard let owner = owner(of: connection) else { return loop.abandon(connection) }
            cores[owner.core].connected(owner.endpoint, connection, now: now)
            touch(owner.core)
        case .dialFailed(let connection, _):
            guard let owner = owner(of: connection) else { return }
            owners[connection.slot] = nil
            cores[owner.core].dialFailed(owner.endpoint, now: now)
            touch(owner.core)
        case .received(let connection):
            guard let owner = owner(of: connection) else { return }
            Self.feed(connection, from: &loop, to: &cores[owner.core], now)
            touch(owner.core)
        case .closed(let connection, _):
            guard let owner = owner(of: connection) else { return }
            owners[connection.slot] = nil
            cores[owner.core].closed(connection, now: now)
            touch(owner.core)
        case .accepted, .ready: break
        }
    }

    private static func feed(
        _ connection: ConnectionID, from loop: inout ConnectionLoop, to core: inout ClientCore, _ now: SteadyTime
    ) {
        let consumed = core.received(connection, loop.input(of: connection), now: now)
        loop.consume(consumed, of: connection)
    }
}
