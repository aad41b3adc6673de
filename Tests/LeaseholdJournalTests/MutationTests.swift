import LeaseholdBase
import LeaseholdJournal
import Raft
import Simulator
import Testing

/// Damaged bytes never trap. A million in a release build, fewer in a slow one.
@Suite struct MutationTests {
    #if DEBUG
    static let rounds = 20_000
    #else
    static let rounds = 1_000_000
    #endif

    /// Changes a few bytes, or the length, and makes the checksum of the header right again every other time.
    static func mutate(_ bytes: inout [UInt8], _ random: inout RandomSource) {
        for _ in 0...random.below(4) {
            guard !bytes.isEmpty else { return }
            let place = Int(random.below(UInt64(bytes.count)))
            switch random.below(4) {
            case 0: bytes[place] = UInt8(truncatingIfNeeded: random.next())
            case 1: bytes[place] = 0xFF
            case 2: bytes[place] ^= 1 << UInt8(random.below(8))
            default: bytes.removeLast(Int(random.below(UInt64(min(bytes.count, 40)))))
            }
        }
        guard random.chance(1, in: 2), bytes.count >= 16 else { return }
        let length = Int(bytes[9]) * 8
        guard length >= 16, length <= bytes.count else { return }
        bytes.overwrite(uint32: CRC32C.checksum(Array(bytes[8..<length])), at: 4)
    }

    @Test func headersAndTheIdentity() throws {
        let rig = try DamageTests.journal(sealed: true)
        let bytes = rig.disk.contents(rig.journal.segments[0].name)
        let identity = rig.disk.contents("identity")
        var random = RandomSource(seed: 1)
        var (segments, batches, identities) = (0, 0, 0)
        for _ in 0..<Self.rounds {
            var segment = Array(bytes[..<128])
            Self.mutate(&segment, &random)
            if case .header = SegmentHeader.read(segment.span.bytes) { segments += 1 }
            var batch = Array(bytes[128..<224])
            Self.mutate(&batch, &random)
            if case .header = BatchHeader.read(batch.span.bytes) { batches += 1 }
            var file = identity
            Self.mutate(&file, &random)
            if (try? DirectoryIdentity.decode(file.span.bytes)) != nil { identities += 1 }
        }
        #expect(segments > 0 && batches > 0 && identities > 0)
    }

    @Test func records() throws {
        let entry = Request.item(5, 2, [1, 2, 3, 4])
        var records: [UInt8] = []
        RecordCodec.encode(hardState: Term(2), votedFor: NodeID(1), into: &records)
        RecordCodec.encode(truncationAfter: LogIndex(4), into: &records)
        RecordCodec.encode(entry.header, payload: entry.payload.span.bytes, into: &records)
        var random = RandomSource(seed: 2)
        var (read, refused) = (0, 0)
        for _ in 0..<Self.rounds {
            var bytes = records
            Self.mutate(&bytes, &random)
            var reader = ByteReader(bytes.span.bytes)
            do {
                while try RecordCodec.next(&reader) != nil { read += 1 }
            } catch { refused += 1 }
        }
        #expect(read > 0 && refused > 0)
    }

    @Test func wholeDirectories() throws {
        var rig = try DamageTests.journal(sealed: true)
        rig.append(
            Request(
                term: Term(2), votedFor: NodeID(2), truncateAfter: LogIndex(9), entries: [Request.item(10, 2, [1, 2])]))
        rig.flush()
        let names = ["identity"] + rig.journal.segments.map { $0.name }
        var random = RandomSource(seed: 3)
        var (told, whole) = (0, 0)
        for _ in 0..<Self.rounds / 40 {
            var disk = rig.disk
            let name = names[Int(random.below(UInt64(names.count)))]
            disk.rot(name) { Self.damage(&$0, &random) }
            do {
                _ = try recovered(from: disk, segmentBytes: DamageTests.segmentBytes)
                whole += 1
            } catch { told += 1 }
            Self.inspect(&disk)
        }
        #expect(told > 0 && whole > 0)
    }

    /// Damages a file; every other time it makes the checksums of the batch that was hit right again.
    private static func damage(_ bytes: inout [UInt8], _ random: inout RandomSource) {
        var offset = 128
        var batches: [Range<Int>] = []
        while offset + 96 <= bytes.count,
            case .header(let batch) = BatchHeader.read(Array(bytes[offset..<offset + 96]).span.bytes)
        {
            batches.append(offset..<offset + batch.totalCount)
            offset += batch.totalCount
        }
        guard !batches.isEmpty, random.chance(3, in: 4) else { return mutate(&bytes, &random) }
        let hit = batches[Int(random.below(UInt64(batches.count)))]
        for _ in 0...random.below(3) {
            let place = hit.lowerBound + Int(random.below(UInt64(hit.count)))
            bytes[place] = UInt8(truncatingIfNeeded: random.next())
        }
        guard random.chance(1, in: 2) else { return }
        bytes.overwrite(
            uint32: CRC32C.checksum(Array(bytes[hit.lowerBound + 96..<hit.upperBound])), at: hit.lowerBound + 92)
        bytes.overwrite(
            uint32: CRC32C.checksum(Array(bytes[hit.lowerBound + 8..<hit.lowerBound + 96])), at: hit.lowerBound + 4)
    }

    private static func inspect(_ disk: inout SimulatedDisk) {
        guard var inspector = try? JournalInspector(on: &disk) else { return }
        while inspector.next(on: &disk) != nil {}
    }
}
