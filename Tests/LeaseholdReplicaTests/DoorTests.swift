import LeaseMachine
import LeaseholdBase
import LeaseholdReplica
import LeaseholdWire
import Testing

@Suite struct DoorTests {
    @Test func anAcquireIsAnsweredWithItsEntrysIndexAsToken() throws {
        var node = try LoneNode()
        let before = node.replica.appliedIndex
        let answer = try #require(try node.acquire("jobs/a", sequence: 1))
        guard case .acquired(let claim, .holding(let token, let validFor)) = try answer.outcome().0 else {
            Issue.record("not granted")
            return
        }
        #expect(token.rawValue == claim.rawValue && claim.rawValue == before.next.rawValue)
        #expect(validFor == .seconds(10))
    }

    @Test func nothingIsAnsweredBeforeTheDiskHasIt() throws {
        var node = try LoneNode()
        node.diskWorks = false
        #expect(try node.acquire("jobs/a", sequence: 1) == nil)
        node.time += 1_000_000
        node.turn()
        #expect(try node.takeAnswers().isEmpty)
        #expect(node.replica.machine.claimCount == 0)
    }

    @Test func renewalsOfOneTurnShareOneEntry() throws {
        var node = try LoneNode()
        var claims: [ClaimID] = []
        for sequence in 1...3 as ClosedRange<UInt64> {
            guard
                case .acquired(let claim, _)? = try node.acquire("jobs/\(sequence)", sequence: sequence)?.outcome().0
            else { continue }
            claims.append(claim)
        }
        try #require(claims.count == 3)
        let before = node.replica.appliedIndex
        for (position, claim) in claims.enumerated() {
            node.give(node.frame(.renew([Renewal(claim: claim)]), correlation: UInt64(100 + position)))
        }
        // One of them names two claims, one of which never was.
        node.give(
            node.frame(.renew([Renewal(claim: ClaimID(999_999)), Renewal(claim: claims[0])]), correlation: 103))
        node.turn()
        let answers = try node.takeAnswers()
        #expect(node.replica.appliedIndex == before.next)
        #expect(answers.map(\.head.correlation.rawValue) == [100, 101, 102, 103])
        let statuses = try answers.map { try $0.outcome().1 }
        #expect(statuses.map(\.count) == [1, 1, 1, 2])
        #expect(statuses[3][0] == .unknown)
        for status in statuses.prefix(3).joined() {
            guard case .holding = status else {
                Issue.record("a live claim was not extended: \(status)")
                continue
            }
        }
    }

    @Test func aRenewalOfNothingIsToldOfNothing() throws {
        var node = try LoneNode()
        guard case .acquired(let claim, _)? = try node.acquire("jobs/a", sequence: 1)?.outcome().0 else {
            Issue.record("not granted")
            return
        }
        node.give(node.frame(.renew([Renewal(claim: claim)]), correlation: 100))
        node.give(node.frame(.renew([]), correlation: 101))
        node.turn()
        let statuses = try node.takeAnswers().map { try $0.outcome().1 }
        #expect(statuses.map(\.count) == [1, 0])
    }

    @Test func aClusterThatWasIdleForLongTakesTheFirstCommand() throws {
        var node = try LoneNode()
        // Longer than anything is remembered, in steps that the log clock counts in full.
        for _ in 0..<8_000 {
            node.time += 90_000_000
            node.turn()
        }
        guard case .acquired? = try node.acquire("jobs/a", sequence: 1)?.outcome().0 else {
            Issue.record("a request that has seen all there is to see is too old")
            return
        }
    }

    @Test func aBadRequestIsAnsweredAndTheConnectionStays() throws {
        var node = try LoneNode()
        let answer = try #require(try node.acquire("a\u{7}b", sequence: 1))
        #expect(answer.head.kind == .declined)
        var reader = ByteReader(answer.body.span.bytes)
        #expect(try LeaseError(decoding: &reader) == .nameInvalid)
        // A command that no build knows, in a good frame.
        var bytes: [UInt8] = []
        let head = ClientRequestHead(correlation: CorrelationID(7), remaining: .seconds(1), operation: .command)
        let nonsense: [UInt8] = [200, 200, 0, 0]
        _ = head.encodeFrame(body: nonsense.span.bytes, into: &bytes)
        node.give(bytes)
        node.turn()
        let refused = try #require(try node.takeAnswers().first)
        #expect(refused.head.kind == .refused && refused.head.correlation == CorrelationID(7))
        #expect(try node.acquire("jobs/fine", sequence: 2)?.head.kind == .outcome)
    }

    @Test func aBadFrameEndsTheConnectionWithItsCode() throws {
        var node = try LoneNode()
        var bytes = node.frame(.renew([Renewal(claim: ClaimID(1))]), correlation: 1)
        bytes[bytes.count - 1] ^= 1
        node.give(bytes)
        node.replica.endTurn(now: node.now)
        var isClosed = false
        for effect in node.replica.effects {
            if case .close(node.client) = effect { isClosed = true }
        }
        #expect(isClosed)
        node.turn()
        _ = try node.takeAnswers()
        let error = try #require(node.others.first { $0.0 == .connectionError })
        #expect(try ConnectionErrorMessage(decoding: error.1.span.bytes).code == .checksum)
    }

    @Test func aClaimDiesAtItsDeadlineAndNotBefore() throws {
        var node = try LoneNode()
        _ = try node.acquire("jobs/a", ttl: .seconds(2), sequence: 1)
        // Told the time often enough, the log clock runs as fast as the steady one.
        for _ in 0..<199 {
            node.time += 10_000_000
            node.turn()
        }
        #expect(try node.acquire("jobs/a", sequence: 2)?.outcome().0.isHeld == true)
        node.time += 10_000_000
        node.turn()
        guard case .acquired? = try node.acquire("jobs/a", sequence: 3)?.outcome().0 else {
            Issue.record("a dead claim still holds")
            return
        }
    }

    @Test func whenTheDiskIsLowAcquiresAreRefusedAndRenewalsAndReleasesGoOn() throws {
        var node = try LoneNode(journalBytesMax: 1 << 20)
        guard case .acquired(let claim, _)? = try node.acquire("jobs/kept", ttl: .seconds(60), sequence: 1)?.outcome().0
        else {
            Issue.record("not granted")
            return
        }
        var refused: LoneNode.Answer?
        for sequence in 2...40_000 as ClosedRange<UInt64> where refused == nil {
            node.time += 1_000
            guard let answer = try node.acquire("jobs/kept", sequence: sequence) else { continue }
            if answer.head.kind == .refused { refused = answer }
        }
        let answer = try #require(refused)
        #expect(try Refusal(decoding: answer.body.span.bytes).code == .diskLow)

        node.give(node.frame(.renew([Renewal(claim: claim)]), correlation: 90_000))
        node.turn()
        let renewal = try #require(try node.takeAnswers().first)
        guard case .holding? = try renewal.outcome().1.first else {
            Issue.record("a renewal was not done while the disk is low")
            return
        }
        let request = RequestID(instance: ClientInstance(9), sequence: RequestSequence(90_001))
        let head = RequestHead(
            request: request, lowestUnanswered: request.sequence, newestSeen: node.replica.appliedLogTime)
        node.give(node.frame(.release(head, ClaimReference(claim: claim)), correlation: 90_001))
        node.turn()
        let release = try #require(try node.takeAnswers().first)
        #expect(try release.outcome().0 == .released(claim: claim, .released))
    }

    @Test func trap46_aLeaderThatWasStoppedChargesNobodyForTheSilence() throws {
        var node = try LoneNode()
        _ = try node.acquire("jobs/a", ttl: .seconds(2), sequence: 1)
        node.time += 60_000_000_000
        #expect(try node.acquire("jobs/a", sequence: 2)?.outcome().0.isHeld == true)
    }
}

extension Outcome {
    fileprivate var isHeld: Bool {
        if case .refused(.held) = self { return true }
        return false
    }
}
