import LeaseholdWire
import Raft

/// What is in a packet, for people.
enum PacketNames {
    /// The kinds of its frames, the term and what matters of each: `append 7 +2`, `vote 8`.
    static func names(in bytes: [UInt8]) -> String {
        var names: [String] = []
        var batch = EntryBatch()
        var rest = unsafe bytes.span.bytes
        while names.count < 4, case .frame(let header, let body, let consumed) = FrameParser.next(in: rest) {
            if header.kind == .raft || header.kind == .raftAppend,
                let received = try? RaftMessageCodec.decode(rest.extracting(body), into: &batch)
            {
                names.append(name(received.message))
            } else {
                names.append("\(header.kind)")
            }
            rest = rest.extracting(consumed..<rest.byteCount)
        }
        if names.isEmpty { return "\(bytes.count) bytes" }
        return names.joined(separator: ", ")
    }

    private static func name(_ message: RaftMessage) -> String {
        switch message.body {
        case .preVote: "pre-vote \(message.term)"
        case .preVoteAnswer(let granted): "pre-vote \(granted ? "granted" : "refused") \(message.term)"
        case .vote: "vote \(message.term)"
        case .voteAnswer(let granted): "vote \(granted ? "granted" : "refused") \(message.term)"
        case .append(let previous, _, let commit, _, let count):
            count == 0
                ? "heartbeat \(message.term) commit \(commit)" : "append \(message.term) \(previous)+\(count)"
        case .appendAnswer(.accepted(let match), _): "accepted \(message.term) \(match)"
        case .appendAnswer(.rejected(let previous, _, _), _): "rejected \(message.term) \(previous)"
        case .timeoutNow: "timeout now \(message.term)"
        case .removed(let index, _): "removed \(message.term) \(index)"
        }
    }
}
