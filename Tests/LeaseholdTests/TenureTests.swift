import LeaseMachine
import LeaseholdBase
import LeaseholdSystem
import Testing

@testable import Leasehold
@testable import LeaseholdClientCore

/// A tenure by itself: no client, and no thread that could tell it anything.
@Suite struct TenureTests {
    private func tenure(heldFor time: Nanoseconds, checkpointWithin: Nanoseconds? = nil) -> Tenure {
        let now = SystemClocks.steady
        let request = RequestID(instance: ClientInstance(1), sequence: RequestSequence(1))
        let facts = HeldLease(
            name: "jobs/nightly", claim: ClaimID(7), token: FencingToken(7), ttl: .seconds(15), heldUntil: now + time,
            request: request)
        return Tenure(
            facts, lease: LeaseHandle(slot: 0, generation: 1), checkpointWithin: checkpointWithin, isScoped: true,
            now: now)
    }

    private func lease(_ tenure: Tenure) throws -> Lease {
        let configuration = LeaseClient.Configuration(endpoints: ["127.0.0.1:1"])
        return Lease(tenure, thread: ClientThread(configuration: configuration, observer: nil))
    }

    /// The cluster confirms a tenure for longer.
    private func extend(_ tenure: Tenure, for time: Nanoseconds = .seconds(60)) -> Bool {
        tenure.judge { belief, now in belief.extend(until: now + time, now: now) }
    }

    private func limit(_ tenure: Tenure) -> SteadyTime? { tenure.judge { belief, _ in belief.workLimit } }

    @Test func trap67_aBeliefPastItsDeadlineIsOverThoughNobodyHasSaidSo() throws {
        let lease = try lease(tenure(heldFor: .zero))
        #expect(!lease.isHeld)
        #expect(lease.remaining == .zero)
        #expect(throws: LeaseLost.of(lease, .expiredLocally)) { try lease.checkpoint() }
    }

    @Test func whatWasSeenAsOverNeverComesBack() throws {
        let tenure = tenure(heldFor: .zero)
        let lease = try lease(tenure)
        #expect(!lease.isHeld)
        // The answer to a renewal that was under way.
        #expect(!extend(tenure))
        #expect(!lease.isHeld)
        #expect(tenure.end(.expired) != nil)
        #expect(!extend(tenure))
        #expect(throws: LeaseLost.of(lease, .expired)) { try lease.checkpoint() }
    }

    @Test func aTenureEndsOnceAndForItsFirstReason() async throws {
        let tenure = tenure(heldFor: .seconds(60))
        let lease = try lease(tenure)
        #expect(lease.isHeld)
        #expect(tenure.end(.revoked) != nil)
        #expect(tenure.end(.released) == nil)
        #expect(tenure.end(.expiredLocally) == nil)
        #expect(try await lease.lost() == LeaseLost.of(lease, .revoked))
        #expect(!lease.isHeld)
    }

    @Test func anExtensionIsNeverAShortening() {
        let tenure = tenure(heldFor: .seconds(60))
        #expect(extend(tenure, for: .seconds(1)))
        guard case .held(let until) = tenure.standing else {
            Issue.record("it is held for a minute")
            return
        }
        #expect(until > SystemClocks.steady + .seconds(30))
    }

    @Test func trap52_checkpointsPutTheEndOfRenewalsOffAndSayThatNowAndThen() {
        let patient = tenure(heldFor: .seconds(60), checkpointWithin: .seconds(3_600))
        // Far more checkpoints than need be told to the client's thread.
        #expect((0..<1_000).filter { _ in patient.checkpoint().mustTell }.isEmpty)
        let eager = tenure(heldFor: .seconds(60), checkpointWithin: Nanoseconds(8))
        let before = limit(eager) ?? .never
        #expect(eager.checkpoint().mustTell)
        #expect((limit(eager) ?? .zero) > before)
        #expect(limit(tenure(heldFor: .seconds(60))) == nil)
    }

    @Test func trap52_onlyALeaseWhoseWorkStoodStillSaysSo() {
        let (stalled, now) = (tenure(heldFor: .zero, checkpointWithin: Nanoseconds(1)), SystemClocks.steady)
        func news(_ tenure: Tenure, _ reason: LossReason) -> TenureNews {
            tenure.judge { belief, _ in belief.take(.lost(reason), now: now + .seconds(1)) }
        }
        #expect(news(stalled, .expiredLocally) == .lost(.workStalled))
        #expect(news(stalled, .revoked) == .lost(.revoked))
        let busy = tenure(heldFor: .zero, checkpointWithin: .seconds(3_600))
        #expect(news(busy, .expiredLocally) == .lost(.expiredLocally))
    }

    @Test func workBegunAfterTheEndIsCancelledAtOnce() {
        let policy = LossPolicy.wait
        let (lost, stopping, given) = (tenure(heldFor: .zero), tenure(heldFor: .seconds(60)), tenure(heldFor: .zero))
        #expect(lost.end(.expired) != nil)
        #expect(lost.begin(Tenure.Work(cancel: {}, policy: policy)))
        #expect(stopping.judge { belief, _ in belief.stop() } == .leave)
        #expect(stopping.begin(Tenure.Work(cancel: {}, policy: policy)))
        #expect(stopping.isWorking)
        #expect(stopping.workReturned() == nil)
        #expect(!stopping.isWorking)
        #expect(given.end(.released, isGivenBack: true) != nil)
        #expect(!given.begin(Tenure.Work(cancel: {}, policy: policy)))
        #expect(given.workReturned() == nil)
        #expect(lost.workReturned() == .expired)
    }
}
