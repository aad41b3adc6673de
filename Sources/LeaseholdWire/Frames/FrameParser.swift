import LeaseholdBase

/// What stands at the beginning of the received bytes.
@frozen public enum ParsedFrame: Hashable, Sendable {
    /// The first frame is not all there; at least so many bytes are wanted in all.
    case needMore(total: Int)
    /// A whole frame with a good checksum: its body lies at the range, and the next frame begins at `consumed`.
    case frame(FrameHeader, body: Range<Int>, consumed: Int)
    /// No frame can begin like this: answer with the code and end the connection.
    case bad(ConnectionErrorCode)
}

/// Finds frames in received bytes. Holds no state: bytes that are not a whole frame yet are simply shown again, longer.
public enum FrameParser {
    /// Looks at the first frame of the bytes.
    /// - Complexity: O(1) until the frame is complete, then O(frame) once for its checksum. No allocation.
    public static func next(in received: RawSpan) -> ParsedFrame {
        let available = received.byteCount
        guard available >= 4 else { return .needMore(total: FrameHeader.bytes) }
        let length = Int(load32(received, at: 0))
        guard length >= FrameHeader.bytes, length <= WireLimits.frameBytes else { return .bad(.frameLength) }
        guard available >= length else { return .needMore(total: length) }
        #if PLANTED_BUGS
        if planted(.frameChecksumSkipped) { return header(of: received, length) }
        #endif
        guard FrameChecksum.of(received.extracting(0..<length)) == load32(received, at: 4) else {
            return .bad(.checksum)
        }
        return header(of: received, length)
    }

    /// The frame, whose checksum is good.
    private static func header(of received: RawSpan, _ length: Int) -> ParsedFrame {
        let fields = load32(received, at: 8)
        guard UInt8(truncatingIfNeeded: fields) == FrameHeader.format, fields >> 16 == 0 else { return .bad(.format) }
        guard let kind = FrameKind(rawValue: UInt8(truncatingIfNeeded: fields >> 8)) else { return .bad(.kind) }
        let header = FrameHeader(kind: kind, group: load32(received, at: 12))
        return .frame(header, body: FrameHeader.bytes..<length, consumed: length)
    }

    private static func load32(_ bytes: RawSpan, at offset: Int) -> UInt32 {
        unsafe bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt32.self).littleEndian
    }
}
