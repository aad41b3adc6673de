import LeaseholdBase
import LeaseholdReplica
import LeaseholdWire

extension Replica {
    /// The body of the first frame of a kind that a new client gets for what it says behind its greeting, as the first thing
    /// that the node hears at that time.
    mutating func answer(_ kind: FrameKind, to said: [UInt8], now: TimeReading) -> [UInt8]? {
        let client = ConnectionID(slot: 900, generation: 1)
        drained()
        accepted(client, on: .client, now: now)
        var bytes: [UInt8] = []
        ClientHello(instance: ClientInstance(9)).encodeFrame(into: &bytes)
        bytes += said
        _ = received(client, bytes.span.bytes, now: now)
        for effect in effects {
            guard case .send(client, let range) = effect else { continue }
            let sent = Array(outgoing[range])
            if case .frame(let header, let body, _) = FrameParser.next(in: sent.span.bytes), header.kind == kind {
                return Array(sent[body])
            }
        }
        return nil
    }
}
