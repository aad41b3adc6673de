internal import LeaseholdBase

/// Makes a machine of a snapshot's bytes, which come in pieces of any size. Everything is checked; nothing traps.
///
///     var loader = SnapshotLoader(hashSeed: seed)
///     while let piece = next() { try loader.load(piece) }
///     let machine = try loader.finish()
///
/// Memory: the machine, and one chunk.
public struct SnapshotLoader: Sendable {
    var machine: LeaseMachine
    /// What the position promises, once it is read.
    var promised: SnapshotPromise?
    /// The lease whose claims come, the instance whose requests come, and what was last in order.
    var lease = noSlot
    var instance = noSlot
    var lastName: [UInt8] = []
    var lastSequence = RequestSequence(0)
    var lastSetting: UInt16 = 0
    /// For outcomes, which are read once to see that they can be.
    var statuses: [ClaimStatus] = []

    private var section = SnapshotSection.position
    private var chunks: UInt32 = 0
    private var payloadBytes: UInt64 = 0
    private var checksum: UInt32 = 0
    private var isComplete = false
    /// The beginning of a chunk whose rest has not come yet, and where in the snapshot it stands.
    private var pending: [UInt8] = []
    private var offset = 0
    private var failure: SnapshotError?

    /// A loader at the snapshot's beginning. The seed is for the machine's lookup tables alone.
    ///
    /// - Parameter knownLevel: The greatest level of commands that is understood.
    public init(hashSeed: UInt64, knownLevel: UInt64 = Settings.knownLevel) {
        machine = LeaseMachine(hashSeed: hashSeed)
        machine.knownLevel = knownLevel
    }

    /// What the snapshot is of, once its first chunk was loaded.
    public var position: SnapshotPosition? { promised?.position }

    /// Takes the next bytes. After an error nothing more can be loaded.
    public mutating func load(_ bytes: RawSpan) throws(SnapshotError) {
        if let failure { throw failure }
        do throws(SnapshotError) { try loadPieces(bytes) } catch {
            failure = error
            throw error
        }
    }

    /// The machine, once all bytes were loaded: with the digest that the snapshot tells.
    public consuming func finish() throws(SnapshotError) -> LeaseMachine {
        if let failure { throw failure }
        guard isComplete, pending.isEmpty, let promised else {
            throw .corrupt(section: "\(section)", offset: offset, reason: "the snapshot ends early")
        }
        guard promised.isKept(by: machine) else {
            throw .corrupt(section: "end", offset: offset, reason: "what was loaded is not what the position promises")
        }
        machine.marks.hit(.snapshotLoaded)
        #if PLANTED_BUGS
        if planted(.requestsMissingFromSnapshot) { machine.requests = RequestStore(hash: SeededHash(seed: 1)) }
        if planted(.snapshotLosesLogTime) { machine.logTime = .zero }
        #endif
        return machine
    }

    private mutating func loadPieces(_ bytes: RawSpan) throws(SnapshotError) {
        var rest = bytes
        if !pending.isEmpty {
            try complete(from: &rest, to: SnapshotFormat.chunkHeaderBytes)
            guard pending.count >= SnapshotFormat.chunkHeaderBytes else { return }
            let header = try unsafe header(pending.span.bytes)
            try complete(from: &rest, to: SnapshotFormat.chunkHeaderBytes + header.length)
            guard pending.count == SnapshotFormat.chunkHeaderBytes + header.length else { return }
            var chunk: [UInt8] = []
            swap(&chunk, &pending)
            try unsafe take(header, chunk.span.bytes)
            chunk.removeAll(keepingCapacity: true)
            swap(&chunk, &pending)
        }
        while rest.byteCount >= SnapshotFormat.chunkHeaderBytes {
            let header = try header(rest)
            let count = SnapshotFormat.chunkHeaderBytes + header.length
            guard rest.byteCount >= count else { break }
            try take(header, rest.extracting(0..<count))
            rest = rest.extracting(count..<rest.byteCount)
        }
        pending.append(bytes: rest)
    }

    private mutating func complete(from rest: inout RawSpan, to count: Int) throws(SnapshotError) {
        let taken = min(max(0, count - pending.count), rest.byteCount)
        pending.append(bytes: rest.extracting(0..<taken))
        rest = rest.extracting(taken..<rest.byteCount)
    }

    /// Reads and judges the head of the next chunk.
    private func header(_ bytes: RawSpan) throws(SnapshotError) -> SnapshotChunkHeader {
        guard !isComplete else { throw corrupt("bytes follow the end") }
        guard let header = SnapshotChunkHeader.read(bytes) else { throw corrupt("a chunk's head is damaged") }
        let format = FormatVersion(found: header.format, newest: SnapshotFormat.format)
        guard format.isReadable else {
            throw .unsupported(section: "\(section)", offset: offset, reason: format.refusal)
        }
        guard header.number == chunks else { throw corrupt("chunk \(header.number) where \(chunks) belongs") }
        guard header.length <= SnapshotFormat.payloadBytesMax else { throw corrupt("a chunk is too long") }
        return header
    }

    /// Takes a whole chunk.
    private mutating func take(_ header: SnapshotChunkHeader, _ chunk: RawSpan) throws(SnapshotError) {
        let payload = chunk.extracting(SnapshotFormat.chunkHeaderBytes..<chunk.byteCount)
        guard CRC32C.checksum(payload) == header.payloadChecksum else {
            throw corrupt("the chunk does not match its checksum")
        }
        if let next = SnapshotSection(rawValue: header.section) {
            guard next.rawValue >= section.rawValue else { throw corrupt("its sections are out of order") }
            if next != section { try finishSection() }
            section = next
            try read(payload)
        } else if header.flags & SnapshotFormat.isOptional == 0 {
            throw .unsupported(section: "section \(header.section)", offset: offset, reason: "an unknown section")
        }
        chunks += 1
        payloadBytes += UInt64(payload.byteCount)
        checksum = SnapshotFormat.checksum(header.payloadChecksum, from: checksum)
        offset += chunk.byteCount
    }

    private mutating func read(_ payload: RawSpan) throws(SnapshotError) {
        var reader = ByteReader(payload)
        while reader.remaining > 0 {
            let start = reader.offset
            do {
                let length = Int(try reader.uint16())
                let kind = try reader.byte()
                guard length >= SnapshotFormat.recordHeaderBytes else { throw DecodingError.invalid }
                var body = ByteReader(try reader.slice(length - SnapshotFormat.recordHeaderBytes))
                guard let known = SnapshotRecordKind(rawValue: kind) else {
                    if kind >= 128 { continue }
                    throw DecodingError.unknown
                }
                guard promised != nil || known == .position else { throw DecodingError.invalid }
                if known == .end {
                    try readEnd(&body)
                } else {
                    try read(known, in: section, &body)
                }
            } catch {
                let place = offset + SnapshotFormat.chunkHeaderBytes + start
                if let raised = error as? UnknownCommand {
                    throw .unsupported(section: "\(section)", offset: place, reason: "it \(raised)")
                }
                switch error as? DecodingError {
                case .unknown: throw .unsupported(section: "\(section)", offset: place, reason: "an unknown record")
                case .truncated: throw .corrupt(section: "\(section)", offset: place, reason: "a record is cut short")
                default:
                    let reason = (error as? SnapshotFlaw)?.reason ?? "a record is not what it can be"
                    throw .corrupt(section: "\(section)", offset: place, reason: reason)
                }
            }
        }
    }

    @_lifetime(body: copy body)
    private mutating func readEnd(_ body: inout ByteReader) throws {
        guard section == .end, try body.uint64() == payloadBytes, try body.uint32() == checksum else {
            throw SnapshotFlaw("the end tells of other chunks than there are")
        }
        isComplete = true
    }

    /// What must hold at the end of a section.
    private mutating func finishSection() throws(SnapshotError) {
        do throws(SnapshotFlaw) {
            try finishLease()
            if section == .settings, !machine.settings.areValid { throw SnapshotFlaw("settings out of range") }
        } catch {
            throw corrupt(error.reason)
        }
    }

    private func corrupt(_ reason: String) -> SnapshotError {
        .corrupt(section: "\(section)", offset: offset, reason: reason)
    }
}

/// What is wrong with a record that can be read.
struct SnapshotFlaw: Error {
    let reason: String
    init(_ reason: String) { self.reason = reason }
}
