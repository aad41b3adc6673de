import LeaseholdBase

@testable import Raft

/// The faults of one run.
struct Faults {
    var loss: UInt64 = 0
    var duplication: UInt64 = 0
    var latency: ClosedRange<Int> = 50_000...400_000
    var diskLatency: ClosedRange<Int> = 80_000...300_000
    /// In a thousand draws of a message or write: a delay a hundred times as long.
    var tail: UInt64 = 0
    var diskTail: UInt64 = 0
    var holdTurn: UInt64 = 0
}

/// Several nodes in virtual time over a network that loses, doubles, delays and reorders, on disks that forget what was
/// not completed; with the checks that need to see all nodes at once.
final class Cluster {
    enum Event {
        case deliver(from: NodeID, to: NodeID, RaftMessage, EntryBatch)
        case written(NodeID, life: Int, count: Int)
        case endTurn(NodeID, life: Int)
        case apply(NodeID, life: Int, LogIndex)
        case readBack(NodeID, life: Int, peer: NodeID, from: LogIndex, maxBytes: Int)
        case lost(NodeID, life: Int, peer: NodeID)
        case snapshot(NodeID, life: Int, SnapshotEvent)
    }

    struct Node {
        var raft: Raft?
        var disk: DiskImage
        var life = 0
        var waiting: [PendingWrite] = []
        var writing = 0
        var isDiskStalled = false
        var turnIsOpen = false
        var batch = EntryBatch()
        var applied = Applied()
        /// The snapshot that came last.
        var received: DiskImage.StoredSnapshot?
        /// The highest commit seen when each read was asked for.
        var reads: [ReadNumber: LogIndex] = [:]
    }

    var nodes: [NodeID: Node] = [:]
    private(set) var ids: [NodeID]
    var queue = EventQueue<Event>()
    var time: UInt64 = 1_000_000
    var random: RandomSource
    var faults = Faults()
    var cut: Set<[NodeID]> = []
    var configure: (inout RaftConfiguration) -> Void
    var logMemoryBytes = 1 << 20
    var judge = Judge()
    var failures: [String] = []
    var effects: [RaftEffect] = []
    var steps = 0
    var elections = 0
    var readsAnswered = 0
    /// Whether processes end at the worst of moments.
    var isStormy = false
    var snapshotsTaken = 0
    var snapshotsInstalled = 0

    /// So many voters, and so many nodes more that are up and empty.
    init(
        _ count: UInt64, spares: UInt64 = 0, seed: UInt64, logMemoryBytes: Int = 1 << 20,
        configure: @escaping (inout RaftConfiguration) -> Void = { _ in }
    ) throws {
        ids = (1...count + spares).map { NodeID($0) }
        random = RandomSource(seed: seed)
        self.configure = configure
        self.logMemoryBytes = logMemoryBytes
        let birth = EntryBatch(membership(Array(1...count)), at: 1, term: 1)
        var bytes: [UInt8] = []
        bytes.append(bytes: birth.payload(at: 0))
        let first = DiskImage.StoredEntry(header: birth.headers[0], payload: bytes)
        judge.store(first, after: .zero)
        for id in ids {
            var disk = DiskImage()
            if id.rawValue <= count {
                disk.hardState = HardState(term: Term(1), votedFor: nil)
                disk.entries = [first]
            }
            nodes[id] = Node(raft: nil, disk: disk)
            try start(id)
        }
    }

    var now: TimeReading { TimeReading(steady: SteadyTime(time), wall: WallTime(time)) }

    var leader: NodeID? {
        ids.filter { nodes[$0]?.raft?.isLeader == true }
            .max { (nodes[$0]?.raft?.term ?? .zero) < (nodes[$1]?.raft?.term ?? .zero) }
    }

    func raft(_ id: NodeID) -> Raft? { nodes[id]?.raft }

    func fail(_ text: String) { if failures.count < 5 { failures.append("at \(time): \(text)") } }

    // MARK: Life and death

    func start(_ id: NodeID) throws {
        guard var node = nodes[id], node.raft == nil else { return }
        var recovery = RaftRecovery(logMemoryBytes: logMemoryBytes)
        try recovery.hardState(term: node.disk.hardState.term, votedFor: node.disk.hardState.votedFor)
        if node.disk.base != .zero { try recovery.begin(behind: node.disk.base) }
        for entry in node.disk.entries { try recovery.append(entry.header, payload: entry.payload.span.bytes) }
        // A hint of before the log began anew may be of what is not in it.
        try recovery.commit(through: min(node.disk.commit, node.disk.lastIndex))
        try recovery.finish(with: node.disk.snapshot?.point)
        recovery.applied(through: recovery.commitIndex)
        let commit = recovery.commitIndex
        node.applied = Applied()
        if let stored = node.disk.snapshot {
            let point = stored.point
            node.applied = Applied(index: point.index, logTime: point.logTime, digest: stored.digest)
        }
        var configuration = RaftConfiguration(id: id, incarnation: incarnation(id.rawValue))
        configure(&configuration)
        node.life += 1
        node.raft = Raft(configuration: configuration, recovery: recovery, seed: random.next(), now: now)
        nodes[id] = node
        apply(id, through: commit)
    }

    /// The process dies. The write under way is on disk, or is not.
    func crash(_ id: NodeID) {
        guard var node = nodes[id], node.raft != nil else { return }
        if node.writing > 0, random.chance(1, in: 2) {
            for write in node.waiting.prefix(node.writing) { node.disk.write(write) }
        }
        node.raft = nil
        node.life += 1
        node.waiting = []
        node.writing = 0
        node.reads = [:]
        node.turnIsOpen = false
        nodes[id] = node
        // The end of a connection is seen behind what came over it.
        for peer in ids where peer != id {
            let seen = time + UInt64(faults.latency.upperBound) + delay()
            queue.add(.lost(peer, life: nodes[peer]?.life ?? 0, peer: id), at: seen)
        }
    }

    /// One node more, with an empty directory.
    func addNode() throws -> NodeID {
        let id = NodeID(UInt64(ids.count) + 1)
        ids.append(id)
        nodes[id] = Node(raft: nil, disk: DiskImage())
        try start(id)
        return id
    }

    func delay() -> UInt64 {
        var delay = UInt64(random.integer(in: faults.latency))
        if faults.tail > 0, random.chance(faults.tail, in: 1000) { delay *= 100 }
        return delay
    }

    func isCut(_ from: NodeID, _ to: NodeID) -> Bool { cut.contains([from, to]) }

    /// Cuts every link between the two sides, both ways.
    func partition(_ side: [NodeID]) {
        cut = []
        for left in side {
            for right in ids where !side.contains(right) {
                cut.insert([left, right])
                cut.insert([right, left])
            }
        }
    }

    /// A leader is cut off, and the rest notice at once.
    func isolate(_ leader: NodeID) {
        partition([leader])
        for id in ids where id != leader { turn(id, .connectionLost(leader)) }
    }

    // MARK: Running

    /// Runs for so many virtual milliseconds.
    func run(_ milliseconds: UInt64) {
        let end = time + milliseconds * 1_000_000
        while failures.isEmpty, let next = nextTime(), next <= end { advance(to: next) }
        time = max(time, end)
    }

    /// Runs until the condition holds; false when it does not within so many virtual milliseconds.
    @discardableResult
    func run(atMost milliseconds: UInt64, until isDone: () -> Bool) -> Bool {
        let end = time + milliseconds * 1_000_000
        while failures.isEmpty {
            if isDone() { return true }
            guard let next = nextTime(), next <= end else { break }
            advance(to: next)
        }
        time = max(time, end)
        return isDone()
    }

    private func nextTime() -> UInt64? {
        var least = queue.nextTime ?? .max
        for id in ids { if let deadline = nodes[id]?.raft?.deadline { least = min(least, deadline.rawValue) } }
        return least == .max ? nil : max(least, time)
    }

    private func advance(to instant: UInt64) {
        time = instant
        for id in ids {
            if let deadline = nodes[id]?.raft?.deadline, deadline.rawValue <= time {
                step(id, .tick)
                endTurn(id)
                if let after = nodes[id]?.raft?.deadline, after.rawValue <= time { fail("\(id) ticks without end") }
                return
            }
        }
        if let event = queue.next() { handle(event) }
    }

    private func handle(_ event: Event) {
        switch event {
        case .deliver(let from, let to, let message, let entries):
            if !isCut(from, to) { turn(to, .received(from: from, message, entries)) }
        case .written(let id, let life, let count): if nodes[id]?.life == life { written(id, count) }
        case .endTurn(let id, let life): if nodes[id]?.life == life, nodes[id]?.turnIsOpen == true { endTurn(id) }
        case .apply(let id, let life, let index):
            guard nodes[id]?.life == life else { break }
            apply(id, through: index)
            turn(id, .applied(through: index))
        case .readBack(let id, let life, let peer, let first, let maxBytes):
            guard nodes[id]?.life == life else { break }
            var batch = EntryBatch()
            var next = first
            while let entry = nodes[id]?.disk[next] {
                next = next.next
                if !batch.isEmpty, batch.payloadBytes + entry.payload.count > maxBytes { break }
                batch.append(entry.header, payload: entry.payload.span.bytes)
            }
            nodes[id]?.batch = batch
            step(id, .entriesRead(for: peer, from: first, batch))
            endTurn(id)
        case .lost(let id, let life, let peer):
            if nodes[id]?.life == life { turn(id, .connectionLost(peer)) }
        case .snapshot(let id, let life, let event): handle(event, at: id, life: life)
        }
    }

    /// An event and the end of its turn, which may be some time and some events later.
    func turn(_ id: NodeID, _ event: RaftEvent) {
        step(id, event)
        if faults.holdTurn > 0, random.chance(faults.holdTurn, in: 100), let node = nodes[id] {
            nodes[id]?.turnIsOpen = true
            queue.add(.endTurn(id, life: node.life), at: time + 50_000)
        } else {
            endTurn(id)
        }
    }

    private func step(_ id: NodeID, _ event: RaftEvent) {
        guard nodes[id]?.raft != nil else { return }
        steps += 1
        effects.removeAll(keepingCapacity: true)
        nodes[id]?.raft?.step(event, now: now, into: &effects)
        settle(id)
    }

    func endTurn(_ id: NodeID) {
        guard nodes[id]?.raft != nil else { return }
        nodes[id]?.turnIsOpen = false
        effects.removeAll(keepingCapacity: true)
        nodes[id]?.raft?.endTurn(now: now, into: &effects)
        settle(id)
    }

    func propose(_ id: NodeID, _ payload: [UInt8], endTurn: Bool = true) -> ProposalResult? {
        let result = nodes[id]?.raft?.propose(.command, payload: payload.span.bytes, now: now)
        if endTurn { self.endTurn(id) }
        return result
    }

    func read(_ id: NodeID) {
        guard let number = nodes[id]?.raft?.requestRead(now: now) else { return }
        nodes[id]?.reads[number] = judge.highestCommit
        endTurn(id)
    }

    /// Checks the node, then does what it wants done.
    private func settle(_ id: NodeID) {
        guard let raft = nodes[id]?.raft else { return }
        for violation in raft.violations() { fail("\(id): \(violation)") }
        let wanted = effects
        for effect in wanted { perform(effect, for: id, raft) }
    }

    private func perform(_ effect: RaftEffect, for id: NodeID, _ raft: Raft) {
        guard let node = nodes[id] else { return }
        switch effect {
        case .send(let to, let message, let first, let source):
            if let fault = judge.sending(message, to: to, by: id, raft, disk: node.disk) { fail(fault) }
            transmit(message, entries(of: message, first, source, raft, node.batch), from: id, to: to)
        case .persist(let persist):
            var write = PendingWrite(persist: persist, entries: [])
            var index = persist.entries.lowerBound
            while index < persist.entries.upperBound, let header = raft.header(at: index) {
                write.entries.append(DiskImage.StoredEntry(header: header, payload: raft.log.bytes(at: index)))
                if let fault = judge.store(
                    write.entries[write.entries.count - 1], after: raft.log.term(at: index.previous) ?? .zero)
                {
                    fail(fault)
                }
                if header.logTime.rawValue > time { fail("log time of \(index) is ahead of true time") }
                index = index.next
            }
            if index != persist.entries.upperBound { fail("\(id) asks for entries it does not have") }
            nodes[id]?.waiting.append(write)
            startWriting(id)
        case .committed(let index):
            if let fault = judge.committed(index, by: id, raft, disks: nodes.mapValues(\.disk)) { fail(fault) }
            queue.add(.apply(id, life: node.life, index), at: time + delay())
        case .readsReady(let through, let index):
            for (number, floor) in node.reads where number <= through {
                if index < floor { fail("read \(number) at \(index) misses the commit of \(floor)") }
                nodes[id]?.reads[number] = nil
                readsAnswered += 1
            }
        case .roleChanged(let role, let term, _):
            nodes[id]?.reads = [:]
            if role == .leader {
                elections += 1
                if let fault = judge.elected(id, in: term, raft) { fail(fault) }
            }
        case .readBack(let peer, let first, let maxBytes):
            queue.add(
                .readBack(id, life: node.life, peer: peer, from: first, maxBytes: maxBytes), at: time + 200_000)
        case .sendSnapshot(let peer, let index): sendSnapshot(from: id, to: peer, atLeast: index)
        case .stopSnapshot: break
        case .installSnapshot(let point): installSnapshot(id, point)
        }
    }

    private func entries(
        of message: RaftMessage, _ first: LogIndex, _ source: EntrySource, _ raft: Raft, _ readBack: EntryBatch
    ) -> EntryBatch {
        var batch = EntryBatch()
        guard case .append(_, _, _, _, let count) = message.body else { return batch }
        for position in 0..<count {
            switch source {
            case .log:
                guard let header = raft.header(at: first + UInt64(position)) else {
                    fail("an entry to be sent is not in memory")
                    return batch
                }
                batch.append(header, payload: raft.payload(at: header.index))
            case .readBack: batch.append(readBack.headers[position], payload: readBack.payload(at: position))
            }
        }
        return batch
    }

    private func transmit(_ message: RaftMessage, _ entries: EntryBatch, from: NodeID, to: NodeID) {
        var copies = 1
        if faults.loss > 0, random.chance(faults.loss, in: 100) { copies = 0 }
        if faults.duplication > 0, random.chance(faults.duplication, in: 100) { copies += 1 }
        for _ in 0..<copies {
            queue.add(.deliver(from: from, to: to, message, entries), at: time + delay())
        }
    }

    // MARK: Disk

    func startWriting(_ id: NodeID) {
        guard let node = nodes[id], node.writing == 0, !node.waiting.isEmpty, !node.isDiskStalled else { return }
        nodes[id]?.writing = node.waiting.count
        var latency = UInt64(random.integer(in: faults.diskLatency))
        if faults.diskTail > 0, random.chance(faults.diskTail, in: 1000) { latency *= 100 }
        queue.add(.written(id, life: node.life, count: node.waiting.count), at: time + latency)
    }

    private func written(_ id: NodeID, _ count: Int) {
        guard let writes = nodes[id]?.waiting.prefix(count), let last = writes.last else { return }
        for write in writes { nodes[id]?.disk.write(write) }
        nodes[id]?.waiting.removeFirst(count)
        nodes[id]?.writing = 0
        turn(id, .persisted(last.persist.number, issuedIn: last.persist.issuedIn))
        startWriting(id)
    }
}
