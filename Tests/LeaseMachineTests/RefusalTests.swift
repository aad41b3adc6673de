import LeaseMachine
import LeaseholdBase
import Testing

/// What is refused, with which code, and that the door and the machine agree.
@Suite struct RefusalTests {
    private static let long = String(repeating: "n", count: 256)

    private static func acquire(_ change: (inout Acquire) -> Void) -> Command {
        var acquire = Acquire(name: "a", holder: "h", ttl: .seconds(10))
        change(&acquire)
        return .acquire(head, acquire)
    }

    private static let head = RequestHead(
        request: RequestID.of(1, 1), lowestUnanswered: RequestSequence(1), newestSeen: .zero)
    private static let range = LeaseError.ttlOutOfRange(minimum: .milliseconds(500), maximum: .seconds(86_400))

    private static let table: [(String, Command, LeaseError?)] = [
        ("the longest name", acquire { $0.name = String(long.dropLast()) }, nil),
        ("a name of two bytes a letter", acquire { $0.name = String(repeating: "é", count: 127) }, nil),
        ("no name", acquire { $0.name = "" }, .nameInvalid),
        ("a long name", acquire { $0.name = long }, .nameInvalid),
        ("a far too long name", acquire { $0.name = String(repeating: "n", count: 70_000) }, .nameInvalid),
        ("a line break in a name", acquire { $0.name = "a\nb" }, .nameInvalid),
        ("a delete in a name", acquire { $0.name = "a\u{7F}" }, .nameInvalid),
        ("a C1 control in a name", acquire { $0.name = "\u{85}" }, .nameInvalid),
        ("a no-break space in a name", acquire { $0.name = "\u{A0}" }, nil),
        ("no holder", acquire { $0.holder = "" }, .holderInvalid),
        ("a long holder", acquire { $0.holder = long }, .holderInvalid),
        ("a tab in a holder", acquire { $0.holder = "a\t" }, .holderInvalid),
        ("the longest value", acquire { $0.value = [UInt8](repeating: 255, count: 4096) }, nil),
        ("a long value", acquire { $0.value = [UInt8](repeating: 0, count: 4097) }, .valueTooLong),
        ("the shortest TTL", acquire { $0.ttl = .milliseconds(500) }, nil),
        ("a short TTL", acquire { $0.ttl = .milliseconds(500) - Nanoseconds(1) }, range),
        ("a negative TTL", acquire { $0.ttl = .seconds(-10) }, range),
        ("the longest TTL", acquire { $0.ttl = .seconds(86_400) }, nil),
        ("a long TTL", acquire { $0.ttl = .seconds(86_400) + Nanoseconds(1) }, range),
        ("the longest time there is", acquire { $0.ttl = .max }, range),
        ("capacity 2", acquire { $0.capacity = 2 }, .notSupported),
        ("capacity 0", acquire { $0.capacity = 0 }, .notSupported),
        ("capacity unlimited", acquire { $0.capacity = .max }, .notSupported),
        ("waiting", acquire { $0.wait = .upTo(.seconds(5)) }, .notSupported),
        ("waiting for ever", acquire { $0.wait = .forEver }, .notSupported),
        ("a lock-delay", acquire { $0.lockDelay = .seconds(1) }, .notSupported),
        ("a release under a bad name", .release(head, ClaimReference(claim: ClaimID(1), name: long)), .nameInvalid),
        (
            "a cancel of itself", .cancel(head, Cancel(target: head.request, name: "a")), .malformed
        ),
        ("a cancel of nothing", .cancel(head, Cancel(target: .of(0, 1), name: "a")), .malformed),
        (
            "a long value for a claim",
            .update(head, Update(claim: ClaimReference(claim: ClaimID(1)), value: [UInt8](repeating: 0, count: 5000))),
            .valueTooLong
        ),
        ("an empty change of settings", .settings(head, []), nil),
        ("no expiries an entry", .settings(head, [SettingChange(.expiriesPerEntry, 0)]), .settingInvalid),
        ("a TTL above the limit", .settings(head, [SettingChange(.ttlMaximum, .max)]), .settingInvalid),
        ("level 0", .settings(head, [SettingChange(.level, 0)]), .settingInvalid),
        ("the level there is", .settings(head, [SettingChange(.level, 1)]), nil),
        (
            "a TTL range that is none",
            .settings(head, [SettingChange(.ttlMinimum, 9_000_000_000), SettingChange(.ttlMaximum, 8_000_000_000)]),
            .settingInvalid
        ),
        (
            "too many settings", .settings(head, (0..<65).map { _ in SettingChange(.level, 1) }), .malformed
        ),
        ("sequence 0", .release(headOf(1, 0, 0), ClaimReference(claim: ClaimID(1))), .malformed),
        ("instance 0", .release(headOf(0, 1, 1), ClaimReference(claim: ClaimID(1))), .malformed),
        ("a mark above the request", .release(headOf(1, 1, 2), ClaimReference(claim: ClaimID(1))), .malformed),
        ("the longest renewal", .renew((1...1_000).map { Renewal(claim: ClaimID($0)) }), nil),
    ]

    private static func headOf(_ instance: UInt64, _ sequence: UInt64, _ mark: UInt64) -> RequestHead {
        RequestHead(
            request: .of(instance, sequence), lowestUnanswered: RequestSequence(mark), newestSeen: .zero)
    }

    private static func doorRefusal(_ bytes: [UInt8]) throws -> LeaseError? {
        try CommandView(bytes.span.bytes).refusal(under: .initial)
    }

    @Test func theDoorAndTheMachineRefuseTheSame() throws {
        for (what, command, expected) in Self.table {
            #expect(try Self.doorRefusal(command.bytes) == expected, "\(what)")
            var log = TestLog()
            let outcome = log.apply(command)
            if let expected {
                #expect(outcome == .refused(expected), "\(what)")
                #expect(log.machine.claimCount == 0 && log.machine.settings == .initial)
            } else {
                // Well-formed, so whatever it meets is about claims.
                #expect(outcome != nil && outcome != .refused(.malformed), "\(what)")
            }
            #expect(log.violations == [], "\(what)")
        }
    }

    @Test func aRenewalIsLimitedAtTheDoorAndJoinedRenewalsInTheLog() throws {
        let many = Command.renew((1...1_001).map { Renewal(claim: ClaimID($0)) })
        #expect(try Self.doorRefusal(many.bytes) == .malformed)
        var log = TestLog()
        #expect(log.apply(many) == .renewed && log.output.statuses.count == 1_001)
        let tooMany = Command.renew((1...16_001).map { Renewal(claim: ClaimID($0)) })
        #expect(log.apply(tooMany) == .refused(.malformed) && log.output.statuses == [])
    }

    @Test func namesAreWellFormedUTF8() throws {
        let bad: [[UInt8]] = [
            [0xFF], [0xC0, 0x80], [0xC1, 0xBF], [0xE0, 0x9F, 0x80], [0xED, 0xA0, 0x80], [0xF0, 0x8F, 0x80, 0x80],
            [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xE2, 0x82], [0x61, 0xC3], [0x80], [0xC3, 0x28],
            [0xE2, 0x28, 0xA1], [0xE2, 0x82, 0x28], [0xF0, 0x90, 0x28, 0xBC], [0x00], [0x1F], [0x7F], [0xC2, 0x80],
            [0xC2, 0x9F],
        ]
        for name in bad { #expect(CommandView.refusal(ofName: name.span.bytes) == .nameInvalid, "\(name)") }
        let good = ["a", "é", "€", "𝄞", "日本語", "\u{A0}", "\u{10FFFF}", "\u{D7FF}", "\u{E000}", "~ "]
        for name in good {
            #expect(CommandView.refusal(ofName: Array(name.utf8).span.bytes) == nil, "\(name)")
        }
        // Against the standard library, over random bytes near the edges of the encoding.
        var random = RandomSource(seed: 1)
        let edges: [UInt8] = [
            0x61, 0x7E, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC2, 0xDF, 0xE0, 0xE1, 0xED, 0xEF, 0xF0, 0xF1, 0xF4, 0xF5,
        ]
        var accepted = 0
        for _ in 0..<200_000 {
            let name = (0..<random.integer(in: 1...5)).map { _ in edges[random.integer(in: 0...edges.count - 1)] }
            let text = String(validating: name, as: UTF8.self)
            let plain = text.map { !$0.unicodeScalars.contains { (0x80...0x9F).contains($0.value) } } ?? false
            #expect((CommandView.refusal(ofName: name.span.bytes) == nil) == plain, "\(name)")
            if plain { accepted += 1 }
        }
        #expect(accepted > 1_000)
    }

    @Test func reservedKindsAreRefusedAndUnknownOnesStopTheNode() throws {
        let release = Command.release(Self.head, ClaimReference(claim: ClaimID(1))).bytes
        for kind in CommandKind.allCases where kind.isReserved {
            var bytes = release
            bytes[1] = kind.rawValue
            #expect(try Self.doorRefusal(bytes) == .notSupported)
            var log = TestLog()
            #expect(log.apply(bytes: bytes) == .refused(.notSupported))
        }
        for (offset, value) in [(0, UInt8(2)), (1, 0), (1, 7), (1, 255)] {
            var bytes = release
            bytes[offset] = value
            #expect(throws: DecodingError.unknown) { try Self.doorRefusal(bytes) }
            #expect(throws: UnknownCommand.self) { try Self.applied(bytes) }
        }
        // A setting, or a level, of a later build stops the node too; at the door it is only refused.
        for change in [SettingChange(key: 999, value: 1), SettingChange(.level, 2)] {
            let bytes = Command.settings(Self.head, [change]).bytes
            #expect(try Self.doorRefusal(bytes) == .notSupported)
            #expect(throws: UnknownCommand.self) { try Self.applied(bytes) }
        }
    }

    private static func applied(_ bytes: [UInt8]) throws -> Outcome? {
        var machine = LeaseMachine()
        var output = ApplyOutput()
        try machine.apply(
            bytes.span.bytes, at: EntryStamp(index: LogIndex(1), logTime: .zero, wallTime: .zero), into: &output)
        return output.outcome
    }

    @Test func whatALaterBuildAddsBehindACommandIsSkipped() throws {
        var bytes = Command.release(Self.head, ClaimReference(claim: ClaimID(9))).bytes
        bytes[2] = 3
        bytes += [1, 2, 3]
        #expect(try Self.applied(bytes) == .refused(.claimUnknown))
        bytes.append(4)
        #expect(try Self.applied(bytes) == .refused(.malformed))
    }

    @Test func aLimitThatIsReachedCanStillBeRaised() {
        var log = TestLog()
        func head(_ instance: UInt64, _ sequence: UInt64) -> RequestHead {
            RequestHead(request: .of(instance, sequence), lowestUnanswered: RequestSequence(1), newestSeen: .zero)
        }
        let tight = [SettingChange(.instances, 1), SettingChange(.requestsPerInstance, 1)]
        #expect(log.apply(.settings(head(1, 1), tight)) == .settingsChanged)
        let acquire = Acquire(name: "a", holder: "h", ttl: .seconds(10))
        #expect(log.apply(.acquire(head(1, 2), acquire)) == .refused(.overloaded))
        #expect(log.apply(.acquire(head(2, 1), acquire)) == .refused(.overloaded))
        // Whether by a client that has used up its own room, or by one that has never been heard.
        for instance in 1...2 as ClosedRange<UInt64> {
            let same = [SettingChange(.instances, 1)]
            #expect(log.apply(.settings(head(instance, 3), same)) == .settingsChanged)
        }
        #expect(log.apply(.acquire(head(2, 4), acquire)) == .refused(.overloaded))
        let wide = [SettingChange(.instances, 10), SettingChange(.requestsPerInstance, 10)]
        #expect(log.apply(.settings(head(3, 1), wide)) == .settingsChanged)
        #expect(log.apply(.acquire(head(2, 5), acquire)) != .refused(.overloaded))
        // The reserve is no second limit without an end.
        #expect(log.apply(.settings(head(1, 4), tight)) == .settingsChanged)
        let many = (5...40 as ClosedRange<UInt64>).map { log.apply(.settings(head(1, $0), tight)) }
        #expect(many.last == .refused(.overloaded))
    }

    @Test func everyErrorHasAStableCode() {
        let codes = Fixtures.errors.map(\.code)
        #expect(
            codes == [
                "name_invalid", "holder_invalid", "value_too_long", "ttl_out_of_range", "capacity_mismatch",
                "not_supported", "held", "claim_unknown", "ended", "too_old", "request_reused", "overloaded",
                "quarantined", "usage",
                "usage",
            ])
    }

    @Test func theGreatestNumbersThereAreDoNoHarm() {
        var log = TestLog()
        log.acquire("a", ttl: .seconds(86_400))
        let last = RequestHead(
            request: .of(.max, .max), lowestUnanswered: RequestSequence(.max), newestSeen: LogTime(.max),
            principal: "p")
        log.apply(.acquire(last, Acquire(name: "b", holder: "h", ttl: .seconds(86_400))))
        log.apply(.release(last, ClaimReference(claim: ClaimID(.max))))
        log.now = .max
        #expect(log.renew(1, .max) == [.ended(.expired), .unknown])
        var output = ApplyOutput()
        var machine = log.machine
        let stamp = EntryStamp(index: LogIndex(.max), logTime: LogTime(.max), wallTime: WallTime(.max))
        machine.applyEmpty(at: stamp, into: &output)
        #expect(machine.violations() == [] && machine.claimCount == 0)
        #expect(log.violations == [])
    }
}
