import LeaseMachine
import LeaseholdBase

/// A snapshot's bytes taken apart, changed, and put together again.
struct SnapshotBytes {
    struct Chunk {
        var format: UInt8
        var section: UInt8
        var flags: UInt16
        var payload: [UInt8]
    }
    var chunks: [Chunk] = []

    init(_ bytes: [UInt8]) {
        var offset = 0
        while offset + 20 <= bytes.count {
            let length = Int(number(bytes, offset + 12))
            chunks.append(
                Chunk(
                    format: bytes[offset + 4], section: bytes[offset + 5],
                    flags: UInt16(bytes[offset + 6]) | UInt16(bytes[offset + 7]) << 8,
                    payload: Array(bytes[offset + 20..<offset + 20 + length])))
            offset += 20 + length
        }
    }

    /// With all numbers and checksums right, those of the end too.
    var bytes: [UInt8] {
        var bytes: [UInt8] = []
        var (payloadBytes, checksum): (UInt64, UInt32) = (0, 0)
        for (place, chunk) in chunks.enumerated() {
            var chunk = chunk
            if chunk.section == 6, chunk.payload.count >= 15 {
                chunk.payload.overwrite(uint64: payloadBytes, at: 3)
                chunk.payload.overwrite(uint32: checksum, at: 11)
            }
            let payloadChecksum = CRC32C.checksum(chunk.payload)
            var head: [UInt8] = [chunk.format, chunk.section]
            head.append(uint16: chunk.flags)
            head.append(uint32: UInt32(place))
            head.append(uint32: UInt32(chunk.payload.count))
            head.append(uint32: payloadChecksum)
            bytes.append(uint32: CRC32C.checksum(head))
            bytes += head + chunk.payload
            payloadBytes += UInt64(chunk.payload.count)
            var four: [UInt8] = []
            four.append(uint32: payloadChecksum)
            checksum = CRC32C.checksum(four.span.bytes, from: checksum)
        }
        return bytes
    }

    /// The records of a chunk, each with its head.
    static func records(_ payload: [UInt8]) -> [[UInt8]] {
        var records: [[UInt8]] = []
        var offset = 0
        while offset + 3 <= payload.count {
            let length = max(3, Int(payload[offset]) | Int(payload[offset + 1]) << 8)
            records.append(Array(payload[offset..<min(payload.count, offset + length)]))
            offset += length
        }
        return records
    }

    /// A record with a length that fits.
    static func record(_ kind: UInt8, _ body: [UInt8]) -> [UInt8] {
        [UInt8(truncatingIfNeeded: body.count + 3), UInt8(truncatingIfNeeded: (body.count + 3) >> 8), kind] + body
    }

    private func number(_ bytes: [UInt8], _ offset: Int) -> UInt32 {
        (0..<4).reduce(0) { $0 | UInt32(bytes[offset + $1]) << UInt32(8 * $1) }
    }
}

extension LeaseMachine {
    /// The whole snapshot at once.
    func snapshotBytes(chunkBytes: Int = 64 << 10) -> [UInt8] {
        var frozen = self
        var bytes: [UInt8] = []
        frozen.beginSnapshot(chunkBytes: chunkBytes)
        _ = frozen.writeSnapshot(atMost: .max, into: &bytes)
        return bytes
    }

    init(snapshot: [UInt8], hashSeed: UInt64 = 5) throws(SnapshotError) {
        var loader = SnapshotLoader(hashSeed: hashSeed)
        try loader.load(snapshot.span.bytes)
        self = try loader.finish()
    }
}

extension TestLog {
    /// A state with something of everything.
    static var varied: TestLog {
        var log = TestLog()
        for client in 1...4 as ClosedRange<UInt64> {
            for place in 0..<3 {
                log.acquire("jobs/\(client)-\(place)", client, holder: "h\(client)", value: [1, 2, UInt8(place)])
                log.now = log.now + .milliseconds(300)
            }
        }
        log.acquire("jobs/1-0", 5)
        log.release(1, 1)
        log.acquire("short", 2, ttl: .milliseconds(500))
        log.apply(.cancel(log.head(3), Cancel(target: RequestID.of(8, 4), name: "never")))
        log.apply(
            .acquire(
                RequestHead(
                    request: RequestID.of(9, 3), lowestUnanswered: RequestSequence(1), newestSeen: log.machine.logTime,
                    principal: "who"), Acquire(name: "é", holder: "ü", ttl: .seconds(20))))
        log.apply(
            .acquire(
                RequestHead(
                    request: RequestID.of(9, 4), lowestUnanswered: RequestSequence(1), newestSeen: log.machine.logTime),
                Acquire(name: "z", holder: "h", ttl: .seconds(20))))
        log.pulse(after: .seconds(1))
        return log
    }
}
