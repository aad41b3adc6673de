import LeaseholdBase
import LeaseholdWire
import Raft
import Testing

@Suite struct PeerMessageTests {
    static let envelope = PeerEnvelope(
        sender: NodeIdentity(node: NodeID(1), incarnation: Incarnation(0xAAAA)),
        receiver: NodeIdentity(node: NodeID(2), incarnation: Incarnation(0xBBBB)))

    static let bodies: [RaftMessage.Body] = [
        .preVote(lastIndex: LogIndex(7), lastTerm: Term(3)), .preVoteAnswer(granted: true),
        .preVoteAnswer(granted: false), .vote(lastIndex: LogIndex(.max), lastTerm: Term(3), transfer: true),
        .vote(lastIndex: LogIndex(0), lastTerm: Term(0), transfer: false), .voteAnswer(granted: true),
        .append(
            previousIndex: LogIndex(9), previousTerm: Term(2), commit: LogIndex(8), round: 77, entryCount: 0),
        .appendAnswer(.accepted(match: LogIndex(12)), round: 78),
        .appendAnswer(
            .rejected(previousIndex: LogIndex(9), hintIndex: LogIndex(4), hintTerm: Term(1)), round: .max),
        .timeoutNow, .removed(index: LogIndex(.max), indexTerm: Term(3)),
    ]

    static let births: [BirthMessage] = [
        .presence(
            listed: [NodeID(1), NodeID(2), NodeID(3)], incarnation: Incarnation(5), heard: Incarnation(.max)),
        .presence(listed: [], incarnation: Incarnation(5), heard: .unknown), .born(payload: [1, 2, 3]),
        .born(payload: []), .refused(.unknownMember), .refused(.otherIncarnation), .refused(.listsDiffer),
    ]

    static func header(_ index: UInt64, _ term: UInt64, _ payload: [UInt8]) -> EntryHeader {
        EntryHeader(
            index: LogIndex(index), term: Term(term), logTime: LogTime(index * 10), wallTime: WallTime(5),
            kind: payload.isEmpty ? .empty : .command, payloadCount: payload.count)
    }

    static func append(_ entries: [(UInt64, UInt64, [UInt8])], behind previous: (UInt64, UInt64)) -> [UInt8] {
        let message = RaftMessage(
            term: Term(4),
            body: .append(
                previousIndex: LogIndex(previous.0), previousTerm: Term(previous.1), commit: LogIndex(1), round: 2,
                entryCount: entries.count))
        var bytes: [UInt8] = []
        let start = RaftMessageCodec.begin(message, envelope, in: &bytes)
        for (index, term, payload) in entries {
            EntryCodec.encode(header(index, term, payload), payload: payload.span.bytes, into: &bytes)
        }
        FrameWriter.finish(at: start, in: &bytes)
        return Array(bytes.dropFirst(FrameHeader.bytes))
    }

    @Test(arguments: bodies.indices)
    func messagesWithoutEntriesTravelUnchanged(position: Int) throws {
        let message = RaftMessage(term: Term(.max - 1), body: Self.bodies[position])
        var frame: [UInt8] = []
        RaftMessageCodec.encodeFrame(message, Self.envelope, into: &frame)
        var kind = FrameKind.raft
        if case .append = message.body { kind = .raftAppend }
        let body = try body(of: frame, kind)
        var batch = EntryBatch()
        let decoded = try RaftMessageCodec.decode(body.span.bytes, into: &batch)
        #expect(decoded.message == message && decoded.envelope == Self.envelope && batch.isEmpty)
    }

    @Test func anAppendTravelsWithItsEntriesIntoAReusedBatch() throws {
        let entries: [(UInt64, UInt64, [UInt8])] = [(10, 2, [1, 2, 3]), (11, 2, []), (12, 4, [9])]
        let body = Self.append(entries, behind: (9, 1))
        var batch = EntryBatch()
        let left: [UInt8] = [7]
        batch.append(Self.header(1, 1, left), payload: left.span.bytes)
        let decoded = try RaftMessageCodec.decode(body.span.bytes, into: &batch)
        guard case .append(LogIndex(9), Term(1), LogIndex(1), 2, 3) = decoded.message.body else {
            Issue.record("another message: \(decoded.message)")
            return
        }
        #expect(batch.headers == entries.map { Self.header($0.0, $0.1, $0.2) })
        for position in entries.indices {
            let payload = batch.payload(at: position).withUnsafeBytes { Array($0) }
            #expect(payload == entries[position].2)
        }
    }

    @Test(
        arguments: [
            ("a gap", [(11, 2)], (9, 1)), ("a repetition", [(10, 2), (10, 2)], (9, 1)),
            ("a falling term", [(10, 1)], (9, 2)),
            ("a term above the leader's", [(10, 5)], (9, 1)), ("an index past the end", [(0, 1)], (.max, 1)),
        ] as [(String, [(UInt64, UInt64)], (UInt64, UInt64))])
    func entriesThatDoNotFollowOneAnotherAreRefused(
        what: String, entries: [(UInt64, UInt64)], previous: (UInt64, UInt64)
    ) {
        let body = Self.append(entries.map { ($0.0, $0.1, []) }, behind: previous)
        var batch = EntryBatch()
        #expect(throws: DecodingError.invalid, "\(what)") {
            _ = try RaftMessageCodec.decode(body.span.bytes, into: &batch)
        }
    }

    @Test func aCountBeyondTheBytesIsRefusedBeforeAnythingIsReserved() {
        var body = Self.append([(10, 2, [1])], behind: (9, 1))
        let place = PeerEnvelope.bytes + 9 + 32
        body.overwrite(uint32: .max, at: place)
        var batch = EntryBatch()
        #expect(throws: DecodingError.truncated) { _ = try RaftMessageCodec.decode(body.span.bytes, into: &batch) }
    }

    @Test func theOverheadOfAnAppendIsAsStated() {
        let body = Self.append([], behind: (9, 1))
        #expect(body.count + FrameHeader.bytes == RaftMessageCodec.appendOverheadBytes)
        #expect(WireLimits.appendBytes + RaftMessageCodec.appendOverheadBytes <= WireLimits.frameBytes)
    }

    @Test(arguments: births)
    func birthMessagesTravelUnchanged(message: BirthMessage) throws {
        var frame: [UInt8] = []
        BirthMessageCodec.encodeFrame(message, Self.envelope, into: &frame)
        let body = try body(of: frame, .birth)
        let decoded = try BirthMessageCodec.decode(body.span.bytes)
        #expect(decoded.message == message && decoded.envelope == Self.envelope)
    }

    @Test func mutatedPeerMessagesNeverTrap() {
        var raft: [[UInt8]] = Self.bodies.map { body in
            var frame: [UInt8] = []
            RaftMessageCodec.encodeFrame(RaftMessage(term: Term(5), body: body), Self.envelope, into: &frame)
            return Array(frame.dropFirst(FrameHeader.bytes))
        }
        raft.append(Self.append([(10, 2, [1, 2, 3]), (11, 2, []), (12, 4, [9])], behind: (9, 1)))
        let births: [[UInt8]] = Self.births.map { message in
            var frame: [UInt8] = []
            BirthMessageCodec.encodeFrame(message, Self.envelope, into: &frame)
            return Array(frame.dropFirst(FrameHeader.bytes))
        }
        var batch = EntryBatch()
        var unsound = 0
        let tallies = [
            Mutation.run(seed: 20, corpus: raft) { input in
                let decoded = try RaftMessageCodec.decode(input, into: &batch)
                if case .append(_, _, _, _, let count) = decoded.message.body, count != batch.count { unsound += 1 }
            },
            Mutation.run(seed: 21, corpus: births) { _ = try BirthMessageCodec.decode($0) },
        ]
        for tally in tallies { #expect(tally.refused > 0 && tally.accepted > 0) }
        #expect(unsound == 0)
        #expect(Mutation.everyTruncationIsRefused(raft) { _ = try RaftMessageCodec.decode($0, into: &batch) })
    }

    @Test func signsOfLifeTravelUnchangedWithAReadingAndWithout() throws {
        for reading in [nil, SteadyTime(0), SteadyTime(123_456_789), SteadyTime(.max)] {
            let ping = PeerPing(correlation: CorrelationID(7), reading: reading)
            var frame: [UInt8] = []
            ping.encodeFrame(into: &frame)
            let body = try body(of: frame, .ping)
            let decoded = try PeerPing(decoding: body.span.bytes)
            #expect(decoded == ping)
        }
    }

    /// A node of before knows questions only, and gives them back as they are.
    @Test func aSignOfLifeWithoutAReadingIsWhatItAlwaysWas() throws {
        var frames: ([UInt8], [UInt8]) = ([], [])
        PeerPing(correlation: CorrelationID(9)).encodeFrame(into: &frames.0)
        Ping(correlation: CorrelationID(9)).encodeFrame(into: &frames.1)
        #expect(frames.0 == frames.1)
    }

    @Test func mutatedSignsOfLifeNeverTrap() {
        let corpus: [[UInt8]] = [nil, SteadyTime(99)].map { reading in
            var frame: [UInt8] = []
            PeerPing(correlation: CorrelationID(7), reading: reading).encodeFrame(into: &frame)
            return Array(frame.dropFirst(FrameHeader.bytes))
        }
        let tally = Mutation.run(seed: 23, corpus: corpus) { _ = try PeerPing(decoding: $0) }
        #expect(tally.refused > 0 && tally.accepted > 0)
    }

    @Test func mutatedEntriesNeverTrap() {
        let payload: [UInt8] = [1, 2, 3]
        var entry: [UInt8] = []
        EntryCodec.encode(Self.header(10, 2, payload), payload: payload.span.bytes, into: &entry)
        var batch = EntryBatch()
        let tally = Mutation.run(seed: 22, corpus: [entry]) { input in
            batch.removeAll()
            var reader = ByteReader(copy input)
            try EntryCodec.decode(&reader, into: &batch)
        }
        #expect(tally.refused > 0 && tally.accepted > 0)
    }
}
