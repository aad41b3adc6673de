public import LeaseholdBase
import LeaseholdWire
public import Raft

extension Journal {
    /// Whether a completion of this number belongs to ``readCompleted(_:bytes:into:effects:)``.
    public func isRead(_ number: DiskNumber) -> Bool { reads.contains { $0.number == number } }

    /// Asks for durable entries from an index on, as they stand in the newest version of the log.
    /// - Parameters:
    ///   - reader: For whom; comes back with the result.
    ///   - index: The first entry wanted.
    ///   - maxBytes: How many bytes of payload are enough; one entry is given even if it has more.
    /// - Returns: False, with no effect, when the journal has no such durable entry.
    public mutating func readBack(
        for reader: NodeID, from index: LogIndex, maxBytes: Int, into effects: inout [DiskEffect]
    ) -> Bool {
        // What is not durable yet may still be in the way of a truncation that is.
        let last = min(durableLastIndex, terms.lastIndex)
        guard failure == nil, index <= last, let (item, end) = positions.find(index) else { return false }
        let place = Int(item.segment) - releasedSegments
        guard place >= 0, place > 0 || !isReleasing else { return false }
        let read = ReadBack(
            number: nextNumber, reader: reader, from: index, maxBytes: maxBytes, segment: Int(item.segment),
            offset: item.offset,
            count: chunk(for: maxBytes), end: min(end ?? last.next, last.next))
        guard index > terms.baseIndex, read.offset < segments[place].end else { return false }
        startRead(read, into: &effects)
        return true
    }

    /// How much is read at once for so many bytes of payload.
    private func chunk(for maxBytes: Int) -> Int {
        min(max(maxBytes, 0), 1 << 20) + configuration.indexSpacingBytes + JournalFormat.batchHeaderBytes
    }

    private mutating func startRead(_ read: ReadBack, into effects: inout [DiskEffect]) {
        var read = read
        let segment = segments[read.segment - releasedSegments]
        read.count = min(read.count, segment.end - read.offset)
        let (offset, count) = (read.offset + read.held.count, read.count - read.held.count)
        if let file = segment.file {
            read.number = emit(.read(file, offset: offset, count: count), into: &effects)
        } else {
            let file = newFile()
            _ = emit(.open(file, name: segment.name), into: &effects)
            read.number = emit(.read(file, offset: offset, count: count), into: &effects)
            _ = emit(.close(file), into: &effects)
        }
        reads.append(read)
    }

    /// Takes the bytes of a read, and gives the entries in them.
    /// - Parameters:
    ///   - completion: What became of the read.
    ///   - bytes: What was read; empty after a failure.
    ///   - batch: Emptied, and filled with the entries when there are some.
    public mutating func readCompleted(
        _ completion: DiskCompletion, bytes: RawSpan, into batch: inout EntryBatch, effects: inout [DiskEffect]
    ) -> ReadBackResult {
        batch.removeAll()
        guard let place = reads.firstIndex(where: { $0.number == completion.number }) else { return .unknown }
        var read = reads.remove(at: place)
        let name = segments[read.segment - releasedSegments].name
        switch completion.result {
        case .success: break
        case .failed(let code):
            marks.hit(.readFailed)
            return .failed(for: read.reader, .disk(DiskError(.failed(code: code)), call: "read", file: name))
        case .spaceExhausted:
            return .failed(for: read.reader, .disk(DiskError(.spaceExhausted), call: "read", file: name))
        }
        // A truncation, or a release behind a snapshot, may have come since the read was asked for.
        read.end = min(read.end, terms.lastIndex.next)
        guard read.from > terms.baseIndex, read.from < read.end else {
            return .overtaken(for: read.reader, from: read.from)
        }
        let collected: Collected
        if read.held.isEmpty {
            collected = collect(read, bytes, into: &batch)
        } else {
            read.held.append(bytes: bytes)
            collected = unsafe collect(read, read.held.span.bytes, into: &batch)
        }
        switch collected {
        case .found: return .entries(for: read.reader, from: read.from)
        case .further(let offset, let count):
            marks.hit(.readOn)
            // What was read stays, so that every read that brings something is a step towards the next batch's end.
            if read.held.isEmpty {
                read.held.append(bytes: bytes.extracting(droppingFirst: offset - read.offset))
            } else {
                read.held.removeFirst(offset - read.offset)
            }
            read.emptyReads = bytes.byteCount == 0 ? read.emptyReads + 1 : 0
            guard read.emptyReads < ReadBack.emptyReadsMax else {
                let end = offset + read.held.count
                return .failed(
                    for: read.reader, .corrupt(file: name, offset: offset, reason: "the file ends at offset \(end)"))
            }
            read.count = max(count, chunk(for: read.maxBytes))
            read.offset = offset
            guard offset + count <= segments[read.segment - releasedSegments].end else {
                return .failed(
                    for: read.reader,
                    .corrupt(file: name, offset: offset, reason: "the entries from \(read.from) on are missing"))
            }
            startRead(read, into: &effects)
            return .reading
        case .damaged(let offset, let reason):
            marks.hit(.readDamaged)
            return .failed(for: read.reader, .corrupt(file: name, offset: offset, reason: reason))
        }
    }

    private enum Collected {
        case found
        /// Nothing yet; to read on from this offset, at least so much.
        case further(offset: Int, count: Int)
        case damaged(offset: Int, String)
    }

    /// Goes through whole batches, and keeps the entries wanted.
    private mutating func collect(_ read: ReadBack, _ bytes: RawSpan, into batch: inout EntryBatch) -> Collected {
        var offset = 0
        while true {
            let place = read.offset + offset
            let rest = bytes.extracting(min(offset, bytes.byteCount)..<bytes.byteCount)
            guard rest.byteCount >= JournalFormat.batchHeaderBytes else {
                return batch.isEmpty ? .further(offset: place, count: JournalFormat.batchHeaderBytes) : .found
            }
            guard case .header(let header) = BatchHeader.read(rest.extracting(first: JournalFormat.batchHeaderBytes)),
                header.segment == segments[read.segment - releasedSegments].header.segment
            else { return .damaged(offset: place, "there is no batch") }
            guard rest.byteCount >= header.totalCount else {
                return batch.isEmpty ? .further(offset: place, count: header.totalCount) : .found
            }
            let payload = rest.extracting(JournalFormat.batchHeaderBytes..<header.totalCount)
            guard CRC32C.checksum(payload) == header.payloadChecksum else {
                return .damaged(offset: place, "the payload of batch \(header.number) does not match its checksum")
            }
            do {
                if try keep(read, payload, into: &batch) { return .found }
            } catch {
                return .damaged(offset: place, "a record of batch \(header.number) cannot be read: \(error)")
            }
            offset += header.totalCount
        }
    }

    /// Keeps the entries wanted of a batch, in the version that stands at its end. True when no more are wanted.
    private mutating func keep(
        _ read: ReadBack, _ payload: RawSpan, into batch: inout EntryBatch
    ) throws(DecodingError) -> Bool {
        readFound.removeAll(keepingCapacity: true)
        var reader = ByteReader(payload)
        while let record = try RecordCodec.next(&reader) {
            switch record {
            case .truncation(let after):
                while let last = readFound.last, last.index > after { readFound.removeLast() }
            case .entry(let header, let place):
                readFound.append(ReadFound(index: header.index, body: place.lowerBound - EntryCodec.headerBytes))
            case .snapshot(let mark): if mark.restartsLog { readFound.removeAll(keepingCapacity: true) }
            case .hardState, .skipped: break
            }
        }
        for found in readFound where found.index >= read.from {
            if found.index >= read.end { return true }
            guard found.index == read.from + UInt64(batch.count) else { throw .invalid }
            var body = ByteReader(payload.extracting(found.body..<payload.byteCount))
            try EntryCodec.decode(&body, into: &batch)
            if batch.payloadBytes >= read.maxBytes || found.index.next >= read.end { return true }
        }
        return false
    }
}
