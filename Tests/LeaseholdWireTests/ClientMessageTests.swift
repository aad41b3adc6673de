import LeaseMachine
import LeaseholdBase
import LeaseholdWire
import Testing

@Suite struct ClientMessageTests {
    static let head = AnswerHead(
        correlation: CorrelationID(0x0102_0304_0506_0708), logTime: LogTime(99), renewEvery: .milliseconds(1_500),
        kind: .outcome)

    static let status = NodeStatus(
        cluster: HandshakeTests.cluster, identity: NodeIdentity(node: NodeID(2), incarnation: Incarnation(9)),
        role: .leader, term: Term(4), leader: NodeID(2), last: LogIndex(30), commit: LogIndex(29),
        applied: LogIndex(28), process: 4711, clientAddress: "127.0.0.1:7402", peerAddress: "127.0.0.1:7502",
        digestHigh: 1, digestLow: 2, clock: .slow, levels: CommandLevels(known: 4, inForce: 3),
        members: (1...3).map {
            MemberStatus(
                node: NodeID($0), votes: $0 < 3, peerAddress: "127.0.0.1:750\($0)",
                clientAddress: "127.0.0.1:740\($0)")
        })

    @Test func aCommandTravelsUnchangedInItsRequest() throws {
        let command: [UInt8] = [5, 4, 3, 2, 1]
        let head = ClientRequestHead(
            correlation: CorrelationID(.max), remaining: Nanoseconds(1_000_001), operation: .command)
        var frame: [UInt8] = []
        let fits = head.encodeFrame(body: command.span.bytes, into: &frame)
        let body = try body(of: frame, .request)
        let view = try ClientRequestView(decoding: body.span.bytes)
        let (correlation, remaining, operation) = (view.correlation, view.remaining, view.operation)
        let received = view.body.withUnsafeBytes { Array($0) }
        #expect(fits && received == command)
        #expect(correlation == head.correlation && remaining == .milliseconds(2) && operation == .command)
    }

    @Test func aRequestOfALaterKindCanStillBeAnswered() throws {
        var frame: [UInt8] = []
        let head = ClientRequestHead(correlation: CorrelationID(7), remaining: .seconds(1), operation: .status)
        let none: [UInt8] = []
        _ = head.encodeFrame(body: none.span.bytes, into: &frame)
        var body = try body(of: frame, .request)
        body[12] = 99
        let view = try ClientRequestView(decoding: body.span.bytes)
        let (correlation, operation) = (view.correlation, view.operation)
        #expect(correlation == CorrelationID(7) && operation == nil)
    }

    @Test func readsTravelUnchanged() throws {
        var get: [UInt8] = []
        GetRequest.encode(name: "jobs/nächtlich", stale: true, into: &get)
        let request = try GetRequest(decoding: get.span.bytes)
        let (stale, name) = (request.stale, request.name.withUnsafeBytes { Array($0) })
        #expect(stale && name == Array("jobs/nächtlich".utf8))
        var list: [UInt8] = []
        ListRequest.encode(prefix: "jobs/", after: "jobs/a", limit: 10_000, stale: false, into: &list)
        let page = try ListRequest(decoding: list.span.bytes)
        let (prefix, after) = (page.prefix.withUnsafeBytes { Array($0) }, page.after.withUnsafeBytes { Array($0) })
        let (limit, listStale) = (page.limit, page.stale)
        #expect(prefix == Array("jobs/".utf8) && after == Array("jobs/a".utf8) && limit == 1_000 && !listStale)
    }

    @Test func answersTravelUnchanged() throws {
        let outcome: [UInt8] = [1, 2, 3]
        var frame: [UInt8] = []
        Self.head.encodeFrame(body: outcome.span.bytes, into: &frame)
        let body = try body(of: frame, .answer)
        let view = try ClientAnswerView(decoding: body.span.bytes)
        let (head, received) = (view.head, view.body.withUnsafeBytes { Array($0) })
        #expect(head == Self.head && received == outcome)
    }

    @Test func aRefusalSaysWhyAndWhenToComeBack() throws {
        for code in RefusalCode.allCases {
            let refusal = Refusal(code, retryAfter: .milliseconds(250), message: "busy")
            var frame: [UInt8] = []
            refusal.encodeFrame(Self.head, into: &frame)
            let body = try body(of: frame, .answer)
            let view = try ClientAnswerView(decoding: body.span.bytes)
            let kind = view.head.kind
            let decoded = try Refusal(decoding: view.body)
            #expect(kind == .refused && decoded == refusal)
        }
    }

    @Test func notLeaderNamesTheLeader() throws {
        for hint in [LeaderHint.none, LeaderHint(node: NodeID(3), clientAddress: "[::1]:7403", term: Term(9))] {
            var frame: [UInt8] = []
            hint.encodeFrame(Self.head, into: &frame)
            let body = try body(of: frame, .answer)
            let view = try ClientAnswerView(decoding: body.span.bytes)
            let kind = view.head.kind
            let decoded = try LeaderHint(decoding: view.body)
            #expect(kind == .notLeader && decoded == hint)
        }
    }

    @Test func pingsPongsAndNoticesTravelUnchanged() throws {
        let leader = LeaderHint(node: NodeID(2), clientAddress: "host:1")
        let pong = Pong(correlation: CorrelationID(5), logTime: LogTime(6), leader: leader)
        var frames: ([UInt8], [UInt8], [UInt8]) = ([], [], [])
        Ping(correlation: CorrelationID(5)).encodeFrame(into: &frames.0)
        pong.encodeFrame(into: &frames.1)
        LeaderNotice(leader: leader).encodeFrame(into: &frames.2)
        let bodies = (try body(of: frames.0, .ping), try body(of: frames.1, .pong), try body(of: frames.2, .leader))
        let decoded = (
            try Ping(decoding: bodies.0.span.bytes), try Pong(decoding: bodies.1.span.bytes),
            try LeaderNotice(decoding: bodies.2.span.bytes)
        )
        #expect(decoded.0 == Ping(correlation: CorrelationID(5)))
        #expect(decoded.1 == pong)
        #expect(decoded.2 == LeaderNotice(leader: leader))
    }

    @Test func statusTravelsUnchanged() throws {
        var bytes: [UInt8] = []
        Self.status.encode(into: &bytes)
        let decoded = try NodeStatus(decoding: bytes.span.bytes)
        #expect(decoded == Self.status)
        #expect(decoded.digest == "00000000000000010000000000000002")
    }

    /// What was added to a status stands behind all else, in a field that is counted.
    @Test func aStatusOfAnEarlierOrALaterProgramIsRead() throws {
        var bytes: [UInt8] = []
        Self.status.encode(into: &bytes)
        let fields = NodeStatus.addedBytes
        var earlier = Array(bytes.dropLast(fields + 2))
        earlier += [0, 0]
        var expected = Self.status
        (expected.clock, expected.levels) = (.unknown, .first)
        let old = try NodeStatus(decoding: earlier.span.bytes)
        #expect(old == expected)
        bytes[bytes.count - fields - 2] += 2
        bytes += [7, 7]
        let later = try NodeStatus(decoding: bytes.span.bytes)
        #expect(later == Self.status)
        bytes[bytes.count - fields - 2] = 200
        let strange = try NodeStatus(decoding: bytes.span.bytes)
        #expect(strange.clock == .unknown)
    }

    @Test func aConnectionErrorTravelsAndALaterCodeIsTold() throws {
        let error = ConnectionErrorMessage(code: .wrongCluster, message: String(repeating: "ü", count: 600))
        var frame: [UInt8] = []
        error.encodeFrame(into: &frame)
        var body = try body(of: frame, .connectionError)
        let decoded = try ConnectionErrorMessage(decoding: body.span.bytes)
        #expect(decoded.code == .wrongCluster)
        #expect(decoded.message == String(repeating: "ü", count: 512))
        body[0] = 250
        let later = try ConnectionErrorMessage(decoding: body.span.bytes)
        #expect(later.code == nil)
    }

    static let view = LeaseView(
        name: "jobs/nightly", capacity: 1,
        holders: [
            LeaseView.Holder(
                claim: ClaimID(7), token: FencingToken(7), holder: "host:1", value: [1, 2, 3], ttl: .seconds(15),
                remaining: .seconds(9))
        ], waiters: 0)

    @Test func readAnswersTravelUnchanged() throws {
        let preface = ReadPreface(index: LogIndex(40), silence: .milliseconds(3))
        var lease: [UInt8] = []
        preface.encode(into: &lease)
        Self.view.encode(into: &lease)
        let leaseAnswer = try LeaseAnswer(decoding: lease.span.bytes)
        #expect(leaseAnswer == LeaseAnswer(preface: preface, lease: Self.view))
        var page: [UInt8] = []
        preface.encode(into: &page)
        let leases = LeasePage(leases: [Self.view, Self.view], hasMore: true, index: LogIndex(40))
        leases.encode(into: &page)
        let pageAnswer = try PageAnswer(decoding: page.span.bytes)
        #expect(pageAnswer == PageAnswer(preface: preface, page: leases))
    }

    @Test func settingsTravelAndLaterOnesAreKeptApart() throws {
        var settings = Settings.initial
        settings.pulse = .milliseconds(250)
        var bytes: [UInt8] = []
        SettingsAnswer.encode(settings, into: &bytes)
        let decoded = try SettingsAnswer(decoding: bytes.span.bytes)
        #expect(decoded.settings == settings && decoded.others.isEmpty)
        bytes[2] = 0xEE
        bytes[3] = 0xEE
        let later = try SettingsAnswer(decoding: bytes.span.bytes)
        #expect(later.others.map(\.key) == [0xEEEE])
    }

    @Test func aRequestDeclinedForWhatItSaysNamesTheError() throws {
        let error = LeaseError.ttlOutOfRange(minimum: .milliseconds(500), maximum: .seconds(86_400))
        var frame: [UInt8] = []
        Self.head.encodeFrame(declining: error, into: &frame)
        let body = try body(of: frame, .answer)
        let view = try ClientAnswerView(decoding: body.span.bytes)
        let kind = view.head.kind
        var reader = ByteReader(view.body)
        let decoded = try LeaseError(decoding: &reader)
        #expect(kind == .declined && decoded == error)
    }

    @Test func mutatedReadAnswersNeverTrap() {
        var lease: [UInt8] = []
        ReadPreface(index: LogIndex(40)).encode(into: &lease)
        var page = lease
        Self.view.encode(into: &lease)
        LeasePage(leases: [Self.view, Self.view], hasMore: true, index: LogIndex(40)).encode(into: &page)
        var settings: [UInt8] = []
        SettingsAnswer.encode(.initial, into: &settings)
        let tallies = [
            Mutation.run(seed: 14, corpus: [lease]) { _ = try LeaseAnswer(decoding: $0) },
            Mutation.run(seed: 15, corpus: [page]) { _ = try PageAnswer(decoding: $0) },
            Mutation.run(seed: 16, corpus: [settings]) { _ = try SettingsAnswer(decoding: $0) },
        ]
        for tally in tallies { #expect(tally.refused > 0 && tally.accepted > 0) }
        #expect(Mutation.everyTruncationIsRefused([lease]) { _ = try LeaseAnswer(decoding: $0) })
        #expect(Mutation.everyTruncationIsRefused([page]) { _ = try PageAnswer(decoding: $0) })
        #expect(Mutation.everyTruncationIsRefused([settings]) { _ = try SettingsAnswer(decoding: $0) })
    }

    @Test(arguments: [nil, NodeID(3)]) func aHandOverTravels(target: NodeID?) throws {
        var bytes: [UInt8] = []
        TransferRequest(target: target).encode(into: &bytes)
        #expect(try TransferRequest(decoding: bytes.span.bytes).target == target)
        #expect(Mutation.everyTruncationIsRefused([bytes]) { _ = try TransferRequest(decoding: $0) })
        let tally = Mutation.run(seed: 17, corpus: [bytes]) { _ = try TransferRequest(decoding: $0) }
        #expect(tally.refused > 0 && tally.accepted > 0)
        var frame: [UInt8] = []
        let leader = LeaderHint(node: NodeID(3), clientAddress: "127.0.0.1:7403", term: Term(9))
        leader.encodeTransferredFrame(Self.head, into: &frame)
        let body = try body(of: frame, .answer)
        let view = try ClientAnswerView(decoding: body.span.bytes)
        let (kind, decoded) = (view.head.kind, try LeaderHint(decoding: view.body))
        #expect(kind == .transferred && decoded == leader)
    }

    @Test func mutatedRequestsNeverTrap() {
        var get: [UInt8] = []
        GetRequest.encode(name: "jobs/nightly", stale: true, into: &get)
        var list: [UInt8] = []
        ListRequest.encode(prefix: "jobs/", after: "jobs/a", limit: 100, stale: false, into: &list)
        var request: [UInt8] = []
        request.append(uint64: 1)
        request.append(uint32: 1_000)
        request.append(1)
        request += get
        let tallies = [
            Mutation.run(seed: 5, corpus: [get]) { _ = try GetRequest(decoding: $0) },
            Mutation.run(seed: 6, corpus: [list]) { _ = try ListRequest(decoding: $0) },
            Mutation.run(seed: 7, corpus: [request]) { _ = try ClientRequestView(decoding: $0) },
        ]
        for tally in tallies { #expect(tally.refused > 0 && tally.accepted > 0) }
        #expect(Mutation.everyTruncationIsRefused([get]) { _ = try GetRequest(decoding: $0) })
        #expect(Mutation.everyTruncationIsRefused([list]) { _ = try ListRequest(decoding: $0) })
    }

    @Test func mutatedAnswersNeverTrap() throws {
        var status: [UInt8] = []
        Self.status.encode(into: &status)
        var frames = [[UInt8]](repeating: [], count: 4)
        Refusal(.overloaded, retryAfter: .milliseconds(9), message: "busy").encodeFrame(Self.head, into: &frames[0])
        LeaderHint(node: NodeID(3), clientAddress: "[::1]:7403").encodeFrame(Self.head, into: &frames[1])
        Pong(correlation: CorrelationID(5), logTime: LogTime(6), leader: .none).encodeFrame(into: &frames[2])
        ConnectionErrorMessage(code: .slowReader, message: "too slow").encodeFrame(into: &frames[3])
        let refusal = Array(frames[0].dropFirst(FrameHeader.bytes))
        let hint = Array(frames[1].dropFirst(FrameHeader.bytes))
        let pong = Array(frames[2].dropFirst(FrameHeader.bytes))
        let error = Array(frames[3].dropFirst(FrameHeader.bytes))
        let notice = Array(pong.dropFirst(16))
        let tallies = [
            Mutation.run(seed: 8, corpus: [status]) { _ = try NodeStatus(decoding: $0) },
            Mutation.run(seed: 9, corpus: [refusal]) { input in
                let view = try ClientAnswerView(decoding: input)
                _ = try Refusal(decoding: view.body)
            },
            Mutation.run(seed: 10, corpus: [hint]) { input in
                let view = try ClientAnswerView(decoding: input)
                _ = try LeaderHint(decoding: view.body)
            },
            Mutation.run(seed: 11, corpus: [pong]) { _ = try Pong(decoding: $0) },
            Mutation.run(seed: 12, corpus: [notice]) { _ = try LeaderNotice(decoding: $0) },
            Mutation.run(seed: 13, corpus: [error]) { _ = try ConnectionErrorMessage(decoding: $0) },
        ]
        for tally in tallies { #expect(tally.refused > 0 && tally.accepted > 0) }
        #expect(Mutation.everyTruncationIsRefused([status]) { _ = try NodeStatus(decoding: $0) })
        #expect(Mutation.everyTruncationIsRefused([error]) { _ = try ConnectionErrorMessage(decoding: $0) })
    }
}
