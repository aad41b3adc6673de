package import LeaseholdBase
package import LeaseholdSystem
package import LeaseholdWire

/// Asks nodes how they fare, each by itself: what one says of the others is not how those are.
package struct StatusQuery: ~Copyable {
    private struct Question {
        let endpoint: Endpoint
        var id: ConnectionID
        var isAnswered = false
        var isOver = false
    }

    private var loop: ConnectionLoop
    private var events: [LoopEvent] = []
    private var outgoing: [UInt8] = []
    private var questions: [Question] = []
    private var statuses: [NodeStatus] = []
    private let deadline: SteadyTime
    private let instance: ClientInstance
    /// Whether members that a node names are asked too.
    private var asksMembers = true

    /// More nodes than any cluster has.
    private static var questionsMax: Int { 64 }
    /// Once one node has answered, how much longer the others may take: a stopped one accepts, and never answers.
    private static var grace: Nanoseconds { .seconds(1) }

    private init(loop: consuming ConnectionLoop, instance: ClientInstance, deadline: SteadyTime) {
        self.loop = loop
        self.instance = instance
        self.deadline = deadline
    }

    /// The statuses of the nodes at these endpoints, and of the members that those name, as far as they answer in time;
    /// by id, one a node.
    package static func gather(from endpoints: [Endpoint], within patience: Nanoseconds) throws(SystemError)
        -> [NodeStatus]
    {
        var query = StatusQuery(
            loop: try ConnectionLoop(connectionsMax: questionsMax),
            instance: ClientInstance(try SystemRandom.next()), deadline: SystemClocks.steady + patience)
        for endpoint in endpoints { query.ask(endpoint) }
        try query.collect()
        return query.statuses.sorted { $0.identity.node < $1.identity.node }
    }

    /// What the node at an endpoint says of itself; nil when it does not answer in time.
    package static func status(at endpoint: Endpoint, within patience: Nanoseconds) throws(SystemError) -> NodeStatus? {
        var query = StatusQuery(
            loop: try ConnectionLoop(connectionsMax: questionsMax),
            instance: ClientInstance(try SystemRandom.next()), deadline: SystemClocks.steady + patience)
        query.asksMembers = false
        query.ask(endpoint)
        try query.collect()
        return query.statuses.first
    }

    private mutating func ask(_ endpoint: Endpoint) {
        guard !questions.contains(where: { $0.endpoint == endpoint }), let id = loop.dial(endpoint) else { return }
        questions.append(Question(endpoint: endpoint, id: id))
    }

    private mutating func collect() throws(SystemError) {
        var until = deadline
        while questions.contains(where: { !$0.isOver }), SystemClocks.steady < until {
            try loop.wait(until: until, into: &events)
            for index in events.indices { handle(events[index]) }
            if !statuses.isEmpty { until = min(until, SystemClocks.steady + Self.grace) }
        }
    }

    private mutating func handle(_ event: LoopEvent) {
        switch event {
        case .connected(let id):
            outgoing.removeAll(keepingCapacity: true)
            ClientHello(instance: instance).encodeFrame(into: &outgoing)
            loop.send(outgoing, to: id)
        case .received(let id): read(id)
        case .dialFailed(let id, _), .closed(let id, _): end(id)
        case .accepted, .ready: break
        }
    }

    private mutating func end(_ id: ConnectionID) {
        guard let index = questions.firstIndex(where: { $0.id == id }) else { return }
        questions[index].isOver = true
        loop.abandon(id)
    }

    private mutating func read(_ id: ConnectionID) {
        while true {
            let step = Self.parse(loop.input(of: id))
            switch step {
            case .wait: return
            case .welcome(let consumed):
                loop.consume(consumed, of: id)
                request(id)
            case .status(let status):
                take(status)
                end(id)
                return
            case .nothing:
                end(id)
                return
            }
        }
    }

    private enum Step {
        case wait
        case welcome(consumed: Int)
        case status(NodeStatus)
        /// It will not say.
        case nothing
    }

    private static func parse(_ input: RawSpan) -> Step {
        guard case .frame(let header, let body, let consumed) = FrameParser.next(in: input) else {
            if case .needMore = FrameParser.next(in: input) { return .wait }
            return .nothing
        }
        switch header.kind {
        case .welcome, .leader: return .welcome(consumed: consumed)
        case .answer:
            do throws(DecodingError) {
                let answer = try ClientAnswerView(decoding: input.extracting(body))
                guard answer.head.kind == .status else { return .nothing }
                return .status(try NodeStatus(decoding: answer.body))
            } catch { return .nothing }
        default: return .nothing
        }
    }

    private mutating func request(_ id: ConnectionID) {
        outgoing.removeAll(keepingCapacity: true)
        let remaining = max(deadline - SystemClocks.steady, .milliseconds(1))
        let head = ClientRequestHead(correlation: CorrelationID(1), remaining: remaining, operation: .status)
        guard head.encodeFrame(body: RawSpan(), into: &outgoing) else { return }
        loop.send(outgoing, to: id)
    }

    private mutating func take(_ status: NodeStatus) {
        if !statuses.contains(where: { $0.identity.node == status.identity.node }) { statuses.append(status) }
        for member in status.members where asksMembers {
            if let endpoint = Endpoint(member.clientAddress) { ask(endpoint) }
        }
    }
}
