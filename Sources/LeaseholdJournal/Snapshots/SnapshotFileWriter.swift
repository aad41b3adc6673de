internal import LeaseholdBase

/// Makes a snapshot's file of its content, which comes in pieces of any size: the bytes depend on the content alone.
///
///     var writer = SnapshotFileWriter(header)
///     writer.append(piece)             // as often as there is more
///     let id = writer.finish()
///     // after each of them, what is in writer.output is written behind what was there before
public struct SnapshotFileWriter: Sendable {
    /// Bytes of the file that nobody has taken yet.
    public private(set) var output: [UInt8] = []
    private let lastIndex: LogIndex
    private let lastTerm: Term
    private var payload: [UInt8] = []
    private var chunks: UInt64 = 0
    private var contentBytes = 0
    /// Of all bytes made so far.
    private var checksum: UInt32 = 0
    private var byteCount = 0

    /// Begins a file.
    public init(_ header: SnapshotHeader) {
        lastIndex = header.lastIndex
        lastTerm = header.lastTerm
        header.encode(into: &output)
        count(from: 0)
    }

    /// Adds content.
    public mutating func append(_ content: RawSpan) {
        var rest = content
        contentBytes += content.byteCount
        while rest.byteCount > 0 {
            let taken = min(rest.byteCount, SnapshotFileFormat.chunkBytes - payload.count)
            payload.append(bytes: rest.extracting(0..<taken))
            rest = rest.extracting(taken..<rest.byteCount)
            if payload.count == SnapshotFileFormat.chunkBytes { close() }
        }
    }

    /// Ends the file, and names it.
    public mutating func finish() -> SnapshotID {
        close()
        let id = SnapshotID(
            lastIndex: lastIndex, lastTerm: lastTerm, byteCount: byteCount + SnapshotFileFormat.endBytes,
            checksum: checksum)
        let start = SnapshotFileFormat.begin(
            SnapshotFileFormat.endMagic, count: SnapshotFileFormat.endBytes, in: &output)
        output.append(uint32: 0)
        output.append(uint64: chunks)
        output.append(uint64: UInt64(contentBytes))
        output.append(uint32: checksum)
        SnapshotFileFormat.end(start, count: SnapshotFileFormat.endBytes, in: &output)
        return id
    }

    /// Appends the output to other bytes, and forgets it.
    public mutating func take(into bytes: inout [UInt8]) {
        bytes.append(contentsOf: output)
        output.removeAll(keepingCapacity: true)
    }

    private mutating func close() {
        guard !payload.isEmpty else { return }
        let before = output.count
        let start = SnapshotFileFormat.begin(
            SnapshotFileFormat.chunkMagic, count: SnapshotFileFormat.chunkHeadBytes, in: &output)
        output.append(uint32: UInt32(truncatingIfNeeded: chunks))
        output.append(uint32: UInt32(payload.count))
        output.append(uint32: CRC32C.checksum(payload))
        SnapshotFileFormat.end(start, count: SnapshotFileFormat.chunkHeadBytes, in: &output)
        output.append(contentsOf: payload)
        payload.removeAll(keepingCapacity: true)
        chunks += 1
        count(from: before)
    }

    private mutating func count(from start: Int) {
        checksum = unsafe CRC32C.checksum(output.span.bytes.extracting(start..<output.count), from: checksum)
        byteCount += output.count - start
    }
}
