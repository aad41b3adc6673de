package import LeaseholdBase
import LeaseholdWire
package import Raft

/// Reads and writes the records of a batch.
package enum RecordCodec {
    /// Appends term and vote.
    package static func encode(hardState term: Term, votedFor: NodeID?, into bytes: inout [UInt8]) {
        head(.hardState, count: 16, into: &bytes)
        bytes.append(uint64: term.rawValue)
        bytes.append(uint64: votedFor?.rawValue ?? 0)
    }

    /// Appends a truncation.
    package static func encode(truncationAfter index: LogIndex, into bytes: inout [UInt8]) {
        head(.truncation, count: 8, into: &bytes)
        bytes.append(uint64: index.rawValue)
    }

    /// Appends an entry.
    package static func encode(_ header: EntryHeader, payload: RawSpan, into bytes: inout [UInt8]) {
        head(.entry, count: EntryCodec.headerBytes + payload.byteCount, into: &bytes)
        EntryCodec.encode(header, payload: payload, into: &bytes)
    }

    /// Appends the mark of a snapshot: last index 8, term 8, bytes 8, checksum 4, whether the log restarts 4.
    package static func encode(_ mark: SnapshotMark, into bytes: inout [UInt8]) {
        head(.snapshotMark, count: 32, into: &bytes)
        bytes.append(uint64: mark.id.lastIndex.rawValue)
        bytes.append(uint64: mark.id.lastTerm.rawValue)
        bytes.append(uint64: UInt64(mark.id.byteCount))
        bytes.append(uint32: mark.id.checksum)
        bytes.append(uint32: mark.restartsLog ? 1 : 0)
    }

    private static func head(_ kind: RecordKind, count: Int, into bytes: inout [UInt8]) {
        bytes.append(uint32: UInt32(kind.rawValue))
        bytes.append(uint32: UInt32(count))
    }

    /// Reads the next record, or nothing when only padding is left.
    ///
    /// The reader stands at the front of a batch's payload, so that places in it are those of the payload.
    @_lifetime(reader: copy reader)
    package static func next(_ reader: inout ByteReader) throws(DecodingError) -> JournalRecord? {
        guard reader.remaining > 0 else { return nil }
        if reader.remaining < JournalFormat.recordHeaderBytes {
            while reader.remaining > 0 { guard try reader.byte() == 0 else { throw .invalid } }
            return nil
        }
        let head = try reader.uint32()
        let count = Int(try reader.uint32())
        guard head <= 0xFF else { throw .invalid }
        let start = reader.offset
        let body = try reader.slice(count)
        var fields = ByteReader(body)
        switch RecordKind(rawValue: UInt8(head)) {
        case .hardState:
            let term = Term(try fields.uint64())
            let vote = try fields.uint64()
            try fields.finish()
            return .hardState(term: term, votedFor: vote == 0 ? nil : NodeID(vote))
        case .truncation:
            let index = LogIndex(try fields.uint64())
            try fields.finish()
            return .truncation(after: index)
        case .entry:
            let header = try EntryCodec.decodeHeader(&fields)
            guard header.payloadCount == fields.remaining else { throw .trailing }
            let place = start + EntryCodec.headerBytes
            return .entry(header, payload: place..<place + header.payloadCount)
        case .padding: throw .invalid
        case .snapshotMark:
            let index = LogIndex(try fields.uint64())
            let term = Term(try fields.uint64())
            let count = Int(clamping: try fields.uint64())
            let checksum = try fields.uint32()
            let flags = try fields.uint32()
            try fields.finish()
            guard flags <= 1 else { throw .unknown }
            guard index > .zero, term > .zero else { throw .invalid }
            return .snapshot(
                SnapshotMark(
                    id: SnapshotID(lastIndex: index, lastTerm: term, byteCount: count, checksum: checksum),
                    restartsLog: flags == 1))
        case nil:
            guard head >= 128 else { throw .unknown }
            return .skipped(kind: UInt8(head), length: count)
        }
    }
}
