import LeaseholdBase
import LeaseholdCommand
import Testing

@Suite struct OperationLogTests {
    func bytes(_ line: OperationLog.Line) -> [UInt8] {
        var bytes: [UInt8] = []
        OperationLog.append(line, to: &bytes)
        return bytes
    }

    @Test func aLineIsOneJSONObject() {
        let line = OperationLog.Line(
            .acquire, name: "a", claim: ClaimID(5), token: FencingToken(.max), sent: SteadyTime(10),
            replied: SteadyTime(20), ttl: .seconds(60))
        #expect(
            String(decoding: bytes(line), as: UTF8.self)
                == #"{"op": "acquire", "name": "a", "claim": "5", "token": "18446744073709551615", "t_send_ns": 10, "#
                + #""t_reply_ns": 20, "ttl_ms": 60000}"# + "\n")
    }

    @Test(arguments: ["plain", "", "a \"b\" \\ é 🙂", "\u{7F}\n\t"])
    func whatWasWrittenIsRead(name: String) {
        let lines = [
            OperationLog.Line(
                .acquire, name: name, claim: ClaimID(5), token: FencingToken(7), sent: SteadyTime(10),
                replied: SteadyTime(20), ttl: .seconds(60)),
            OperationLog.Line(
                .read, name: name, claim: nil, token: nil, sent: SteadyTime(0), replied: SteadyTime(.max), ttl: nil),
            OperationLog.Line(
                .unknown, name: name, claim: ClaimID(5), token: nil, sent: SteadyTime(10), replied: nil, ttl: nil),
        ]
        for line in lines { #expect(OperationLog.Line(bytes(line).dropLast()) == line) }
    }

    @Test func everyCutAndMostChangesAreNoticed() {
        let whole = bytes(
            OperationLog.Line(
                .renew, name: "a", claim: ClaimID(5), token: FencingToken(7), sent: SteadyTime(10),
                replied: SteadyTime(20), ttl: .seconds(60))
        ).dropLast()
        for end in whole.indices { #expect(OperationLog.Line(whole[..<end]) == nil) }
        for line in ["", "{}", "[]", "{\"op\": \"acquire\"}", "{\"op\": 1e3}", "{\"a\": {}}", "{\"a\": \"\\q\"}"] {
            #expect(OperationLog.Line(line.utf8) == nil)
        }
    }
}

@Suite struct AcknowledgedHistoryTests {
    static func line(
        _ operation: OperationLog.Operation, _ name: String = "a", claim: UInt64, token: UInt64? = nil,
        _ sent: UInt64, _ replied: UInt64?, ttl: Nanoseconds = .seconds(60)
    ) -> OperationLog.Line {
        let extends = operation == .acquire || operation == .renew
        return OperationLog.Line(
            operation, name: name, claim: ClaimID(claim), token: token.map { FencingToken($0) },
            sent: SteadyTime(sent), replied: replied.map { SteadyTime($0) }, ttl: extends ? ttl : nil)
    }

    /// The first lie of these lines, and the history they make.
    static func history(_ lines: [OperationLog.Line]) -> (AcknowledgedHistory, lie: String?) {
        var history = AcknowledgedHistory()
        for line in lines {
            if let lie = history.take(line) { return (history, lie) }
        }
        return (history, nil)
    }

    static let second: UInt64 = 1_000_000_000

    @Test func tokensOfANameGrow() {
        let first = Self.line(.acquire, claim: 5, token: 5, 0, 1)
        let released = Self.line(.release, claim: 5, 2, 3)
        #expect(Self.history([first, released, Self.line(.acquire, claim: 9, token: 9, 4, 5)]).lie == nil)
        let back = Self.history([first, released, Self.line(.acquire, claim: 4, token: 4, 4, 5)]).lie
        #expect(back == "line 3: a was granted under token 4 after 5")
        let twice = Self.history([first, released, Self.line(.acquire, claim: 5, token: 5, 4, 5)]).lie
        #expect(twice == "line 3: a was granted twice under token 5")
    }

    @Test func aNameIsNotGrantedWhileItIsHeld() {
        let first = Self.line(.acquire, claim: 5, token: 5, 0, 1)
        let second = Self.line(.acquire, claim: 9, token: 9, 2, 3)
        #expect(Self.history([first, second]).lie == "line 2: a was granted under token 9 while held under token 5")
        // Unless it may have been given back, answered or not, or its time may have passed.
        #expect(Self.history([first, Self.line(.unknown, claim: 5, 1, nil), second]).lie == nil)
        #expect(
            Self.history([first, Self.line(.acquire, claim: 9, token: 9, 60 * Self.second, 60 * Self.second)]).lie
                == nil)
        let renewed = [
            first, Self.line(.renew, claim: 5, token: 5, 50 * Self.second, 50 * Self.second),
            Self.line(.acquire, claim: 9, token: 9, 60 * Self.second, 60 * Self.second),
        ]
        #expect(Self.history(renewed).lie != nil)
    }

    @Test func whatOverlapsMayHaveComeInEitherOrder() {
        let first = Self.line(.acquire, claim: 9, token: 9, 0, 10)
        #expect(Self.history([first, Self.line(.acquire, claim: 5, token: 5, 5, 12)]).lie == nil)
    }

    @Test func aClaimIsRenewedUnderItsOwnTokenAndNotBehindItsEnd() {
        let first = Self.line(.acquire, claim: 5, token: 5, 0, 1)
        #expect(Self.history([first, Self.line(.renew, claim: 5, token: 6, 2, 3)]).lie != nil)
        #expect(
            Self.history([first, Self.line(.release, claim: 5, 2, 3), Self.line(.renew, claim: 5, token: 5, 4, 5)]).lie
                == "line 3: claim 5 of a was renewed after it was released")
        let third = [
            first, Self.line(.unknown, claim: 5, 2, nil), Self.line(.acquire, claim: 9, token: 9, 3, 4),
            Self.line(.renew, claim: 5, token: 5, 5, 6),
        ]
        #expect(Self.history(third).lie == "line 4: claim 5 of a was renewed after token 9 was granted")
    }

    @Test func anAcknowledgedClaimIsHeldUntilItsTime() {
        let (history, _) = Self.history([Self.line(.acquire, claim: 5, token: 5, 0, 1)])
        func check(_ holder: (ClaimID, FencingToken)?, at seconds: UInt64) -> String? {
            let now = SteadyTime(seconds * Self.second)
            return history.check("a", isHeldBy: holder.map { (claim: $0.0, token: $0.1) }, asked: now, answered: now)
        }
        #expect(check((ClaimID(5), FencingToken(5)), at: 10) == nil)
        #expect(check((ClaimID(5), FencingToken(6)), at: 10) != nil)
        #expect(check(nil, at: 10) == "a was acknowledged to claim 5 under token 5, and nobody holds it")
        #expect(check((ClaimID(9), FencingToken(9)), at: 10) != nil)
        // Its time has passed, as far as the log can know.
        #expect(check(nil, at: 60) == nil)
        #expect(check((ClaimID(9), FencingToken(9)), at: 60) == nil)
        #expect(check((ClaimID(4), FencingToken(4)), at: 60) == "a is held under token 4, and 5 was told before")
        #expect(history.check("b", isHeldBy: nil, asked: .zero, answered: .zero) == nil)
    }

    @Test func aRenewalCountsFromItsSending() {
        let (history, _) = Self.history([
            Self.line(.acquire, claim: 5, token: 5, 0, 1),
            Self.line(.renew, claim: 5, token: 5, 50 * Self.second, 51 * Self.second),
        ])
        #expect(history.mustBeHeld("a", at: SteadyTime(100 * Self.second)))
        #expect(!history.mustBeHeld("a", at: SteadyTime(110 * Self.second)))
    }

    @Test func aReleaseThatIsKnownIsFinalAndOneThatIsNotProvesNothing() {
        let acquire = Self.line(.acquire, claim: 5, token: 5, 0, 1)
        let (released, _) = Self.history([acquire, Self.line(.release, claim: 5, 2, 3)])
        let (unknown, _) = Self.history([acquire, Self.line(.unknown, claim: 5, 2, nil)])
        let holder = (claim: ClaimID(5), token: FencingToken(5))
        #expect(released.check("a", isHeldBy: holder, asked: SteadyTime(4), answered: SteadyTime(5)) != nil)
        #expect(released.check("a", isHeldBy: nil, asked: SteadyTime(4), answered: SteadyTime(5)) == nil)
        #expect(unknown.check("a", isHeldBy: holder, asked: SteadyTime(4), answered: SteadyTime(5)) == nil)
        #expect(unknown.check("a", isHeldBy: nil, asked: SteadyTime(4), answered: SteadyTime(5)) == nil)
        #expect((released.releases, unknown.unknown) == (1, 1))
    }

    @Test func thePrefixIsWhatAllNamesBeginWith() {
        func prefix(_ names: [String]) -> String {
            Self.history(names.map { Self.line(.read, $0, claim: 1, 0, 1) }).0.commonPrefix
        }
        #expect(prefix(["bench/a1", "bench/a2", "bench/b"]) == "bench/")
        #expect(prefix(["x"]) == "x")
        #expect(prefix(["x", "y"]) == "")
        #expect(prefix(["é", "è"]) == "")
        #expect(prefix([]) == "")
    }
}
