internal import LeaseholdBase
internal import LeaseholdWire
internal import Raft

extension Replica {
    /// Encodes a message of consensus for its receiver, or drops it while there is no link: consensus lives with loss.
    mutating func sendRaft(to node: NodeID, _ message: RaftMessage, from first: LogIndex, source: EntrySource) {
        guard let position = links.firstIndex(where: { $0.id == node }), let connection = links[position].openConnection
        else { return marks.hit(.sentWithoutLink) }
        links[position].hasSent = true
        let link = links[position]
        let envelope = PeerEnvelope(
            sender: identity, receiver: NodeIdentity(node: node, incarnation: link.incarnation))
        let start = outgoing.count
        guard case .append(_, _, _, _, let count) = message.body, count > 0 else {
            RaftMessageCodec.encodeFrame(message, envelope, into: &outgoing)
            effects.append(.send(connection, start..<outgoing.count))
            return
        }
        let frame = RaftMessageCodec.begin(message, envelope, in: &outgoing)
        for offset in 0..<count {
            switch source {
            case .log:
                let index = first + UInt64(offset)
                if let header = raft.header(at: index) {
                    Self.encode(header, of: raft.log, into: &outgoing)
                }
            case .readBack:
                Self.encode(offset, of: incomingEntries, into: &outgoing)
            }
        }
        guard FrameWriter.finish(at: frame, in: &outgoing) else { return }
        effects.append(.send(connection, start..<outgoing.count))
    }

    private static func encode(_ header: EntryHeader, of log: borrowing RaftLog, into bytes: inout [UInt8]) {
        EntryCodec.encode(header, payload: log.payload(at: header.index), into: &bytes)
    }

    private static func encode(_ position: Int, of batch: borrowing EntryBatch, into bytes: inout [UInt8]) {
        EntryCodec.encode(batch.headers[position], payload: batch.payload(at: position), into: &bytes)
    }
}
