import LeaseholdBase
import Raft

/// A batch being gathered or being written. Two of them take turns, so that bytes in flight are left alone and nothing is
/// allocated once both are warm.
///
///     0                128            224
///     | segment header | batch header | records … |
///
/// The room for a segment header is used when the batch is the first of its segment.
struct BatchBuffer: Sendable {
    /// Where the batch's header stands; before it is the room for a segment's.
    static let batchStart = JournalFormat.segmentHeaderBytes
    /// Where the records begin.
    static let payloadStart = batchStart + JournalFormat.batchHeaderBytes

    private(set) var bytes: [UInt8]
    /// How many groups of records there are.
    private(set) var groups = 0
    /// The last group's number and term of issue.
    private(set) var through: PersistNumber = .zero
    private(set) var issuedIn: Term = .zero
    /// The state before the first group, and after the last.
    private(set) var before = LogState()
    private(set) var after = LogState()
    /// The lowest index that the batch appends or voids.
    private(set) var lowestIndex: LogIndex?
    private(set) var truncates = false
    /// The snapshot that the batch marks, and whether the log begins anew behind it.
    private(set) var mark: SnapshotMark?

    init() { bytes = [UInt8](repeating: 0, count: Self.payloadStart) }

    var isEmpty: Bool { groups == 0 }
    /// How many bytes the batch will have with its header and padding.
    var totalCount: Int { JournalFormat.aligned(bytes.count - Self.batchStart) }
    /// The lowest index that the batch decides; without any, the one behind the log's last.
    var firstIndex: LogIndex { lowestIndex ?? after.lastIndex.next }

    /// Forgets the records and keeps the memory.
    mutating func reset(to state: LogState) {
        bytes.removeLast(bytes.count - Self.payloadStart)
        groups = 0
        (before, after) = (state, state)
        lowestIndex = nil
        truncates = false
        mark = nil
    }

    mutating func open(_ number: PersistNumber, issuedIn term: Term) {
        groups += 1
        through = number
        issuedIn = term
    }

    mutating func hardState(_ term: Term, _ votedFor: NodeID?) {
        RecordCodec.encode(hardState: term, votedFor: votedFor, into: &bytes)
        after.term = term
        after.votedFor = votedFor
    }

    mutating func truncate(after index: LogIndex, leaving lastIndex: LogIndex, _ lastTerm: Term) {
        RecordCodec.encode(truncationAfter: index, into: &bytes)
        truncates = true
        touch(index.next)
        after.lastIndex = lastIndex
        after.lastTerm = lastTerm
    }

    mutating func entry(_ header: EntryHeader, payload: RawSpan) {
        RecordCodec.encode(header, payload: payload, into: &bytes)
        touch(header.index)
        after.lastIndex = header.index
        after.lastTerm = header.term
    }

    mutating func mark(_ snapshot: SnapshotMark) {
        RecordCodec.encode(snapshot, into: &bytes)
        mark = snapshot
        guard snapshot.restartsLog else { return }
        lowestIndex = snapshot.id.lastIndex.next
        after.lastIndex = snapshot.id.lastIndex
        after.lastTerm = snapshot.id.lastTerm
    }

    mutating func commit(through index: LogIndex) { after.commit = max(after.commit, index) }

    private mutating func touch(_ index: LogIndex) { lowestIndex = min(lowestIndex ?? index, index) }

    /// Pads the records and writes the batch's header before them.
    mutating func seal(_ flags: BatchHeader.Flags, identity: JournalIdentity, segment: UInt64, number: UInt64) {
        let padding = totalCount - (bytes.count - Self.batchStart)
        for _ in 0..<padding { bytes.append(0) }
        let checksum = unsafe CRC32C.checksum(bytes.span.bytes.extracting(Self.payloadStart..<bytes.count))
        let header = BatchHeader(
            flags: flags, identity: identity, segment: segment, number: number, lastIndex: after.lastIndex,
            lastTerm: after.lastTerm, commit: after.commit, payloadCount: bytes.count - Self.payloadStart,
            payloadChecksum: checksum)
        header.encode(over: &bytes, at: Self.batchStart)
    }

    /// Writes a segment's header into the room before the batch.
    mutating func head(_ header: SegmentHeader) { header.encode(over: &bytes, at: 0) }
}
