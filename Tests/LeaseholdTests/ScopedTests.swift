import Foundation
import Leasehold
import LeaseholdBase
import LeaseholdSystem
import Testing

/// `withLease`: the body, and what becomes of it and of its lease.
@Suite struct ScopedTests {
    struct BodyFailed: Error, Equatable {}

    @Test func trap60_theLeaseIsGivenBackAfterTheBodyAndNotBefore() async throws {
        let (client, other) = (try SharedNode.client(), try SharedNode.client())
        let token = try await client.withLease("scoped/after", ttl: .seconds(15)) { lease in
            let status = try await other.get("scoped/after")
            #expect(status.holders.map(\.token) == [lease.token])
            return lease.token
        }
        #expect(try await other.get("scoped/after").isHeld == false)
        #expect(try await other.acquire("scoped/after", ttl: .seconds(15)).token > token)
        await client.stop()
        await other.stop()
    }

    @Test func trap60_aCancelledBodyKeepsItsLeaseUntilItHasReturned() async throws {
        let (client, other) = (try SharedNode.client(), try SharedNode.client())
        let (begun, cancelled, mayReturn) = (Gate(), Gate(), Gate())
        let task = Task {
            try await client.withLease("scoped/cancelled", ttl: .seconds(15)) { _ in
                await withTaskCancellationHandler {
                    begun.open()
                    await mayReturn.wait()
                } onCancel: {
                    cancelled.open()
                }
            }
        }
        await begun.wait()
        task.cancel()
        await cancelled.wait()
        #expect(try await other.get("scoped/cancelled").isHeld)
        mayReturn.open()
        try await task.value
        #expect(try await other.get("scoped/cancelled").isHeld == false)
        await client.stop()
        await other.stop()
    }

    @Test func whatTheBodyThrowsIsThrownAndTheLeaseGivenBack() async throws {
        let client = try SharedNode.client()
        await #expect(throws: BodyFailed()) {
            try await client.withLease("scoped/throws", ttl: .seconds(15)) { _ in throw BodyFailed() }
        }
        #expect(try await client.get("scoped/throws").isHeld == false)
        await client.stop()
    }

    @Test func withoutALeaseTheBodyDoesNotRun() async throws {
        let client = try SharedNode.client()
        let lease = try await client.acquire("scoped/held", ttl: .seconds(15))
        let hasRun = Gate()
        let error = await #expect(throws: LeaseholdError.self) {
            try await client.withLease("scoped/held", ttl: .seconds(15)) { _ in hasRun.open() }
        }
        #expect(error?.code == "held")
        #expect(!hasRun.wasOpened)
        #expect(lease.isHeld)
        await client.stop()
    }

    @Test func aBodyMayGiveItsLeaseBackItself() async throws {
        let client = try SharedNode.client()
        let answer = try await client.withLease("scoped/early", ttl: .seconds(15)) { lease in
            try await lease.release()
            return Task.isCancelled ? "cancelled" : "gave it back"
        }
        #expect(answer == "gave it back")
        await client.stop()
    }

    @Test func theBodyIsCancelledAtTheLoss() async throws {
        let node = try TestNode()
        let client = try LeaseClient(endpoints: [node.endpoint])
        let begun = Gate()
        let working = Task {
            try await client.withLease("scoped/loss", ttl: .seconds(2), timeout: .seconds(5)) { lease in
                begun.open()
                try await Task.sleep(for: .seconds(3_600))
            }
        }
        await begun.wait()
        await onOwnThread { node.stop() }
        let loss = await #expect(throws: LeaseLost.self) { try await working.value }
        #expect(loss?.reason == .expiredLocally)
        await client.stop(within: .zero)
    }

    @Test func trap65_aBodyThatBlocksItsThreadIsCancelledThoughThePoolHasNoOther() async throws {
        let node = try TestNode()
        let client = try LeaseClient(endpoints: [node.endpoint])
        let bodies = ProcessInfo.processInfo.activeProcessorCount + 1
        let begun = Gate()
        let stopper = Task.detached {
            await onOwnThread {
                begun.block(); node.stop()
            }
        }
        let lost = await withTaskGroup(of: Bool.self) { group in
            for number in 0..<bodies {
                group.addTask {
                    do {
                        try await client.withLease(
                            "scoped/blocks/\(number)", ttl: .seconds(2), timeout: .seconds(number == 0 ? 60 : 1)
                        ) { _ in
                            if number == 0 { begun.open() }
                            while !Task.isCancelled { SystemClocks.sleep(.milliseconds(2)) }
                        }
                        return false
                    } catch { return error is LeaseLost || error is LeaseholdError }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(lost == Array(repeating: true, count: bodies))
        await stopper.value
        await client.stop(within: .zero)
    }

    @Test func aBodyThatDoesNotReturnInItsGracePeriodIsDealtWith() async throws {
        let (node, witness) = (try TestNode(), Witness())
        let client = try LeaseClient(endpoints: [node.endpoint], observer: witness)
        let (begun, dealtWith) = (Gate(), Gate())
        let seen = Monitor<[LeaseLost]>([])
        let policy = LossPolicy.call(after: .milliseconds(50)) { loss in
            seen.withLock { seen in seen.append(loss) }
            dealtWith.open()
        }
        let working = Task {
            try await client.withLease("scoped/overdue", ttl: .seconds(2), onLoss: policy) { _ in
                begun.open()
                // Deaf to its cancellation.
                await dealtWith.wait()
            }
        }
        await begun.wait()
        await onOwnThread { node.stop() }
        let loss = await #expect(throws: LeaseLost.self) { try await working.value }
        #expect(seen.withLock { seen in seen } == [loss].compactMap { $0 })
        if let loss {
            await witness.wait { events in events.contains(.overdue(loss)) }
        }
        await client.stop(within: .zero)
    }

    @Test func aProcessWhoseBodyDoesNotReturnIsEndedWhenItsPolicySaysSo() async throws {
        await #expect(processExitsWith: .exitCode(75)) {
            let node = try TestNode()
            let client = try LeaseClient(endpoints: [node.endpoint])
            let policy = LossPolicy.exit(after: .milliseconds(50))
            try await client.withLease("scoped/exit", ttl: .seconds(2), onLoss: policy) { _ in
                await onOwnThread {
                    node.stop()
                    SystemClocks.sleep(.seconds(600))
                }
            }
        }
    }
}
