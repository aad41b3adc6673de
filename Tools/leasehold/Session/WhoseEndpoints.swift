package import LeaseholdBase
package import LeaseholdSystem
internal import LeaseholdWire

/// Asks the nodes at some endpoints whose they are. A client keeps to the cluster that it meets first; where endpoints of
/// two are named by mistake, which one that is would be chance.
package struct WhoseEndpoints: ~Copyable {
    private var loop: ConnectionLoop
    private var events: [LoopEvent] = []
    private var asked: [(endpoint: Endpoint, connection: ConnectionID)] = []
    private var found: [(endpoint: Endpoint, cluster: ClusterID)] = []

    /// How long is waited for the first answer: a node that is there gives it at once.
    private static var patience: Nanoseconds { .milliseconds(250) }
    /// And then for the others.
    private static var grace: Nanoseconds { .milliseconds(100) }

    /// Refuses endpoints of more than one cluster, as far as they answer soon. One alone is not asked.
    static func confirm(_ endpoints: [Endpoint], within timeout: Nanoseconds) throws(CommandFailure) {
        guard endpoints.count > 1 else { return }
        let found: [(endpoint: Endpoint, cluster: ClusterID)]
        do throws(SystemError) { found = try ask(endpoints, within: min(timeout, patience)) } catch {
            throw CommandFailure(.ioError, "\(error)")
        }
        try check(found)
    }

    /// Refuses endpoints that have named more than one cluster. A node that belongs to none yet speaks against no other.
    package static func check(_ found: [(endpoint: Endpoint, cluster: ClusterID)]) throws(CommandFailure) {
        var clusters: [ClusterID] = []
        for item in found where item.cluster != .unborn && !clusters.contains(item.cluster) {
            clusters.append(item.cluster)
        }
        guard clusters.count > 1 else { return }
        let words = clusters.map { cluster in
            let own = found.filter { $0.cluster == cluster }.map(\.endpoint.description)
            return own.joined(separator: ", ") + " to cluster \(cluster)"
        }
        throw CommandFailure(
            .wrongIdentity,
            "the endpoints do not belong to one cluster: \(words.joined(separator: "; ")); give --endpoints of one of them"
        )
    }

    /// The clusters that the nodes at these endpoints name, as far as they answer in time.
    package static func ask(
        _ endpoints: [Endpoint], within patience: Nanoseconds
    ) throws(SystemError) -> [(endpoint: Endpoint, cluster: ClusterID)] {
        var question = WhoseEndpoints(loop: try ConnectionLoop(connectionsMax: 64))
        for endpoint in endpoints { question.dial(endpoint) }
        try question.collect(until: SystemClocks.steady + patience)
        return question.found
    }

    private init(loop: consuming ConnectionLoop) { self.loop = loop }

    private mutating func dial(_ endpoint: Endpoint) {
        guard !asked.contains(where: { $0.endpoint == endpoint }), let connection = loop.dial(endpoint) else { return }
        asked.append((endpoint, connection))
    }

    private mutating func collect(until deadline: SteadyTime) throws(SystemError) {
        var until = deadline
        while !asked.isEmpty, SystemClocks.steady < until {
            try loop.wait(until: until, into: &events)
            for index in events.indices { try handle(events[index]) }
            if !found.isEmpty { until = min(until, SystemClocks.steady + Self.grace) }
        }
    }

    private mutating func handle(_ event: LoopEvent) throws(SystemError) {
        switch event {
        case .connected(let connection):
            var hello: [UInt8] = []
            // Naming no cluster, so that each names its own.
            ClientHello(instance: ClientInstance(try SystemRandom.next())).encodeFrame(into: &hello)
            loop.send(hello, to: connection)
        case .received(let connection):
            let (isWhole, cluster) = Self.parse(loop.input(of: connection))
            if isWhole { end(connection, cluster) }
        case .dialFailed(let connection, _), .closed(let connection, _): end(connection, nil)
        case .accepted, .ready: break
        }
    }

    /// Whether the first frame has come, and the cluster in it if it is a welcome.
    private static func parse(_ input: RawSpan) -> (isWhole: Bool, ClusterID?) {
        switch FrameParser.next(in: input) {
        case .needMore: return (false, nil)
        case .bad: return (true, nil)
        case .frame(let header, let body, _):
            guard header.kind == .welcome else { return (true, nil) }
            return (true, try? Welcome(decoding: input.extracting(body)).cluster)
        }
    }

    private mutating func end(_ connection: ConnectionID, _ cluster: ClusterID?) {
        guard let index = asked.firstIndex(where: { $0.connection == connection }) else { return }
        if let cluster { found.append((asked[index].endpoint, cluster)) }
        asked.remove(at: index)
        loop.abandon(connection)
    }
}
