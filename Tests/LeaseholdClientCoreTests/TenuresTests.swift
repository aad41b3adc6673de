import LeaseMachine
import LeaseholdBase
import LeaseholdClientCore
import LeaseholdWire
import Testing

/// A tenure whose owner is a test.
private final class OwnTenure: KeptTenure {
    let lease: LeaseHandle
    let facts: HeldLease
    var belief: TenureBelief
    /// What its owner's clock shows.
    var now: SteadyTime

    init(_ lease: LeaseHandle, _ facts: HeldLease, isScoped: Bool, checkpointWithin: Nanoseconds?, now: SteadyTime) {
        (self.lease, self.facts, self.now) = (lease, facts, now)
        belief = TenureBelief(
            heldUntil: facts.heldUntil, checkpointWithin: checkpointWithin, isScoped: isScoped, now: now)
    }

    func judge<Answer>(_ body: (inout TenureBelief, SteadyTime) -> Answer) -> Answer { body(&belief, now) }
}

@Suite struct TenuresTests {
    /// A client of one node that leads, and what it holds.
    private final class Client {
        var rig: Rig
        var tenures = Tenures<OwnTenure>()
        private var taken = 0
        private var changed = 0

        init(requestLimit: Int = 1_024) {
            rig = Rig(endpoints: ["n1:7401"]) {
                $0.requestLimit = requestLimit
                $0.connectsEagerly = true
            }
            _ = rig.lead()
        }

        /// A lease is granted.
        func acquire(
            _ claim: UInt64, ttl: Nanoseconds = .seconds(15), isScoped: Bool = false,
            checkpointWithin: Nanoseconds? = nil, isGivenUp: Bool = false
        ) throws -> (tenure: OwnTenure, isOfUse: Bool) {
            let granted = try rig.holding(claim, "jobs/\(claim)", ttl: ttl)
            let lease = try #require(granted)
            let facts = try #require(rig.core.lease(lease))
            let tenure = OwnTenure(
                lease, facts, isScoped: isScoped, checkpointWithin: checkpointWithin, now: rig.now)
            let isOfUse = tenures.begin(tenure, isGivenUp: isGivenUp, &rig.core, now: rig.now)
            return (tenure, isOfUse)
        }

        /// The core's news are taken, as an owner does at the end of a turn.
        func takeNews() -> [TenureNews] {
            rig.turn()
            var news: [TenureNews] = []
            for (request, result) in rig.results[taken...] { tenures.completed(request, result) }
            taken = rig.results.count
            while changed < rig.changes.count {
                let (lease, state) = rig.changes[changed]
                changed += 1
                if let change = tenures.changed(lease, state, &rig.core, now: rig.now) { news.append(change.news) }
            }
            return news
        }

        /// The releases that were sent since the last call.
        func takeReleases() -> [(request: SentRequest, claim: ClaimReference)] {
            rig.turn()
            return rig.takeRequests().compactMap { request in
                if case .release(_, let claim) = request.command { return (request, claim) }
                return nil
            }
        }

        func giveBack(_ tenure: OwnTenure) {
            _ = tenure.belief.finish(.released, isGivenBack: true)
            tenures.giveBack(tenure, &rig.core, now: rig.now)
        }

        func stop() -> [TenureBelief.StopOrder] {
            let orders = tenures.stop(&rig.core, now: rig.now)
            for (tenure, order) in orders where order == .giveBack { giveBack(tenure) }
            return orders.map(\.order)
        }

        func sendMore() -> Int { tenures.sendMore(&rig.core, now: rig.now).count }
        func takeFailures() -> [Tenures<OwnTenure>.FailedRelease] { tenures.takeFailures() }
        func end() -> [HeldLease] { tenures.end().map(\.facts) }
        var isDone: Bool { tenures.isDone(rig.core) }

        func answer(_ release: (request: SentRequest, claim: ClaimReference)) {
            rig.answer(release.request, .released(claim: release.claim.claim, .released))
        }
    }

    private func claims(_ failures: [Tenures<OwnTenure>.FailedRelease]) -> [UInt64] {
        failures.map { $0.tenure.facts.claim.rawValue }.sorted()
    }

    @Test func moreReleasesThanThereIsRoomForGoOutOneAfterTheOther() throws {
        let client = Client(requestLimit: 2)
        for claim in UInt64(10)..<15 { #expect(try client.acquire(claim).isOfUse) }
        #expect(client.stop() == Array(repeating: .giveBack, count: 5))
        var released: Set<UInt64> = []
        for _ in 0..<5 where !client.isDone {
            let releases = client.takeReleases()
            #expect((1...2).contains(releases.count))
            for release in releases {
                client.answer(release)
                released.insert(release.claim.claim.rawValue)
            }
            _ = client.takeNews()
            _ = client.sendMore()
        }
        #expect(client.isDone)
        #expect(released == [10, 11, 12, 13, 14])
        #expect(client.end().isEmpty && client.takeFailures().isEmpty)
    }

    /// The cluster may count the claim as held still, and somebody may have to wait for it.
    @Test func aLeaseThatRunsOutWhileItsReleaseFindsNoRoomIsReleasedByItsClaim() throws {
        let client = Client(requestLimit: 1)
        for claim in UInt64(10)...11 { _ = try client.acquire(claim, ttl: .seconds(2)) }
        _ = client.stop()
        let first = try #require(client.takeReleases().first)
        client.rig.run(.seconds(3))
        #expect(client.takeNews().contains(.lost(.expiredLocally)))
        #expect(client.rig.core.keptLeases == 0 && !client.isDone)
        client.answer(first)
        _ = client.takeNews()
        let sent = client.sendMore()
        let second = try #require(client.takeReleases().last)
        #expect(sent == 1 && second.claim.claim != first.claim.claim)
        #expect(second.claim.name == "jobs/\(second.claim.claim)")
        client.rig.answer(second.request, .refused(.ended(.expired)))
        _ = client.takeNews()
        #expect(client.isDone && client.takeFailures().isEmpty)
    }

    @Test func eachReleaseIsAnsweredOrToldToHaveFailedOnce() throws {
        let client = Client(requestLimit: 2)
        for claim in UInt64(10)..<15 { _ = try client.acquire(claim) }
        _ = client.stop()
        let releases = client.takeReleases()
        let answered = try #require(releases.first)
        client.answer(answered)
        _ = client.takeNews()
        #expect(client.sendMore() == 1)
        client.rig.turn()
        client.rig.core.shutDown(now: client.rig.now)
        _ = client.takeNews()
        #expect(client.end().isEmpty)
        let failures = client.takeFailures()
        let others = (10..<15).filter { $0 != answered.claim.claim.rawValue }
        #expect(claims(failures) == others)
        #expect(failures.count { $0.failure == .neverSent } == 2)
        #expect(failures.count { $0.failure == .unknown } == 2)
        #expect(client.takeFailures().isEmpty && client.end().isEmpty)
        #expect(client.takeFailures().isEmpty)
    }

    /// A driver that fails may never learn what its core has to say of the last requests.
    @Test func whatTheCoreCompletesNoMoreHasFailed() throws {
        let client = Client()
        let (awaited, left) = (try client.acquire(10).tenure, try client.acquire(11).tenure)
        let (forgotten, kept) = (try client.acquire(12).tenure, try client.acquire(13).tenure)
        _ = try client.tenures.release(awaited, timeout: nil, &client.rig.core, now: client.rig.now)
        let request = try client.tenures.release(left, timeout: nil, &client.rig.core, now: client.rig.now)
        client.tenures.nobodyWaits(for: request)
        client.giveBack(forgotten)
        _ = client.takeNews()
        // Whoever waits is told by who has taken the request.
        #expect(client.end() == [kept.facts])
        let failures = client.takeFailures()
        #expect(claims(failures) == [11, 12] && failures.allSatisfy { $0.failure == .unknown })
        #expect(failures.map(\.wasAwaited) == failures.map { $0.tenure === left })
    }

    @Test func aReleaseThatIsRefusedHasFailedUnlessTheClaimIsOver() throws {
        let client = Client()
        for (claim, error) in [(UInt64(10), LeaseError.claimUnknown), (11, .ended(.revoked)), (12, .ended(.expired))] {
            client.giveBack(try client.acquire(claim).tenure)
            let release = try #require(client.takeReleases().first)
            client.rig.answer(release.request, .refused(error))
            _ = client.takeNews()
        }
        let failures = client.takeFailures()
        #expect(claims(failures) == [10] && failures.first?.failure == .refused(.claimUnknown))
    }

    /// Nobody believes in it any more, and so nobody may be kept waiting for it for longer than it lasts.
    @Test func aLeaseWhoseReleaseCouldNotBeSentIsRenewedNoLonger() throws {
        let client = Client(requestLimit: 1)
        let (tenure, other) = (try client.acquire(10).tenure, try client.acquire(11).tenure)
        _ = try client.rig.core.get(name: "jobs/x", timeout: .seconds(60), now: client.rig.now)
        client.giveBack(tenure)
        let failures = client.takeFailures()
        #expect(claims(failures) == [10] && failures.first?.failure == .notSubmitted(.tooManyRequests))
        #expect(throws: SubmissionError.tooManyRequests) {
            try client.tenures.release(other, timeout: nil, &client.rig.core, now: client.rig.now)
        }
        client.rig.run(.seconds(30))
        #expect(client.takeNews() == [.lost(.expiredLocally), .lost(.expiredLocally)])
        let renewals = client.rig.takeRequests().filter { if case .renew = $0.command { true } else { false } }
        #expect(renewals.isEmpty)
    }

    @Test func trap66_aGrantThatNobodyWaitsForIsNotKept() throws {
        let client = Client()
        #expect(try !client.acquire(10, isGivenUp: true).isOfUse)
        _ = client.stop()
        let releases = client.takeReleases()
        #expect(releases.map(\.claim) == [ClaimReference(claim: ClaimID(10), name: "jobs/10")])
    }

    @Test func aClientThatEndsAcquiresNothingMore() throws {
        let client = Client()
        let underWay = try client.rig.acquire("jobs/late")
        _ = client.stop()
        client.rig.turn()
        #expect(client.rig.results.last?.request == underWay && client.rig.results.last?.result == .unknown)
        #expect(throws: SubmissionError.shutDown) { try client.rig.acquire("jobs/later") }
        // The one that may have been granted is undone before the client is done.
        #expect(!client.isDone)
    }

    @Test func trap60_whatStillWorksIsNotGivenBackForIt() throws {
        let client = Client()
        let working = try client.acquire(10, isScoped: true).tenure
        #expect(!working.judge { belief, _ in belief.workBegins() })
        let beginning = try client.acquire(11, isScoped: true).tenure
        _ = try client.acquire(12)
        #expect(client.stop() == [.cancelWork, .leave, .giveBack])
        #expect(beginning.judge { belief, _ in belief.workBegins() })
        #expect(client.takeReleases().map(\.claim.name) == ["jobs/12"])
        working.now = client.rig.now
        #expect(working.judge { belief, now in belief.workReturned(now: now) } == nil)
        client.giveBack(working)
        #expect(client.takeReleases().map(\.claim.name) == ["jobs/10"])
    }

    @Test func trap60_whatWasSeenAsOverIsLeftToRunOut() throws {
        let client = Client()
        let tenure = try client.acquire(10, checkpointWithin: .seconds(60)).tenure
        client.rig.run(.seconds(6))
        let requests = client.rig.takeRequests()
        let renewal = try #require(requests.last)
        // Whoever works under it has a clock that is ahead.
        tenure.now = client.rig.now + .seconds(30)
        #expect(tenure.judge { belief, now in belief.checkpoint(now: now).0 } == .over(.expiredLocally))
        client.rig.extend(renewal, tokens: [10], for: .seconds(15))
        #expect(client.takeNews() == [.ranOut])
        // A word of the work that came before that keeps nothing up.
        client.tenures.keepRenewing(tenure, &client.rig.core, now: client.rig.now)
        client.rig.run(.seconds(20))
        let others = client.rig.takeRequests()
        #expect(others.isEmpty)
        #expect(client.takeNews().count == 1 && client.tenures.all.isEmpty)
    }
}
