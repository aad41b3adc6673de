import LeaseholdBase
import LeaseholdWire
import Raft
import Testing

@Suite struct SnapshotMessageTests {
    private let reference = SnapshotReference(
        position: LogPosition(index: LogIndex(700), term: Term(4)), byteCount: 1_000, checksum: 0xABCD_EF01)

    private func frame(_ reply: SnapshotReply) -> [UInt8] {
        var bytes: [UInt8] = []
        SnapshotMessageCodec.encodeFrame(reply, to: reference, term: Term(5), PeerMessageTests.envelope, into: &bytes)
        return bytes
    }

    private func frame(_ piece: [UInt8], at offset: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        SnapshotMessageCodec.encodeFrame(
            piece: piece.span.bytes, at: offset, of: reference, term: Term(5), PeerMessageTests.envelope, into: &bytes)
        return bytes
    }

    private func decode(_ frame: [UInt8]) throws -> ReceivedSnapshotMessage {
        guard case .frame(let header, let body, _) = FrameParser.next(in: frame.span.bytes) else {
            throw DecodingError.truncated
        }
        #expect(header.kind == .snapshot)
        return try SnapshotMessageCodec.decode(Array(frame[body]).span.bytes)
    }

    @Test func repliesTravelUnchanged() throws {
        for reply in [.next(offset: 0), .next(offset: 1_000), .complete, .notNeeded, .busy, .refused] as [SnapshotReply]
        {
            let received = try decode(frame(reply))
            #expect(received.content == .reply(reply) && received.reference == reference)
            #expect(received.term == Term(5) && received.envelope == PeerMessageTests.envelope)
        }
    }

    @Test func piecesTravelUnchangedAndMayBeEmpty() throws {
        for (piece, offset) in [([1, 2, 3], 0), ([], 1_000), ([9], 999)] as [([UInt8], Int)] {
            let bytes = frame(piece, at: offset)
            let received = try decode(bytes)
            guard case .piece(offset, let range) = received.content else {
                Issue.record("\(received)")
                return
            }
            #expect(Array(bytes[(FrameHeader.bytes + range.lowerBound)...]) == piece)
        }
    }

    @Test func aPieceBeyondTheFileIsRefused() {
        #expect(throws: DecodingError.invalid) { try decode(frame([1, 2], at: 999)) }
        #expect(throws: DecodingError.invalid) { try decode(frame(.next(offset: 1_001))) }
    }

    @Test func damagedMessagesAreRefusedOrReadAndNeverTrap() {
        let corpus = [frame(.busy), frame(.next(offset: 7)), frame([1, 2, 3, 4], at: 10)].map {
            Array($0.dropFirst(FrameHeader.bytes))
        }
        let tally = Mutation.run(seed: 11, corpus: corpus) { _ = try SnapshotMessageCodec.decode($0) }
        #expect(tally.refused > 0)
    }
}

@Suite struct MemberMessageTests {
    private let member = Member(
        id: NodeID(4), peerAddress: "10.0.0.4:7501", clientAddress: "[::1]:7401", incarnation: Incarnation(.max))

    private var changes: [MembershipChange] {
        [
            .addLearner(member), .promote(NodeID(4)), .remove(NodeID(2)), .replace(NodeID(2), with: NodeID(4)),
            .setAddresses(NodeID(1), peer: "a:1", client: "b:2"),
        ]
    }

    @Test(arguments: [true, false]) func requestsTravelUnchanged(isForced: Bool) throws {
        for change in changes {
            var bytes: [UInt8] = []
            MemberRequest(change, isForced: isForced).encode(into: &bytes)
            #expect(try MemberRequest(decoding: bytes.span.bytes) == MemberRequest(change, isForced: isForced))
        }
    }

    @Test func theListTravelsUnchanged() throws {
        var others = [member]
        others.append(Member(id: NodeID(1), peerAddress: "a:1", clientAddress: "b:1", incarnation: Incarnation(3)))
        let membership = try #require(
            Membership(
                clusterID: ClusterID(high: 1, low: 2), members: others, voters: [NodeID(1)], learners: [NodeID(4)]))
        let list = MemberList(membership)
        #expect(list.members.map(\.votes) == [true, false])
        var bytes: [UInt8] = []
        list.encodeFrame(AnswerHead(correlation: CorrelationID(1), logTime: .zero, kind: .outcome), into: &bytes)
        guard case .frame(_, let body, _) = FrameParser.next(in: bytes.span.bytes) else {
            Issue.record("no frame")
            return
        }
        let answer = Array(bytes[body])
        let view = try ClientAnswerView(decoding: answer.span.bytes)
        #expect(view.head.kind == .members)
        var copy: [UInt8] = []
        copy.append(bytes: view.body)
        #expect(try MemberList(decoding: copy.span.bytes) == list)
    }

    @Test func damagedRequestsNeverTrap() {
        let corpus = changes.map { change in
            var bytes: [UInt8] = []
            MemberRequest(change).encode(into: &bytes)
            return bytes
        }
        let tally = Mutation.run(seed: 12, corpus: corpus) { _ = try MemberRequest(decoding: $0) }
        #expect(tally.refused > 0)
    }
}
