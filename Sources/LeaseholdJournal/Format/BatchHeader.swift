public import LeaseholdBase

/// The header of a batch.
///
///      0        4          8        9            10      12
///      | magic  | checksum | format | length / 8 | flags | group |
///     16                  24                 32               40
///      | segment id        | batch number     | node           | incarnation |
///     48                  56                 64               72
///      | cluster, high     | cluster, low     | last index     | last term   |
///     80                  88               92                  96
///      | commit hint       | payload length | payload checksum |
///
/// The checksum covers bytes 8 to 96, the payload checksum the payload. The batch number rises by one with every batch
/// over the life of the directory, over segments too. Last index and term are those of the log once the batch is
/// applied; the commit hint is the greatest index known to be committed when it was made.
public struct BatchHeader: Hashable, Sendable {
    /// What kind of batch it is.
    public struct Flags: OptionSet, Hashable, Sendable {
        /// The bits as they stand in the header.
        public let rawValue: UInt16
        /// Wraps the bits.
        public init(rawValue: UInt16) { self.rawValue = rawValue }
        /// A bare header, written when nothing follows the batch before it.
        public static let seal = Flags(rawValue: 1)
        /// A seal written as the last thing of an orderly stop.
        public static let cleanStop = Flags(rawValue: 2)
        /// All that this build understands.
        static let known: Flags = [.seal, .cleanStop]
    }

    /// What kind of batch it is.
    public var flags: Flags
    /// Whose journal it is.
    public var identity: JournalIdentity
    /// The segment that the batch was written into.
    public var segment: UInt64
    /// Rises by one with every batch over the life of the directory, from 1.
    public var number: UInt64
    /// The last index of the log once the batch is applied.
    public var lastIndex: LogIndex
    /// The term of the entry at the last index.
    public var lastTerm: Term
    /// The greatest index known to be committed when the batch was made.
    public var commit: LogIndex
    /// How many bytes follow the header.
    public var payloadCount: Int
    /// The CRC-32C of those bytes.
    public var payloadChecksum: UInt32

    /// Joins the fields.
    package init(
        flags: Flags, identity: JournalIdentity, segment: UInt64, number: UInt64, lastIndex: LogIndex, lastTerm: Term,
        commit: LogIndex, payloadCount: Int, payloadChecksum: UInt32
    ) {
        self.flags = flags
        self.identity = identity
        self.segment = segment
        self.number = number
        self.lastIndex = lastIndex
        self.lastTerm = lastTerm
        self.commit = commit
        self.payloadCount = payloadCount
        self.payloadChecksum = payloadChecksum
    }

    /// How many bytes the batch has with its header.
    package var totalCount: Int { JournalFormat.batchHeaderBytes + payloadCount }

    /// Writes the header over the bytes at an offset.
    func encode(over bytes: inout [UInt8], at offset: Int) {
        let front = UInt32(JournalFormat.format) | UInt32(JournalFormat.batchHeaderBytes / 8) << 8
        bytes.overwrite(uint32: JournalFormat.batchMagic, at: offset)
        bytes.overwrite(uint32: front | UInt32(flags.rawValue) << 16, at: offset + 8)
        bytes.overwrite(uint32: identity.group, at: offset + 12)
        bytes.overwrite(uint64: segment, at: offset + 16)
        bytes.overwrite(uint64: number, at: offset + 24)
        bytes.overwrite(uint64: identity.node.rawValue, at: offset + 32)
        bytes.overwrite(uint64: identity.incarnation.rawValue, at: offset + 40)
        bytes.overwrite(uint64: identity.cluster.high, at: offset + 48)
        bytes.overwrite(uint64: identity.cluster.low, at: offset + 56)
        bytes.overwrite(uint64: lastIndex.rawValue, at: offset + 64)
        bytes.overwrite(uint64: lastTerm.rawValue, at: offset + 72)
        bytes.overwrite(uint64: commit.rawValue, at: offset + 80)
        bytes.overwrite(uint32: UInt32(payloadCount), at: offset + 88)
        bytes.overwrite(uint32: payloadChecksum, at: offset + 92)
        let end = offset + JournalFormat.batchHeaderBytes
        let checksum = unsafe CRC32C.checksum(bytes.span.bytes.extracting(offset + 8..<end))
        bytes.overwrite(uint32: checksum, at: offset + 4)
    }

    /// What stands at the front of some bytes.
    package enum Reading: Hashable {
        /// No header, or a damaged one.
        case nothing
        /// An undamaged header of a format, or with flags, that this build does not know.
        case unsupported(UInt8)
        /// A header.
        case header(BatchHeader)
    }

    /// Reads a header from the front of the bytes. Never traps, whatever they are.
    package static func read(_ bytes: RawSpan) -> Reading {
        guard JournalFormat.isHeader(bytes, magic: JournalFormat.batchMagic) else { return .nothing }
        var reader = ByteReader(bytes)
        guard let (format, header) = try? decode(&reader) else { return .nothing }
        guard format == JournalFormat.format, let header else { return .unsupported(format) }
        return .header(header)
    }

    @_lifetime(reader: copy reader)
    private static func decode(_ reader: inout ByteReader) throws(DecodingError) -> (UInt8, BatchHeader?) {
        _ = try reader.uint64()
        let format = try reader.byte()
        let length = Int(try reader.byte()) * 8
        let flags = Flags(rawValue: try reader.uint16())
        guard format == JournalFormat.format, length == JournalFormat.batchHeaderBytes, flags.isSubset(of: .known)
        else { return (format, nil) }
        let group = try reader.uint32()
        let segment = try reader.uint64()
        let number = try reader.uint64()
        let identity = JournalIdentity(
            group: group, node: NodeID(try reader.uint64()), incarnation: Incarnation(try reader.uint64()),
            cluster: ClusterID(high: try reader.uint64(), low: try reader.uint64()))
        let header = BatchHeader(
            flags: flags, identity: identity, segment: segment, number: number,
            lastIndex: LogIndex(try reader.uint64()), lastTerm: Term(try reader.uint64()),
            commit: LogIndex(try reader.uint64()), payloadCount: Int(try reader.uint32()),
            payloadChecksum: try reader.uint32())
        return (format, header)
    }
}
