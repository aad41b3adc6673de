import LeaseMachine
import LeaseholdBase
import LeaseholdClientCore
import LeaseholdWire
import Raft
import Testing

/// A snapshot that is pulled out of three nodes, of which the test says what each has and how it fares.
struct Pulling {
    /// A node, as far as a pull can tell.
    struct Node {
        var isUp = true
        /// Its snapshot.
        var snapshot: (reference: SnapshotReference, bytes: [UInt8])?
        /// What it has applied.
        var applied = LogIndex(100)
        /// How many questions it answers by making one, before it has one of its last entry.
        var makes = 2
        /// What it refuses everything with.
        var refusal: RefusalCode?
        /// Whether it answers nothing, and its connections stay.
        var isSilent = false
        /// How often it was asked.
        var asked = 0
    }

    var rig: Rig
    var pull: SnapshotPull
    var nodes: [Node]
    var leader = 1
    /// Whose nodes they are.
    var cluster = Rig.cluster
    var bytes: [UInt8] = []
    var news: [SnapshotPull.News] = []
    var servers: [NodeID] = []
    /// Is called before each request for a piece is answered.
    var beforePiece: (inout Pulling) -> Void = { _ in }
    private var connections: [(connection: ConnectionID, node: Int)] = []
    private var seen = 0

    init(_ plan: SnapshotPullPlan = SnapshotPullPlan(pieceBytes: 100), nodes: Int = 3) {
        rig = Rig()
        pull = SnapshotPull(plan, now: rig.now)
        self.nodes = [Node](repeating: Node(), count: nodes)
    }

    /// The bytes that a snapshot of an entry has, the same everywhere.
    static func snapshot(_ index: LogIndex) -> (reference: SnapshotReference, bytes: [UInt8]) {
        let bytes = (0..<950).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ Int(index.rawValue)) }
        let reference = SnapshotReference(
            position: LogPosition(index: index, term: Term(1)), byteCount: bytes.count,
            checksum: UInt32(index.rawValue))
        return (reference, bytes)
    }

    /// Why it was given up.
    var failure: SnapshotPullFailure? {
        if case .failed(let failure) = news.last { failure } else { nil }
    }

    /// A node goes down, and its connections with it.
    mutating func stop(_ node: Int) {
        nodes[node].isUp = false
        for open in connections where open.node == node { rig.core.closed(open.connection, now: rig.now) }
        connections.removeAll { $0.node == node }
    }

    /// Goes on until the pull is over, or for so long.
    mutating func run(_ limit: Nanoseconds = .seconds(2_000)) {
        let end = rig.now + limit
        while !pull.isOver, rig.now < end {
            pull.step(&rig.core, now: rig.now)
            rig.turn()
            let isBusy = dial() || answer()
            takeResults()
            if !isBusy, !pull.isOver, pull.deadline > rig.now {
                rig.now = max(rig.now + Nanoseconds(1), min(rig.core.deadline, pull.deadline))
            }
        }
    }

    private mutating func dial() -> Bool {
        let dials = rig.dials
        rig.dials.removeAll()
        for dial in dials {
            guard let node = Rig.addresses.firstIndex(of: dial.address), node < nodes.count, nodes[node].isUp else {
                rig.core.dialFailed(dial.id, now: rig.now)
                continue
            }
            rig.connections += 1
            let connection = ConnectionID(rig.connections)
            connections.append((connection, node))
            rig.core.connected(dial.id, connection, now: rig.now)
            greet(connection, node)
        }
        for ping in rig.takePings() { rig.pong(ping, leader: UInt64(leader)) }
        return !dials.isEmpty
    }

    /// Whoever expects another cluster is turned away.
    private mutating func greet(_ connection: ConnectionID, _ node: Int) {
        rig.turn()
        guard case .hello(let hello)? = rig.frames.last(where: { $0.connection == connection })?.frame,
            hello.cluster != .unborn, hello.cluster != cluster
        else { return rig.welcome(connection, node: UInt64(node + 1), leader: UInt64(leader), cluster: cluster) }
        var bytes: [UInt8] = []
        ConnectionErrorMessage(code: .wrongCluster, message: "of another").encodeFrame(into: &bytes)
        rig.receive(connection, bytes)
    }

    private mutating func answer() -> Bool {
        let requests = rig.takeRequests()
        for request in requests {
            guard let node = connections.first(where: { $0.connection == request.connection })?.node else { continue }
            answer(request, by: node)
        }
        return !requests.isEmpty
    }

    private mutating func answer(_ request: SentRequest, by node: Int) {
        var frame: [UInt8] = []
        switch request.operation {
        case .list:
            var body: [UInt8] = []
            ReadPreface(index: LogIndex(100)).encode(into: &body)
            LeaseMachine().encodeList(
                prefix: [UInt8]().span.bytes, after: [UInt8]().span.bytes, limit: 1, into: &body)
            rig.head(request, .page).encodeFrame(body: body.span.bytes, into: &frame)
        case .members:
            let members = (1...UInt64(nodes.count)).map {
                Member(
                    id: NodeID($0), peerAddress: "p\($0):1", clientAddress: Rig.addresses[Int($0) - 1],
                    incarnation: Incarnation($0))
            }
            guard let membership = Membership(clusterID: cluster, members: members, voters: members.map(\.id))
            else { return }
            MemberList(membership).encodeFrame(rig.head(request, .members), into: &frame)
        case .snapshot:
            guard let asked = try? SnapshotRequest(decoding: request.body.span.bytes) else {
                Issue.record("the request cannot be read")
                return
            }
            nodes[node].asked += 1
            guard !nodes[node].isSilent else { return }
            if case .piece = asked {
                beforePiece(&self)
                guard nodes[node].isUp else { return }
            }
            answer(asked, request, by: node, into: &frame)
        default: Issue.record("asks for \(request.operation)")
        }
        if !frame.isEmpty { rig.receive(request.connection, frame) }
    }

    private mutating func answer(
        _ asked: SnapshotRequest, _ request: SentRequest, by node: Int, into frame: inout [UInt8]
    ) {
        func refuse(_ code: RefusalCode) {
            Refusal(code, retryAfter: .milliseconds(100)).encodeFrame(rig.head(request, .refused), into: &frame)
        }
        if let refusal = nodes[node].refusal { return refuse(refusal) }
        let head = rig.head(request, .snapshot)
        switch asked {
        case .begin(let index):
            guard nodes[node].applied >= index else { return refuse(.notReady) }
            if let snapshot = nodes[node].snapshot, snapshot.reference.index >= index {
                return SnapshotAnswer.encodeFrame(begun: snapshot.reference, head, into: &frame)
            }
            nodes[node].makes -= 1
            if nodes[node].makes == 0 { nodes[node].snapshot = Self.snapshot(nodes[node].applied) }
            refuse(.snapshotUnderWay)
        case .piece(let reference, let offset, let count):
            guard let snapshot = nodes[node].snapshot, snapshot.reference == reference else {
                return refuse(.snapshotGone)
            }
            let piece = Array(snapshot.bytes[offset..<min(offset + count, snapshot.bytes.count)])
            SnapshotAnswer.encodeFrame(piece: piece.span.bytes, at: offset, of: reference, head, into: &frame)
        }
    }

    private mutating func takeResults() {
        while seen < rig.results.count {
            let (request, result) = rig.results[seen]
            seen += 1
            take(pull.completed(request, result, rig.core, now: rig.now))
        }
    }

    mutating func take(_ news: [SnapshotPull.News]) {
        for item in news {
            self.news.append(item)
            switch item {
            case .began(_, let node):
                bytes.removeAll()
                servers.append(node)
            case .bytes(let more): bytes += more
            case .complete, .failed: break
            }
        }
    }
}
