import LeaseholdBase
import LeaseholdReplica
import LeaseholdWire
import Testing

/// What a client that saves a snapshot asks.
extension LoneNode {
    mutating func ask(_ request: SnapshotRequest) throws -> Answer? {
        var body: [UInt8] = []
        request.encode(into: &body)
        return try ask(.snapshot, body)
    }

    /// Asks for a snapshot until there is one.
    mutating func beginSaving(atLeast index: LogIndex) throws -> SnapshotReference {
        for _ in 0..<200 {
            let answer = try #require(try ask(.begin(atLeast: index)))
            if answer.head.kind == .snapshot,
                case .begun(let found) = try SnapshotAnswer(decoding: answer.body.span.bytes)
            {
                return found
            }
            #expect(try answer.refusal().code == .snapshotUnderWay)
            time += 100_000_000
            turn()
        }
        Issue.record("no snapshot was taken")
        throw DecodingError.invalid
    }

    mutating func piece(of reference: SnapshotReference, from offset: Int, count: Int = 700) throws -> SnapshotPiece {
        var answer = try ask(.piece(reference, offset: offset, count: count))
        for _ in 0..<1_000 where answer == nil {
            time += 10_000_000
            turn()
            answer = try takeAnswers().first
        }
        let got = try #require(answer)
        guard case .piece(let piece) = try SnapshotAnswer(decoding: got.body.span.bytes) else {
            throw DecodingError.invalid
        }
        return piece
    }

    mutating func bytes(of reference: SnapshotReference) throws -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < reference.byteCount {
            bytes += try piece(of: reference, from: bytes.count).bytes
        }
        return bytes
    }
}

extension LoneNode.Answer {
    /// The refusal that it is.
    func refusal() throws -> Refusal {
        #expect(head.kind == .refused)
        return try Refusal(decoding: body.span.bytes)
    }
}
