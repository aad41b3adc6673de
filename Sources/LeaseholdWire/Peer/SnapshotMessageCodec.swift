public import LeaseholdBase
public import Raft

/// Names a snapshot's file between nodes: two with the same name have the same bytes.
public struct SnapshotReference: Hashable, Sendable {
    /// The last entry whose effect is in it.
    public var position: LogPosition
    /// How many bytes the file has.
    public var byteCount: Int
    /// The checksum of the file.
    public var checksum: UInt32

    /// The last entry whose effect is in it.
    public var index: LogIndex { position.index }

    /// Joins the fields.
    public init(position: LogPosition, byteCount: Int, checksum: UInt32) {
        self.position = position
        self.byteCount = byteCount
        self.checksum = checksum
    }
}

/// What a node that is sent a snapshot says of a piece of it.
public enum SnapshotReply: Hashable, Sendable {
    /// It has so many bytes of the file, and wants those that follow. If these are the ones just sent, it has no room for
    /// them yet.
    case next(offset: Int)
    /// It has all bytes. That it has installed them is told by consensus.
    case complete
    /// Its log reaches as far already.
    case notNeeded
    /// Something else is to end first.
    case busy
    /// The bytes are not those of such a snapshot.
    case refused
}

/// A message about a snapshot as it was received.
public struct ReceivedSnapshotMessage: Hashable, Sendable {
    /// What is said.
    public enum Content: Hashable, Sendable {
        /// The bytes of the file from an offset on: a range of the frame's body, maybe empty.
        case piece(offset: Int, bytes: Range<Int>)
        /// What the receiver of a piece says.
        case reply(SnapshotReply)
    }

    /// Who sends, and whom the sender means.
    public var envelope: PeerEnvelope
    /// The sender's term.
    public var term: Term
    /// Which snapshot it is about.
    public var reference: SnapshotReference
    /// What is said.
    public var content: Content
}

/// The bytes of messages about snapshots: the body of ``FrameKind/snapshot`` frames.
///
///     | envelope 32 | term u64 | index u64 | its term u64 | bytes u64 | checksum u32 | kind u8 | offset u64 | piece …
///
/// Little-endian. One piece is under way at a time, and each is answered; so a transfer goes on after a break by sending
/// any piece, and the answer says where it stands.
public enum SnapshotMessageCodec {
    private enum Kind: UInt8 {
        case piece = 1
        case next = 2
        case complete = 3
        case notNeeded = 4
        case busy = 5
        case refused = 6
    }

    /// Appends the whole frame of a piece, which is no longer than ``WireLimits/snapshotPieceBytes``.
    public static func encodeFrame(
        piece: RawSpan, at offset: Int, of reference: SnapshotReference, term: Term, _ envelope: PeerEnvelope,
        into bytes: inout [UInt8]
    ) {
        precondition(piece.byteCount <= WireLimits.snapshotPieceBytes, "a piece has its bound")
        let start = begin(.piece, offset: offset, reference, term, envelope, in: &bytes)
        bytes.append(bytes: piece)
        FrameWriter.finish(at: start, in: &bytes)
    }

    /// Appends the whole frame of an answer to a piece.
    public static func encodeFrame(
        _ reply: SnapshotReply, to reference: SnapshotReference, term: Term, _ envelope: PeerEnvelope,
        into bytes: inout [UInt8]
    ) {
        let kind: Kind
        var offset = 0
        switch reply {
        case .next(let next): (kind, offset) = (.next, next)
        case .complete: kind = .complete
        case .notNeeded: kind = .notNeeded
        case .busy: kind = .busy
        case .refused: kind = .refused
        }
        let start = begin(kind, offset: offset, reference, term, envelope, in: &bytes)
        FrameWriter.finish(at: start, in: &bytes)
    }

    private static func begin(
        _ kind: Kind, offset: Int, _ reference: SnapshotReference, _ term: Term, _ envelope: PeerEnvelope,
        in bytes: inout [UInt8]
    ) -> Int {
        let start = FrameWriter.begin(.snapshot, in: &bytes)
        envelope.encode(into: &bytes)
        bytes.append(uint64: term.rawValue)
        reference.encode(into: &bytes)
        bytes.append(kind.rawValue)
        bytes.append(uint64: UInt64(offset))
        return start
    }

    /// Reads a body. Offsets and pieces are within the file that is named.
    public static func decode(_ body: RawSpan) throws(DecodingError) -> ReceivedSnapshotMessage {
        var reader = ByteReader(body)
        let envelope = try PeerEnvelope(decoding: &reader)
        let term = Term(try reader.uint64())
        let position = LogPosition(index: LogIndex(try reader.uint64()), term: Term(try reader.uint64()))
        let byteCount = try reader.uint64()
        let reference = SnapshotReference(
            position: position, byteCount: Int(clamping: byteCount), checksum: try reader.uint32())
        guard let kind = Kind(rawValue: try reader.byte()) else { throw .unknown }
        let offset = try reader.uint64()
        guard position.index > .zero, position.term > .zero, byteCount <= UInt64(Int.max / 2), offset <= byteCount
        else { throw .invalid }
        let content: ReceivedSnapshotMessage.Content
        switch kind {
        case .piece:
            let bytes = body.byteCount - reader.remaining..<body.byteCount
            guard bytes.count <= WireLimits.snapshotPieceBytes, UInt64(bytes.count) <= byteCount - offset else {
                throw .invalid
            }
            _ = try reader.slice(bytes.count)
            content = .piece(offset: Int(offset), bytes: bytes)
        case .next: content = .reply(.next(offset: Int(offset)))
        case .complete: content = .reply(.complete)
        case .notNeeded: content = .reply(.notNeeded)
        case .busy: content = .reply(.busy)
        case .refused: content = .reply(.refused)
        }
        try reader.finish()
        return ReceivedSnapshotMessage(envelope: envelope, term: term, reference: reference, content: content)
    }
}
