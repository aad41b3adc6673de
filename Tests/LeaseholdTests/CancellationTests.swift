import Leasehold
import LeaseholdSystem
import Testing

/// Calls that are given up, and what becomes of what they had asked for.
@Suite struct CancellationTests {
    @Test func aCallOfACancelledTaskIsNotMade() async throws {
        let client = try SharedNode.client()
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            _ = try await client.acquire("cancel/before", ttl: .seconds(15))
        }
        await #expect(throws: LeaseholdError.notDone(.cancelled)) { try await task.value }
        #expect(try await client.get("cancel/before").isHeld == false)
        await client.stop()
    }

    /// The core's request of the next call gets the place of the one that has just been given up, in the same turn.
    @Test func aCallThatIsGivenUpIsAnsweredThoughAnotherTakesItsPlace() async throws {
        // Nobody listens there, so that only being given up answers anybody.
        let client = try LeaseClient(endpoints: ["127.0.0.1:1"])
        var last: Task<LeaseStatus, any Error>?
        for round in 0..<200 {
            let next = Task { try await client.get("cancel/\(round)", timeout: .seconds(600)) }
            last?.cancel()
            if let last { await #expect(throws: LeaseholdError.notDone(.cancelled)) { try await last.value } }
            last = next
            if round % 3 == 0 { await Task.yield() }
        }
        last?.cancel()
        await #expect(throws: LeaseholdError.notDone(.cancelled)) { try await last?.value }
        await client.stop()
    }

    /// Whoever is given up before the client's thread was started is so all the same.
    @Test func theFirstCallOfAClientCanBeGivenUp() async throws {
        for _ in 0..<20 {
            let client = try LeaseClient(endpoints: ["127.0.0.1:1"])
            let task = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                return try await client.get("cancel/first", timeout: .seconds(600))
            }
            await #expect(throws: LeaseholdError.notDone(.cancelled)) { try await task.value }
            await client.stop()
        }
    }

    @Test func trap66_aCancelledAcquireIsUndone() async throws {
        let node = try TestNode()
        let (client, other) = (try LeaseClient(endpoints: [node.endpoint]), try LeaseClient(endpoints: [node.endpoint]))
        // Both are connected before the node falls silent.
        _ = try await client.get("cancel/undone")
        _ = try await other.get("cancel/undone")
        await node.speak(.heldBack)
        let task = Task { _ = try await client.acquire("cancel/undone", ttl: .seconds(3_600), timeout: .seconds(600)) }
        // The grant is made, and its answer under way.
        await node.waitForWordsHeldBack()
        task.cancel()
        await #expect(throws: LeaseholdError.unknown(.cancelled)) { try await task.value }
        await node.speak(.free)
        // An hour would have to pass if nobody undid it.
        while try await other.get("cancel/undone").isHeld { await Task.yield() }
        _ = try await other.acquire("cancel/undone", ttl: .seconds(15))
        await client.stop()
        await other.stop()
    }

    @Test func trap66_anAcquireThatWasNotAnsweredInTimeIsUndone() async throws {
        let node = try TestNode()
        let client = try LeaseClient(endpoints: [node.endpoint])
        _ = try await client.get("cancel/late")
        await node.speak(.lost)
        await #expect(throws: LeaseholdError.unknown(.timedOut)) {
            _ = try await client.acquire("cancel/late", ttl: .seconds(3_600), timeout: .milliseconds(100))
        }
        await node.speak(.free)
        while try await client.get("cancel/late").isHeld { await Task.yield() }
        await client.stop()
    }

    @Test func aCancelledReleaseStopsWaitingAndGoesOn() async throws {
        let node = try TestNode()
        let client = try LeaseClient(endpoints: [node.endpoint])
        let lease = try await client.acquire("cancel/release", ttl: .seconds(3_600))
        await node.speak(.heldBack)
        let task = Task { try await lease.release(timeout: .seconds(600)) }
        await node.waitForWordsHeldBack()
        task.cancel()
        await #expect(throws: LeaseholdError.unknown(.cancelled)) { try await task.value }
        #expect(!lease.isHeld)
        await node.speak(.free)
        while try await client.get("cancel/release").isHeld { await Task.yield() }
        await client.stop()
    }

    @Test func aReleaseByACancelledTaskIsSent() async throws {
        let client = try SharedNode.client()
        let lease = try await client.acquire("cancel/release-by-cancelled", ttl: .seconds(3_600))
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            _ = try await lease.release()
        }
        _ = await task.result
        #expect(!lease.isHeld)
        while try await client.get("cancel/release-by-cancelled").isHeld { await Task.yield() }
        await client.stop()
    }

    @Test func whoeverWaitsForALossCanBeCancelled() async throws {
        let client = try SharedNode.client()
        let lease = try await client.acquire("cancel/lost", ttl: .seconds(15))
        let task = Task { _ = try await lease.lost() }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(lease.isHeld)
        await client.stop()
    }
}
