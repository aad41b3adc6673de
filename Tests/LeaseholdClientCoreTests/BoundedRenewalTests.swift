import LeaseMachine
import LeaseholdBase
import LeaseholdClientCore
import Testing

/// Leases that are renewed only as long as somebody says that their work goes on.
@Suite struct BoundedRenewalTests {
    private func holding() throws -> (rig: Rig, lease: LeaseHandle) {
        var rig = Rig(endpoints: ["n1:7401"]) { $0.connectsEagerly = true }
        rig.turn()
        _ = rig.lead()
        let lease = try rig.holding(10, "jobs/10")
        return (rig, try #require(lease))
    }

    /// Lets time pass, and answers every renewal at once; how many there were.
    private func pass(_ time: Nanoseconds, _ rig: inout Rig) -> Int {
        let end = rig.now + time
        var renewals = 0
        while rig.now < end {
            rig.run(.milliseconds(100))
            for request in rig.takeRequests() {
                renewals += 1
                rig.extend(request, tokens: [10], for: .seconds(15))
            }
        }
        return renewals
    }

    @Test func trap52_aLeaseIsNotRenewedBeyondTheTimeItsWorkWasGood() throws {
        var (rig, lease) = try holding()
        rig.core.renew(lease, until: rig.now + .seconds(8), now: rig.now)
        rig.turn()
        // Due at 5 s or so, and again at 10 s, which is too late.
        #expect(pass(.seconds(12), &rig) == 1)
        #expect(rig.losses(of: lease) == [])
        #expect(pass(.seconds(60), &rig) == 0)
        #expect(rig.losses(of: lease) == [.expiredLocally])
    }

    @Test func trap52_aTurnThatComesLateDoesNotRenewWhatIsNotToBeRenewedAnyMore() throws {
        var (rig, lease) = try holding()
        rig.core.renew(lease, until: rig.now + .seconds(8), now: rig.now)
        rig.turn()
        // Due at 5 s or so; the process stands still until behind the end.
        rig.now = rig.now + .milliseconds(8_100)
        rig.turn()
        rig.turn()
        #expect(rig.takeRequests().isEmpty)
        #expect(rig.losses(of: lease) == [])
        // The work was only as late as the core, and goes on.
        rig.core.renew(lease, until: rig.now + .seconds(8), now: rig.now)
        rig.turn()
        rig.turn()
        #expect(rig.takeRequests().count == 1)
    }

    @Test func trap52_workThatGoesOnPutsTheEndOff() throws {
        var (rig, lease) = try holding()
        for _ in 0..<30 {
            rig.core.renew(lease, until: rig.now + .seconds(8), now: rig.now)
            rig.turn()
            _ = pass(.seconds(4), &rig)
        }
        #expect(rig.losses(of: lease) == [])
        #expect(rig.core.holds(lease, at: rig.now))
    }

    @Test func aRenewalThatWasWithheldIsMadeAtOnceWhenTheWorkGoesOnAgain() throws {
        var (rig, lease) = try holding()
        rig.core.renew(lease, until: rig.now, now: rig.now)
        rig.turn()
        #expect(pass(.seconds(10), &rig) == 0)
        rig.core.renew(lease, until: rig.now + .seconds(60), now: rig.now)
        rig.turn()
        rig.turn()
        #expect(rig.takeRequests().count == 1)
    }
}
