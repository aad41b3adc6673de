import LeaseMachine
import LeaseholdBase
import LeaseholdClientCore
import LeaseholdWire
import Testing

@Suite struct LeaseTests {
    /// A client whose only node leads, with a lease of 15 s granted at this moment.
    private func holding(
        ttl: Nanoseconds = .seconds(15), seed: UInt64 = 1
    ) throws -> (rig: Rig, lease: LeaseHandle, connection: ConnectionID) {
        var rig = Rig(endpoints: ["n1:7401"], seed: seed)
        _ = try rig.acquire(ttl: ttl)
        let accepted = rig.accept("n1:7401")
        let connection = try #require(accepted)
        rig.welcome(connection, node: 1, leader: 1)
        let request = try #require(rig.requests.last)
        rig.requests.removeAll()
        rig.answer(request, .acquired(claim: ClaimID(10), .holding(token: FencingToken(10), validFor: ttl)))
        guard case .done(.acquired(let acquired)) = rig.results.last?.result, let lease = acquired.lease else {
            throw DecodingError.invalid
        }
        return (rig, lease, connection)
    }

    private func end(_ sent: SteadyTime, _ ttl: Nanoseconds = .seconds(15)) -> SteadyTime {
        BeliefRule().end(sent: sent, validFor: ttl)
    }

    @Test func trap67_aBeliefIsCountedFromTheSendingNotFromTheAnswer() throws {
        var (rig, lease, _) = try holding()
        let granted = rig.now
        rig.run(.seconds(6))
        let renewal = try #require(rig.requests.last)
        // The answer takes 3 s.
        rig.now = rig.now + .seconds(2)
        rig.extend(renewal, tokens: [10], for: .seconds(15))
        #expect(renewal.sentAt > granted)
        #expect(rig.changes.last?.state == .held(until: end(renewal.sentAt)))
        #expect(rig.core.holds(lease, at: end(renewal.sentAt) - Nanoseconds(1)))
        #expect(!rig.core.holds(lease, at: end(renewal.sentAt)))
    }

    @Test func renewalsGoOutAtAThirdOfTheTTLGiveOrTakeATenth() throws {
        var intervals: [Nanoseconds] = []
        for seed in UInt64(0)..<20 {
            var (rig, _, _) = try holding(seed: seed)
            var last = rig.now
            for _ in 0..<5 {
                while rig.requests.isEmpty { rig.run(until: rig.core.deadline) }
                let renewal = try #require(rig.requests.last)
                rig.requests.removeAll()
                intervals.append(renewal.sentAt - last)
                last = renewal.sentAt
                rig.extend(renewal, tokens: [10], for: .seconds(15))
            }
        }
        for interval in intervals {
            #expect(interval >= .milliseconds(4_500) && interval <= .milliseconds(5_500))
        }
        #expect(Set(intervals).count > 90)
    }

    @Test func allLeasesRenewInOneRequest() throws {
        var (rig, _, _) = try holding()
        for claim in UInt64(11)...30 {
            rig.run(.milliseconds(100))
            _ = try rig.holding(claim, "jobs/\(claim)")
        }
        for _ in 0..<3 {
            rig.requests.removeAll()
            while rig.requests.isEmpty { rig.run(until: rig.core.deadline) }
            // All come together, and stay together.
            #expect(rig.requests.count == 1)
            let renewal = try #require(rig.requests.first)
            guard case .renew(let items) = renewal.command else {
                Issue.record("no renewal")
                return
            }
            #expect(items.count == 21 && items.first == Renewal(claim: ClaimID(10), name: "jobs/a"))
            rig.extend(renewal, tokens: items.map(\.claim.rawValue), for: .seconds(15))
        }
    }

    @Test func aLongLeaseIsNotRenewedAsOftenAsAShortOne() throws {
        var (rig, _, _) = try holding(ttl: .seconds(3))
        _ = try rig.holding(11, "jobs/long", ttl: .seconds(300))
        rig.requests.removeAll()
        let end = rig.now + .seconds(60)
        var (short, long) = (0, 0)
        while rig.now < end {
            rig.run(until: min(rig.core.deadline, end))
            for request in rig.takeRequests() {
                guard case .renew(let items) = request.command else { continue }
                short += items.contains { $0.claim == ClaimID(10) } ? 1 : 0
                long += items.contains { $0.claim == ClaimID(11) } ? 1 : 0
                rig.answer(
                    request, .renewed,
                    statuses: items.map {
                        .holding(
                            token: FencingToken($0.claim.rawValue),
                            validFor: $0.claim == ClaimID(10) ? .seconds(3) : .seconds(300))
                    })
            }
        }
        #expect(short >= 54 && short <= 67 && long == 0)
    }

    @Test func moreClaimsThanOneRequestMayNameAreRenewedBySeveral() throws {
        var (rig, _, _) = try holding()
        for claim in UInt64(11)...1_510 { _ = try rig.holding(claim, "jobs/\(claim)") }
        rig.requests.removeAll()
        rig.run(.seconds(5))
        let counts = rig.requests.map { request -> Int in
            if case .renew(let items) = request.command { return items.count }
            return 0
        }
        #expect(counts.reduce(0, +) == 1_501 && counts.allSatisfy { $0 <= 1_000 } && counts.count == 2)
    }

    @Test func trap62_oneUnansweredRenewalIsARiskAndNoLoss() throws {
        var (rig, lease, _) = try holding()
        let granted = rig.now
        rig.run(.milliseconds(5_500))
        let first = try #require(rig.requests.first)
        rig.run(.milliseconds(1_100))
        #expect(rig.changes.map(\.state) == [.atRisk(until: end(granted))])
        for ping in rig.takePings() { rig.pong(ping, leader: 1) }
        rig.run(.milliseconds(1_500))
        let second = try #require(rig.requests.dropFirst().first)
        #expect(second.correlation != first.correlation)
        rig.extend(second, tokens: [10], for: .seconds(15))
        #expect(rig.changes.last?.state == .held(until: end(second.sentAt)))
        #expect(rig.losses(of: lease).isEmpty)
    }

    @Test func triesAreShortAndManyUntilTheLocalDeadline() throws {
        for ttl in [Nanoseconds.milliseconds(500), .seconds(2), .seconds(15)] {
            var (rig, lease, _) = try holding(ttl: ttl)
            let granted = rig.now
            while rig.losses(of: lease).isEmpty {
                rig.run(until: rig.core.deadline)
                for ping in rig.takePings() { rig.pong(ping, leader: 1) }
            }
            let renewals = rig.requests
            #expect(rig.losses(of: lease) == [.expiredLocally])
            #expect(renewals.count >= 2, "ttl \(ttl): \(renewals.count)")
            for (earlier, later) in zip(renewals, renewals.dropFirst()) {
                // A quarter of the TTL for the try, and a tenth at most until the next.
                #expect(later.sentAt - earlier.sentAt <= ttl / 4 + ttl / 10)
            }
            #expect(rig.now == end(granted, ttl))
            // Trap 65: what is lost is not renewed any more.
            rig.requests.removeAll()
            rig.run(.seconds(60))
            #expect(rig.requests.isEmpty && rig.core.deadline == .never)
        }
    }

    @Test func trap55_theDeadlineIsTheAuthorityNotTheCallThatHangs() throws {
        var (rig, lease, _) = try holding()
        let granted = rig.now
        rig.run(until: end(granted) - Nanoseconds(1))
        #expect(rig.losses(of: lease).isEmpty && rig.core.holds(lease, at: rig.now))
        #expect(rig.core.deadline <= end(granted))
        rig.run(until: end(granted))
        #expect(rig.losses(of: lease) == [.expiredLocally])
        #expect(!rig.core.holds(lease, at: rig.now))
    }

    @Test func otherNodesAreTriedUntilTheLocalDeadline() throws {
        var rig = Rig()
        _ = try rig.acquire(ttl: .seconds(10))
        _ = rig.lead()
        let request = try #require(rig.requests.last)
        rig.answer(
            request, .acquired(claim: ClaimID(10), .holding(token: FencingToken(10), validFor: .seconds(10))))
        rig.requests.removeAll()
        var known: Set<String> = [rig.dials[0].address]
        var asked: Set<ConnectionID> = []
        // The leader hangs; the others live, and know of no new one.
        let end = rig.now + .seconds(9)
        while rig.now < end {
            for dial in rig.dials where known.insert(dial.address).inserted {
                if let connection = rig.accept(dial.address) {
                    rig.welcome(connection, node: UInt64(known.count) + 10, leader: nil)
                }
            }
            for ping in rig.takePings() where ping.0 != request.connection { rig.pong(ping, leader: nil) }
            for renewal in rig.takeRequests() where renewal.connection != request.connection {
                rig.notLeader(renewal, nil)
                asked.insert(renewal.connection)
            }
            rig.run(.milliseconds(20))
        }
        #expect(rig.core.counts.renewals >= 4)
        #expect(asked.count == 2, "\(asked.count) of the two other nodes were asked")
    }

    @Test func trap48_anAnsweredRenewalOfAnEndedClaimIsALoss() throws {
        let table: [(ClaimStatus, LossReason)] = [
            (.ended(.expired), .expired), (.ended(.revoked), .revoked), (.ended(.broken), .broken),
            (.ended(.handedOver), .handedOver), (.ended(.restored), .restored), (.ended(.released), .released),
            (.ended(.cancelled), .cancelled), (.unknown, .claimUnknown), (.waiting(position: 1), .claimUnknown),
            (.holding(token: FencingToken(11), validFor: .seconds(15)), .claimUnknown),
        ]
        for (status, reason) in table {
            var (rig, lease, _) = try holding()
            rig.run(.milliseconds(5_500))
            let renewal = try #require(rig.requests.last)
            rig.answer(renewal, .renewed, statuses: [status])
            #expect(rig.losses(of: lease) == [reason])
            #expect(!rig.core.holds(lease, at: rig.now))
            rig.run(.seconds(20))
            #expect(rig.losses(of: lease) == [reason])
        }
    }

    @Test func aPauseOverTheDeadlineIsToldAsOne() throws {
        var (rig, lease, _) = try holding()
        let asked = rig.core.deadline
        rig.now = rig.now + .seconds(40)
        rig.turn()
        #expect(rig.losses(of: lease) == [.processPaused(rig.now - asked)])
        // Not a word was sent for the lease after it was lost.
        #expect(rig.requests.isEmpty)
    }

    @Test func aPauseThatLeavesTimeIsNoLoss() throws {
        var (rig, lease, _) = try holding()
        rig.now = rig.now + .seconds(10)
        rig.turn()
        let renewal = try #require(rig.requests.last)
        rig.extend(renewal, tokens: [10], for: .seconds(15))
        #expect(rig.losses(of: lease).isEmpty && rig.core.holds(lease, at: rig.now + .seconds(14)))
    }

    @Test func anAnswerReadAfterAPauseRevivesNothing() throws {
        var (rig, lease, _) = try holding()
        rig.run(.milliseconds(5_500))
        let renewal = try #require(rig.requests.last)
        // The process stops; the answer waits in the socket, and would reach beyond this moment.
        rig.now = renewal.sentAt + .milliseconds(14_500)
        rig.extend(renewal, tokens: [10], for: .seconds(15))
        #expect(rig.losses(of: lease).count == 1)
        #expect(!rig.core.holds(lease, at: rig.now))
        guard case .processPaused = rig.losses(of: lease).first else {
            Issue.record("\(rig.losses(of: lease))")
            return
        }
    }

    @Test func aLateAnswerOfAnOlderRenewalCountsFromItsOwnSending() throws {
        var (rig, lease, _) = try holding()
        rig.run(.milliseconds(5_500))
        let first = try #require(rig.requests.first)
        rig.run(.milliseconds(1_200))
        for ping in rig.takePings() { rig.pong(ping, leader: 1) }
        rig.run(.milliseconds(1_500))
        let second = try #require(rig.requests.dropFirst().first)
        rig.extend(first, tokens: [10], for: .seconds(15))
        #expect(rig.changes.last?.state == .held(until: end(first.sentAt)))
        rig.extend(second, tokens: [10], for: .seconds(15))
        #expect(rig.changes.last?.state == .held(until: end(second.sentAt)))
        // And one that comes behind a newer takes nothing away.
        #expect(rig.core.holds(lease, at: end(second.sentAt) - Nanoseconds(1)))
    }

    @Test func trap59_whatBelongsToAnOlderTenureDoesNotTouchANewer() throws {
        var (rig, old, _) = try holding()
        rig.run(.milliseconds(5_500))
        let renewal = try #require(rig.requests.last)
        // The tenure is given back while its renewal is under way, and another one begins in its place.
        _ = try rig.core.release(old, now: rig.now)
        rig.turn()
        rig.requests.removeAll()
        let newer = try #require(try rig.holding(77, "jobs/a"))
        rig.answer(renewal, .renewed, statuses: [.ended(.released)])
        #expect(rig.losses(of: newer).isEmpty && rig.core.holds(newer, at: rig.now))
        #expect(rig.losses(of: old) == [.released])
        #expect(rig.core.lease(old) == nil && !rig.core.holds(old, at: rig.now))
        #expect(try rig.core.release(old, now: rig.now) == nil)
        #expect(rig.core.holds(newer, at: rig.now))
    }

    @Test func trap60_fromTheReleaseOnNothingIsHeldAndTheReleaseNamesItsClaim() throws {
        var (rig, lease, _) = try holding()
        let handle = try rig.core.release(lease, now: rig.now)
        #expect(handle != nil && !rig.core.holds(lease, at: rig.now))
        rig.turn()
        #expect(rig.losses(of: lease) == [.released])
        let release = try #require(rig.requests.last)
        guard case .release(_, let claim) = release.command else {
            Issue.record("no release")
            return
        }
        #expect(claim == ClaimReference(claim: ClaimID(10), name: "jobs/a"))
        rig.requests.removeAll()
        // It is tried until it is answered, and nothing renews the claim meanwhile.
        rig.run(.milliseconds(2_500))
        for ping in rig.takePings() { rig.pong(ping, leader: 1) }
        rig.run(.seconds(1))
        #expect(!rig.requests.isEmpty && rig.requests.allSatisfy { $0.body == release.body })
        rig.answer(try #require(rig.requests.last), .released(claim: ClaimID(10), .released))
        #expect(rig.results.last?.result == .done(.outcome(.released(claim: ClaimID(10), .released))))
        rig.requests.removeAll()
        rig.run(.seconds(30))
        #expect(rig.requests.isEmpty && rig.losses(of: lease) == [.released])
    }

    @Test func releasingByClaimAndCancellingByRequestEndTheBeliefToo() throws {
        var (rig, lease, _) = try holding()
        _ = try rig.core.release(ClaimReference(claim: ClaimID(10)), now: rig.now)
        #expect(!rig.core.holds(lease, at: rig.now))
        var (other, second, _) = try holding()
        let request = try #require(other.core.lease(second)?.request)
        _ = try other.core.cancel(Cancel(target: request, name: "jobs/a"), now: other.now)
        #expect(!other.core.holds(second, at: other.now))
        other.turn()
        #expect(other.losses(of: second) == [.cancelled])
    }

    @Test func trap66_aGrantIsNotBelievedOnceItsAcquireWasCancelled() throws {
        var (rig, _, _) = try holding()
        _ = try rig.acquire("jobs/b", ttl: .seconds(15))
        let asked = try #require(rig.takeRequests().last)
        guard case .acquire(let head, _) = asked.command else { throw DecodingError.invalid }
        _ = try rig.core.cancel(Cancel(target: head.request, name: "jobs/b"), now: rig.now)
        rig.turn()
        rig.answer(asked, .acquired(claim: ClaimID(11), .holding(token: FencingToken(11), validFor: .seconds(15))))
        guard case .done(.acquired(let acquired)) = rig.results.last?.result else { throw DecodingError.invalid }
        #expect(acquired.lease == nil && acquired.status == .ended(.cancelled) && acquired.heldUntil <= rig.now)
        // The cancel goes on, and another acquire of the name is believed.
        #expect(rig.takeRequests().contains { if case .cancel = $0.command { true } else { false } })
        let next = try rig.holding(12, "jobs/b")
        #expect(try rig.core.holds(#require(next), at: rig.now))
    }

    @Test(arguments: [RequestResult.unknown, .notDone(.givenUp), .notDone(.declined(.tooOld))])
    func trap66_aGrantWhoseCancelCameToNothingIsGivenBack(cancelEnds: RequestResult) throws {
        var (rig, _, connection) = try holding()
        _ = try rig.acquire("jobs/b", ttl: .seconds(15))
        let asked = try #require(rig.takeRequests().last)
        guard case .acquire(let head, _) = asked.command else { throw DecodingError.invalid }
        let cancel = try rig.core.cancel(
            Cancel(target: head.request, name: "jobs/b"), timeout: .milliseconds(100), now: rig.now)
        if cancelEnds == .notDone(.givenUp) { rig.core.giveUp(cancel, now: rig.now) }
        rig.turn()
        if case .notDone(.declined(let error)) = cancelEnds {
            // Once under its own number, and once under another.
            for _ in 0..<2 {
                let sent = try #require(rig.takeRequests().last)
                rig.answer(sent, .refused(error))
            }
        } else {
            rig.run(.milliseconds(100))
        }
        #expect(rig.results.last?.request == cancel && rig.results.last?.result == cancelEnds)
        _ = rig.takeRequests()
        rig.answer(asked, .acquired(claim: ClaimID(11), .holding(token: FencingToken(11), validFor: .seconds(15))))
        guard case .done(.acquired(let acquired)) = rig.results.last?.result else { throw DecodingError.invalid }
        #expect(acquired.lease == nil && acquired.status == .ended(.cancelled))
        // Nobody is left who could give the claim back, and so the client does, until it is answered.
        func undoings(_ requests: [SentRequest]) -> [SentRequest] {
            requests.filter {
                if case .cancel(_, let cancel) = $0.command { cancel.target == head.request } else { false }
            }
        }
        var sent = undoings(rig.takeRequests())
        #expect(sent.count == 1 && sent.first?.connection == connection)
        let told = rig.results.count
        rig.run(.seconds(2))
        sent += undoings(rig.takeRequests())
        #expect(sent.count >= 2 && Set(sent.map(\.body)).count == 1)
        rig.answer(try #require(sent.last), .cancelled(.ended(claim: ClaimID(11))))
        #expect(rig.core.requestsUnderWay == 0 && rig.results.count == told)
    }

    @Test func trap66_anAcquireThatIsBeingUndoneIsNotAskedForUnderAnotherNumber() throws {
        var (rig, _, _) = try holding()
        _ = try rig.acquire("jobs/b", ttl: .seconds(15))
        let asked = try #require(rig.takeRequests().last)
        guard case .acquire(let head, _) = asked.command else { throw DecodingError.invalid }
        _ = try rig.core.cancel(Cancel(target: head.request, name: "jobs/b"), now: rig.now)
        rig.turn()
        // It had heard nothing of the log for longer than requests are remembered.
        rig.answer(asked, .refused(.tooOld))
        rig.run(.seconds(2))
        #expect(!rig.takeRequests().contains { if case .acquire = $0.command { true } else { false } })
        #expect(rig.results.last?.result == .notDone(.declined(.tooOld)))
    }

    @Test func trap65_aRenewalThatWaitsForAConnectionDoesNotNameWhatWasLost() throws {
        var (rig, lease, connection) = try holding()
        let second = try #require(try rig.holding(11, "jobs/b"))
        rig.requests.removeAll()
        rig.core.closed(connection, now: rig.now)
        rig.run(.seconds(6))
        _ = try rig.core.release(lease, now: rig.now)
        let accepted = rig.accept("n1:7401")
        rig.welcome(try #require(accepted), node: 1, leader: 1)
        rig.run(.seconds(1))
        let renewals = rig.requests.compactMap { request -> [Renewal]? in
            if case .renew(let items) = request.command { return items }
            return nil
        }
        #expect(renewals.first == [Renewal(claim: ClaimID(11), name: "jobs/b")])
        #expect(rig.core.holds(second, at: rig.now))
    }

    @Test func trap66_aGrantThatIsReadTooLateIsToldLostAndGivenBack() throws {
        var rig = Rig(endpoints: ["n1:7401"])
        _ = try rig.acquire(ttl: .milliseconds(500))
        let accepted = rig.accept("n1:7401")
        rig.welcome(try #require(accepted), node: 1, leader: 1)
        let request = try #require(rig.requests.last)
        rig.requests.removeAll()
        rig.now = rig.now + .milliseconds(600)
        rig.answer(
            request, .acquired(claim: ClaimID(10), .holding(token: FencingToken(10), validFor: .milliseconds(500))))
        guard case .done(.acquired(let acquired)) = rig.results.last?.result, let lease = acquired.lease else {
            Issue.record("not acquired")
            return
        }
        // The loss comes behind the grant, and the claim is released for the others.
        #expect(rig.order == [false, true] && rig.losses(of: lease) == [.expiredLocally])
        guard case .release(_, let claim) = rig.requests.last?.command else {
            Issue.record("no release")
            return
        }
        #expect(claim.claim == ClaimID(10))
        #expect(rig.core.keptLeases == 0)
    }

    @Test func theClusterMayAskForSlowerRenewalUpToHalfTheTTL() throws {
        for (asked, least, most) in [(6_000, 6_000, 6_000), (12_000, 7_500, 7_500), (1_000, 4_500, 5_500)] {
            var (rig, _, _) = try holding()
            rig.run(.milliseconds(5_500))
            let first = try #require(rig.requests.last)
            rig.requests.removeAll()
            rig.answer(
                first, .renewed, statuses: [.holding(token: FencingToken(10), validFor: .seconds(15))],
                renewEvery: .milliseconds(Int64(asked)))
            rig.run(.seconds(9))
            let second = try #require(rig.requests.first)
            let interval = second.sentAt - first.sentAt
            #expect(interval >= .milliseconds(Int64(least)) && interval <= .milliseconds(Int64(most)))
        }
    }

    @Test func aRefusedRenewalComesBackInTimeHoweverLongItIsToldToWait() throws {
        var (rig, lease, _) = try holding()
        let granted = rig.now
        rig.run(.milliseconds(5_500))
        let first = try #require(rig.requests.last)
        rig.requests.removeAll()
        rig.refuse(first, Refusal(.overloaded, retryAfter: .seconds(3_600)))
        #expect(rig.changes.last?.state == .atRisk(until: end(granted)))
        rig.run(.seconds(6))
        let second = try #require(rig.requests.first)
        rig.extend(second, tokens: [10], for: .seconds(15))
        #expect(rig.losses(of: lease).isEmpty && rig.changes.last?.state == .held(until: end(second.sentAt)))
    }

    @Test func aRefusedRenewalWaitsAsLongAsItIsToldWhenThereIsTime() throws {
        var (rig, _, _) = try holding()
        rig.run(.milliseconds(5_500))
        let first = try #require(rig.requests.last)
        rig.requests.removeAll()
        rig.refuse(first, Refusal(.overloaded, retryAfter: .seconds(2)))
        rig.run(.milliseconds(1_999))
        #expect(rig.requests.isEmpty)
        rig.run(.milliseconds(60))
        #expect(rig.requests.count == 1)
    }

    @Test func anEndingLeaseIsHeldToItsEndAndNotRenewed() throws {
        var (rig, lease, _) = try holding()
        rig.run(.milliseconds(5_500))
        let renewal = try #require(rig.requests.last)
        rig.requests.removeAll()
        rig.answer(renewal, .renewed, statuses: [.ending(.broken, validFor: .seconds(12))])
        let until = end(renewal.sentAt, .seconds(12))
        #expect(rig.changes.last?.state == .ending(.broken, until: until))
        rig.run(until: until - Nanoseconds(1))
        #expect(rig.requests.isEmpty && rig.core.holds(lease, at: rig.now))
        rig.run(.seconds(1))
        #expect(rig.losses(of: lease) == [.broken])
    }

    @Test func aRenewalNotAllowedIsALoss() throws {
        var (rig, lease, _) = try holding()
        rig.run(.milliseconds(5_500))
        rig.refuse(try #require(rig.requests.last), Refusal(.denied))
        #expect(rig.losses(of: lease) == [.unauthorized])
    }

    @Test func aClientMayBeStricterThanItsClusterAndNeverLaxer() throws {
        for (own, margin) in [(Nanoseconds.milliseconds(200), Int64(200)), (.milliseconds(1), 10)] {
            var rig = Rig(endpoints: ["n1:7401"]) { $0.belief = BeliefRule(driftPartsPerMillion: 0, margin: own) }
            _ = try rig.acquire()
            let accepted = rig.accept("n1:7401")
            rig.welcome(try #require(accepted), node: 1, leader: 1)
            let request = try #require(rig.requests.last)
            rig.answer(
                request, .acquired(claim: ClaimID(10), .holding(token: FencingToken(10), validFor: .seconds(15))))
            guard case .done(.acquired(let acquired)) = rig.results.last?.result else {
                Issue.record("not acquired")
                return
            }
            let rule = BeliefRule(driftPartsPerMillion: 10_000, margin: .milliseconds(margin))
            #expect(acquired.heldUntil == rule.end(sent: request.sentAt, validFor: .seconds(15)))
        }
    }

    @Test func trap61_afterALossTheNextAcquireIsALeaseOfItsOwn() throws {
        var (rig, first, _) = try holding(ttl: .seconds(2))
        rig.run(.seconds(5))
        #expect(rig.losses(of: first) == [.expiredLocally])
        for ping in rig.takePings() { rig.pong(ping, leader: 1) }
        rig.run(.seconds(1))
        for ping in rig.takePings() { rig.pong(ping, leader: 1) }
        rig.requests.removeAll()
        let second = try #require(try rig.holding(50, ttl: .seconds(2)))
        #expect(second != first && rig.core.holds(second, at: rig.now))
    }

    @Test func aLossIsToldOnceWhateverComesAfterwards() throws {
        var (rig, lease, connection) = try holding()
        rig.run(.milliseconds(5_500))
        let renewal = try #require(rig.requests.last)
        rig.run(.seconds(20))
        rig.answer(renewal, .renewed, statuses: [.ended(.expired)])
        rig.core.closed(connection, now: rig.now)
        rig.turn()
        rig.core.shutDown(now: rig.now)
        rig.turn()
        #expect(rig.losses(of: lease) == [.expiredLocally])
    }
}
