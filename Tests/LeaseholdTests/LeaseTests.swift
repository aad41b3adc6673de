import Foundation
import Leasehold
import LeaseholdBase
import LeaseholdSystem
import Testing

/// What a lease knows of itself: renewal, loss, release.
@Suite struct LeaseTests {
    @Test func trap65_renewalGoesOnThoughEveryThreadOfThePoolIsBlocked() async throws {
        // In a process of its own: what is blocked there holds up no other test.
        await #expect(processExitsWith: .success) {
            let (node, witness) = (try TestNode(), Witness())
            let client = try LeaseClient(endpoints: [node.endpoint], observer: witness)
            let lease = try await client.acquire("lease/blocked-pool", ttl: .seconds(1))
            // As many tasks as the pool has threads, and more, that block until the lease has outlived its TTL.
            let end = SystemClocks.steady + .milliseconds(1_500)
            await withTaskGroup { group in
                for _ in 0..<ProcessInfo.processInfo.activeProcessorCount * 2 {
                    group.addTask {
                        while SystemClocks.steady < end { SystemClocks.sleep(.milliseconds(5)) }
                    }
                }
            }
            try lease.checkpoint()
            let renewals = witness.events.filter { if case .renewed = $0 { true } else { false } }
            let status = try await client.get("lease/blocked-pool")
            guard renewals.count >= 2, status.holders.map(\.token) == [lease.token] else { CurrentProcess.exit(1) }
        }
    }

    @Test func trap62_oneMissedRenewalIsARiskAndNoLoss() async throws {
        // In a process of its own: nothing that other tests do may keep it from letting the node speak again in time.
        await #expect(processExitsWith: .success) {
            let (node, witness) = (try TestNode(), Witness())
            let client = try LeaseClient(endpoints: [node.endpoint], observer: witness)
            let lease = try await client.acquire("lease/slow-call", ttl: .seconds(9))
            await node.speak(.lost)
            await witness.wait { events in events.contains { if case .atRisk = $0 { true } else { false } } }
            let wasHeld = lease.isHeld
            await node.speak(.free)
            let missed = witness.events.count
            await witness.wait { events in
                events.dropFirst(missed).contains { if case .renewed = $0 { true } else { false } }
            }
            guard wasHeld, lease.isHeld, witness.losses.isEmpty else { CurrentProcess.exit(1) }
            await client.stop()
        }
    }

    @Test func aLossIsToldOnceWithItsReasonToAllWhoAsk() async throws {
        let (node, witness) = (try TestNode(), Witness())
        let client = try LeaseClient(endpoints: [node.endpoint], observer: witness)
        let lease = try await client.acquire("lease/loss", ttl: .seconds(2))
        async let first = lease.lost()
        async let second = lease.lost()
        await onOwnThread { node.stop() }
        let losses = try await [first, second, lease.lost()]
        #expect(Set(losses) == [LeaseLost.of(lease, .expiredLocally)])
        #expect(!lease.isHeld)
        #expect(lease.remaining == .zero)
        #expect(throws: losses[0]) { try lease.checkpoint() }
        await client.stop(within: .zero)
        // The observer is told on a thread of its own.
        await witness.wait { events in events.contains { if case .lost = $0 { true } else { false } } }
        #expect(witness.losses == [losses[0]])
        #expect(witness.events.first == .acquired(name: "lease/loss", token: lease.token))
    }

    @Test func aClaimThatTheClusterHasEndedIsLostForItsReason() async throws {
        let client = try SharedNode.client()
        let lease = try await client.acquire("lease/ended-elsewhere", ttl: .seconds(3))
        // As the command line does it: by the claim's number, from another client.
        #expect(try await OtherClient.release(lease) == true)
        #expect(try await lease.lost().reason == .released)
        #expect(throws: LeaseLost.of(lease, .released)) { try lease.checkpoint() }
        await client.stop()
    }

    @Test func trap52_workThatHangsDoesNotKeepItsLease() async throws {
        let client = try SharedNode.client()
        let lease = try await client.acquire(
            "lease/hung", ttl: .milliseconds(600), renewal: .whileCheckpointed(within: .milliseconds(300)))
        let loss = try await lease.lost()
        #expect(loss.reason == .workStalled)
        #expect(throws: loss) { try lease.checkpoint() }
        await client.stop()
    }

    @Test func trap59_theEndOfAnOlderTenureDoesNotTouchANewer() async throws {
        let witness = Witness()
        let client = try SharedNode.client(observer: witness)
        let older = try await client.acquire("lease/tenures", ttl: .seconds(15))
        async let olderLoss = older.lost()
        try await older.release()
        let newer = try await client.acquire("lease/tenures", ttl: .seconds(15))
        #expect(try await olderLoss == LeaseLost.of(older, .released))
        #expect(newer.token > older.token)
        // Releasing the older again, and asking it, does nothing to the newer.
        #expect(try await older.release() == .released)
        #expect(!older.isHeld)
        #expect(newer.isHeld)
        #expect(try await client.get("lease/tenures").holders.map(\.token) == [newer.token])
        #expect(witness.losses == [LeaseLost.of(older, .released)])
        await client.stop()
    }

    @Test func anyTaskMayReleaseAndAllOfThemAreAnswered() async throws {
        let client = try SharedNode.client()
        let lease = try await client.acquire("lease/many-releases", ttl: .seconds(15))
        let reasons = try await withThrowingTaskGroup(of: LeaseLost.Reason.self) { group in
            for _ in 0..<8 { group.addTask { try await lease.release() } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(reasons == Array(repeating: .released, count: 8))
        #expect(!lease.isHeld)
        await client.stop()
    }

    @Test func trap67_aLeaseIsCountedFromTheSendingNotFromTheAnswer() async throws {
        let node = try TestNode()
        let client = try LeaseClient(endpoints: [node.endpoint])
        _ = try await client.get("lease/sent")
        await node.speak(.heldBack)
        let acquiring = Task { try await client.acquire("lease/sent", ttl: .seconds(30), timeout: .seconds(600)) }
        await node.waitForWordsHeldBack()
        // The request was sent before this moment, and is answered so much later.
        let answered = SystemClocks.steady
        await onOwnThread { SystemClocks.sleep(.milliseconds(500)) }
        await node.speak(.free)
        let lease = try await acquiring.value
        let (remaining, now) = (lease.remaining, SystemClocks.steady)
        let passed = Duration.nanoseconds(Int64(now.rawValue - answered.rawValue))
        #expect(passed >= .milliseconds(500))
        #expect(remaining > .zero)
        #expect(remaining <= .seconds(30) - .milliseconds(500))
        await client.stop()
    }

    @Test func aLeaseOutlivesTheVariableOfItsClient() async throws {
        let witness = Witness()
        var client: LeaseClient? = try SharedNode.client(observer: witness)
        let lease = try #require(try await client?.acquire("lease/orphan", ttl: .seconds(6)))
        client = nil
        await witness.wait { events in events.contains { if case .renewed = $0 { true } else { false } } }
        #expect(lease.isHeld)
        #expect(try await lease.release() == .released)
    }
}
