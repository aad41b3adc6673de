public import LeaseholdBase
public import Raft

/// A message of consensus as it was received: its entries, if any, are in the batch that the decoder filled.
public struct ReceivedRaftMessage: Hashable, Sendable {
    /// Who sends, and whom the sender means.
    public var envelope: PeerEnvelope
    /// What is said.
    public var message: RaftMessage
}

/// The bytes of consensus messages: the body of ``FrameKind/raft`` and ``FrameKind/raftAppend`` frames.
///
///     | envelope 32 | term u64 | kind u8 | fields by kind … | entries of an append, as in EntryCodec
///
/// Little-endian. An append's entries follow one another from `previousIndex + 1` with terms that never fall and never
/// exceed the message's; anything else is refused here, so that consensus never meets it.
public enum RaftMessageCodec {
    private enum Kind: UInt8 {
        case preVote = 1
        case preVoteAnswer = 2
        case vote = 3
        case voteAnswer = 4
        case append = 5
        case accepted = 6
        case rejected = 7
        case timeoutNow = 8
        case removed = 9
    }

    /// How many bytes of an append's frame are not entries.
    public static let appendOverheadBytes = FrameHeader.bytes + PeerEnvelope.bytes + 9 + 36

    /// Begins the frame of a message and answers where it began.
    ///
    /// An append's entries are added next, exactly as many as the message says, each with
    /// ``EntryCodec/encode(_:payload:into:)``; then, for every kind, ``FrameWriter/finish(at:in:)`` is called.
    public static func begin(_ message: RaftMessage, _ envelope: PeerEnvelope, in bytes: inout [UInt8]) -> Int {
        let start: Int
        if case .append = message.body {
            start = FrameWriter.begin(.raftAppend, in: &bytes)
        } else {
            start = FrameWriter.begin(.raft, in: &bytes)
        }
        envelope.encode(into: &bytes)
        bytes.append(uint64: message.term.rawValue)
        encode(message.body, into: &bytes)
        return start
    }

    /// Appends the whole frame of a message that carries no entries.
    public static func encodeFrame(_ message: RaftMessage, _ envelope: PeerEnvelope, into bytes: inout [UInt8]) {
        if case .append(_, _, _, _, let count) = message.body {
            precondition(count == 0, "entries are added between begin and finish")
        }
        let start = begin(message, envelope, in: &bytes)
        FrameWriter.finish(at: start, in: &bytes)
    }

    private static func encode(_ body: RaftMessage.Body, into bytes: inout [UInt8]) {
        switch body {
        case .preVote(let lastIndex, let lastTerm):
            bytes.append(Kind.preVote.rawValue)
            bytes.append(uint64: lastIndex.rawValue)
            bytes.append(uint64: lastTerm.rawValue)
        case .preVoteAnswer(let granted):
            bytes.append(Kind.preVoteAnswer.rawValue)
            bytes.append(flag: granted)
        case .vote(let lastIndex, let lastTerm, let transfer):
            bytes.append(Kind.vote.rawValue)
            bytes.append(uint64: lastIndex.rawValue)
            bytes.append(uint64: lastTerm.rawValue)
            bytes.append(flag: transfer)
        case .voteAnswer(let granted):
            bytes.append(Kind.voteAnswer.rawValue)
            bytes.append(flag: granted)
        case .append(let previousIndex, let previousTerm, let commit, let round, let entryCount):
            bytes.append(Kind.append.rawValue)
            bytes.append(uint64: previousIndex.rawValue)
            bytes.append(uint64: previousTerm.rawValue)
            bytes.append(uint64: commit.rawValue)
            bytes.append(uint64: round)
            bytes.append(uint32: UInt32(clamping: entryCount))
        case .appendAnswer(.accepted(let match), let round):
            bytes.append(Kind.accepted.rawValue)
            bytes.append(uint64: match.rawValue)
            bytes.append(uint64: round)
        case .appendAnswer(.rejected(let previousIndex, let hintIndex, let hintTerm), let round):
            bytes.append(Kind.rejected.rawValue)
            bytes.append(uint64: previousIndex.rawValue)
            bytes.append(uint64: hintIndex.rawValue)
            bytes.append(uint64: hintTerm.rawValue)
            bytes.append(uint64: round)
        case .timeoutNow:
            bytes.append(Kind.timeoutNow.rawValue)
        case .removed(let index, let indexTerm):
            bytes.append(Kind.removed.rawValue)
            bytes.append(uint64: index.rawValue)
            bytes.append(uint64: indexTerm.rawValue)
        }
    }

    /// Reads a body of either kind; the batch is emptied and takes the entries.
    /// - Complexity: O(bytes); allocates nothing once the batch is warm.
    public static func decode(
        _ body: RawSpan, into batch: inout EntryBatch
    ) throws(DecodingError) -> ReceivedRaftMessage {
        batch.removeAll()
        var reader = ByteReader(body)
        let envelope = try PeerEnvelope(decoding: &reader)
        let term = Term(try reader.uint64())
        let message = RaftMessage(term: term, body: try decodeBody(&reader))
        if case .append(let previousIndex, let previousTerm, _, _, let count) = message.body {
            try decodeEntries(
                count, from: &reader, behind: previousIndex, previousTerm, term: term, into: &batch)
        }
        try reader.finish()
        return ReceivedRaftMessage(envelope: envelope, message: message)
    }

    @_lifetime(reader: copy reader)
    private static func decodeBody(_ reader: inout ByteReader) throws(DecodingError) -> RaftMessage.Body {
        guard let kind = Kind(rawValue: try reader.byte()) else { throw .unknown }
        switch kind {
        case .preVote:
            return .preVote(lastIndex: LogIndex(try reader.uint64()), lastTerm: Term(try reader.uint64()))
        case .preVoteAnswer:
            return .preVoteAnswer(granted: try reader.flag())
        case .vote:
            return .vote(
                lastIndex: LogIndex(try reader.uint64()), lastTerm: Term(try reader.uint64()),
                transfer: try reader.flag())
        case .voteAnswer:
            return .voteAnswer(granted: try reader.flag())
        case .append:
            return .append(
                previousIndex: LogIndex(try reader.uint64()), previousTerm: Term(try reader.uint64()),
                commit: LogIndex(try reader.uint64()), round: try reader.uint64(),
                entryCount: Int(try reader.uint32()))
        case .accepted:
            return .appendAnswer(
                .accepted(match: LogIndex(try reader.uint64())), round: try reader.uint64())
        case .rejected:
            return .appendAnswer(
                .rejected(
                    previousIndex: LogIndex(try reader.uint64()), hintIndex: LogIndex(try reader.uint64()),
                    hintTerm: Term(try reader.uint64())), round: try reader.uint64())
        case .timeoutNow:
            return .timeoutNow
        case .removed:
            return .removed(index: LogIndex(try reader.uint64()), indexTerm: Term(try reader.uint64()))
        }
    }

    @_lifetime(reader: copy reader)
    private static func decodeEntries(
        _ count: Int, from reader: inout ByteReader, behind previousIndex: LogIndex, _ previousTerm: Term, term: Term,
        into batch: inout EntryBatch
    ) throws(DecodingError) {
        guard count <= reader.remaining / EntryCodec.headerBytes else { throw .truncated }
        var previous = (index: previousIndex, term: previousTerm)
        for _ in 0..<count {
            let header = try EntryCodec.decodeHeader(&reader)
            guard header.index.rawValue == previous.index.rawValue &+ 1, header.index.rawValue != 0,
                header.term >= previous.term, header.term <= term
            else { throw .invalid }
            batch.append(header, payload: try reader.slice(header.payloadCount))
            previous = (header.index, header.term)
        }
    }
}
