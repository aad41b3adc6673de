public import LeaseholdBase
internal import Raft

/// Asks a node for the snapshot that it has on its disk, so that it can be saved: first which one that is, then piece by
/// piece for its bytes. The client asks for each piece, so the node keeps nothing for it.
///
///     begin   | 1 u8 | at least u64 |
///     piece   | 2 u8 | index u64 | term u64 | bytes u64 | checksum u32 | offset u64 | count u32 |
///
/// Answered by a ``SnapshotAnswer``, or refused: ``RefusalCode/snapshotUnderWay``, ``RefusalCode/snapshotGone``.
@frozen public enum SnapshotRequest: Hashable, Sendable {
    /// Which snapshot there is; one is taken unless it is of this entry or one behind it. Asking again does no harm.
    case begin(atLeast: LogIndex)
    /// The bytes of that snapshot's file from an offset within it on: so many, or fewer.
    case piece(SnapshotReference, offset: Int, count: Int)

    /// Appends an operation's body.
    public func encode(into bytes: inout [UInt8]) {
        switch self {
        case .begin(let index):
            bytes.append(SnapshotStep.begin.rawValue)
            bytes.append(uint64: index.rawValue)
        case .piece(let reference, let offset, let count):
            bytes.append(SnapshotStep.piece.rawValue)
            reference.encode(into: &bytes)
            bytes.append(uint64: UInt64(offset))
            bytes.append(uint32: UInt32(clamping: count))
        }
        bytes.appendNoOptionalFields()
    }

    /// Reads an operation's body. A step of a later version is ``DecodingError/unknown``.
    public init(decoding body: RawSpan) throws(DecodingError) {
        var reader = ByteReader(body)
        switch try SnapshotStep(decoding: &reader) {
        case .begin: self = .begin(atLeast: LogIndex(try reader.uint64()))
        case .piece:
            let reference = try SnapshotReference(decoding: &reader)
            let (offset, count) = (try reader.uint64(), try reader.uint32())
            guard offset < UInt64(reference.byteCount), count > 0 else { throw .invalid }
            self = .piece(reference, offset: Int(offset), count: Int(count))
        }
        try reader.skipOptionalFields()
        try reader.finish()
    }
}

/// What a node says to a ``SnapshotRequest``: the body of an ``AnswerKind/snapshot`` answer.
///
///     begun   | 1 u8 | index u64 | term u64 | bytes u64 | checksum u32 |
///     piece   | 2 u8 | index u64 | term u64 | bytes u64 | checksum u32 | offset u64 | bytes to the end of the frame
public enum SnapshotAnswer: Hashable, Sendable {
    /// The snapshot that it has.
    case begun(SnapshotReference)
    /// Bytes of its file.
    indirect case piece(SnapshotPiece)

    /// Appends the whole frame of the answer that names a snapshot. The head's kind is set.
    public static func encodeFrame(begun reference: SnapshotReference, _ head: AnswerHead, into bytes: inout [UInt8]) {
        let start = begin(.begin, reference, head, in: &bytes)
        bytes.appendNoOptionalFields()
        FrameWriter.finish(at: start, in: &bytes)
    }

    /// Appends the whole frame of an answer with a piece, which has from one byte to
    /// ``WireLimits/snapshotPieceBytes``. The head's kind is set.
    public static func encodeFrame(
        piece: RawSpan, at offset: Int, of reference: SnapshotReference, _ head: AnswerHead, into bytes: inout [UInt8]
    ) {
        precondition((1...WireLimits.snapshotPieceBytes).contains(piece.byteCount), "a piece has its bounds")
        let start = begin(.piece, reference, head, in: &bytes)
        bytes.append(uint64: UInt64(offset))
        bytes.append(bytes: piece)
        FrameWriter.finish(at: start, in: &bytes)
    }

    private static func begin(
        _ step: SnapshotStep, _ reference: SnapshotReference, _ head: AnswerHead, in bytes: inout [UInt8]
    ) -> Int {
        var head = head
        head.kind = .snapshot
        let start = head.begin(in: &bytes)
        bytes.append(step.rawValue)
        reference.encode(into: &bytes)
        return start
    }

    /// Reads the body of an answer. A piece is within the file that is named.
    public init(decoding body: RawSpan) throws(DecodingError) {
        var reader = ByteReader(body)
        let step = try SnapshotStep(decoding: &reader)
        let reference = try SnapshotReference(decoding: &reader)
        switch step {
        case .begin:
            try reader.skipOptionalFields()
            self = .begun(reference)
        case .piece:
            let offset = try reader.uint64()
            let count = reader.remaining
            guard (1...WireLimits.snapshotPieceBytes).contains(count), offset < UInt64(reference.byteCount),
                UInt64(count) <= UInt64(reference.byteCount) - offset
            else { throw .invalid }
            var bytes: [UInt8] = []
            bytes.append(bytes: try reader.slice(count))
            self = .piece(SnapshotPiece(reference: reference, offset: Int(offset), bytes: bytes))
        }
        try reader.finish()
    }
}

/// Bytes of a snapshot's file.
public struct SnapshotPiece: Hashable, Sendable {
    /// Whose they are.
    public var reference: SnapshotReference
    /// Where they begin.
    public var offset: Int
    /// The bytes, at least one.
    public var bytes: [UInt8]

    /// Joins the fields.
    public init(reference: SnapshotReference, offset: Int, bytes: [UInt8]) {
        self.reference = reference
        self.offset = offset
        self.bytes = bytes
    }
}

private enum SnapshotStep: UInt8 {
    case begin = 1
    case piece = 2

    init(decoding reader: inout ByteReader) throws(DecodingError) {
        guard let step = SnapshotStep(rawValue: try reader.byte()) else { throw .unknown }
        self = step
    }
}

extension SnapshotReference {
    /// Appends 28 bytes.
    func encode(into bytes: inout [UInt8]) {
        bytes.append(uint64: position.index.rawValue)
        bytes.append(uint64: position.term.rawValue)
        bytes.append(uint64: UInt64(byteCount))
        bytes.append(uint32: checksum)
    }

    /// Reads a reference to a file that there can be.
    init(decoding reader: inout ByteReader) throws(DecodingError) {
        position = LogPosition(index: LogIndex(try reader.uint64()), term: Term(try reader.uint64()))
        let count = try reader.uint64()
        checksum = try reader.uint32()
        guard position.index > .zero, position.term > .zero, (1...UInt64(Int.max / 2)).contains(count) else {
            throw .invalid
        }
        byteCount = Int(count)
    }
}
