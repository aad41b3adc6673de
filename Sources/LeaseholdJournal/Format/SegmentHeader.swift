public import LeaseholdBase

/// The header at the front of a segment.
///
///      0        4          8        9            10      12
///      | magic  | checksum | format | length / 8 | flags | group |
///     16                  24                 32               40
///      | segment id        | first index      | first batch    | node          |
///     48                  56                 64               72
///      | incarnation       | cluster, high    | cluster, low   | previous term |
///     80                  88                 96               104              112            120        124    128
///      | current term      | vote or 0        | snapshot index | snapshot term | snapshot bytes | checksum | flags |
///
/// The checksum covers bytes 8 to 128. It is written and synced before the segment gets its name, so a segment with a
/// name has a whole header. First index is the one after the log's last when the segment was begun (a truncation in its
/// first batch may lead below it), previous term the term of the entry before that. Current term and vote are repeated
/// here so that they outlive the segments before this one (trap 37), and so is the newest mark of a snapshot; zeros there
/// mean that there is none. The flag at byte 10 says that there is one: a build that knows no snapshots refuses it.
public struct SegmentHeader: Hashable, Sendable {
    /// Whose journal it is.
    public var identity: JournalIdentity
    /// Random. A batch with another one is left over from an earlier use of the same disk space.
    public var segment: UInt64
    /// The index after the log's last when the segment was begun.
    public var firstIndex: LogIndex
    /// The number of the segment's first batch.
    public var firstBatch: UInt64
    /// The term of the entry before the first index; zero before the log.
    public var previousTerm: Term
    /// The current term when the segment was begun.
    public var term: Term
    /// The vote in that term.
    public var votedFor: NodeID?
    /// The newest mark of a snapshot before the segment, if there is one.
    public var snapshot: SnapshotMark?

    /// Joins the fields.
    package init(
        identity: JournalIdentity, segment: UInt64, firstIndex: LogIndex, firstBatch: UInt64, previousTerm: Term,
        term: Term, votedFor: NodeID? = nil, snapshot: SnapshotMark? = nil
    ) {
        self.identity = identity
        self.segment = segment
        self.firstIndex = firstIndex
        self.firstBatch = firstBatch
        self.previousTerm = previousTerm
        self.term = term
        self.votedFor = votedFor
        self.snapshot = snapshot
    }

    /// Writes the header over the bytes at an offset.
    func encode(over bytes: inout [UInt8], at offset: Int) {
        let front = UInt32(JournalFormat.format) | UInt32(JournalFormat.segmentHeaderBytes / 8) << 8
        bytes.overwrite(uint32: JournalFormat.segmentMagic, at: offset)
        bytes.overwrite(uint32: front | (snapshot == nil ? 0 : 1 << 16), at: offset + 8)
        bytes.overwrite(uint32: identity.group, at: offset + 12)
        bytes.overwrite(uint64: segment, at: offset + 16)
        bytes.overwrite(uint64: firstIndex.rawValue, at: offset + 24)
        bytes.overwrite(uint64: firstBatch, at: offset + 32)
        bytes.overwrite(uint64: identity.node.rawValue, at: offset + 40)
        bytes.overwrite(uint64: identity.incarnation.rawValue, at: offset + 48)
        bytes.overwrite(uint64: identity.cluster.high, at: offset + 56)
        bytes.overwrite(uint64: identity.cluster.low, at: offset + 64)
        bytes.overwrite(uint64: previousTerm.rawValue, at: offset + 72)
        bytes.overwrite(uint64: term.rawValue, at: offset + 80)
        bytes.overwrite(uint64: votedFor?.rawValue ?? 0, at: offset + 88)
        bytes.overwrite(uint64: snapshot?.id.lastIndex.rawValue ?? 0, at: offset + 96)
        bytes.overwrite(uint64: snapshot?.id.lastTerm.rawValue ?? 0, at: offset + 104)
        bytes.overwrite(uint64: UInt64(snapshot?.id.byteCount ?? 0), at: offset + 112)
        bytes.overwrite(uint32: snapshot?.id.checksum ?? 0, at: offset + 120)
        bytes.overwrite(uint32: snapshot?.restartsLog == true ? 1 : 0, at: offset + 124)
        let end = offset + JournalFormat.segmentHeaderBytes
        let checksum = unsafe CRC32C.checksum(bytes.span.bytes.extracting(offset + 8..<end))
        bytes.overwrite(uint32: checksum, at: offset + 4)
    }

    /// What stands at the front of a segment.
    package enum Reading: Hashable {
        /// No header, or a damaged one.
        case nothing
        /// An undamaged header of a format that this build does not know.
        case unsupported(UInt8)
        /// A header.
        case header(SegmentHeader)
    }

    /// Reads a header from the front of the bytes. Never traps, whatever they are.
    package static func read(_ bytes: RawSpan) -> Reading {
        guard JournalFormat.isHeader(bytes, magic: JournalFormat.segmentMagic) else { return .nothing }
        var reader = ByteReader(bytes)
        guard let (format, header) = try? decode(&reader) else { return .nothing }
        guard format == JournalFormat.format, let header else { return .unsupported(format) }
        return .header(header)
    }

    @_lifetime(reader: copy reader)
    private static func decode(_ reader: inout ByteReader) throws(DecodingError) -> (UInt8, SegmentHeader?) {
        _ = try reader.uint64()
        let format = try reader.byte()
        let length = Int(try reader.byte()) * 8
        let flags = try reader.uint16()
        guard format == JournalFormat.format, length == JournalFormat.segmentHeaderBytes, flags <= 1
        else { return (format, nil) }
        let group = try reader.uint32()
        let segment = try reader.uint64()
        let firstIndex = LogIndex(try reader.uint64())
        let firstBatch = try reader.uint64()
        let identity = JournalIdentity(
            group: group, node: NodeID(try reader.uint64()), incarnation: Incarnation(try reader.uint64()),
            cluster: ClusterID(high: try reader.uint64(), low: try reader.uint64()))
        let previousTerm = Term(try reader.uint64())
        let term = Term(try reader.uint64())
        let vote = try reader.uint64()
        let id = SnapshotID(
            lastIndex: LogIndex(try reader.uint64()), lastTerm: Term(try reader.uint64()),
            byteCount: Int(clamping: try reader.uint64()), checksum: try reader.uint32())
        let mark = SnapshotMark(id: id, restartsLog: try reader.uint32() == 1)
        let header = SegmentHeader(
            identity: identity, segment: segment, firstIndex: firstIndex, firstBatch: firstBatch,
            previousTerm: previousTerm, term: term, votedFor: vote == 0 ? nil : NodeID(vote),
            snapshot: flags == 1 ? mark : nil)
        return (format, header)
    }
}
