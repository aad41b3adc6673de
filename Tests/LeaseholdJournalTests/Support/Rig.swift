import LeaseholdBase
import LeaseholdJournal
import Raft
import Simulator

/// What a stream of records amounts to: the log, and the vote.
struct Recovered: JournalVisitor, Equatable {
    struct Item: Equatable { var header: EntryHeader, payload: [UInt8] }
    var entries: [Item] = []
    var term = Term.zero
    var votedFor: NodeID?
    var commit = LogIndex.zero
    /// What the state began with, its content, and whether all of that came.
    var base: InstalledSnapshot?
    var content: [UInt8] = []
    var isWhole = true

    mutating func recovered(_ snapshot: InstalledSnapshot) -> Bool {
        guard base == nil, entries.isEmpty else { return false }
        (base, isWhole) = (snapshot, false)
        return true
    }
    mutating func recovered(snapshotContent bytes: RawSpan) -> Bool {
        content.append(bytes: bytes)
        return true
    }
    mutating func recoveredSnapshot() -> Bool {
        isWhole = true
        return true
    }

    mutating func recovered(term: Term, votedFor: NodeID?) { (self.term, self.votedFor) = (term, votedFor) }
    mutating func recovered(_ header: EntryHeader, payload: RawSpan) -> Bool {
        // Of a log that is void nothing is told that does not continue the snapshot.
        let before = entries.last?.header.term ?? base?.id.lastTerm ?? .zero
        guard header.index == lastIndex.next, header.term >= before else { return false }
        var bytes: [UInt8] = []
        bytes.append(bytes: payload)
        entries.append(Item(header: header, payload: bytes))
        return true
    }
    mutating func recovered(truncationAfter index: LogIndex) {
        while let last = entries.last, last.header.index > index { entries.removeLast() }
    }
    var lastIndex: LogIndex { entries.last?.header.index ?? base?.id.lastIndex ?? .zero }
    mutating func recovered(commit index: LogIndex) { commit = index }

    static func == (left: Recovered, right: Recovered) -> Bool {
        left.entries == right.entries && left.base == right.base && left.content == right.content
            && left.term == right.term && left.votedFor == right.votedFor
    }
}

/// One persistence request.
struct Request {
    var term: Term?
    var votedFor: NodeID?
    var truncateAfter: LogIndex?
    var entries: [Recovered.Item] = []

    static func item(_ index: UInt64, _ term: UInt64, _ payload: [UInt8]) -> Recovered.Item {
        let header = EntryHeader(
            index: LogIndex(index), term: Term(term), logTime: LogTime(index * 10), wallTime: WallTime(7),
            kind: .command, payloadCount: payload.count)
        return Recovered.Item(header: header, payload: payload)
    }

    func apply(to state: inout Recovered) {
        if let term { state.recovered(term: term, votedFor: votedFor) }
        if let truncateAfter { state.recovered(truncationAfter: truncateAfter) }
        state.entries += entries
    }
}

/// A journal on a disk in memory, with a model of what it was asked to store.
struct Rig {
    static let node = NodeID(3)
    static let incarnation = Incarnation(0xABCD)

    var disk: SimulatedDisk
    var journal: Journal
    /// What the log is after each request; the first item is before any.
    var states: [Recovered]
    var now = SteadyTime(0)
    var effects: [DiskEffect] = []
    var progress: [JournalProgress] = []
    /// Runs before each effect is performed.
    var violations: [String] = []

    static func configuration(segmentBytes: Int = 4096, tail: Int = 0) -> JournalConfiguration {
        var configuration = JournalConfiguration()
        configuration.segmentBytes = segmentBytes
        configuration.fillStepBytes = 1024
        configuration.indexSpacingBytes = 512
        configuration.snapshotStepBytes = 256
        configuration.snapshotBytesPerSecond = .max
        configuration.retainedTailBytes = tail
        return configuration
    }

    init(
        segmentBytes: Int = 4096, tail: Int = 0, _ configure: (inout JournalConfiguration) -> Void = { _ in }
    ) throws {
        var disk = SimulatedDisk()
        disk.script.isRecording = true
        var configuration = Self.configuration(segmentBytes: segmentBytes, tail: tail)
        configure(&configuration)
        try JournalDirectory.make(
            on: &disk, identity: DirectoryIdentity(node: Self.node, incarnation: Self.incarnation),
            configuration: configuration, seed: 1)
        var visitor = Recovered()
        journal = try Journal.recover(
            from: &disk, node: Self.node, configuration: configuration, seed: 2, visitor: &visitor)
        self.disk = disk
        states = [visitor]
    }

    /// Recovers from the disk as it is, as after a kill of the process.
    mutating func reopen(seed: UInt64 = 9) throws {
        var visitor = Recovered()
        disk.processEnded()
        journal = try Journal.recover(
            from: &disk, node: Self.node, configuration: journal.configuration, seed: seed, visitor: &visitor)
        effects = []
        states = [visitor]
    }

    var last: Recovered { states[states.count - 1] }

    /// Hands a request in, without submitting it.
    mutating func append(_ request: Request) {
        let number = journal.accepted.next
        journal.append(
            number: number, issuedIn: request.term ?? last.term,
            hardState: request.term.map { ($0, request.votedFor) }, truncateAfter: request.truncateAfter, commit: .zero)
        for item in request.entries { journal.appendEntry(item.header, payload: item.payload.span.bytes) }
        var state = last
        request.apply(to: &state)
        states.append(state)
    }

    /// So many entries of a size behind the last one, as one request.
    mutating func append(_ count: Int, bytes: Int = 20, term: UInt64 = 1) {
        var request = Request()
        let first = last.lastIndex.rawValue + 1
        for place in 0..<UInt64(count) {
            request.entries.append(
                Request.item(
                    first + place, term, [UInt8](repeating: UInt8(truncatingIfNeeded: first + place), count: bytes)))
        }
        append(request)
    }

    mutating func submit() { journal.submit(now: now, into: &effects) }

    /// Performs one effect. False when there is none.
    mutating func performOne() -> Bool {
        guard !effects.isEmpty else { return false }
        let effect = effects.removeFirst()
        let (completion, _) = disk.perform(effect, of: journal)
        if let next = journal.completed(completion, now: now, into: &effects) { progress.append(next) }
        violations += journal.violations()
        return true
    }

    /// Performs effects until there are none.
    mutating func settle() { while performOne() {} }

    mutating func flush() {
        submit()
        settle()
    }

    /// Lets time pass, so that what is due happens.
    mutating func wait(_ duration: Nanoseconds = .milliseconds(10)) {
        now = now + duration
        journal.tick(now: now, into: &effects)
        settle()
    }

    /// Stops cleanly.
    mutating func stop() {
        journal.stop(now: now, into: &effects)
        settle()
    }
}

/// What recovery makes of a disk, without changing it.
func recovered(from disk: SimulatedDisk, segmentBytes: Int = 4096) throws(JournalError) -> Recovered {
    var disk = disk
    var visitor = Recovered()
    _ = try Journal.recover(
        from: &disk, node: Rig.node, configuration: Rig.configuration(segmentBytes: segmentBytes), seed: 5,
        visitor: &visitor)
    return visitor
}
