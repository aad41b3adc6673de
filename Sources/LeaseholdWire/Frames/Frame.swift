public import LeaseholdBase

/// What a frame carries. The numbers are stable; those below 32 travel between nodes, the others with clients.
public enum FrameKind: UInt8, Hashable, Sendable, CaseIterable {
    /// Either side, before it closes: ``ConnectionErrorMessage``.
    case connectionError = 1
    /// The node that dialed: ``PeerHello``.
    case peerHello = 2
    /// The node that was dialed: ``PeerHello`` as well, with the chosen version.
    case peerHelloAnswer = 3
    /// Consensus, without entries: see ``RaftMessageCodec``.
    case raft = 4
    /// Consensus, an append with its entries behind it.
    case raftAppend = 5
    /// The birth of a cluster: see ``BirthMessageCodec``.
    case birth = 6
    /// A piece of a snapshot, or the answer to one: see ``SnapshotMessageCodec``.
    case snapshot = 7

    /// The client's first frame: ``ClientHello``.
    case clientHello = 32
    /// The node's answer to it: ``Welcome``.
    case welcome = 33
    /// Reserved for authentication in more than one step.
    case authenticate = 34
    /// A client's request: ``ClientRequest``.
    case request = 35
    /// A node's answer: ``ClientAnswer``.
    case answer = 36
    /// A client asks whether the node lives, and who leads: ``Ping``.
    case ping = 37
    /// The answer to a ping: ``Pong``.
    case pong = 38
    /// The node tells its clients, unasked, who leads: ``LeaderNotice``.
    case leader = 39
    /// Reserved for pushed grants and watched events.
    case push = 40
}

/// The fixed beginning of every frame.
///
///     0        4          8       9      10      12      16
///     | length | checksum | format| kind | zero  | group | body …
///
/// Little-endian. The length is of the whole frame. The checksum is CRC-32C over the length and then over everything
/// behind the checksum: a damaged length is found too, and costs no more than waiting for 1 MiB (trap 44). The group is
/// that of a cluster with many logs; this build knows group 0.
@frozen public struct FrameHeader: Hashable, Sendable {
    /// How many bytes stand before the body.
    public static let bytes = 16
    /// The format that this build writes and reads.
    public static let format: UInt8 = 1

    /// What the body is.
    public var kind: FrameKind
    /// Which log of the cluster it is about.
    public var group: UInt32

    /// Joins the fields.
    @inlinable public init(kind: FrameKind, group: UInt32 = 0) {
        self.kind = kind
        self.group = group
    }
}

/// Writes frames behind one another into a reused buffer.
public enum FrameWriter {
    /// Begins a frame and answers where it began; the body is appended next, then ``finish(at:in:)`` is called.
    @inlinable public static func begin(_ kind: FrameKind, group: UInt32 = 0, in bytes: inout [UInt8]) -> Int {
        let start = bytes.count
        bytes.append(uint64: 0)
        bytes.append(uint64: UInt64(FrameHeader.format) | UInt64(kind.rawValue) << 8 | UInt64(group) << 32)
        return start
    }

    /// Ends the frame begun at the offset: fills in its length and checksum.
    /// - Returns: false, with the buffer as it was before the frame began, when the frame is longer than 1 MiB.
    /// - Complexity: O(frame), no allocation.
    @discardableResult
    public static func finish(at start: Int, in bytes: inout [UInt8]) -> Bool {
        let length = bytes.count - start
        precondition(start >= 0 && length >= FrameHeader.bytes, "a frame must have been begun here")
        guard length <= WireLimits.frameBytes else {
            bytes.removeSubrange(start...)
            return false
        }
        bytes.overwrite(uint32: UInt32(length), at: start)
        let checksum = unsafe FrameChecksum.of(bytes.span.bytes.extracting(start..<bytes.count))
        bytes.overwrite(uint32: checksum, at: start + 4)
        return true
    }
}

/// The checksum of a whole frame, its own field left out.
enum FrameChecksum {
    static func of(_ frame: RawSpan) -> UInt32 {
        let length = CRC32C.checksum(frame.extracting(0..<4))
        return CRC32C.checksum(frame.extracting(8..<frame.byteCount), from: length)
    }
}
