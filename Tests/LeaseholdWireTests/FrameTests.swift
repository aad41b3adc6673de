import LeaseholdBase
import LeaseholdWire
import Testing

@Suite struct FrameTests {
    private func frame(_ kind: FrameKind, group: UInt32 = 0, _ body: [UInt8]) -> [UInt8] {
        var bytes: [UInt8] = []
        let start = FrameWriter.begin(kind, group: group, in: &bytes)
        bytes += body
        FrameWriter.finish(at: start, in: &bytes)
        return bytes
    }

    @Test func framesBehindOneAnotherAreFoundInOrder() {
        let stream =
            frame(.ping, [1, 2, 3]) + frame(.answer, group: 7, []) + frame(.raft, [UInt8](repeating: 9, count: 500))
        var rest = stream
        var seen: [ParsedFrame] = []
        while case .frame(let header, let body, let consumed) = FrameParser.next(in: rest.span.bytes) {
            seen.append(.frame(header, body: body, consumed: consumed))
            rest.removeFirst(consumed)
        }
        #expect(
            seen == [
                .frame(FrameHeader(kind: .ping), body: 16..<19, consumed: 19),
                .frame(FrameHeader(kind: .answer, group: 7), body: 16..<16, consumed: 16),
                .frame(FrameHeader(kind: .raft), body: 16..<516, consumed: 516),
            ])
        #expect(rest.isEmpty)
    }

    @Test func everyPartOfAFrameWantsMore() {
        let whole = frame(.request, [UInt8](0..<100))
        for count in 0..<whole.count {
            let part = Array(whole.prefix(count))
            #expect(FrameParser.next(in: part.span.bytes) == .needMore(total: count < 4 ? 16 : whole.count))
        }
    }

    @Test func eachFlippedBitIsNoticed() {
        let whole = frame(.request, [UInt8](0..<100))
        for bit in 0..<whole.count * 8 {
            var damaged = whole
            damaged[bit / 8] ^= 1 << UInt8(bit % 8)
            if case .frame = FrameParser.next(in: damaged.span.bytes) {
                Issue.record("a frame with bit \(bit) flipped was taken for good")
            }
        }
    }

    /// Trap 44: a length is covered by a checksum too.
    @Test func trap44_aDamagedLengthIsNeverTakenForAFrame() {
        // The bytes behind a shorter or longer length could look like a frame of their own; only the checksum tells.
        let stream =
            frame(.request, [UInt8](repeating: 0, count: 64)) + frame(.request, [UInt8](repeating: 0, count: 64))
        for length in UInt32(16)...UInt32(stream.count) where length != 80 {
            var damaged = stream
            damaged.overwrite(uint32: length, at: 0)
            #expect(FrameParser.next(in: damaged.span.bytes) == .bad(.checksum))
        }
    }

    @Test func lengthsOutsideTheLimitEndTheConnectionAtOnce() {
        for length: UInt32 in [0, 1, 15, UInt32(WireLimits.frameBytes) + 1, .max] {
            var bytes: [UInt8] = []
            bytes.append(uint32: length)
            #expect(FrameParser.next(in: bytes.span.bytes) == .bad(.frameLength))
        }
        var longest: [UInt8] = []
        longest.append(uint32: UInt32(WireLimits.frameBytes))
        #expect(FrameParser.next(in: longest.span.bytes) == .needMore(total: WireLimits.frameBytes))
    }

    @Test func theLongestFrameIsWrittenAndALongerOneIsTakenBack() {
        let longest = frame(.raftAppend, [UInt8](repeating: 1, count: WireLimits.bodyBytes))
        #expect(longest.count == WireLimits.frameBytes)
        #expect(
            FrameParser.next(in: longest.span.bytes)
                == .frame(FrameHeader(kind: .raftAppend), body: 16..<longest.count, consumed: longest.count))
        var bytes: [UInt8] = [1, 2, 3]
        let start = FrameWriter.begin(.raftAppend, in: &bytes)
        bytes += [UInt8](repeating: 1, count: WireLimits.bodyBytes + 1)
        let finished = FrameWriter.finish(at: start, in: &bytes)
        #expect(!finished)
        #expect(bytes == [1, 2, 3])
    }

    @Test(arguments: [(8, UInt8(2), ConnectionErrorCode.format), (9, 200, .kind), (9, 0, .kind), (10, 1, .format)])
    func anUnknownFormatOrKindWithAGoodChecksumIsNamed(offset: Int, value: UInt8, code: ConnectionErrorCode) {
        var bytes = frame(.ping, [1, 2, 3, 4])
        bytes[offset] = value
        let length = Array(bytes[0..<4])
        let rest = Array(bytes[8...])
        bytes.overwrite(uint32: CRC32C.checksum(rest.span.bytes, from: CRC32C.checksum(length)), at: 4)
        #expect(FrameParser.next(in: bytes.span.bytes) == .bad(code))
    }

    @Test func mutatedFramesNeverTrapAndNeverPassAltered() {
        let corpus = [
            frame(.ping, [1, 2, 3, 4, 5, 6, 7, 8]), frame(.request, [UInt8](0..<64)), frame(.answer, []),
        ]
        let bodies = Set(corpus.map { Array($0[16...]) })
        var altered = 0
        let tally = Mutation.run(seed: 1, corpus: corpus) { input in
            guard case .frame(_, let body, _) = FrameParser.next(in: input) else { throw DecodingError.invalid }
            let found = input.extracting(body).withUnsafeBytes { Array($0) }
            if !bodies.contains(found) { altered += 1 }
        }
        #expect(altered == 0)
        #expect(tally.refused > Mutation.rounds / 2)
    }

    @Test func stableNumbersAreNotReused() {
        #expect(ConnectionErrorCode.allCases.map(\.rawValue) == Array(1...18))
        #expect(Set(ConnectionErrorCode.allCases.map(\.name)).count == ConnectionErrorCode.allCases.count)
        #expect(RefusalCode.allCases.map(\.rawValue) == Array(1...18))
        #expect(Set(RefusalCode.allCases.map(\.name)).count == RefusalCode.allCases.count)
        #expect(AnswerKind.allCases.map(\.rawValue) == Array(1...12))
        #expect(RequestOperation.allCases.map(\.rawValue) == Array(1...9))
    }
}
