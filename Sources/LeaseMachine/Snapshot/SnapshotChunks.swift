internal import LeaseholdBase

/// Gathers records into chunks. Where a chunk ends depends on its records alone, so that it is the same on every node.
struct SnapshotChunks: Sendable {
    /// A chunk is closed by the record with which its payload has at least so many bytes.
    private let chunkBytes: Int
    private var payload: [UInt8] = []
    private var section = SnapshotSection.position
    private var number: UInt32 = 0
    /// What the end tells: the bytes of all payloads, and a checksum over their checksums.
    private var payloadBytes: UInt64 = 0
    private var checksum: UInt32 = 0
    /// Closed chunks that nobody has taken yet.
    private(set) var output: [UInt8] = []
    /// How many bytes of records came since ``beginTurn(atMost:)``, and how many may.
    private var gathered = 0
    private var limit = 0

    init(chunkBytes: Int) { self.chunkBytes = chunkBytes }

    /// Whether this turn's share is used up.
    var isFull: Bool { gathered >= limit }

    mutating func beginTurn(atMost limit: Int) {
        gathered = 0
        self.limit = limit
    }

    /// Something was looked at that is not written: a little of the share.
    mutating func passOver() { gathered += 16 }

    /// Adds whole records to a section, which is that of those before or a later one.
    mutating func add(_ records: RawSpan, to section: SnapshotSection) {
        if section != self.section {
            close()
            self.section = section
        }
        gathered += records.byteCount
        if payload.count + records.byteCount < chunkBytes { return payload.append(bytes: records) }
        var offset = 0
        while offset < records.byteCount {
            let length = Int(records[offset]) | Int(records[offset + 1]) << 8
            payload.append(bytes: records.extracting(offset..<offset + length))
            offset += length
            if payload.count >= chunkBytes { close() }
        }
    }

    /// Closes the last section and adds the end.
    mutating func finish() {
        close()
        section = .end
        let start = SnapshotFormat.begin(.end, in: &payload)
        payload.append(uint64: payloadBytes)
        payload.append(uint32: checksum)
        SnapshotFormat.end(start, in: &payload)
        close()
    }

    /// Gives the closed chunks away.
    mutating func take(into bytes: inout [UInt8]) {
        bytes.append(contentsOf: output)
        output.removeAll(keepingCapacity: true)
    }

    private mutating func close() {
        guard !payload.isEmpty else { return }
        let payloadChecksum = CRC32C.checksum(payload)
        SnapshotChunkHeader(
            format: SnapshotFormat.format, section: section.rawValue, flags: 0, number: number, length: payload.count,
            payloadChecksum: payloadChecksum
        ).encode(into: &output)
        output.append(contentsOf: payload)
        number += 1
        payloadBytes += UInt64(payload.count)
        checksum = SnapshotFormat.checksum(payloadChecksum, from: checksum)
        payload.removeAll(keepingCapacity: true)
    }
}

extension SnapshotFormat {
    /// The checksum over a chunk's checksum and those before.
    static func checksum(_ payloadChecksum: UInt32, from previous: UInt32) -> UInt32 {
        let bytes: InlineArray<4, UInt8> = [
            UInt8(truncatingIfNeeded: payloadChecksum), UInt8(truncatingIfNeeded: payloadChecksum >> 8),
            UInt8(truncatingIfNeeded: payloadChecksum >> 16), UInt8(truncatingIfNeeded: payloadChecksum >> 24),
        ]
        return unsafe CRC32C.checksum(bytes.span.bytes, from: previous)
    }
}
