import LeaseMachine
import LeaseholdBase
import Testing

@Suite struct CommandSemanticsTests {
    @Test func anAcquireIsGrantedWithItsIndexAsToken() {
        var log = TestLog()
        log.pulse(after: .seconds(3))
        #expect(log.acquire("jobs/a", ttl: .seconds(15)) == granted(2, for: .seconds(15)))
        #expect(log.events == ["granted jobs/a 2"])
        #expect(log.machine.leaseCount == 1 && log.machine.hasPending)
        #expect(log.machine.nextDue == .zero + .seconds(18))
        #expect(log.violations == [])
    }

    @Test func aHeldLeaseAnswersWhoHoldsIt() {
        var log = TestLog()
        log.acquire("a", 1, holder: "first")
        log.now = .seconds(4)
        #expect(log.acquire("a", 2) == held("a", 1, .seconds(6), holder: "first"))
        #expect(log.acquire("b", 2) == granted(3))
        #expect(log.violations == [])
    }

    @Test func twoClaimsOfOneLabelAreTwoClaims() {
        var log = TestLog()
        log.acquire("a", 1, holder: "host:1")
        #expect(log.acquire("a", 1, holder: "host:1") == held("a", 1, .seconds(10), holder: "host:1"))
    }

    @Test func aRenewalExtendsFromItsEntry() {
        var log = TestLog()
        log.acquire("a")
        log.acquire("b", ttl: .seconds(20))
        log.now = .seconds(9)
        #expect(
            log.renew(1, 2, 7) == [
                .holding(token: FencingToken(1), validFor: .seconds(10)),
                .holding(token: FencingToken(2), validFor: .seconds(20)), .unknown,
            ])
        #expect(log.output.outcome == .renewed && log.events == [])
        log.pulse(after: .milliseconds(9_999))
        #expect(log.machine.claimCount == 2)
        log.pulse(after: .milliseconds(1))
        #expect(log.events == ["expired a 1"])
        #expect(log.violations == [])
    }

    @Test func aRenewalIsOfTheLeaseAndPrincipalNamed() {
        var log = TestLog()
        log.acquire("a")
        let renewals = [
            Renewal(claim: ClaimID(1), name: "a"), Renewal(claim: ClaimID(1), name: "b"),
            Renewal(claim: ClaimID(1), principal: "somebody"),
        ]
        log.apply(.renew(renewals))
        #expect(
            log.output.statuses == [.holding(token: FencingToken(1), validFor: .seconds(10)), .unknown, .unknown])
        log.release(1)
        log.apply(.renew(renewals))
        #expect(log.output.statuses == [.ended(.released), .unknown, .unknown])
    }

    @Test func aReleaseFreesTheLeaseAtOnce() {
        var log = TestLog()
        log.acquire("a")
        #expect(log.release(1) == .released(claim: ClaimID(1), .released))
        #expect(log.events == ["released a 1"])
        #expect(!log.machine.hasPending && log.machine.nextDue == nil && log.machine.leaseCount == 0)
        #expect(log.acquire("a", 2) == granted(3))
        #expect(log.violations == [])
    }

    @Test func aReleaseSaysHowTheClaimEnded() {
        var log = TestLog()
        log.acquire("a")
        log.release(1)
        #expect(log.release(1) == .released(claim: ClaimID(1), .released))
        log.acquire("a")
        log.now = .seconds(10)
        #expect(log.release(4) == .released(claim: ClaimID(4), .expired))
        #expect(log.events == ["expired a 4"])
        #expect(log.release(99) == .refused(.claimUnknown))
        #expect(log.violations == [])
    }

    @Test func anUpdateChangesTheValueAndNothingElse() {
        var log = TestLog()
        log.acquire("a", value: [1])
        log.now = .seconds(1)
        let update = Update(claim: ClaimReference(claim: ClaimID(1)), value: [2, 3])
        #expect(log.apply(.update(log.head(), update)) == .updated(claim: ClaimID(1)))
        #expect(log.events == ["updated a 1"])
        let view = log.machine.lease(named: "a")
        #expect(view.holders.map(\.value) == [[2, 3]])
        #expect(view.holders.map(\.remaining) == [.seconds(9)] && view.holders.map(\.token) == [FencingToken(1)])
        log.now = .seconds(10)
        #expect(log.apply(.update(log.head(), update)) == .refused(.ended(.expired)))
        let unknown = Update(claim: ClaimReference(claim: ClaimID(77)), value: [])
        #expect(log.apply(.update(log.head(), unknown)) == .refused(.claimUnknown))
        #expect(log.violations == [])
    }
}
