import LeaseholdBase

/// Goes through one segment, batch by batch, to its physical end. Reads it in pieces; holds one batch or one piece.
struct SegmentCursor: Sendable {
    let name: String
    /// The physical size.
    let size: Int
    let header: SegmentHeader
    /// Where the next batch is expected, and its number.
    private(set) var offset = JournalFormat.segmentHeaderBytes
    private(set) var number: UInt64

    private var window: [UInt8] = []
    private var windowStart = 0
    private var payloadRange = 0..<0

    /// How much is read at once.
    static let pieceBytes = 1 << 20

    enum Step {
        /// A whole batch, its offset, and ``SegmentCursor/payload``.
        case batch(BatchHeader, offset: Int)
        /// No batch follows. Behind ``SegmentCursor/offset`` there are zeros only, or something (a torn batch).
        case end(isClear: Bool)
    }

    /// Reads the segment's header.
    init(_ name: String, on disk: inout some Disk) throws(JournalError) {
        self.name = name
        size = try disk.journalSize(name)
        var bytes: [UInt8] = []
        try disk.journalRead(name, at: 0, count: JournalFormat.segmentHeaderBytes, into: &bytes)
        switch unsafe SegmentHeader.read(bytes.span.bytes) {
        case .header(let header):
            self.header = header
            number = header.firstBatch
        case .unsupported(let format):
            throw .unsupported(file: name, offset: 0, reason: "segment " + Self.refusal(of: format))
        case .nothing: throw .corrupt(file: name, offset: 0, reason: "the segment's header is damaged")
        }
        guard SegmentName.fits(name, header) else {
            throw .corrupt(file: name, offset: 0, reason: "the segment's header does not match its name")
        }
    }

    private static func refusal(of format: UInt8) -> String {
        FormatVersion(found: format, newest: JournalFormat.format).refusal
    }

    /// The payload of the batch that ``next(on:)`` gave last.
    var payload: RawSpan {
        @_lifetime(borrow self)
        get { unsafe window.span.bytes.extracting(payloadRange) }
    }

    /// Gives back the memory.
    mutating func release() { window = [] }

    /// The next batch, or the end.
    ///
    /// A bad batch with a later header of this segment behind it is corruption, for a batch is only begun when the one
    /// before is durable; nothing is cut then (trap 41).
    mutating func next(on disk: inout some Disk) throws(JournalError) -> Step {
        guard offset + JournalFormat.batchHeaderBytes <= size else {
            return .end(isClear: try behind(offset, on: &disk))
        }
        try hold(offset, JournalFormat.batchHeaderBytes, on: &disk)
        let at = offset - windowStart
        switch unsafe BatchHeader.read(window.span.bytes.extracting(at..<at + JournalFormat.batchHeaderBytes)) {
        case .unsupported(let format):
            throw .unsupported(file: name, offset: offset, reason: "batch " + Self.refusal(of: format))
        case .header(let batch) where batch.segment == header.segment:
            guard batch.number == number else {
                throw corrupt("batch \(batch.number) stands where batch \(number) belongs")
            }
            return try whole(batch, on: &disk)
        case .header, .nothing:
            #if PLANTED_BUGS
            if planted(.tornTailFatal), try !behind(offset, on: &disk) { throw corrupt("batch \(number) is damaged") }
            #endif
            return .end(isClear: try behind(offset, on: &disk))
        }
    }

    private mutating func whole(_ batch: BatchHeader, on disk: inout some Disk) throws(JournalError) -> Step {
        let start = offset
        // The length is believed: the header has a checksum of its own (trap 44).
        guard batch.totalCount <= size - start, batch.totalCount % JournalFormat.alignment == 0 else {
            return .end(isClear: false)
        }
        try hold(start, batch.totalCount, on: &disk)
        let at = start - windowStart
        payloadRange = at + JournalFormat.batchHeaderBytes..<at + batch.totalCount
        #if PLANTED_BUGS
        if planted(.checksumNotChecked) {
            offset += batch.totalCount
            number += 1
            return .batch(batch, offset: start)
        }
        #endif
        guard CRC32C.checksum(payload) == batch.payloadChecksum else {
            #if PLANTED_BUGS
            if planted(.tornTailFatal) { throw corrupt("batch \(number) does not match its checksum") }
            #endif
            _ = try behind(start + batch.totalCount, on: &disk)
            return .end(isClear: false)
        }
        offset += batch.totalCount
        number += 1
        return .batch(batch, offset: start)
    }

    func corrupt(_ reason: String, at offset: Int? = nil) -> JournalError {
        .corrupt(file: name, offset: offset ?? self.offset, reason: reason)
    }

    /// What is wrong, if the segment behind this one, which is read to its end, begins with this batch.
    ///
    /// A segment is only begun when all before it is durable, so it proves every batch of this one: what is missing then
    /// was lost, not torn.
    func gap(before firstBatch: UInt64?) -> JournalError? {
        guard let firstBatch, firstBatch > number else { return nil }
        return corrupt("batch \(number) is damaged or missing: a segment with \(firstBatch) follows")
    }

    /// Whether there are only zeros from a place on. Throws if there is a header that proves the bad batch to be damaged.
    private mutating func behind(_ start: Int, on disk: inout some Disk) throws(JournalError) -> Bool {
        var isClear = true
        var place = start
        while place < size {
            try hold(place, min(JournalFormat.alignment, size - place), on: &disk)
            let range = place - windowStart..<window.count
            guard let found = unsafe Self.nonZero(window.span.bytes, range) else {
                place = windowStart + window.count
                continue
            }
            isClear = false
            // Batches stand at multiples of eight.
            place = max(start, (windowStart + found) & ~(JournalFormat.alignment - 1))
            guard place + JournalFormat.batchHeaderBytes <= size else { return false }
            try hold(place, JournalFormat.batchHeaderBytes, on: &disk)
            let at = place - windowStart
            let bytes = unsafe window.span.bytes.extracting(at..<at + JournalFormat.batchHeaderBytes)
            if place > offset, case .header(let later) = BatchHeader.read(bytes), later.segment == header.segment,
                later.number > number
            {
                #if PLANTED_BUGS
                if planted(.cutAtFirstBadRecord) { return false }
                #endif
                throw corrupt("batch \(number) is damaged: batch \(later.number) follows it at offset \(place)")
            }
            place += JournalFormat.alignment
        }
        return isClear
    }

    /// Where the first byte is that is not zero.
    private static func nonZero(_ bytes: RawSpan, _ range: Range<Int>) -> Int? {
        var place = range.lowerBound
        while place &+ 8 <= range.upperBound {
            if unsafe bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: place, as: UInt64.self) != 0 { break }
            place &+= 8
        }
        while place < range.upperBound {
            if unsafe bytes.unsafeLoad(fromUncheckedByteOffset: place, as: UInt8.self) != 0 { return place }
            place &+= 1
        }
        return nil
    }

    /// Has these bytes of the file in the window, at least.
    private mutating func hold(_ offset: Int, _ count: Int, on disk: inout some Disk) throws(JournalError) {
        if offset >= windowStart, offset + count <= windowStart + window.count { return }
        window.removeAll(keepingCapacity: true)
        windowStart = offset
        try disk.journalRead(name, at: offset, count: min(max(count, Self.pieceBytes), size - offset), into: &window)
        guard window.count >= count else {
            throw corrupt("the file ends at offset \(offset + window.count) although it has \(size) bytes", at: offset)
        }
    }
}
