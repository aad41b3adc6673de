package import LeaseholdBase
package import LeaseholdSystem
package import LeaseholdWire

/// Asks nodes how they fare, each by itself: what one says of the others is not how those are.
package struct StatusQuery: ~Copyable {
    private struct Question {
        let endpoint: Endpoint
        let isNamed: Bool
        var id: ConnectionID
        var isAnswered = false
        var isOver = false
    }

    private var loop: ConnectionLoop
    private var events: [LoopEvent] = []
    private var outgoing: [UInt8] = []
    private var questions: [Question] = []
    private var found: [Found] = []
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

    /// A node that answered.
    package struct Found: Sendable {
        /// Where.
        package var endpoint: Endpoint
        /// Whether it was asked there because the caller named that endpoint, and not another node.
        package var isNamed: Bool
        /// What it says of itself.
        package let status: NodeStatus

        /// Joins the fields.
        package init(endpoint: Endpoint, isNamed: Bool, status: NodeStatus) {
            self.endpoint = endpoint
            self.isNamed = isNamed
            self.status = status
        }
    }

    /// The statuses of the nodes at these endpoints, and of the members that those name, as far as they answer in time;
    /// by id, one a node.
    package static func gather(from endpoints: [Endpoint], within patience: Nanoseconds) throws(SystemError)
        -> [NodeStatus]
    {
        try find(from: endpoints, within: patience).map(\.status)
    }

    /// As ``gather(from:within:)``, with where each was found.
    package static func find(from endpoints: [Endpoint], within patience: Nanoseconds) throws(SystemError) -> [Found] {
        var query = StatusQuery(
            loop: try ConnectionLoop(connectionsMax: questionsMax),
            instance: ClientInstance(try SystemRandom.next()), deadline: SystemClocks.steady + patience)
        for endpoint in endpoints { query.ask(endpoint, isNamed: true) }
        try query.collect()
        return query.found.sorted { $0.status.identity.node < $1.status.identity.node }
    }

    /// What the node at an endpoint says of itself; nil when it does not answer in time.
    package static func status(at endpoint: Endpoint, within patience: Nanoseconds) throws(SystemError) -> NodeStatus? {
        var query = StatusQuery(
            loop: try ConnectionLoop(connectionsMax: questionsMax),
            instance: ClientInstance(try SystemRandom.next()), deadline: SystemClocks.steady + patience)
        query.asksMembers = false
        query.ask(endpoint, isNamed: true)
        try query.collect()
        return query.found.first?.status
    }

    /// Those of one cluster, and nodes that belong to none yet. Endpoints that the caller has named must be of one; at an
    /// address that a node of it tells for a member, another cluster's may answer.
    package static func ofOneCluster(_ found: [Found]) throws(CommandFailure) -> [NodeStatus] {
        let named = found.filter(\.isNamed)
        try WhoseEndpoints.check(named.map { ($0.endpoint, $0.status.cluster) })
        let own = named.map(\.status.cluster).first { $0 != .unborn }
        return found.map(\.status).filter { own == nil || $0.cluster == own || $0.cluster == .unborn }
    }

    private mutating func ask(_ endpoint: Endpoint, isNamed: Bool) {
        guard !questions.contains(where: { $0.endpoint == endpoint }), let id = loop.dial(endpoint) else { return }
        questions.append(Question(endpoint: endpoint, isNamed: isNamed, id: id))
    }

    private mutating func collect() throws(SystemError) {
        var until = deadline
        while questions.contains(where: { !$0.isOver }), SystemClocks.steady < until {
            try loop.wait(until: until, into: &events)
            for index in events.indices { handle(events[index]) }
            if !found.isEmpty { until = min(until, SystemClocks.steady + Self.grace) }
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
                take(status, from: id)
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

    private mutating func take(_ status: NodeStatus, from id: ConnectionID) {
        guard let question = questions.first(where: { $0.id == id }) else { return }
        let known = found.firstIndex { $0.status.identity == status.identity && $0.status.cluster == status.cluster }
        if let known {
            if question.isNamed { (found[known].endpoint, found[known].isNamed) = (question.endpoint, true) }
        } else {
            found.append(Found(endpoint: question.endpoint, isNamed: question.isNamed, status: status))
        }
        for member in status.members where asksMembers {
            if let endpoint = Endpoint(member.clientAddress) { ask(endpoint, isNamed: false) }
        }
    }
}
