import CAllocationCounter
import LeaseMachine
import LeaseholdBase
import LeaseholdJournal
import LeaseholdReplica
import LeaseholdWire
import Raft
import Simulator

/// A cluster of one in the test's own hands: its time, its disk and one client's connection.
struct LoneNode {
    var replica: Replica
    var disk: SimulatedDisk
    var time: UInt64 = 1_000_000_000
    /// What the node has sent to its client and the test has not looked at.
    var received: [UInt8] = []
    /// Whose connection is looked at; another one has greeted first.
    var client = ConnectionID(slot: 0, generation: 1)
    /// Whom it has dialled, and where.
    var dials: [(node: NodeID, address: String)] = []
    /// Why the node has ended, once it has.
    var ending: StopReason?
    /// Whether effects on the disk are done at once.
    var diskWorks = true
    /// Which of them are not, and those that were not.
    var holdsBack: @Sendable (DiskEffect.Operation) -> Bool = { _ in false }
    var heldBack: [DiskEffect] = []

    var now: TimeReading { TimeReading(steady: SteadyTime(time), wall: WallTime(time)) }

    /// A node that leads, with a client that has greeted.
    init(
        journalBytesMax: UInt64 = 4 << 20, on disk: SimulatedDisk = SimulatedDisk(),
        _ configure: (inout ReplicaConfiguration) -> Void = { _ in }
    ) throws {
        self.disk = disk
        var configuration = ReplicaConfiguration(
            id: NodeID(1),
            listed: [ListedNode(id: NodeID(1), peerAddress: "127.0.0.1:1", clientAddress: "127.0.0.1:2")])
        configuration.journalBytesMax = journalBytesMax
        configure(&configuration)
        replica = try Replica.open(
            configuration, disk: &self.disk, seed: 7,
            now: TimeReading(steady: SteadyTime(1_000_000_000), wall: WallTime(1)))
        for _ in 0..<400 where !(replica.isLeader && replica.appliedIndex >= LogIndex(2)) {
            time += 10_000_000
            turn()
        }
        greet()
    }

    /// The client greets.
    mutating func greet() {
        replica.accepted(client, on: .client, now: now)
        var hello: [UInt8] = []
        ClientHello(instance: ClientInstance(9)).encodeFrame(into: &hello)
        give(hello)
        turn()
        received.removeAll()
    }

    /// Another node greets over a connection of its own.
    mutating func isGreeted(
        by sender: NodeIdentity, over connection: ConnectionID, newestSyncedBatch: UInt64 = 1,
        at addresses: (peer: String, client: String) = ("127.0.0.1:3", "127.0.0.1:4")
    ) {
        let hello = PeerHello(
            cluster: replica.raft.membership.clusterID, sender: sender,
            receiver: NodeIdentity(node: NodeID(1), incarnation: replica.journal.identity.incarnation),
            newestSyncedBatch: newestSyncedBatch, peerAddress: addresses.peer, clientAddress: addresses.client)
        var frame: [UInt8] = []
        hello.encodeFrame(answering: false, into: &frame)
        replica.accepted(connection, on: .peer, now: now)
        _ = replica.received(connection, frame.span.bytes, now: now)
    }

    /// Hands bytes of the client in.
    mutating func give(_ bytes: [UInt8]) { _ = replica.received(client, bytes.span.bytes, now: now) }

    /// Ends the turn and does what follows from it.
    mutating func turn() {
        replica.endTurn(now: now)
        while true {
            var completions: [(DiskCompletion, [UInt8]?)] = []
            for effect in replica.effects {
                switch effect {
                case .send(let connection, let range):
                    if connection == client { received.append(contentsOf: replica.outgoing[range]) }
                case .stop(let reason): ending = reason
                case .dial(let node, let address): dials.append((node, address))
                case .disk(let effect) where holdsBack(effect.operation): heldBack.append(effect)
                case .disk(let effect) where diskWorks:
                    var bytes: [UInt8] = []
                    let journal = replica.journal
                    bytes.append(bytes: journal.bytes(of: effect))
                    let (completion, read) = disk.perform(effect, bytes: bytes)
                    if case .read = effect.operation {
                        completions.append((completion, read))
                    } else {
                        completions.append((completion, nil))
                    }
                default: break
                }
            }
            replica.drained()
            guard !completions.isEmpty else { return }
            for (completion, read) in completions {
                if let read {
                    replica.diskRead(completion, bytes: read.span.bytes, now: now)
                } else {
                    replica.diskCompleted(completion, now: now)
                }
            }
            replica.endTurn(now: now)
        }
    }

    /// The answers that came, each with its correlation number, kind and body.
    mutating func takeAnswers() throws -> [Answer] {
        var answers: [Answer] = []
        var rest = received
        while case .frame(let header, let body, let consumed) = FrameParser.next(in: rest.span.bytes) {
            if header.kind == .answer {
                let frame = Array(rest[body])
                let view = try ClientAnswerView(decoding: frame.span.bytes)
                var copy: [UInt8] = []
                copy.append(bytes: view.body)
                answers.append(Answer(head: view.head, body: copy))
            } else {
                others.append((header.kind, Array(rest[body])))
            }
            rest.removeFirst(consumed)
        }
        received = rest
        return answers
    }

    /// One answer.
    struct Answer {
        var head: AnswerHead
        var body: [UInt8]

        /// The state machine's outcome in it, with the claims of a renewal.
        func outcome() throws -> (Outcome, [ClaimStatus]) {
            var statuses: [ClaimStatus] = []
            var reader = ByteReader(body.span.bytes)
            let outcome = try Outcome(decoding: &reader, statuses: &statuses)
            return (outcome, statuses)
        }
    }

    /// Frames that were no answers.
    var others: [(FrameKind, [UInt8])] = []

    /// An acquire that is answered at once.
    mutating func acquire(_ name: String, ttl: Nanoseconds = .seconds(10), sequence: UInt64) throws -> Answer? {
        let request = RequestID(instance: ClientInstance(9), sequence: RequestSequence(sequence))
        let head = RequestHead(
            request: request, lowestUnanswered: request.sequence, newestSeen: replica.appliedLogTime)
        let command = Command.acquire(head, Acquire(name: name, holder: "test:1", ttl: ttl))
        give(frame(command, correlation: sequence))
        turn()
        return try takeAnswers().first
    }

    /// A request that is answered at once.
    mutating func ask(_ operation: RequestOperation, _ body: [UInt8]) throws -> Answer? {
        var bytes: [UInt8] = []
        let head = ClientRequestHead(correlation: CorrelationID(77), remaining: .seconds(5), operation: operation)
        _ = head.encodeFrame(body: body.span.bytes, into: &bytes)
        give(bytes)
        turn()
        return try takeAnswers().first
    }

    /// A command's frame.
    func frame(_ command: Command, correlation: UInt64) -> [UInt8] {
        var body: [UInt8] = []
        command.encode(into: &body)
        var bytes: [UInt8] = []
        let head = ClientRequestHead(
            correlation: CorrelationID(correlation), remaining: .seconds(5), operation: .command)
        _ = head.encodeFrame(body: body.span.bytes, into: &bytes)
        return bytes
    }
}

extension LoneNode {
    /// Does what the effects ask for and what follows, and answers how often the replica asked for memory in it.
    mutating func carryOutCounting(counts: Bool) -> UInt64 {
        var counted: UInt64 = 0
        while true {
            var completions: [DiskCompletion] = []
            for effect in replica.effects {
                if case .disk(let effect) = effect {
                    var bytes: [UInt8] = []
                    if case .write(_, _, let range) = effect.operation {
                        bytes.append(bytes: replica.journal.batchBytes.extracting(range))
                    }
                    completions.append(disk.perform(effect, bytes: bytes).0)
                }
            }
            let before = allocations_of_this_thread()
            replica.drained()
            for completion in completions { replica.diskCompleted(completion, now: now) }
            if !completions.isEmpty { replica.endTurn(now: now) }
            if counts { counted += allocations_of_this_thread() - before }
            if completions.isEmpty { return counted }
        }
    }
}
