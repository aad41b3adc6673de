import LeaseholdBase
import LeaseholdWire
import Testing

/// How many mutated inputs each decoder takes: a million in a release build.
enum Mutation {
    #if DEBUG
    static let rounds = 20_000
    #else
    static let rounds = 1_000_000
    #endif

    /// What came of the mutated inputs.
    struct Tally {
        var accepted = 0
        var refused = 0
    }

    /// Shows a decoder damaged copies of good inputs. A trap ends the test run; an error is counted.
    static func run(
        seed: UInt64, corpus: [[UInt8]], rounds: Int = Mutation.rounds,
        _ decode: (borrowing RawSpan) throws -> Void
    ) -> Tally {
        precondition(!corpus.isEmpty, "there must be something to damage")
        var random = RandomSource(seed: seed)
        var tally = Tally()
        var input: [UInt8] = []
        for _ in 0..<rounds {
            input.removeAll(keepingCapacity: true)
            input.append(contentsOf: corpus[random.integer(in: 0...corpus.count - 1)])
            for _ in 0..<random.integer(in: 1...4) { damage(&input, corpus: corpus, &random) }
            do {
                try decode(input.span.bytes)
                tally.accepted += 1
            } catch {
                tally.refused += 1
            }
        }
        return tally
    }

    private static func damage(_ input: inout [UInt8], corpus: [[UInt8]], _ random: inout RandomSource) {
        guard !input.isEmpty else {
            input.append(UInt8(random.below(256)))
            return
        }
        let place = random.integer(in: 0...input.count - 1)
        switch random.below(8) {
        case 0: input[place] ^= 1 << UInt8(random.below(8))
        case 1: input[place] = [0, 1, 0x7F, 0x80, 0xFF][random.integer(in: 0...4)]
        case 2: input[place] = UInt8(random.below(256))
        case 3: input.removeSubrange(place...)
        case 4: input.remove(at: place)
        case 5: input.insert(UInt8(random.below(256)), at: place)
        case 6:
            let other = corpus[random.integer(in: 0...corpus.count - 1)]
            input.removeSubrange(place...)
            input.append(contentsOf: other.dropFirst(place))
        default:
            for offset in place..<min(place + 8, input.count) { input[offset] = 0xFF }
        }
    }

    /// Shows a decoder every truncation of the good inputs, and expects an error of each but the whole.
    static func everyTruncationIsRefused(
        _ corpus: [[UInt8]], _ decode: (borrowing RawSpan) throws -> Void
    ) -> Bool {
        for whole in corpus {
            for count in 0..<whole.count {
                let part = Array(whole.prefix(count))
                do {
                    try decode(part.span.bytes)
                    return false
                } catch {}
            }
            do { try decode(whole.span.bytes) } catch { return false }
        }
        return true
    }
}

/// The body of the only frame in the bytes.
func body(of frame: [UInt8], _ kind: FrameKind) throws -> [UInt8] {
    guard case .frame(let header, let body, frame.count) = FrameParser.next(in: frame.span.bytes),
        header.kind == kind
    else { throw DecodingError.invalid }
    return Array(frame[body])
}
