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
        let loss = await #expect(throws: LeaseLost.self) {
            try await client.withLease("scoped/loss", ttl: .seconds(2)) { _ in
                await onOwnThread { node.stop() }
                try await Task.sleep(for: .seconds(3_600))
            }
        }
        #expect(loss?.reason == .expiredLocally)
        await client.stop(within: .zero)
    }

    @Test func aReleaseBySomebodyElseIsALossToTheBody() async throws {
        let client = try SharedNode.client()
        let loss = await #expect(throws: LeaseLost.self) {
            try await client.withLease("scoped/released-elsewhere", ttl: .seconds(6)) { lease in
                _ = try await OtherClient.release(lease)
                try await Task.sleep(for: .seconds(3_600))
            }
        }
        #expect(loss?.reason == .released)
        await client.stop()
    }

    @Test func trap65_aBodyThatBlocksItsThreadIsCancelledThoughThePoolHasNoOther() async throws {
        await #expect(processExitsWith: .success) {
            let node = try TestNode()
            let client = try LeaseClient(endpoints: [node.endpoint])
            let begun = Monitor(0)
            let bodies = ProcessInfo.processInfo.activeProcessorCount
            _ = try SystemThread(name: "test-stopper") {
                _ = begun.wait { begun -> Bool? in begun == bodies ? true : nil }
                node.stop()
            }
            // Each blocks a thread until it is told to stop: then no other is left to tell them.
            let losses = await withTaskGroup(of: Bool.self) { group in
                for number in 0..<bodies {
                    group.addTask {
                        do {
                            try await client.withLease("scoped/blocks/\(number)", ttl: .seconds(2)) { _ in
                                begun.change { begun in begun += 1 }
                                while !Task.isCancelled { SystemClocks.sleep(.milliseconds(2)) }
                            }
                            return false
                        } catch { return error is LeaseLost }
                    }
                }
                return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
            }
            guard losses == bodies else { CurrentProcess.exit(1) }
        }
    }

    @Test func aBodyThatDoesNotReturnInItsGracePeriodIsDealtWith() async throws {
        let (node, witness) = (try TestNode(), Witness())
        let client = try LeaseClient(endpoints: [node.endpoint], observer: witness)
        let dealtWith = Gate()
        let seen = Monitor<[LeaseLost]>([])
        let policy = LossPolicy.call(after: .milliseconds(50)) { loss in
            seen.withLock { seen in seen.append(loss) }
            dealtWith.open()
        }
        let loss = await #expect(throws: LeaseLost.self) {
            try await client.withLease("scoped/overdue", ttl: .seconds(2), onLoss: policy) { _ in
                await onOwnThread { node.stop() }
                // Deaf to its cancellation.
                await dealtWith.wait()
            }
        }
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
