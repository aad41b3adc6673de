import LeaseMachine
import LeaseholdBase
import LeaseholdClientCore
import LeaseholdWire
import Testing

/// A frame that the client sent.
enum SentFrame {
    case hello(ClientHello)
    case ping(CorrelationID)
    case request(SentRequest)
}

/// A request that the client sent, with the connection and the moment.
struct SentRequest {
    var connection: ConnectionID
    var sentAt: SteadyTime
    var correlation: CorrelationID
    var remaining: Nanoseconds
    var operation: RequestOperation
    var body: [UInt8]

    var command: Command? {
        guard operation == .command else { return nil }
        return try? Command(decoding: body.span.bytes)
    }
}

/// A client, a clock, and servers whose every word the test says.
struct Rig {
    var core: ClientCore
    var now: SteadyTime
    var dials: [(id: EndpointID, address: String)] = []
    var abandoned: [EndpointID] = []
    var closed: [ConnectionID] = []
    var frames: [(connection: ConnectionID, frame: SentFrame)] = []
    var requests: [SentRequest] = []
    var results: [(request: RequestHandle, result: RequestResult)] = []
    var changes: [(lease: LeaseHandle, state: LeaseState)] = []
    var renewed: [[RenewedClaim]] = []
    /// Clusters that it has gone over to.
    var clusters: [(from: ClusterID, to: ClusterID)] = []
    var connections: UInt64 = 0
    /// Which result and which change came first: true for a change.
    var order: [Bool] = []

    static let cluster = ClusterID(high: 1, low: 2)
    static let addresses = ["n1:7401", "n2:7402", "n3:7403"]

    init(
        endpoints: [String] = Rig.addresses, seed: UInt64 = 1,
        _ adjust: (inout ClientConfiguration) -> Void = { _ in }
    ) {
        var configuration = ClientConfiguration(endpoints: endpoints)
        adjust(&configuration)
        now = SteadyTime(1_000_000_000_000)
        core = ClientCore(configuration: configuration, instance: ClientInstance(0xC1), seed: seed, now: now)
    }

    /// Ends a turn and notes what the client wants.
    mutating func turn() {
        core.endTurn(now: now)
        var next = 0
        while next < core.effects.count {
            note(core.effects[next])
            next += 1
        }
        core.effectsTaken()
    }

    private mutating func note(_ effect: ClientEffect) {
        switch effect {
        case .dial(let id, let address): dials.append((id, address))
        case .abandon(let id): abandoned.append(id)
        case .close(let connection): closed.append(connection)
        case .send(let connection, let range): note(Array(core.outgoing[range]), connection)
        case .completed(let request, let result):
            if case .done(.renewed(let range)) = result { renewed.append(Array(core.renewals[range])) }
            results.append((request, result))
            order.append(false)
        case .clusterChanged(let old, let new): clusters.append((old, new))
        case .leaseChanged(let lease, let state):
            changes.append((lease, state))
            order.append(true)
        }
    }

    private mutating func note(_ bytes: [UInt8], _ connection: ConnectionID) {
        var rest = bytes
        while !rest.isEmpty {
            guard case .frame(let header, let range, let consumed) = FrameParser.next(in: rest.span.bytes) else {
                Issue.record("the client sent bytes that are no frame")
                return
            }
            let body = Array(rest[range])
            rest.removeFirst(consumed)
            do {
                switch header.kind {
                case .clientHello: frames.append((connection, .hello(try ClientHello(decoding: body.span.bytes))))
                case .ping:
                    frames.append((connection, .ping(try Ping(decoding: body.span.bytes).correlation)))
                case .request:
                    let view = try ClientRequestView(decoding: body.span.bytes)
                    let request = SentRequest(
                        connection: connection, sentAt: now, correlation: view.correlation, remaining: view.remaining,
                        operation: view.operation ?? .status, body: view.body.withUnsafeBytes { Array($0) })
                    frames.append((connection, .request(request)))
                    requests.append(request)
                default: Issue.record("the client sent a frame of kind \(header.kind)")
                }
            } catch {
                Issue.record("the client sent a frame that cannot be read: \(error)")
            }
        }
    }

    /// Goes on to the time, in turns no later than the client asks for.
    mutating func run(until end: SteadyTime) {
        while core.deadline < end {
            let before = now
            now = max(now, core.deadline)
            turn()
            if now == before, core.deadline <= now {
                Issue.record("the client asks for the same moment again")
                return
            }
        }
        now = end
        turn()
    }

    mutating func run(_ time: Nanoseconds) { run(until: now + time) }

    /// The newest dial of an address succeeds.
    mutating func accept(_ address: String) -> ConnectionID? {
        guard let dial = dials.last(where: { $0.address == address }) else { return nil }
        connections += 1
        let connection = ConnectionID(connections)
        core.connected(dial.id, connection, now: now)
        turn()
        return connection
    }

    mutating func receive(_ connection: ConnectionID, _ bytes: [UInt8]) {
        let consumed = core.received(connection, bytes.span.bytes, now: now)
        #expect(consumed == bytes.count)
        turn()
    }

    mutating func welcome(
        _ connection: ConnectionID, node: UInt64, leader: UInt64?, term: UInt64 = 1, cluster: ClusterID = Rig.cluster,
        belief: BeliefRule = BeliefRule(), logTime: LogTime = LogTime(5_000)
    ) {
        var bytes: [UInt8] = []
        Welcome(
            cluster: cluster, node: NodeID(node), belief: belief, logTime: logTime, leader: Rig.hint(leader, term)
        ).encodeFrame(into: &bytes)
        receive(connection, bytes)
    }

    static func hint(_ leader: UInt64?, _ term: UInt64 = 1) -> LeaderHint {
        guard let leader else { return LeaderHint(node: nil, clientAddress: "", term: Term(term)) }
        let address = leader <= 3 ? addresses[Int(leader) - 1] : "n\(leader):740\(leader)"
        return LeaderHint(node: NodeID(leader), clientAddress: address, term: Term(term))
    }

    /// Connects to the first node dialed and lets it be the leader.
    mutating func lead() -> ConnectionID {
        turn()
        guard let address = dials.last?.address, let connection = accept(address) else {
            Issue.record("nothing was dialed")
            return ConnectionID(0)
        }
        let node = UInt64((Rig.addresses.firstIndex(of: address) ?? 0) + 1)
        welcome(connection, node: node, leader: node)
        return connection
    }

    /// Takes the requests that were sent since the last call.
    mutating func takeRequests() -> [SentRequest] {
        defer { requests.removeAll() }
        return requests
    }

    mutating func takePings() -> [(ConnectionID, CorrelationID)] {
        let pings = frames.compactMap { frame -> (ConnectionID, CorrelationID)? in
            if case .ping(let correlation) = frame.frame { return (frame.connection, correlation) }
            return nil
        }
        frames.removeAll()
        return pings
    }

    func head(_ request: SentRequest, _ kind: AnswerKind, renewEvery: Nanoseconds = .zero) -> AnswerHead {
        AnswerHead(
            correlation: request.correlation, logTime: LogTime(9_000), renewEvery: renewEvery, kind: kind)
    }

    mutating func answer(
        _ request: SentRequest, _ outcome: Outcome, statuses: [ClaimStatus] = [], renewEvery: Nanoseconds = .zero
    ) {
        var body: [UInt8] = []
        outcome.encode(statuses: statuses.span, into: &body)
        var bytes: [UInt8] = []
        head(request, .outcome, renewEvery: renewEvery).encodeFrame(body: body.span.bytes, into: &bytes)
        receive(request.connection, bytes)
    }

    /// Answers a renewal with as many claims holding as it names.
    mutating func extend(_ request: SentRequest, tokens: [UInt64], for time: Nanoseconds) {
        answer(request, .renewed, statuses: tokens.map { .holding(token: FencingToken($0), validFor: time) })
    }

    mutating func notLeader(_ request: SentRequest, _ leader: UInt64?, term: UInt64 = 1) {
        var bytes: [UInt8] = []
        Rig.hint(leader, term).encodeFrame(head(request, .notLeader), into: &bytes)
        receive(request.connection, bytes)
    }

    mutating func refuse(_ request: SentRequest, _ refusal: Refusal) {
        var bytes: [UInt8] = []
        refusal.encodeFrame(head(request, .refused), into: &bytes)
        receive(request.connection, bytes)
    }

    mutating func pong(_ ping: (ConnectionID, CorrelationID), leader: UInt64?, term: UInt64 = 1) {
        var bytes: [UInt8] = []
        Pong(correlation: ping.1, logTime: LogTime(9_000), leader: Rig.hint(leader, term)).encodeFrame(into: &bytes)
        receive(ping.0, bytes)
    }

    mutating func acquire(
        _ name: String = "jobs/a", ttl: Nanoseconds = .seconds(15), keep: Bool = true, timeout: Nanoseconds? = nil
    ) throws -> RequestHandle {
        let handle = try core.acquire(
            Acquire(name: name, holder: "host:1", ttl: ttl), keep: keep, timeout: timeout, now: now)
        turn()
        return handle
    }

    /// A lease that is kept, granted at this moment with the claim as its token.
    mutating func holding(
        _ claim: UInt64 = 10, _ name: String = "jobs/a", ttl: Nanoseconds = .seconds(15)
    ) throws -> LeaseHandle? {
        _ = try acquire(name, ttl: ttl)
        guard let request = takeRequests().last else { return nil }
        answer(request, .acquired(claim: ClaimID(claim), .holding(token: FencingToken(claim), validFor: ttl)))
        guard case .done(.acquired(let acquired)) = results.last?.result else { return nil }
        return acquired.lease
    }

    /// The losses that were told of a lease.
    func losses(of lease: LeaseHandle) -> [LossReason] {
        changes.compactMap { change in
            if change.lease == lease, case .lost(let reason) = change.state { return reason }
            return nil
        }
    }
}
