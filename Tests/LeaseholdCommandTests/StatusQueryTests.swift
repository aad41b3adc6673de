import LeaseholdBase
import LeaseholdCommand
import LeaseholdSystem
import LeaseholdWire
import Testing

/// A node that answers handshakes and status requests, on a thread of its own.
private final class StatusNode: Sendable {
    let endpoint: Endpoint
    private let thread: SystemThread
    private let wakeUp: WakeUp

    /// Answers with the status; without one it says nothing to anybody.
    init(_ status: @escaping @Sendable (Endpoint) -> NodeStatus?) throws {
        let started = Monitor<Endpoint?>(nil)
        let wakeUp = try WakeUp()
        self.wakeUp = wakeUp
        thread = try SystemThread(name: "node") { try? Self.serve(status, started, wakeUp) }
        endpoint = started.wait { $0 }
    }

    func stop() {
        wakeUp.signal()
        thread.join()
    }

    private static func serve(
        _ status: (Endpoint) -> NodeStatus?, _ started: Monitor<Endpoint?>, _ wakeUp: WakeUp
    ) throws {
        var loop = try ConnectionLoop(connectionsMax: 16)
        let listener = try Listener(at: .internet(host: "127.0.0.1", port: 0))
        let endpoint = listener.endpoint
        try loop.listen(listener, tag: 0)
        try loop.watch(wakeUp, tag: 1)
        started.change { $0 = endpoint }
        let answer = status(endpoint)
        var events: [LoopEvent] = []
        while true {
            try loop.wait(until: SystemClocks.steady + .seconds(20), into: &events)
            if events.isEmpty { return }
            for event in events {
                if case .ready = event { return }
                guard case .received(let id) = event, let answer else { continue }
                let (reply, consumed) = try Self.reply(to: loop.input(of: id), answer)
                loop.consume(consumed, of: id)
                loop.send(reply, to: id)
            }
        }
    }

    private static func reply(to input: RawSpan, _ answer: NodeStatus) throws -> ([UInt8], consumed: Int) {
        var out: [UInt8] = []
        guard case .frame(let header, let body, let consumed) = FrameParser.next(in: input) else { return ([], 0) }
        if header.kind == .clientHello {
            Welcome(cluster: answer.cluster, node: answer.identity.node, logTime: .zero, leader: .none)
                .encodeFrame(into: &out)
        } else {
            let request = try ClientRequestView(decoding: input.extracting(body))
            let head = AnswerHead(correlation: request.correlation, logTime: .zero, kind: .status)
            let start = head.begin(in: &out)
            answer.encode(into: &out)
            FrameWriter.finish(at: start, in: &out)
        }
        return (out, consumed)
    }
}

@Suite struct StatusQueryTests {
    static func status(_ id: UInt64, at endpoint: Endpoint, knowing others: [(UInt64, Endpoint)] = []) -> NodeStatus {
        NodeStatus(
            cluster: ClusterID(high: 1, low: 2), identity: NodeIdentity(node: NodeID(id), incarnation: Incarnation(9)),
            role: .follower, term: Term(1), leader: nil, last: .zero, commit: .zero, applied: .zero, process: 1,
            clientAddress: endpoint.description, peerAddress: "", digestHigh: 0, digestLow: 0,
            members: ([(id, endpoint)] + others).map {
                MemberStatus(node: NodeID($0.0), votes: true, peerAddress: "", clientAddress: $0.1.description)
            })
    }

    @Test func membersThatWereNotNamedAreAskedToo() throws {
        let second = try StatusNode { Self.status(2, at: $0) }
        let first = try StatusNode { Self.status(1, at: $0, knowing: [(2, second.endpoint)]) }
        let statuses = try StatusQuery.gather(from: [first.endpoint], within: .seconds(20))
        #expect(statuses.map(\.identity.node) == [NodeID(1), NodeID(2)])
        first.stop()
        second.stop()
    }

    @Test func aNodeThatIsGoneOrSpeaksSomethingElseIsLeftOut() throws {
        let listener = try Listener(at: .internet(host: "127.0.0.1", port: 0))
        let gone = listener.endpoint
        _ = consume listener
        let node = try StatusNode { Self.status(3, at: $0, knowing: [(2, gone)]) }
        let statuses = try StatusQuery.gather(from: [gone, node.endpoint], within: .seconds(20))
        #expect(statuses.map(\.identity.node) == [NodeID(3)])
        node.stop()
    }

    @Test func endpointsOfTwoClustersAreRefusedByName() throws {
        let (here, there) = (ClusterID(high: 1, low: 2), ClusterID(high: 3, low: 4))
        let ports = (1...4).map { Endpoint.internet(host: "127.0.0.1", port: 7400 + $0) }
        try WhoseEndpoints.check([(ports[0], here), (ports[1], .unborn), (ports[2], here)])
        let failure = #expect(throws: CommandFailure.self) {
            try WhoseEndpoints.check([(ports[0], here), (ports[1], there), (ports[2], here), (ports[3], .unborn)])
        }
        #expect(failure?.code == .wrongIdentity)
        #expect(
            failure?.message == "the endpoints do not belong to one cluster: 127.0.0.1:7401, 127.0.0.1:7403 to cluster "
                + "\(here); 127.0.0.1:7402 to cluster \(there); give --endpoints of one of them")
    }

    @Test func whoseANodeIsIsAskedOfItself() throws {
        let node = try StatusNode { Self.status(1, at: $0) }
        let listener = try Listener(at: .internet(host: "127.0.0.1", port: 0))
        let gone = listener.endpoint
        _ = consume listener
        let found = try WhoseEndpoints.ask([gone, node.endpoint], within: .seconds(20))
        #expect(found.map(\.endpoint) == [node.endpoint] && found.map(\.cluster) == [ClusterID(high: 1, low: 2)])
        node.stop()
    }

    /// At a member's address another cluster's node may run by now, which is not named by anybody.
    @Test func aMembersAddressThatAnotherClusterHasIsLeftOut() throws {
        let own = Self.status(1, at: .internet(host: "127.0.0.1", port: 7401))
        var other = Self.status(2, at: .internet(host: "127.0.0.1", port: 7402))
        other.cluster = ClusterID(high: 3, low: 4)
        let named = StatusQuery.Found(endpoint: .internet(host: "127.0.0.1", port: 7401), isNamed: true, status: own)
        var learnt = StatusQuery.Found(
            endpoint: .internet(host: "127.0.0.1", port: 7402), isNamed: false, status: other)
        #expect(try StatusQuery.ofOneCluster([named, learnt]).map(\.identity.node) == [NodeID(1)])
        learnt.isNamed = true
        #expect(throws: CommandFailure.self) { _ = try StatusQuery.ofOneCluster([named, learnt]) }
    }

    @Test func aNodeThatSaysNothingEndsTheQuestionInTime() throws {
        let silent = try StatusNode { _ in nil }
        #expect(try StatusQuery.gather(from: [silent.endpoint], within: .milliseconds(1)) == [])
        silent.stop()
    }
}
