internal import LeaseholdBase

/// The bytes of a machine's state: the same on every node that has applied the same log so far, whatever the seeds of
/// its tables, whether it applied every entry or began from a snapshot itself, and however many turns it took.
///
/// A snapshot is a sequence of chunks, each at least readable for itself:
///
///     0          4        5         6       8        12       16                 20
///     | checksum | format | section | flags | number | length | payload checksum | payload …
///
/// The first checksum covers bytes 4 to 20, so that a length is believed only under a checksum of its own (trap 44). Chunks
/// are numbered from 0. Sections come in the order of ``SnapshotSection`` and may span chunks; one that is not known is an
/// error, unless its flag says that it may be skipped. The payload is a sequence of records, which no chunk splits:
///
///     0        2      3
///     | length | kind | body …
///
/// The length counts all three. What a body has behind the fields that a build knows is skipped; a kind that is not
/// known is an error below 128, and skipped from there on. Bodies by kind:
///
///     position   index 8, log time 8, floor 8, wall time 8, digest 16, restored through 8, quarantine until 8,
///                counts of leases 8, claims 8, instances 8, requests 8, endings 8
///     setting    key 2, value 8: in the order of keys, all of them
///     lease      capacity 4, name length 1, name: in the byte order of names; its claims follow
///     claim      id 8, token 8, deadline 8, ttl 8, instance 8, sequence 8, holder length 1, principal length 1,
///                value length 2, holder, principal, value: in the order of ids
///     instance   instance 8, mark 8, last heard 8: the one unheard for longest first; its requests follow
///     request    sequence 8, content 8, claim 8, kind 1, answer length 2, answer: in the order of sequences
///     ending     id 8, ended at 8, name tag 4, principal tag 4, reason 1: the oldest first
///     end        bytes of all payloads before 8, a checksum over their checksums 4
///
/// When something is due follows from the deadlines, and no order of slots or tables is in here.
enum SnapshotFormat {
    /// The format that this build writes and reads.
    static let format: UInt8 = 1
    /// How many bytes a chunk has before its payload.
    static let chunkHeaderBytes = 20
    /// How many bytes a record has before its body.
    static let recordHeaderBytes = 3
    /// A chunk is closed by the record with which its payload has at least so many bytes.
    static let chunkBytes = 64 << 10
    /// A payload has at most so many bytes: the last record begins before ``chunkBytes``.
    static let payloadBytesMax = chunkBytes + Int(UInt16.max)
    /// A chunk of a section that a build may skip when it does not know it.
    static let isOptional: UInt16 = 1

    /// Begins a record; its body is appended next. Answers where it began, for ``end(_:in:)``.
    static func begin(_ kind: SnapshotRecordKind, in bytes: inout [UInt8]) -> Int {
        let start = bytes.count
        bytes.append(uint16: 0)
        bytes.append(kind.rawValue)
        return start
    }

    /// Ends the record that began there: tells its length.
    static func end(_ start: Int, in bytes: inout [UInt8]) {
        let length = bytes.count - start
        precondition(length <= Int(UInt16.max), "no limit allows a record that long")
        bytes[start] = UInt8(truncatingIfNeeded: length)
        bytes[start + 1] = UInt8(truncatingIfNeeded: length >> 8)
    }
}

/// The parts of a snapshot, in their order. The numbers are part of the format and never reused.
enum SnapshotSection: UInt8, CaseIterable {
    case position = 1
    case settings = 2
    case leases = 3
    case instances = 4
    case endings = 5
    case end = 6
}

/// What a record says. The numbers are part of the format and never reused.
enum SnapshotRecordKind: UInt8 {
    case position = 1
    case setting = 2
    case lease = 3
    case claim = 4
    case instance = 5
    case request = 6
    case ending = 7
    case end = 8
}

/// The head of a chunk.
struct SnapshotChunkHeader: Hashable {
    var format: UInt8
    var section: UInt8
    var flags: UInt16
    var number: UInt32
    var length: Int
    var payloadChecksum: UInt32

    func encode(into bytes: inout [UInt8]) {
        let start = bytes.count
        bytes.append(uint32: 0)
        bytes.append(format)
        bytes.append(section)
        bytes.append(uint16: flags)
        bytes.append(uint32: number)
        bytes.append(uint32: UInt32(truncatingIfNeeded: length))
        bytes.append(uint32: payloadChecksum)
        let checksum = unsafe CRC32C.checksum(bytes.span.bytes.extracting(start + 4..<bytes.count))
        bytes.overwrite(uint32: checksum, at: start)
    }

    /// Reads a head from the front of the bytes; nil when there is none, or its checksum does not match.
    static func read(_ bytes: RawSpan) -> SnapshotChunkHeader? {
        guard bytes.byteCount >= SnapshotFormat.chunkHeaderBytes else { return nil }
        do {
            var reader = ByteReader(bytes)
            let checksum = try reader.uint32()
            guard CRC32C.checksum(bytes.extracting(4..<SnapshotFormat.chunkHeaderBytes)) == checksum else { return nil }
            return SnapshotChunkHeader(
                format: try reader.byte(), section: try reader.byte(), flags: try reader.uint16(),
                number: try reader.uint32(), length: Int(try reader.uint32()), payloadChecksum: try reader.uint32())
        } catch { return nil }
    }
}
