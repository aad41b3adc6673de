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
        let request = try #require(rig.takeRequests().first)
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
}
