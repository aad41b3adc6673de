import Leasehold
import LeaseholdBase
import LeaseholdJournal
import LeaseholdReplica
import LeaseholdSystem
import Simulator

/// A one-node cluster in the test's own process: the real replica over real sockets, on a thread, its disk in memory.
final class TestNode: Sendable {
    /// Where clients reach it.
    let endpoint: String
    private let control: Monitor<Control>
    private let wakeUp: WakeUp

    /// What becomes of what the node has to say.
    enum Speech: Sendable {
        /// It is said.
        case free
        /// It is lost.
        case lost
        /// It is kept, and said later.
        case heldBack
    }

    private struct Control: Sendable {
        var isStopped = false
        var speech = Speech.free
        /// How often the way of speech was set, and how often the node has taken note of it.
        var set = 0
        var noted = 0
        /// How much is kept to be said later.
        var heldBack = 0
        var hasEnded = false
        var isLeading = false
    }

    /// Starts a node, and waits until it leads.
    init() throws {
        let path = "/tmp/leasehold-test-\(CurrentProcess.id)-\(try SystemRandom.next()).sock"
        let endpoint = "unix:\(path)"
        self.endpoint = endpoint
        let control = Monitor(Control())
        self.control = control
        let wakeUp = try WakeUp()
        self.wakeUp = wakeUp
        let peer = "127.0.0.1:1"
        let listed = [ListedNode(id: NodeID(1), peerAddress: peer, clientAddress: endpoint)]
        var configuration = ReplicaConfiguration(id: NodeID(1), listed: listed)
        configuration.journalBytesMax = 4 << 20
        let told = configuration
        _ = try SystemThread(name: "test-node") {
            do {
                var node = try RunningNode.open(told, at: endpoint, wakeUp)
                try node.run { isLeading, heldBack in
                    control.change { control in
                        control.isLeading = isLeading
                        control.heldBack = heldBack
                        control.noted = control.set
                        return (control.isStopped, control.speech)
                    }
                }
            } catch { _ = StandardStream.error.write("the test's node ended: \(error)\n") }
            control.change { control in control.hasEnded = true }
            try? FileSystem.remove(path)
        }
        let isUp = control.wait { control -> Bool? in control.hasEnded ? false : control.isLeading ? true : nil }
        guard isUp else { throw SystemError(call: .thread, code: .invalid) }
    }

    deinit { stop() }

    /// Ends the node, as a crash would: no connection is said goodbye to.
    func stop() {
        control.withLock { control in control.isStopped = true }
        wakeUp.signal()
        _ = control.wait { control -> Bool? in control.hasEnded ? true : nil }
    }

    /// From now on the node does what it is asked, and what it says goes this way. Returns when the node knows.
    func speak(_ speech: Speech) async {
        let set = control.withLock { control in
            control.speech = speech
            control.set += 1
            return control.set
        }
        wakeUp.signal()
        await onOwnThread { _ = self.control.wait { control -> Bool? in control.noted >= set ? true : nil } }
    }

    /// Waits until something is held back.
    func waitForWordsHeldBack() async {
        await onOwnThread { _ = self.control.wait { control -> Bool? in control.heldBack > 0 ? true : nil } }
    }
}

/// A node that the tests of a suite share: each uses names of its own and leaves it alone otherwise.
enum SharedNode {
    static let started = Result { try TestNode() }

    /// Where it is.
    static var endpoint: String {
        get throws { try started.get().endpoint }
    }

    /// A client of it.
    static func client(observer: (any LeaseObserver)? = nil) throws -> LeaseClient {
        try LeaseClient(endpoints: [endpoint], observer: observer)
    }
}

/// The node on its thread.
private struct RunningNode: ~Copyable {
    var loop: ConnectionLoop
    var replica: Replica
    var disk: SimulatedDisk
    var completions: [(DiskCompletion, isRead: Bool, bytes: [UInt8])] = []
    var speech = TestNode.Speech.free
    var heldBack: [(ConnectionID, [UInt8])] = []
    let wakeUp: WakeUp

    static func open(
        _ configuration: ReplicaConfiguration, at endpoint: String, _ wakeUp: WakeUp
    ) throws -> RunningNode {
        guard let door = Endpoint(endpoint) else { throw SystemError(call: .bind, code: .invalid) }
        var loop = try ConnectionLoop(connectionsMax: 1_000)
        var disk = SimulatedDisk()
        let replica = try Replica.open(
            configuration, disk: &disk, seed: try SystemRandom.next(), now: SystemClocks.now)
        try loop.listen(try Listener(at: door), tag: 0)
        try loop.watch(wakeUp, tag: 1)
        return RunningNode(loop: loop, replica: replica, disk: disk, wakeUp: wakeUp)
    }

    init(loop: consuming ConnectionLoop, replica: Replica, disk: SimulatedDisk, wakeUp: WakeUp) {
        self.loop = loop
        self.replica = replica
        self.disk = disk
        self.wakeUp = wakeUp
    }

    mutating func run(
        _ report: (_ isLeading: Bool, _ heldBack: Int) -> (isStopped: Bool, speech: TestNode.Speech)
    ) throws {
        var events: [LoopEvent] = []
        replica.endTurn(now: SystemClocks.now)
        carryOut()
        while true {
            let (isStopped, speech) = report(replica.isLeader, heldBack.count)
            if isStopped { return }
            self.speech = speech
            if case .free = speech { sayWhatWasHeldBack() }
            try loop.wait(until: replica.deadline, into: &events)
            let now = SystemClocks.now
            for event in events { handIn(event, now) }
            replica.endTurn(now: now)
            carryOut()
        }
    }

    private mutating func handIn(_ event: LoopEvent, _ now: TimeReading) {
        switch event {
        case .accepted(let connection, _): replica.accepted(connection, on: .client, now: now)
        case .received(let connection):
            Self.feed(connection, from: &loop, to: &replica, now)
        case .closed(let connection, _): replica.closed(connection, now: now)
        case .ready: wakeUp.clear()
        case .connected, .dialFailed: break
        }
    }

    private static func feed(
        _ connection: ConnectionID, from loop: inout ConnectionLoop, to replica: inout Replica, _ now: TimeReading
    ) {
        let consumed = replica.received(connection, loop.input(of: connection), now: now)
        loop.consume(consumed, of: connection)
    }

    private mutating func sayWhatWasHeldBack() {
        for (connection, bytes) in heldBack { loop.send(bytes.span.bytes, to: connection) }
        heldBack.removeAll()
    }

    private static func queue(
        _ range: Range<Int>, of replica: borrowing Replica, for connection: ConnectionID, on loop: inout ConnectionLoop
    ) {
        loop.send(replica.outgoing.span.bytes.extracting(range), to: connection)
    }

    private mutating func carryOut() {
        while true {
            for effect in replica.effects {
                switch effect {
                case .send(let connection, let range):
                    switch speech {
                    case .free: Self.queue(range, of: replica, for: connection, on: &loop)
                    case .lost: break
                    case .heldBack: heldBack.append((connection, Array(replica.outgoing[range])))
                    }
                case .close(let connection): loop.close(connection)
                case .dial(let node, _): replica.dialFailed(node, now: SystemClocks.now)
                case .disk(let effect): perform(effect)
                case .log, .stop: break
                }
            }
            replica.drained()
            guard !completions.isEmpty else { return }
            let now = SystemClocks.now
            for (completion, isRead, bytes) in completions {
                if isRead {
                    replica.diskRead(completion, bytes: bytes.span.bytes, now: now)
                } else {
                    replica.diskCompleted(completion, now: now)
                }
            }
            completions.removeAll(keepingCapacity: true)
            replica.endTurn(now: now)
        }
    }

    private mutating func perform(_ effect: DiskEffect) {
        var bytes: [UInt8] = []
        if case .write(_, _, let range) = effect.operation {
            bytes = replica.journal.batchBytes.extracting(range).withUnsafeBytes { Array($0) }
        }
        let (completion, read) = disk.perform(effect, bytes: bytes)
        var isRead = false
        if case .read = effect.operation { isRead = true }
        completions.append((completion, isRead: isRead, bytes: read))
    }
}
