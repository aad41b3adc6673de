internal import LeaseholdBase

/// Reads a snapshot's file from pieces of any size, and checks all of it. Never traps, whatever the bytes are.
///
///     var reader = SnapshotFileReader(name: "journal/….snap")
///     while let piece = nextPiece() {
///         reader.feed(piece)
///         while let item = try reader.next() { … }
///     }
///
/// What is behind the end is not looked at. Memory: the pieces fed, and one chunk.
public struct SnapshotFileReader: Sendable {
    /// One part of the file.
    public enum Item: Hashable, Sendable {
        /// The head: the first item.
        case header(SnapshotHeader)
        /// So much content, in ``SnapshotFileReader/content`` until the next call.
        case content
        /// The end: the last item.
        case end(SnapshotID)
    }

    private let name: String
    private var window: [UInt8] = []
    /// How much of the window has been read, and where in the file that is.
    private var used = 0
    private var offset = 0
    private var contentRange = 0..<0
    private var header: SnapshotHeader?
    private var chunks: UInt64 = 0
    private var contentBytes = 0
    /// Whether a chunk had less than it could.
    private var isLast = false
    private var checksum: UInt32 = 0
    private var isEnded = false

    /// A reader at the file's beginning. The name is told in errors.
    public init(name: String) { self.name = name }

    /// The content of the item given last.
    public var content: RawSpan {
        @_lifetime(borrow self)
        get { unsafe window.span.bytes.extracting(contentRange) }
    }

    /// Where in a file the membership stands.
    public static var membershipOffset: Int { SnapshotFileFormat.headBytes }

    /// Where in the file a byte of the content stands, by its place in the content. It is none that is still to come.
    public func offset(ofContent place: Int) -> Int {
        let end = isEnded ? offset - SnapshotFileFormat.endBytes : offset
        let heads = Int(chunks) * SnapshotFileFormat.chunkHeadBytes
        let first = end - heads - contentBytes
        return first + (place / SnapshotFileFormat.chunkBytes + 1) * SnapshotFileFormat.chunkHeadBytes + place
    }

    /// The error for a file that ends here.
    public var endsEarly: JournalError {
        .snapshotCorrupt(file: name, offset: offset + window.count - used, reason: "the file ends early")
    }

    /// Takes the next bytes of the file.
    public mutating func feed(_ bytes: RawSpan) {
        window.removeFirst(used)
        used = 0
        contentRange = 0..<0
        if !isEnded { window.append(bytes: bytes) }
    }

    /// The next part, or nothing until more has been fed, or behind the end.
    public mutating func next() throws(JournalError) -> Item? {
        guard !isEnded else { return nil }
        guard let header else { return try readHeader() }
        guard window.count - used >= SnapshotFileFormat.chunkHeadBytes else { return nil }
        switch unsafe SnapshotFileFormat.magic(window.span.bytes.extracting(used..<window.count)) {
        case SnapshotFileFormat.chunkMagic: return try readChunk()
        case SnapshotFileFormat.endMagic: return try readEnd(header)
        default: throw corrupt("there is neither a chunk nor an end")
        }
    }

    private mutating func readHeader() throws(JournalError) -> Item? {
        guard window.count - used >= SnapshotFileFormat.headBytes else { return nil }
        try check(SnapshotFileFormat.headMagic, SnapshotFileFormat.headBytes, "the head")
        do {
            var reader = unsafe ByteReader(
                window.span.bytes.extracting(used + 12..<used + SnapshotFileFormat.headBytes))
            let group = try reader.uint32()
            let cluster = ClusterID(high: try reader.uint64(), low: try reader.uint64())
            let (lastIndex, lastTerm) = (LogIndex(try reader.uint64()), Term(try reader.uint64()))
            let (logTime, wallTime) = (LogTime(try reader.uint64()), WallTime(try reader.uint64()))
            let membershipIndex = LogIndex(try reader.uint64())
            let count = Int(try reader.uint32())
            let birthCount = Int(try reader.uint32())
            let membershipChecksum = try reader.uint32()
            let most = SnapshotFileFormat.membershipBytesMax
            guard count <= most, birthCount <= most else { throw corrupt("the membership is too long") }
            let start = used + SnapshotFileFormat.headBytes
            let (middle, end) = (start + count, start + count + birthCount)
            guard window.count >= end else { return nil }
            guard CRC32C.checksum(Array(window[start..<end])) == membershipChecksum else {
                throw corrupt("the membership does not match its checksum")
            }
            guard lastIndex > .zero, membershipIndex <= lastIndex, cluster != .unborn else {
                throw corrupt("the head tells of no state that there can be")
            }
            let header = SnapshotHeader(
                group: group, cluster: cluster, lastIndex: lastIndex, lastTerm: lastTerm, logTime: logTime,
                wallTime: wallTime, membershipIndex: membershipIndex, membership: Array(window[start..<middle]),
                birth: Array(window[middle..<end]))
            self.header = header
            consume(end - used)
            return .header(header)
        } catch let error as JournalError {
            throw error
        } catch {
            throw corrupt("the head is damaged")
        }
    }

    private mutating func readChunk() throws(JournalError) -> Item? {
        try check(SnapshotFileFormat.chunkMagic, SnapshotFileFormat.chunkHeadBytes, "a chunk's head")
        let number = field(at: 12)
        let count = Int(field(at: 16))
        let payloadChecksum = field(at: 20)
        guard UInt64(number) == chunks, !isLast, count > 0, count <= SnapshotFileFormat.chunkBytes else {
            throw corrupt("chunk \(number) with \(count) bytes cannot be here")
        }
        let start = used + SnapshotFileFormat.chunkHeadBytes
        guard window.count >= start + count else { return nil }
        guard unsafe CRC32C.checksum(window.span.bytes.extracting(start..<start + count)) == payloadChecksum else {
            throw corrupt("chunk \(number) does not match its checksum")
        }
        chunks += 1
        contentBytes += count
        isLast = count < SnapshotFileFormat.chunkBytes
        consume(SnapshotFileFormat.chunkHeadBytes + count)
        contentRange = start..<start + count
        return .content
    }

    private mutating func readEnd(_ header: SnapshotHeader) throws(JournalError) -> Item? {
        guard window.count - used >= SnapshotFileFormat.endBytes else { return nil }
        try check(SnapshotFileFormat.endMagic, SnapshotFileFormat.endBytes, "the end")
        let told = (
            UInt64(field(at: 16)) | UInt64(field(at: 20)) << 32, UInt64(field(at: 24)) | UInt64(field(at: 28)) << 32
        )
        guard told == (chunks, UInt64(contentBytes)), field(at: 32) == checksum else {
            throw corrupt("the end tells of another file than there is")
        }
        isEnded = true
        let id = SnapshotID(
            lastIndex: header.lastIndex, lastTerm: header.lastTerm, byteCount: offset + SnapshotFileFormat.endBytes,
            checksum: checksum)
        consume(SnapshotFileFormat.endBytes)
        return .end(id)
    }

    private func check(_ magic: UInt32, _ count: Int, _ what: String) throws(JournalError) {
        let bytes = unsafe window.span.bytes.extracting(used..<used + min(count, window.count - used))
        guard JournalFormat.isHeader(bytes, magic: magic) else { throw corrupt("\(what) is damaged") }
        guard window[used + 8] == JournalFormat.format, Int(window[used + 9]) * 8 == count else {
            let format = FormatVersion(found: window[used + 8], newest: JournalFormat.format)
            throw .unsupported(file: name, offset: offset, reason: "snapshot " + format.refusal)
        }
    }

    private func field(at place: Int) -> UInt32 {
        unsafe SnapshotFileFormat.magic(window.span.bytes.extracting(used + place..<used + place + 4))
    }

    private mutating func consume(_ count: Int) {
        checksum = unsafe CRC32C.checksum(window.span.bytes.extracting(used..<used + count), from: checksum)
        used += count
        offset += count
    }

    private func corrupt(_ reason: String) -> JournalError {
        .snapshotCorrupt(file: name, offset: offset, reason: reason)
    }
}
