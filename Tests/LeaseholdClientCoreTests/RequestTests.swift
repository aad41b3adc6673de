import LeaseMachine
import LeaseholdBase
import LeaseholdClientCore
import LeaseholdWire
import Testing

@Suite struct RequestTests {
    @Test func anAcquireGoesFromDialToHolding() throws {
        var rig = Rig()
        let handle = try rig.acquire()
        #expect(rig.dials.count == 1 && rig.requests.isEmpty)
        let connection = rig.lead()
        guard case .hello(let hello) = rig.frames.first?.frame else {
            Issue.record("no hello")
            return
        }
        #expect(hello.instance == ClientInstance(0xC1) && hello.cluster == .unborn)
        let requestSent = rig.takeRequests().first
        let request = try #require(requestSent)
        #expect(request.connection == connection && request.remaining == .seconds(10))
        guard case .acquire(let head, let acquire) = request.command else {
            Issue.record("no acquire")
            return
        }
        #expect(head.request == RequestID(instance: ClientInstance(0xC1), sequence: RequestSequence(1)))
        #expect(head.lowestUnanswered == RequestSequence(1) && head.newestSeen == LogTime(5_000))
        #expect(acquire.name == "jobs/a" && acquire.ttl == .seconds(15))
        let sent = rig.now
        rig.now = rig.now + .milliseconds(40)
        rig.answer(
            request, .acquired(claim: ClaimID(7), .holding(token: FencingToken(7), validFor: .seconds(15))))
        let acquired = try #require(rig.results.first)
        #expect(acquired.request == handle)
        guard case .done(.acquired(let facts)) = acquired.result, let lease = facts.lease else {
            Issue.record("not acquired: \(acquired.result)")
            return
        }
        #expect(facts.heldUntil == BeliefRule().end(sent: sent, validFor: .seconds(15)))
        #expect(rig.core.holds(lease, at: rig.now))
    }

    @Test func trap24_everyTryCarriesTheSameBytesUnderANewNumber() throws {
        var rig = Rig()
        _ = try rig.acquire()
        let connection = rig.lead()
        let firstSent = rig.takeRequests().first
        let first = try #require(firstSent)
        rig.core.closed(connection, now: rig.now)
        rig.run(.milliseconds(30))
        // The other nodes are tried; one of them leads now.
        let address = try #require(rig.dials.last?.address)
        let accepted = rig.accept(address)
        let next = try #require(accepted)
        let node = UInt64((Rig.addresses.firstIndex(of: address) ?? 0) + 1)
        rig.welcome(next, node: node, leader: node, term: 2, logTime: LogTime(77_777))
        rig.run(.milliseconds(30))
        let secondSent = rig.takeRequests().first
        let second = try #require(secondSent)
        #expect(second.body == first.body)
        #expect(second.correlation > first.correlation)
    }

    @Test func trap24_anOutcomeSettlesTheRequestWhicheverTryItAnswers() throws {
        var rig = Rig()
        _ = try rig.acquire(ttl: .seconds(60))
        _ = rig.lead()
        let firstSent = rig.takeRequests().first
        let first = try #require(firstSent)
        // The first try is not answered in its time; the leader lives, as its pong says.
        rig.run(.seconds(1))
        let pingSent = rig.takePings().last
        let ping = try #require(pingSent)
        rig.pong(ping, leader: node(of: rig))
        rig.run(.milliseconds(50))
        let secondSent = rig.takeRequests().first
        let second = try #require(secondSent)
        #expect(second.body == first.body && second.correlation != first.correlation)
        let claim = Outcome.acquired(claim: ClaimID(7), .holding(token: FencingToken(7), validFor: .seconds(60)))
        rig.answer(first, claim)
        guard case .done(.acquired(let facts)) = rig.results.first?.result else {
            Issue.record("not acquired")
            return
        }
        // The belief is counted from the sending of the try that was answered, not of the latest.
        #expect(
            facts.sent == first.sentAt
                && facts.heldUntil == BeliefRule().end(sent: first.sentAt, validFor: .seconds(60)))
        rig.answer(second, claim)
        #expect(rig.results.count == 1 && rig.core.counts.lateAnswers == 1)
    }

    private func node(of rig: Rig) -> UInt64 {
        UInt64((Rig.addresses.firstIndex(of: rig.dials[0].address) ?? 0) + 1)
    }

    @Test func aNumberThatWasNeverSentIsNobodysAnswer() throws {
        var rig = Rig()
        _ = try rig.acquire()
        _ = rig.lead()
        let requestSent = rig.takeRequests().first
        var request = try #require(requestSent)
        let claim = Outcome.acquired(claim: ClaimID(7), .holding(token: FencingToken(7), validFor: .seconds(60)))
        let real = request.correlation
        for wrong in [
            real + 1, real + (1 << 16), CorrelationID(0), CorrelationID(.max), CorrelationID(real.rawValue & 0xFFFF),
        ] {
            request.correlation = wrong
            rig.answer(request, claim)
        }
        #expect(rig.results.isEmpty)
        request.correlation = real
        rig.answer(request, claim)
        #expect(rig.results.count == 1)
    }

    @Test func trap25_aRequestThatWasOnlyRefusedIsNotDone() throws {
        var rig = Rig()
        _ = try rig.acquire(timeout: .milliseconds(300))
        _ = rig.lead()
        while rig.results.isEmpty {
            for request in rig.takeRequests() { rig.refuse(request, Refusal(.overloaded)) }
            rig.run(.milliseconds(20))
        }
        #expect(rig.results.map(\.result) == [.notDone(.refused(Refusal(.overloaded)))])
        #expect(rig.core.requestsUnderWay == 0)
    }

    @Test func trap25_aRefusalSettlesOneTryAndNotAnEarlierOne() throws {
        for (refusal, declines) in [(Refusal(.notSupported), false), (Refusal(.overloaded), true)] {
            var rig = Rig()
            _ = try rig.acquire(timeout: .seconds(3))
            let connection = rig.lead()
            _ = rig.takeRequests()
            rig.core.closed(connection, now: rig.now)
            rig.run(.milliseconds(50))
            _ = rig.lead()
            rig.run(.milliseconds(50))
            let secondSent = rig.takeRequests().first
            let second = try #require(secondSent)
            if declines {
                rig.answer(second, .refused(.tooOld))
            } else {
                rig.refuse(second, refusal)
            }
            #expect(rig.results.map(\.result) == [.unknown])
        }
    }

    @Test func trap25_whatWasSentAndNotAnsweredIsUnknownAndAReadIsNotDone() throws {
        var rig = Rig()
        let release = try rig.core.release(ClaimReference(claim: ClaimID(5)), timeout: .milliseconds(500), now: rig.now)
        let read = try rig.core.get(name: "jobs/a", timeout: .milliseconds(500), now: rig.now)
        _ = rig.lead()
        #expect(rig.requests.count == 2)
        rig.run(.seconds(1))
        for (request, result) in rig.results {
            #expect(result == (request == release ? .unknown : .notDone(.unreachable(nil))))
        }
        #expect(Set(rig.results.map(\.request)) == [release, read])
    }

    @Test func aRequestThatWasNeverSentIsNotDone() throws {
        var rig = Rig()
        _ = try rig.acquire(timeout: .seconds(2))
        rig.run(.seconds(3))
        #expect(rig.results.map(\.result) == [.notDone(.unreachable(nil))])
        #expect(rig.requests.isEmpty)
        #expect(rig.core.deadline == .never)
    }

    @Test func anUnknownOfTheNodesOwnIsTriedAgainAndNeverTurnedIntoNotDone() throws {
        var rig = Rig()
        _ = try rig.acquire(timeout: .milliseconds(800))
        _ = rig.lead()
        let firstSent = rig.takeRequests().first
        let first = try #require(firstSent)
        var bytes: [UInt8] = []
        let none: [UInt8] = []
        rig.head(first, .unknown).encodeFrame(body: none.span.bytes, into: &bytes)
        rig.receive(first.connection, bytes)
        rig.run(.milliseconds(50))
        let secondSent = rig.takeRequests().first
        let second = try #require(secondSent)
        #expect(second.body == first.body)
        rig.refuse(second, Refusal(.shuttingDown, retryAfter: .seconds(5)))
        rig.run(.seconds(1))
        #expect(rig.results.map(\.result) == [.unknown])
    }

    @Test func aRefusedTryComesBackNoSoonerThanTold() throws {
        var rig = Rig()
        _ = try rig.acquire()
        _ = rig.lead()
        let firstSent = rig.takeRequests().first
        let first = try #require(firstSent)
        rig.refuse(first, Refusal(.overloaded, retryAfter: .milliseconds(400)))
        rig.run(.milliseconds(399))
        #expect(rig.requests.isEmpty)
        rig.run(.milliseconds(30))
        #expect(rig.requests.count == 1)
    }

    @Test func trap66_anAcquireThatWasGivenUpIsUndone() throws {
        var rig = Rig()
        let handle = try rig.acquire(timeout: .milliseconds(300))
        _ = rig.lead()
        let acquireSent = rig.takeRequests().first
        let acquire = try #require(acquireSent)
        rig.run(.milliseconds(300))
        #expect(rig.results.map(\.result) == [.unknown])
        #expect(rig.results.first?.request == handle)
        let cancelSent = rig.takeRequests().first
        let cancel = try #require(cancelSent)
        guard case .cancel(let head, let cancelled) = cancel.command else {
            Issue.record("no cancel")
            return
        }
        #expect(cancelled.target == RequestID(instance: ClientInstance(0xC1), sequence: RequestSequence(1)))
        #expect(cancelled.name == "jobs/a")
        // The acquire is unanswered until its cancel is: the cluster must still know it.
        #expect(head.request.sequence == RequestSequence(2) && head.lowestUnanswered == RequestSequence(1))
        // The late grant makes nothing be held.
        rig.answer(acquire, .acquired(claim: ClaimID(7), .holding(token: FencingToken(7), validFor: .seconds(15))))
        #expect(rig.results.count == 1 && rig.core.keptLeases == 0)
        rig.answer(cancel, .cancelled(.ended(claim: ClaimID(7))))
        #expect(rig.core.requestsUnderWay == 0 && rig.results.count == 1)
        _ = try rig.acquire()
        let nextSent = rig.takeRequests().first
        let next = try #require(nextSent)
        guard case .acquire(let nextHead, _) = next.command else {
            Issue.record("no acquire")
            return
        }
        #expect(nextHead.lowestUnanswered == RequestSequence(3))
    }

    @Test func trap66_aCancelIsTriedUntilItIsAnswered() throws {
        var rig = Rig()
        _ = try rig.acquire(timeout: .milliseconds(300))
        _ = rig.lead()
        _ = rig.takeRequests()
        rig.run(.milliseconds(300))
        var cancels = rig.takeRequests()
        rig.run(.seconds(5))
        cancels += rig.takeRequests()
        #expect(cancels.count >= 3)
        #expect(Set(cancels.map(\.body)).count == 1)
        rig.run(.seconds(60))
        #expect(rig.core.requestsUnderWay == 0 && rig.core.deadline == .never)
    }

    @Test func aRequestGivenUpBeforeItWasSentIsNotDone() throws {
        var rig = Rig()
        let handle = try rig.acquire()
        rig.core.giveUp(handle, now: rig.now)
        rig.core.giveUp(handle, now: rig.now)
        rig.turn()
        #expect(rig.results.map(\.result) == [.notDone(.givenUp)])
        _ = rig.lead()
        #expect(rig.requests.isEmpty)
    }

    @Test func aSentAcquireThatIsGivenUpIsUnknownAndUndoneAtOnce() throws {
        var rig = Rig()
        let handle = try rig.acquire()
        _ = rig.lead()
        _ = rig.takeRequests()
        rig.core.giveUp(handle, now: rig.now)
        rig.turn()
        #expect(rig.results.map(\.result) == [.unknown])
        guard case .cancel = rig.takeRequests().first?.command else {
            Issue.record("no cancel")
            return
        }
    }

    @Test func anOutcomeOfTheStateMachineIsDoneEvenWhenItRefuses() throws {
        var rig = Rig()
        _ = try rig.acquire()
        _ = rig.lead()
        let requestSent = rig.takeRequests().first
        let request = try #require(requestSent)
        let held = LeaseError.held(
            LeaseError.Held(name: "jobs/a", holder: "other", token: FencingToken(3), remaining: .seconds(4)))
        rig.answer(request, .refused(held))
        #expect(rig.results.map(\.result) == [.done(.outcome(.refused(held)))])
    }

    @Test func aRequestDeclinedAtTheDoorIsNotDone() throws {
        var rig = Rig()
        _ = try rig.acquire()
        _ = rig.lead()
        let requestSent = rig.takeRequests().first
        let request = try #require(requestSent)
        var bytes: [UInt8] = []
        rig.head(request, .declined).encodeFrame(declining: .nameInvalid, into: &bytes)
        rig.receive(request.connection, bytes)
        #expect(rig.results.map(\.result) == [.notDone(.declined(.nameInvalid))])
    }

    @Test func theMarkPassesOnlyWhatIsAnswered() throws {
        var rig = Rig()
        _ = try rig.acquire("a", keep: false)
        _ = rig.lead()
        for name in ["b", "c", "d"] { _ = try rig.acquire(name, keep: false) }
        let requests = rig.takeRequests()
        #expect(requests.count == 4)
        let granted = Outcome.acquired(claim: ClaimID(7), .holding(token: FencingToken(7), validFor: .seconds(15)))
        func mark() throws -> RequestSequence {
            _ = try rig.acquire("x", keep: false)
            guard case .acquire(let head, _) = rig.takeRequests().first?.command else { return RequestSequence(0) }
            return head.lowestUnanswered
        }
        for position in [2, 1] { rig.answer(requests[position], granted) }
        let before = try mark()
        #expect(before == RequestSequence(1))
        rig.answer(requests[0], granted)
        let after = try mark()
        #expect(after == RequestSequence(4))
    }

    @Test func sixtyFourRequestsArePipelinedAndAnsweredInAnyOrder() throws {
        var rig = Rig()
        var handles: [RequestHandle] = []
        for number in 0..<64 {
            handles.append(try rig.core.get(name: "jobs/\(number)", now: rig.now))
        }
        _ = rig.lead()
        var requests = rig.takeRequests()
        #expect(requests.count == 64 && Set(requests.map(\.correlation)).count == 64)
        var random = RandomSource(seed: 5)
        while !requests.isEmpty {
            let request = requests.remove(at: random.integer(in: 0...requests.count - 1))
            let get = try GetRequest(decoding: request.body.span.bytes)
            let name = get.name.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
            var body: [UInt8] = []
            ReadPreface(index: LogIndex(3)).encode(into: &body)
            LeaseView(name: name, capacity: 1, holders: [], waiters: 0).encode(into: &body)
            var bytes: [UInt8] = []
            rig.head(request, .lease).encodeFrame(body: body.span.bytes, into: &bytes)
            rig.receive(request.connection, bytes)
        }
        #expect(rig.results.count == 64)
        for (handle, result) in rig.results {
            guard case .done(.lease(let answer)) = result, let position = handles.firstIndex(of: handle) else {
                Issue.record("no lease")
                return
            }
            #expect(answer.lease.name == "jobs/\(position)")
        }
    }

    @Test func framesOfOneTurnAreOneSend() throws {
        var rig = Rig()
        _ = try rig.core.get(name: "jobs/a", now: rig.now)
        _ = rig.lead()
        for number in 0..<64 { _ = try rig.core.get(name: "jobs/\(number)", now: rig.now) }
        rig.core.endTurn(now: rig.now)
        var sends = 0
        for effect in rig.core.effects {
            if case .send = effect { sends += 1 }
        }
        #expect(sends == 1)
    }

    @Test func limitsAreToldBeforeAnythingIsSent() throws {
        var rig = Rig { configuration in
            configuration.requestLimit = 3
            configuration.leaseLimit = 2
        }
        _ = try rig.acquire("a")
        _ = try rig.acquire("b")
        #expect(throws: SubmissionError.tooManyLeases) { _ = try rig.acquire("c") }
        _ = try rig.acquire("c", keep: false)
        #expect(throws: SubmissionError.tooManyRequests) { _ = try rig.acquire("d", keep: false) }
        #expect(throws: SubmissionError.invalid(.nameInvalid)) { _ = try rig.acquire("") }
        #expect(throws: SubmissionError.invalid(.nameInvalid)) {
            _ = try rig.acquire(String(repeating: "x", count: 256))
        }
        #expect(throws: SubmissionError.invalid(.valueTooLong)) {
            _ = try rig.core.update(
                Update(claim: ClaimReference(claim: ClaimID(1)), value: [UInt8](repeating: 0, count: 4_097)),
                now: rig.now)
        }
        let many = (0..<1_001).map { Renewal(claim: ClaimID(UInt64($0))) }
        #expect(throws: SubmissionError.invalid(.malformed)) { _ = try rig.core.renew(many, now: rig.now) }
    }

    @Test func aRenewalOfTheCallersOwnAnswersEveryClaim() throws {
        var rig = Rig()
        let items = [Renewal(claim: ClaimID(4), name: "a"), Renewal(claim: ClaimID(5))]
        _ = try rig.core.renew(items, now: rig.now)
        _ = rig.lead()
        let requestSent = rig.takeRequests().first
        let request = try #require(requestSent)
        #expect(request.command == .renew(items))
        rig.answer(
            request, .renewed,
            statuses: [.holding(token: FencingToken(4), validFor: .seconds(9)), .ended(.expired)])
        #expect(
            rig.renewed == [
                [
                    RenewedClaim(
                        status: .holding(token: FencingToken(4), validFor: .seconds(9)),
                        heldUntil: BeliefRule().end(sent: request.sentAt, validFor: .seconds(9))),
                    RenewedClaim(status: .ended(.expired), heldUntil: request.sentAt),
                ]
            ])
    }

    @Test func statusOfANodeThatCannotBeReachedIsToldAtOnce() throws {
        var rig = Rig()
        _ = try rig.core.status(of: "n9:7409", now: rig.now)
        rig.turn()
        let dial = try #require(rig.dials.first { $0.address == "n9:7409" })
        rig.core.dialFailed(dial.id, now: rig.now)
        rig.turn()
        #expect(rig.results.map(\.result) == [.notDone(.unreachable(nil))])
    }

    @Test func statusIsAskedOfTheNodeThatIsMeantWhoeverLeads() throws {
        var rig = Rig()
        _ = try rig.core.status(of: Rig.addresses[2], now: rig.now)
        rig.turn()
        let accepted = rig.accept(Rig.addresses[2])
        let connection = try #require(accepted)
        rig.welcome(connection, node: 3, leader: 1)
        let requestSent = rig.takeRequests().first
        let request = try #require(requestSent)
        #expect(request.connection == connection && request.operation == .status)
    }

    @Test func aClientThatIsShutDownAnswersEverythingAndWantsNothing() throws {
        var rig = Rig()
        _ = try rig.acquire("a")
        let connection = rig.lead()
        _ = rig.takeRequests()
        let sent = try rig.acquire("b")
        rig.core.shutDown(now: rig.now)
        #expect(throws: SubmissionError.shutDown) { _ = try rig.core.get(name: "c", now: rig.now) }
        rig.turn()
        #expect(rig.results.count == 2 && rig.closed == [connection])
        #expect(rig.results.contains { $0.request == sent && $0.result == .unknown })
        #expect(rig.core.deadline == .never && rig.core.requestsUnderWay == 0)
    }
}
