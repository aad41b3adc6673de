import LeaseMachine
import LeaseholdBase
import LeaseholdClientCore
import LeaseholdWire
import Testing

/// Three clients, three nodes that share one state machine, and a network and elections that go wrong: a small world
/// for the client's side alone. Whole clusters are the simulator's.
private struct World {
    enum Event {
        case clientTurn(Int)
        case toClient(Int, ConnectionID, [UInt8])
        case toNode(Int, ConnectionID, [UInt8])
        case dialed(Int, EndpointID, node: Int)
        case closedAtClient(Int, ConnectionID)
        case newLeader
        case submit(Int)
    }

    struct Link {
        var client: Int
        var node: Int
        var isOpen = true
        var lastToClient = SteadyTime.zero
        var lastToNode = SteadyTime.zero
    }

    struct Player {
        var core: ClientCore
        /// It does not run before this.
        var pausedUntil = SteadyTime.zero
        var offset: Nanoseconds
        var open: Set<RequestHandle> = []
        var lost: Set<LeaseHandle> = []
        var released: [LeaseHandle] = []
        var completed = 0
        var granted = 0
    }

    var random: RandomSource
    var now = SteadyTime(10_000_000_000_000)
    var queue: [(time: SteadyTime, number: Int, event: Event)] = []
    var number = 0
    var players: [Player] = []
    var links: [ConnectionID: Link] = [:]
    var leader: Int? = 0
    var term: UInt64 = 1
    var machine = LeaseMachine()
    var index: UInt64 = 0
    var output = ApplyOutput()
    var tokens: [String: UInt64] = [:]
    var failures: [String] = []
    /// Faults end here; after that everything must come to rest.
    let healsAt: SteadyTime
    let startedAt: SteadyTime

    init(seed: UInt64) {
        random = RandomSource(seed: seed)
        startedAt = now
        healsAt = now + .seconds(60)
        for client in 0..<3 {
            let offset = Nanoseconds.seconds(Int64(client) * 100)
            var configuration = ClientConfiguration(endpoints: Rig.addresses)
            configuration.attemptTimeout = .milliseconds(500)
            players.append(
                Player(
                    core: ClientCore(
                        configuration: configuration, instance: ClientInstance(UInt64(client) + 1),
                        seed: random.next(), now: now + offset), offset: offset))
            after(.zero, .submit(client))
        }
        after(.seconds(2), .newLeader)
    }

    mutating func after(_ delay: Nanoseconds, _ event: Event) { at(now + delay, event) }

    mutating func at(_ time: SteadyTime, _ event: Event) {
        number += 1
        var place = queue.count
        while place > 0, queue[place - 1].time <= time { place -= 1 }
        queue.insert((time, number, event), at: place)
    }

    var isHealed: Bool { now >= healsAt }

    mutating func chance(_ numerator: UInt64, in denominator: UInt64) -> Bool {
        !isHealed && random.chance(numerator, in: denominator)
    }

    mutating func latency() -> Nanoseconds {
        chance(1, in: 30)
            ? random.duration(in: .milliseconds(50)...(.seconds(2)))
            : random.duration(in: .microseconds(50)...(.milliseconds(5)))
    }

    mutating func run() {
        var turnsLeft = 2_000_000
        while let next = queue.popLast(), turnsLeft > 0, now < healsAt + .seconds(60) {
            turnsLeft -= 1
            now = max(now, next.time)
            happen(next.event)
            checkExclusion()
        }
        for (client, player) in players.enumerated() {
            if !player.open.isEmpty {
                failures.append("client \(client) has \(player.open.count) requests without an end")
            }
            if player.core.requestsUnderWay != 0 {
                failures.append("client \(client) still undoes \(player.core.requestsUnderWay)")
            }
        }
    }

    mutating func happen(_ event: Event) {
        switch event {
        case .clientTurn(let client): if isAwake(client, event) { turn(client) }
        case .toClient(let client, let connection, let bytes):
            guard isAwake(client, event), links[connection]?.isOpen == true else { return }
            let consumed = players[client].core.received(connection, bytes.span.bytes, now: clock(client))
            if consumed != bytes.count { failures.append("a frame was not consumed") }
            turn(client)
        case .toNode(let node, let connection, let bytes):
            guard links[connection]?.isOpen == true else { return }
            serve(node, connection, bytes)
        case .dialed(let client, let id, let node):
            guard isAwake(client, event) else { return }
            if chance(1, in: 10) {
                players[client].core.dialFailed(id, now: clock(client))
            } else {
                let connection = ConnectionID(UInt64(number))
                links[connection] = Link(client: client, node: node)
                players[client].core.connected(id, connection, now: clock(client))
            }
            turn(client)
        case .closedAtClient(let client, let connection):
            guard isAwake(client, event) else { return }
            links[connection]?.isOpen = false
            players[client].core.closed(connection, now: clock(client))
            turn(client)
        case .newLeader:
            if leader == nil || isHealed {
                leader = leader ?? random.integer(in: 0...2)
                term += 1
            } else {
                leader = nil
            }
            if !isHealed {
                after(random.duration(in: .milliseconds(100)...(.seconds(leader == nil ? 1 : 8))), .newLeader)
            }
        case .submit(let client):
            guard isAwake(client, event) else { return }
            submit(client)
            turn(client)
            if !isHealed { after(random.duration(in: .milliseconds(1)...(.seconds(1))), .submit(client)) }
        }
    }

    func clock(_ client: Int) -> SteadyTime { now + players[client].offset }

    /// What happens to a paused client happens when it goes on.
    mutating func isAwake(_ client: Int, _ event: Event) -> Bool {
        if now >= players[client].pausedUntil, chance(1, in: 2_000) {
            players[client].pausedUntil = now + random.duration(in: .milliseconds(10)...(.seconds(5)))
        }
        guard now < players[client].pausedUntil else { return true }
        at(players[client].pausedUntil, event)
        return false
    }

    mutating func submit(_ client: Int) {
        let name = "lease/\(random.below(3))"
        let time = clock(client)
        let held = players[client].core.allLeases
        do {
            let handle: RequestHandle?
            switch random.below(6) {
            case 0...2:
                handle = try players[client].core.acquire(
                    Acquire(
                        name: name, holder: "client \(client)",
                        ttl: random.duration(in: .milliseconds(500)...(.seconds(5)))),
                    keep: true, timeout: random.duration(in: .milliseconds(10)...(.seconds(4))), now: time)
            case 3 where !held.isEmpty:
                let lease = held[random.integer(in: 0...held.count - 1)]
                handle = try players[client].core.release(lease, timeout: .seconds(2), now: time)
                players[client].released.append(lease)
            case 4: handle = try players[client].core.list(prefix: "lease/", stale: random.chance(1, in: 2), now: time)
            default: handle = try players[client].core.get(name: name, now: time)
            }
            if let handle {
                players[client].open.insert(handle)
                if random.chance(1, in: 20) { players[client].core.giveUp(handle, now: time) }
            }
        } catch {
            failures.append("a request was refused: \(error)")
        }
    }

    mutating func turn(_ client: Int) {
        players[client].core.endTurn(now: clock(client))
        var next = 0
        while next < players[client].core.effects.count {
            carryOut(players[client].core.effects[next], of: client)
            next += 1
        }
        players[client].core.effectsTaken()
        let deadline = players[client].core.deadline
        guard deadline != .never else { return }
        if deadline <= clock(client) { failures.append("client \(client) asks for the past") }
        at(deadline - players[client].offset, .clientTurn(client))
    }

    mutating func carryOut(_ effect: ClientEffect, of client: Int) {
        switch effect {
        case .dial(let id, let address):
            let wait = latency()
            after(wait, .dialed(client, id, node: Rig.addresses.firstIndex(of: address) ?? 0))
        case .abandon: break
        case .close(let connection): links[connection]?.isOpen = false
        case .send(let connection, let range):
            guard var link = links[connection], link.isOpen else { return }
            if chance(1, in: 100) { return breakOff(connection, link) }
            link.lastToNode = max(link.lastToNode, now + latency())
            links[connection] = link
            at(link.lastToNode, .toNode(link.node, connection, Array(players[client].core.outgoing[range])))
        case .completed(let handle, let result):
            if players[client].open.remove(handle) == nil { failures.append("a request ended twice") }
            players[client].completed += 1
            note(result, of: client)
        case .clusterChanged: failures.append("there is one cluster only")
        case .leaseChanged(let lease, let state):
            if players[client].lost.contains(lease) { failures.append("something was told of a lost lease") }
            if case .lost = state { players[client].lost.insert(lease) }
        }
    }

    mutating func note(_ result: RequestResult, of client: Int) {
        guard case .done(.acquired(let acquired)) = result, acquired.lease != nil else { return }
        players[client].granted += 1
        if acquired.heldUntil > clock(client) + .seconds(5) { failures.append("a belief beyond its TTL") }
    }

    /// Both sides lose the connection; the client sees it later, the bytes under way are gone.
    mutating func breakOff(_ connection: ConnectionID, _ link: Link) {
        links[connection]?.isOpen = false
        let wait = latency()
        after(wait, .closedAtClient(link.client, connection))
    }

    mutating func serve(_ node: Int, _ connection: ConnectionID, _ bytes: [UInt8]) {
        var rest = bytes
        var answers: [UInt8] = []
        while case .frame(let header, let range, let consumed) = FrameParser.next(in: rest.span.bytes) {
            let body = Array(rest[range])
            rest.removeFirst(consumed)
            do {
                try serve(node, header.kind, body, into: &answers)
            } catch {
                failures.append("a node could not read a frame: \(error)")
            }
        }
        guard var link = links[connection], !answers.isEmpty else { return }
        if chance(1, in: 100) { return breakOff(connection, link) }
        link.lastToClient = max(link.lastToClient, now + latency())
        links[connection] = link
        at(link.lastToClient, .toClient(link.client, connection, answers))
    }

    var logTime: LogTime { LogTime(1) + (now - startedAt) }

    mutating func serve(_ node: Int, _ kind: FrameKind, _ body: [UInt8], into answers: inout [UInt8]) throws {
        // A node may be wrong about who leads.
        let told = chance(1, in: 20) ? random.integer(in: 0...2) : leader
        let hint = Rig.hint(told.map { UInt64($0) + 1 }, term)
        switch kind {
        case .clientHello:
            Welcome(cluster: Rig.cluster, node: NodeID(UInt64(node) + 1), logTime: logTime, leader: hint)
                .encodeFrame(into: &answers)
        case .ping:
            Pong(correlation: try Ping(decoding: body.span.bytes).correlation, logTime: logTime, leader: hint)
                .encodeFrame(into: &answers)
        case .request:
            let request = try ClientRequestView(decoding: body.span.bytes)
            var head = AnswerHead(correlation: request.correlation, logTime: logTime, kind: .outcome)
            guard node == leader || request.operation == .list else {
                hint.encodeFrame(head, into: &answers)
                return
            }
            if chance(1, in: 20) {
                Refusal(.overloaded, retryAfter: .milliseconds(30)).encodeFrame(head, into: &answers)
                return
            }
            if chance(1, in: 50) {
                head.kind = .unknown
                _ = FrameWriter.finish(at: head.begin(in: &answers), in: &answers)
                if random.chance(1, in: 2) { return }
            }
            let isAnswered = head.kind != .unknown
            head.kind = request.operation == .get ? .lease : request.operation == .list ? .page : .outcome
            var scratch: [UInt8] = []
            let start = head.begin(in: &scratch)
            switch request.operation {
            case .command:
                index += 1
                let stamp = EntryStamp(index: LogIndex(index), logTime: logTime, wallTime: .zero)
                try machine.apply(request.body, at: stamp, into: &output)
                output.encodeOutcome(into: &scratch)
                noteGrant()
            case .get:
                ReadPreface(index: LogIndex(index)).encode(into: &scratch)
                machine.encodeLease(named: try GetRequest(decoding: request.body).name, into: &scratch)
            default:
                ReadPreface(index: LogIndex(index)).encode(into: &scratch)
                let list = try ListRequest(decoding: request.body)
                machine.encodeList(prefix: list.prefix, after: list.after, limit: list.limit, into: &scratch)
            }
            _ = FrameWriter.finish(at: start, in: &scratch)
            if isAnswered { answers += scratch }
        default: throw DecodingError.unknown
        }
    }

    mutating func noteGrant() {
        for event in output.events where event.kind == .granted {
            let name = output.name(of: event)
            if event.token.rawValue <= tokens[name, default: 0] { failures.append("a token did not grow") }
            tokens[name] = event.token.rawValue
        }
    }

    /// No name is believed to be held by two at one moment of true time.
    mutating func checkExclusion() {
        var holders: [String: Int] = [:]
        for client in players.indices {
            for lease in players[client].core.allLeases where players[client].core.holds(lease, at: clock(client)) {
                if let name = players[client].core.lease(lease)?.name { holders[name, default: 0] += 1 }
            }
        }
        for (name, count) in holders where count > 1 { failures.append("\(name) is held \(count) times") }
    }
}

@Suite struct ChaosTests {
    #if DEBUG
    static let seeds = UInt64(1)...3
    #else
    static let seeds = UInt64(1)...30
    #endif

    @Test(arguments: seeds)
    func whateverGoesWrongEveryRequestEndsOnceAndNoLeaseIsHeldTwice(seed: UInt64) {
        var world = World(seed: seed)
        world.run()
        #expect(world.failures.prefix(5) == [])
        #expect(world.players.reduce(0) { $0 + $1.completed } > 100)
        #expect(world.players.reduce(0) { $0 + $1.granted } > 20)
        #expect(world.players.contains { !$0.lost.isEmpty })
    }
}
