public import LeaseholdBase
public import Raft

/// A message of a cluster's birth as it was received.
public struct ReceivedBirthMessage: Hashable, Sendable {
    /// Who sends, and whom the sender means.
    public var envelope: PeerEnvelope
    /// What is said.
    public var message: BirthMessage
}

/// The bytes of birth messages: the body of ``FrameKind/birth`` frames.
///
///     | envelope 32 | kind u8 | by kind: 1 incarnation u64, heard u64, count u16, ids u64… · 2 payload … · 3 reason u8 |
public enum BirthMessageCodec {
    /// Appends the whole frame.
    public static func encodeFrame(_ message: BirthMessage, _ envelope: PeerEnvelope, into bytes: inout [UInt8]) {
        let start = FrameWriter.begin(.birth, in: &bytes)
        envelope.encode(into: &bytes)
        switch message {
        case .presence(let listed, let incarnation, let heard):
            bytes.append(1)
            bytes.append(uint64: incarnation.rawValue)
            bytes.append(uint64: heard.rawValue)
            let sent = listed.prefix(WireLimits.listedNodes)
            bytes.append(uint16: UInt16(sent.count))
            for node in sent { bytes.append(uint64: node.rawValue) }
        case .born(let payload):
            bytes.append(2)
            bytes.append(contentsOf: payload)
        case .refused(let reason):
            bytes.append(3)
            bytes.append(reason.rawValue)
        }
        FrameWriter.finish(at: start, in: &bytes)
    }

    /// Reads a body. The payload of a birth entry is not looked into.
    public static func decode(_ body: RawSpan) throws(DecodingError) -> ReceivedBirthMessage {
        var reader = ByteReader(body)
        let envelope = try PeerEnvelope(decoding: &reader)
        let message: BirthMessage
        switch try reader.byte() {
        case 1:
            let incarnation = Incarnation(try reader.uint64())
            let heard = Incarnation(try reader.uint64())
            let count = Int(try reader.uint16())
            guard count <= WireLimits.listedNodes else { throw .invalid }
            var listed: [NodeID] = []
            for _ in 0..<count { listed.append(NodeID(try reader.uint64())) }
            message = .presence(listed: listed, incarnation: incarnation, heard: heard)
        case 2:
            var payload: [UInt8] = []
            payload.append(bytes: try reader.slice(reader.remaining))
            message = .born(payload: payload)
        case 3:
            guard let reason = BirthRefusal(rawValue: try reader.byte()) else { throw .unknown }
            message = .refused(reason)
        default: throw .unknown
        }
        try reader.finish()
        return ReceivedBirthMessage(envelope: envelope, message: message)
    }
}
