internal import LeaseMachine
internal import LeaseholdBase
internal import LeaseholdJournal
internal import Raft

/// Takes what a stopped node's journal holds: what is known to be committed into a state, and no more.
///
/// The entries behind are counted and left out. They may have been committed by a majority that is gone, and may as well
/// have been given up for others long ago. Only where the node is the whole quorum is what its disk holds committed.
struct BackupVisitor: JournalVisitor {
    private(set) var machine: LeaseMachine
    /// The last entry of the state.
    private(set) var position = LogPosition.zero
    /// The membership at that entry, as its own entry has it, and where that stands.
    private(set) var membership: [UInt8] = []
    private(set) var membershipIndex = LogIndex.zero
    /// The payload of the cluster's first entry, as the snapshots of its nodes have it.
    private(set) var birth: [UInt8] = []
    /// Why no backup can be made of this, if so.
    private(set) var failure: BackupError?

    private let hashSeed: UInt64
    private let knownLevel: UInt64
    private var loader: SnapshotLoader?
    /// Entries behind the state, in order.
    private var waiting: [Entry] = []
    private var output = ApplyOutput()

    private struct Entry {
        var header: EntryHeader
        var payload: [UInt8]
    }

    init(hashSeed: UInt64, knownLevel: UInt64) {
        machine = LeaseMachine(hashSeed: hashSeed)
        machine.knownLevel = knownLevel
        self.hashSeed = hashSeed
        self.knownLevel = knownLevel
    }
    /// How many entries there are that are not known to be committed, once the journal is at its end.
    private(set) var uncommittedCount = 0

    /// The journal is at its end, and this node's. What is known to be committed was written down with what came after it;
    /// a node that alone is a quorum has committed what came last too.
    /// - Parameter takesUncommitted: Takes the entries behind as well, wherever they came from.
    mutating func finish(as node: NodeID, takesUncommitted: Bool) {
        let newest = waiting.last { $0.header.kind == .membership }?.payload ?? membership
        if let members = try? unsafe Membership(payload: newest.span.bytes), members.isQuorum({ $0 == node }) {
            recovered(commit: LogIndex(.max))
        }
        uncommittedCount = waiting.count
        #if PLANTED_BUGS
        let takesUncommitted = takesUncommitted || planted(.backupTakesUncommitted)
        #endif
        guard takesUncommitted else { return }
        // Of these it is not known whether they count: a membership among them is nobody's yet (trap 29).
        let committed = (membership, membershipIndex)
        recovered(commit: LogIndex(.max))
        (membership, membershipIndex) = committed
    }

    mutating func recovered(_ snapshot: InstalledSnapshot) -> Bool {
        loader = SnapshotLoader(hashSeed: hashSeed, knownLevel: knownLevel)
        position = LogPosition(index: snapshot.header.lastIndex, term: snapshot.header.lastTerm)
        (membership, membershipIndex) = (snapshot.header.membership, snapshot.header.membershipIndex)
        birth = snapshot.header.birth
        return true
    }

    mutating func recovered(snapshotContent bytes: RawSpan) -> Bool {
        do throws(SnapshotError) {
            try loader?.load(bytes)
            return true
        } catch { return fail(.state(error)) }
    }

    mutating func recoveredSnapshot() -> Bool {
        do throws(SnapshotError) {
            guard let loaded = try loader?.finish() else { return false }
            (machine, loader) = (loaded, nil)
        } catch { return fail(.state(error)) }
        guard machine.appliedIndex == position.index else {
            return fail(.contradiction("the snapshot \(position.index) holds the state of \(machine.appliedIndex)"))
        }
        return true
    }

    mutating func recovered(term: Term, votedFor: NodeID?) {}

    mutating func recovered(_ header: EntryHeader, payload: RawSpan) -> Bool {
        guard failure == nil else { return false }
        let last = waiting.last?.header.index ?? position.index
        guard header.index == last.next else {
            return fail(.contradiction("entry \(header.index) follows entry \(last)"))
        }
        waiting.append(Entry(header: header, payload: payload.bytesCopied))
        return true
    }

    mutating func recovered(truncationAfter index: LogIndex) {
        guard index >= position.index else {
            _ = fail(.contradiction("entries up to \(position.index) are committed, and those behind \(index) void"))
            return
        }
        while let last = waiting.last, last.header.index > index { waiting.removeLast() }
    }

    mutating func recovered(commit index: LogIndex) {
        var count = 0
        while failure == nil, count < waiting.count, waiting[count].header.index <= index {
            apply(waiting[count])
            count += 1
        }
        waiting.removeFirst(count)
    }

    private mutating func apply(_ entry: Entry) {
        let header = entry.header
        let stamp = EntryStamp(index: header.index, logTime: header.logTime, wallTime: header.wallTime)
        switch header.kind {
        case .command:
            do throws(UnknownCommand) {
                try unsafe machine.apply(entry.payload.span.bytes, at: stamp, into: &output)
            } catch {
                _ = fail(.unknownCommand(header.index, error))
                return
            }
        case .membership:
            (membership, membershipIndex) = (entry.payload, header.index)
            if header.index == LogIndex(1) { birth = entry.payload }
            machine.applyEmpty(at: stamp, into: &output)
        case .empty: machine.applyEmpty(at: stamp, into: &output)
        }
        position = LogPosition(index: header.index, term: header.term)
    }

    private mutating func fail(_ error: BackupError) -> Bool {
        if failure == nil { failure = error }
        return false
    }
}
