import LeaseholdBase
import LeaseholdWire
import Raft
import Testing

@Suite struct SnapshotRequestTests {
    private static let reference = SnapshotReference(
        position: LogPosition(index: LogIndex(700), term: Term(4)), byteCount: 1_000_000, checksum: 0xABCD_EF01)
    private static let requests: [SnapshotRequest] = [
        .begin(atLeast: .zero), .begin(atLeast: LogIndex(.max)), .piece(reference, offset: 0, count: 1),
        .piece(reference, offset: 999_999, count: Int(UInt32.max)),
    ]

    private func encoded(_ request: SnapshotRequest) -> [UInt8] {
        var bytes: [UInt8] = []
        request.encode(into: &bytes)
        return bytes
    }

    private func encoded(_ answer: SnapshotAnswer) throws -> [UInt8] {
        var frame: [UInt8] = []
        switch answer {
        case .begun(let reference):
            SnapshotAnswer.encodeFrame(begun: reference, ClientMessageTests.head, into: &frame)
        case .piece(let piece):
            SnapshotAnswer.encodeFrame(
                piece: piece.bytes.span.bytes, at: piece.offset, of: piece.reference, ClientMessageTests.head,
                into: &frame)
        }
        let body = try body(of: frame, .answer)
        let view = try ClientAnswerView(decoding: body.span.bytes)
        let kind = view.head.kind
        #expect(kind == .snapshot)
        return view.body.withUnsafeBytes { Array($0) }
    }

    private func piece(_ bytes: [UInt8], at offset: Int) -> SnapshotAnswer {
        .piece(SnapshotPiece(reference: Self.reference, offset: offset, bytes: bytes))
    }

    @Test func requestsTravelUnchanged() throws {
        for request in Self.requests {
            let bytes = encoded(request)
            let decoded = try SnapshotRequest(decoding: bytes.span.bytes)
            #expect(decoded == request)
        }
    }

    @Test func answersTravelUnchanged() throws {
        let most = [UInt8](repeating: 7, count: WireLimits.snapshotPieceBytes)
        for answer in [.begun(Self.reference), piece([1, 2, 3], at: 0), piece([9], at: 999_999), piece(most, at: 5)] {
            let bytes = try encoded(answer)
            let decoded = try SnapshotAnswer(decoding: bytes.span.bytes)
            #expect(decoded == answer)
        }
    }

    @Test func aPieceOutsideItsFileIsRefused() throws {
        let behind = encoded(.piece(Self.reference, offset: 1_000_000, count: 1))
        #expect(throws: DecodingError.invalid) { try SnapshotRequest(decoding: behind.span.bytes) }
        let none = encoded(.piece(Self.reference, offset: 0, count: 0))
        #expect(throws: DecodingError.invalid) { try SnapshotRequest(decoding: none.span.bytes) }
        for answer in [piece([1, 2], at: 999_999), piece([1], at: 1_000_000)] {
            let bytes = try encoded(answer)
            #expect(throws: DecodingError.invalid) { try SnapshotAnswer(decoding: bytes.span.bytes) }
        }
        // One without bytes would never come to its end.
        let empty = Array(try encoded(piece([1], at: 3)).dropLast())
        #expect(throws: DecodingError.invalid) { try SnapshotAnswer(decoding: empty.span.bytes) }
    }

    @Test func aStepOfALaterVersionIsKnownAsSuch() {
        var bytes = encoded(.begin(atLeast: LogIndex(3)))
        bytes[0] = 9
        #expect(throws: DecodingError.unknown) { try SnapshotRequest(decoding: bytes.span.bytes) }
    }

    @Test func damagedRequestsAndAnswersAreRefusedOrReadAndNeverTrap() throws {
        let requests = Self.requests.map(encoded)
        let areRefused = Mutation.everyTruncationIsRefused(requests) { _ = try SnapshotRequest(decoding: $0) }
        let asked = Mutation.run(seed: 21, corpus: requests) { _ = try SnapshotRequest(decoding: $0) }
        #expect(areRefused && asked.refused > 0 && asked.accepted > 0)
        let answers = try [SnapshotAnswer.begun(Self.reference), piece([1, 2, 3, 4], at: 10)].map(encoded)
        let tally = Mutation.run(seed: 22, corpus: answers) { _ = try SnapshotAnswer(decoding: $0) }
        #expect(tally.refused > 0 && tally.accepted > 0)
    }
}
