import LeaseMachine
import LeaseholdBase
import Testing

@Suite struct MachineCodecTests {
    @Test func commandsAreReadAsTheyWereWritten() throws {
        for command in Fixtures.commands {
            #expect(try Command(decoding: command.bytes.span.bytes) == command)
        }
    }

    @Test func outcomesAreReadAsTheyWereWritten() throws {
        var statuses: [ClaimStatus] = []
        for outcome in Fixtures.outcomes {
            let all = Fixtures.statuses
            var bytes: [UInt8] = []
            outcome.encode(statuses: all.span, into: &bytes)
            var reader = ByteReader(bytes.span.bytes)
            #expect(try Outcome(decoding: &reader, statuses: &statuses) == outcome)
            try reader.finish()
            #expect(statuses == (outcome == .renewed ? Fixtures.statuses : []))
        }
    }

    @Test func pagesAreReadAsTheyWereWritten() throws {
        var bytes: [UInt8] = []
        Fixtures.page.encode(into: &bytes)
        var reader = ByteReader(bytes.span.bytes)
        #expect(try LeasePage(decoding: &reader) == Fixtures.page)
        try reader.finish()
    }

    @Test func aViewIsEncodedInPlaceAsItIsByValue() throws {
        var log = TestLog()
        log.acquire("a/b", holder: "é", value: [1, 2])
        log.acquire("gone", ttl: .seconds(1))
        log.now = .seconds(2)
        log.pulse()
        for name in ["a/b", "gone", "never"] {
            var inPlace: [UInt8] = []
            var byValue: [UInt8] = []
            log.machine.encodeLease(named: Array(name.utf8).span.bytes, into: &inPlace)
            log.machine.lease(named: name).encode(into: &byValue)
            #expect(inPlace == byValue)
            var reader = ByteReader(inPlace.span.bytes)
            #expect(try LeaseView(decoding: &reader) == log.machine.lease(named: name))
        }
    }

    @Test func aPartOfAJoinedRenewalIsAnAnswerOfItsOwn() throws {
        var log = TestLog()
        for name in ["a", "b", "c"] { log.acquire(name) }
        log.renew(1, 2, 3)
        var bytes: [UInt8] = []
        log.output.encodeRenewal(of: 1..<3, into: &bytes)
        var statuses: [ClaimStatus] = []
        var reader = ByteReader(bytes.span.bytes)
        #expect(try Outcome(decoding: &reader, statuses: &statuses) == .renewed)
        #expect(statuses == Array(log.output.statuses[1...]))
    }

    @Test func aCutCommandIsTruncatedAndALongOneTrailing() {
        for command in Fixtures.commands {
            let bytes = command.bytes
            for count in 0..<bytes.count {
                let cut = Array(bytes.prefix(count))
                #expect(throws: DecodingError.truncated) { try Command(decoding: cut.span.bytes) }
            }
            #expect(throws: DecodingError.trailing) { try Command(decoding: (bytes + [0]).span.bytes) }
        }
    }
}

/// Whatever bytes come, nothing traps and the state stays sound.
@Suite struct MutatedBytesTests {
    #if DEBUG
    private static let frames = 20_000
    #else
    private static let frames = 1_000_000
    #endif

    static func mutated(_ original: [UInt8], _ random: inout RandomSource) -> [UInt8] {
        var bytes = original
        for _ in 0..<random.integer(in: 1...3) where !bytes.isEmpty {
            let position = random.integer(in: 0...bytes.count - 1)
            switch random.below(6) {
            case 0: bytes[position] ^= 1 << UInt8(random.below(8))
            case 1: bytes[position] = UInt8(random.below(256))
            case 2: for place in position..<min(bytes.count, position + 8) { bytes[place] = 0xFF }
            case 3: for place in position..<min(bytes.count, position + 8) { bytes[place] = 0 }
            case 4: bytes.removeSubrange(position..<min(bytes.count, position + random.integer(in: 1...9)))
            default: bytes.insert(contentsOf: bytes.suffix(random.integer(in: 0...9)), at: position)
            }
        }
        return bytes
    }

    @Test func noMutatedCommandTrapsOrSpoilsTheState() {
        var random = RandomSource(seed: 24)
        var settings = Settings.initial
        settings.expiriesPerEntry = 3
        settings.endings = 50
        settings.instances = 200
        settings.claims = 100
        settings.requestsPerInstance = 20
        var first = LeaseMachine(settings: settings, hashSeed: 1)
        var second = LeaseMachine(settings: settings, hashSeed: 2)
        var output = ApplyOutput()
        var now = LogTime.zero
        var (understood, unknown, malformed, granted) = (0, 0, 0, 0)
        for index in 1...UInt64(Self.frames) {
            now = now + .milliseconds(Int64(random.below(400)))
            let bytes = Self.mutated(Self.command(index, now, &random).bytes, &random)
            let stamp = EntryStamp(index: LogIndex(index), logTime: now, wallTime: .zero)
            do {
                try first.apply(bytes.span.bytes, at: stamp, into: &output)
                try second.apply(bytes.span.bytes, at: stamp, into: &output)
                understood += 1
                if output.outcome == .refused(.malformed) { malformed += 1 }
                if case .acquired = output.outcome { granted += 1 }
            } catch {
                unknown += 1
                // A node would stop here. The other machine is brought to the same entry.
                try? second.apply(bytes.span.bytes, at: stamp, into: &output)
            }
            if first.digest != second.digest {
                Issue.record("digests differ at \(index)")
                return
            }
            if index.isMultiple(of: 20_000) { #expect(first.violations() == []) }
        }
        #expect(understood > Self.frames / 4 && unknown > 0 && malformed > 0 && granted > 0)
    }

    private static func command(_ index: UInt64, _ now: LogTime, _ random: inout RandomSource) -> Command {
        if random.chance(1, in: 4) { return Fixtures.commands[random.integer(in: 0...Fixtures.commands.count - 1)] }
        let head = RequestHead(
            request: RequestID.of(1 + random.below(30), index), lowestUnanswered: RequestSequence(index - index % 8),
            newestSeen: now)
        let claim = ClaimID(index - min(index, random.below(30)))
        return switch random.below(5) {
        case 0: .renew([Renewal(claim: claim), Renewal(claim: claim, name: "n\(random.below(60))")])
        case 1: .release(head, ClaimReference(claim: claim))
        case 2: .update(head, Update(claim: ClaimReference(claim: claim), value: [1, 2, 3]))
        default:
            .acquire(
                head, Acquire(name: "n\(random.below(60))", holder: "h", ttl: .seconds(Int64(1 + random.below(9)))))
        }
    }

    @Test func noMutatedAnswerTrapsItsReader() {
        var random = RandomSource(seed: 25)
        var answers: [[UInt8]] = Fixtures.outcomes.map { outcome in
            let all = Fixtures.statuses
            var bytes: [UInt8] = []
            outcome.encode(statuses: all.span, into: &bytes)
            return bytes
        }
        var page: [UInt8] = []
        Fixtures.page.encode(into: &page)
        answers += [page, page, page]
        var statuses: [ClaimStatus] = []
        var (read, failed) = (0, 0)
        for _ in 0..<Self.frames {
            let bytes = Self.mutated(answers[random.integer(in: 0...answers.count - 1)], &random)
            do {
                var reader = ByteReader(bytes.span.bytes)
                _ = try Outcome(decoding: &reader, statuses: &statuses)
                read += 1
            } catch { failed += 1 }
            do {
                var reader = ByteReader(bytes.span.bytes)
                _ = try LeasePage(decoding: &reader)
                read += 1
            } catch { failed += 1 }
            do {
                _ = try Command(decoding: bytes.span.bytes)
                read += 1
            } catch { failed += 1 }
        }
        #expect(read > 0 && failed > 0)
    }
}
