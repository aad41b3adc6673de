public import LeaseholdBase
public import Raft

/// The bytes of an entry, the same on the wire between nodes and in the journal.
///
///     0       1     2      4               8      16     24        32         40
///     | format| kind| zero | payload count | index| term | log time| wall time| payload …
///
/// Little-endian. An entry of a format that this build does not know is refused as `unknown`.
public enum EntryCodec {
    /// The format that this build writes.
    public static let format: UInt8 = 1
    /// How many bytes stand before the payload.
    public static let headerBytes = 40

    /// Appends an entry. The header's payload count is that of the payload.
    /// - Complexity: O(payload), no allocation while the buffer has room.
    public static func encode(_ header: EntryHeader, payload: RawSpan, into bytes: inout [UInt8]) {
        precondition(header.payloadCount == payload.byteCount, "a header describes its own payload")
        bytes.append(format)
        bytes.append(header.kind.rawValue)
        bytes.append(uint16: 0)
        bytes.append(uint32: UInt32(header.payloadCount))
        bytes.append(uint64: header.index.rawValue)
        bytes.append(uint64: header.term.rawValue)
        bytes.append(uint64: header.logTime.rawValue)
        bytes.append(uint64: header.wallTime.rawValue)
        bytes.append(bytes: payload)
    }

    /// Reads an entry's header; its payload follows in the reader, and is known to be all there.
    @_lifetime(reader: copy reader)
    public static func decodeHeader(_ reader: inout ByteReader) throws(DecodingError) -> EntryHeader {
        guard try reader.byte() == format, let kind = EntryKind(rawValue: try reader.byte()) else { throw .unknown }
        guard try reader.uint16() == 0 else { throw .invalid }
        let count = Int(try reader.uint32())
        let index = LogIndex(try reader.uint64())
        let term = Term(try reader.uint64())
        let logTime = LogTime(try reader.uint64())
        let wallTime = WallTime(try reader.uint64())
        guard count <= reader.remaining else { throw .truncated }
        return EntryHeader(
            index: index, term: term, logTime: logTime, wallTime: wallTime, kind: kind, payloadCount: count)
    }

    /// Reads an entry and adds it to a batch.
    @_lifetime(reader: copy reader)
    public static func decode(_ reader: inout ByteReader, into batch: inout EntryBatch) throws(DecodingError) {
        let header = try decodeHeader(&reader)
        let payload = try reader.slice(header.payloadCount)
        batch.append(header, payload: payload)
    }
}
