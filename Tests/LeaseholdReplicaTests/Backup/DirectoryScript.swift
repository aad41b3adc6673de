import LeaseMachine
import LeaseholdBase
import LeaseholdJournal
import LeaseholdReplica
import Raft
import Simulator
import Testing

/// A node's data directory written by a test, entry by entry, as the node's own journal writes it.
struct DirectoryScript {
    static let node = NodeID(2)
    static let cluster = ClusterID(high: 0xC1, low: 0x05)

    var disk = SimulatedDisk()
    var journal: Journal
    var index: UInt64
    var term: UInt64
    var commit: UInt64 = 0
    /// The log time of the last entry, in milliseconds, and the sequence of the last command.
    var milliseconds: UInt64 = 0
    private var sequence: UInt64 = 0

    static var configuration: JournalConfiguration {
        var configuration = JournalConfiguration()
        configuration.segmentBytes = 4096
        configuration.fillStepBytes = 1024
        return configuration
    }

    /// Members with these ids, all voters.
    static func membership(_ ids: [UInt64], cluster: ClusterID = cluster) throws -> Membership {
        let members = ids.map {
            Member(
                id: NodeID($0), peerAddress: "10.0.0.\($0):7501", clientAddress: "10.0.0.\($0):7401",
                incarnation: Incarnation($0 * 11))
        }
        return try #require(
            Membership(clusterID: cluster, members: members, voters: ids.map { NodeID($0) }))
    }

    /// One of three nodes, whose cluster is born.
    init(_ ids: [UInt64] = [1, 2, 3]) throws {
        try JournalDirectory.make(
            on: &disk, identity: DirectoryIdentity(node: Self.node, incarnation: Incarnation(22)),
            configuration: Self.configuration, seed: 3)
        (index, term) = (0, 0)
        var visitor = Ignoring()
        journal = try Journal.recover(
            from: &disk, node: Self.node, configuration: Self.configuration, seed: 4, visitor: &visitor)
        journal.learn(cluster: Self.cluster)
        term = 1
        let birth = try Self.membership(ids).encoded()
        append(.membership, birth, hardState: true)
    }

    /// Goes on with a directory that is there.
    init(goingOnWith disk: SimulatedDisk, node: NodeID, after last: LogIndex, term: Term) throws {
        self.disk = disk
        (index, self.term, commit) = (last.rawValue, term.rawValue, last.rawValue)
        var visitor = Ignoring()
        journal = try Journal.recover(
            from: &self.disk, node: node, configuration: Self.configuration, seed: 4, visitor: &visitor)
    }

    /// Adds an entry; what was said to be committed before goes with it.
    mutating func append(_ kind: EntryKind, _ payload: [UInt8], hardState: Bool = false) {
        index += 1
        milliseconds += 100
        let header = EntryHeader(
            index: LogIndex(index), term: Term(term), logTime: LogTime(milliseconds * 1_000_000),
            wallTime: WallTime((1_750_000_000_000 + milliseconds) * 1_000_000), kind: kind,
            payloadCount: payload.count)
        persist(hardState: hardState, truncateAfter: nil, [(header, payload)])
    }

    /// Gives up what is behind an index, in a later term.
    mutating func truncate(after last: UInt64) {
        term += 1
        index = last
        persist(hardState: true, truncateAfter: LogIndex(last), [])
    }

    /// What was added last is known to be committed: said with an empty entry behind it.
    mutating func commitAll() {
        commit = index
        append(.empty, [])
    }

    private mutating func persist(
        hardState: Bool, truncateAfter: LogIndex?, _ entries: [(header: EntryHeader, payload: [UInt8])]
    ) {
        journal.append(
            number: journal.accepted.next, issuedIn: Term(term), hardState: hardState ? (Term(term), nil) : nil,
            truncateAfter: truncateAfter, commit: LogIndex(commit))
        for entry in entries { journal.appendEntry(entry.header, payload: entry.payload.span.bytes) }
        var effects: [DiskEffect] = []
        journal.submit(now: .zero, into: &effects)
        perform(effects)
    }

    /// Ends the journal cleanly, with what is known to be committed.
    mutating func stop(knowing commit: UInt64) {
        journal.know(commit: LogIndex(commit))
        var effects: [DiskEffect] = []
        journal.stop(now: .zero, into: &effects)
        perform(effects)
    }

    private mutating func perform(_ effects: [DiskEffect]) {
        var effects = effects
        while !effects.isEmpty {
            let effect = effects.removeFirst()
            let (completion, _) = disk.perform(effect, batch: journal.batchBytes)
            _ = journal.completed(completion, now: .zero, into: &effects)
        }
    }

    /// Adds an acquire.
    mutating func acquire(_ name: String, ttl: Nanoseconds = .seconds(60), value: [UInt8] = [1, 2]) {
        append(.command, bytes(.acquire(head(), Acquire(name: name, holder: "host:\(name)", ttl: ttl, value: value))))
    }

    mutating func head() -> RequestHead {
        sequence += 1
        let request = RequestID(instance: ClientInstance(9), sequence: RequestSequence(sequence))
        return RequestHead(
            request: request, lowestUnanswered: request.sequence, newestSeen: LogTime(milliseconds * 1_000_000))
    }

    func bytes(_ command: Command) -> [UInt8] {
        var payload: [UInt8] = []
        command.encode(into: &payload)
        return payload
    }

    /// What is saved of it now.
    func saved(takesUncommitted: Bool = false) throws(BackupError) -> StoppedNode {
        var copy = disk
        copy.processEnded()
        return try StoppedNode(recoveredFrom: &copy, seed: 6, takesUncommitted: takesUncommitted)
    }

    /// Three leases of one of three nodes, all known to be committed, with one entry behind them.
    static func threeLeases() throws -> DirectoryScript {
        var script = try DirectoryScript()
        for name in ["jobs/a", "jobs/b", "jobs/é"] { script.acquire(name) }
        script.commitAll()
        return script
    }
}

/// Lets everything pass.
struct Ignoring: JournalVisitor {
    mutating func recovered(_ snapshot: InstalledSnapshot) -> Bool { true }
    mutating func recovered(snapshotContent bytes: RawSpan) -> Bool { true }
    mutating func recoveredSnapshot() -> Bool { true }
    mutating func recovered(term: Term, votedFor: NodeID?) {}
    mutating func recovered(_ header: EntryHeader, payload: RawSpan) -> Bool { true }
    mutating func recovered(truncationAfter index: LogIndex) {}
    mutating func recovered(commit index: LogIndex) {}
}

extension Backup {
    /// The file's bytes and its name among nodes.
    func file() -> (bytes: [UInt8], id: SnapshotID) {
        var writer = BackupWriter(self)
        var bytes: [UInt8] = []
        while true {
            if let id = writer.write(into: &bytes) { return (bytes, id) }
        }
    }

    /// Reads a file in pieces of a size.
    init(file: [UInt8], piece: Int = 1 << 20) throws(JournalError) {
        var reader = BackupReader(name: "leases.snapshot", hashSeed: 8)
        var offset = 0
        while !reader.isComplete {
            guard offset < file.count else { throw reader.endsEarly }
            let end = min(file.count, offset + piece)
            try reader.feed(file.span.bytes.extracting(offset..<end))
            offset = end
        }
        self = try reader.finish().0
    }
}

extension SimulatedDisk {
    /// All that whoever looks sees.
    var everything: [String: [UInt8]] {
        Dictionary(uniqueKeysWithValues: fileNames.map { ($0, contents($0)) })
    }
}
