import LeaseholdBase
import LeaseholdClientCore
import Testing

@Suite struct TenureBeliefTests {
    // A mutating call is made outside of the expectation.
    private func standing(_ belief: inout TenureBelief, at milliseconds: UInt64) -> TenureBelief.Standing {
        belief.standing(now: time(milliseconds))
    }

    private func time(_ milliseconds: UInt64) -> SteadyTime { SteadyTime(milliseconds * 1_000_000) }

    @Test func trap59_whatWasSeenAsOverNeverComesBackAndEndsOnce() {
        var belief = TenureBelief(heldUntil: time(100), now: time(0))
        let (before, isExtended) = (standing(&belief, at: 99), belief.extend(until: time(200), now: time(99)))
        #expect(before == .held(until: time(100)) && isExtended)
        let over = standing(&belief, at: 200)
        let isRevived = belief.extend(until: time(900), now: time(201))
        let after = standing(&belief, at: 201)
        #expect(over == .over(.expiredLocally) && !isRevived && after == .over(.expiredLocally))
        let (first, second) = (belief.finish(.expired), belief.finish(.revoked))
        #expect(first && !second && belief.end == .expired)
    }

    @Test func anOlderAnswerShortensNothing() {
        var belief = TenureBelief(heldUntil: time(100), now: time(0))
        let isExtended = belief.extend(until: time(50), now: time(10))
        #expect(isExtended && belief.heldUntil == time(100))
    }

    @Test func trap52_workThatStandsStillIsRenewedNoLonger() {
        var belief = TenureBelief(heldUntil: time(1_000), checkpointWithin: .milliseconds(80), now: time(0))
        #expect(belief.workLimit == time(90))
        let early = belief.checkpoint(now: time(9))
        #expect(early.0 == .held(until: time(1_000)) && !early.mustTell)
        let due = belief.checkpoint(now: time(10))
        #expect(due.mustTell && belief.workLimit == time(100))
        #expect(belief.precise(.expired, now: time(99)) == .expired)
        #expect(belief.precise(.expired, now: time(100)) == .workStalled)
        #expect(belief.precise(.revoked, now: time(100)) == .revoked)
    }

    @Test func whatWasGivenBackIsNoLoss() {
        var belief = TenureBelief(heldUntil: time(100), now: time(0))
        let isFinished = belief.finish(.released, isGivenBack: true)
        let givenBack = belief.workReturned(now: time(5_000))
        #expect(isFinished && givenBack == nil)
        var lost = TenureBelief(heldUntil: time(100), now: time(0))
        let (inTime, late) = (lost.workReturned(now: time(99)), lost.workReturned(now: time(100)))
        #expect(inTime == nil && late == .expiredLocally)
    }
}
