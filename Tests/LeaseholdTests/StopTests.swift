import Leasehold
import LeaseholdSystem
import Testing

/// The beginning and the end of a client.
@Suite struct StopTests {
    @Test func aStoppedClientHasGivenBackWhatItHeld() async throws {
        let witness = Witness()
        let (client, other) = (try SharedNode.client(observer: witness), try SharedNode.client())
        let lease = try await client.acquire("stop/held", ttl: .seconds(3_600))
        await client.stop()
        #expect(!lease.isHeld)
        #expect(try await lease.lost().reason == .released)
        #expect(try await other.get("stop/held").isHeld == false)
        await client.stop()
        await other.stop()
        #expect(witness.losses == [LeaseLost.of(lease, .released)])
    }

    @Test func aClientThatHoldsMoreThanItMayAskForAtOnceGivesAllBack() async throws {
        let witness = Witness()
        var configuration = LeaseClient.Configuration(endpoints: [try SharedNode.endpoint])
        configuration.callLimit = 3
        let client = try LeaseClient(configuration: configuration, observer: witness)
        let other = try SharedNode.client()
        for number in 0..<20 { _ = try await client.acquire("stop/many/\(number)", ttl: .seconds(3_600)) }
        await client.stop(within: .seconds(600))
        #expect(try await other.list(prefix: "stop/many/").leases.isEmpty)
        await other.stop()
    }

    @Test func releasesThatDidNotGoOutBeforeTheEndAreToldToHaveFailed() async throws {
        let (node, witness) = (try TestNode(), Witness())
        var configuration = LeaseClient.Configuration(endpoints: [node.endpoint])
        configuration.callLimit = 3
        let client = try LeaseClient(configuration: configuration, observer: witness)
        var tokens: Set<Lease.Token> = []
        for number in 0..<8 {
            tokens.insert(try await client.acquire("stop/unreleased/\(number)", ttl: .seconds(3_600)).token)
        }
        await node.speak(.lost)
        await client.stop(within: .milliseconds(50))
        @Sendable func failures(_ events: [LeaseClientEvent]) -> [(token: Lease.Token, error: LeaseholdError)] {
            events.compactMap { event in
                if case .releaseFailed(_, let token, let error) = event { return (token, error) }
                return nil
            }
        }
        await witness.wait { events in failures(events).count >= 8 }
        let told = failures(witness.events)
        #expect(told.count == 8 && Set(told.map(\.token)) == tokens)
        // Three were asked for; of the others the cluster has heard nothing.
        #expect(told.count { $0.error == .notDone(.stopped) } >= 5)
        #expect(told.allSatisfy { $0.error == .notDone(.stopped) || $0.error == .unknown(.stopped) })
        node.stop()
    }

    @Test func aStoppedClientDoesNothingAnyMore() async throws {
        let client = try SharedNode.client()
        _ = try await client.get("stop/after")
        await client.stop()
        await #expect(throws: LeaseholdError.notDone(.stopped)) { _ = try await client.get("stop/after") }
        await #expect(throws: LeaseholdError.notDone(.stopped)) {
            _ = try await client.acquire("stop/after", ttl: .seconds(15))
        }
    }

    @Test func aClientThatWasNeverUsedEndsAtOnce() async throws {
        let client = try LeaseClient(endpoints: ["127.0.0.1:1"])
        await client.stop(within: .seconds(3_600))
        try await client.runIsOver()
    }

    @Test func runReturnsWhenTheClientWasStopped() async throws {
        let client = try SharedNode.client()
        let (running, hasReturned) = (Task { try await client.run() }, Gate())
        let watching = Task {
            try await running.value
            hasReturned.open()
        }
        let lease = try await client.acquire("stop/run", ttl: .seconds(15))
        #expect(lease.isHeld)
        #expect(!hasReturned.wasOpened)
        await client.stop()
        try await watching.value
        #expect(hasReturned.wasOpened)
    }

    @Test func cancellingRunGivesLeasesBackToo() async throws {
        let (client, other) = (try SharedNode.client(), try SharedNode.client())
        let running = Task { try await client.run() }
        let lease = try await client.acquire("stop/cancelled", ttl: .seconds(3_600))
        running.cancel()
        await #expect(throws: CancellationError.self) { try await running.value }
        #expect(!lease.isHeld)
        while try await other.get("stop/cancelled").isHeld { await Task.yield() }
        await other.stop()
    }

    @Test func trap60_stoppingWaitsForTheBodyBeforeItsLeaseIsGivenBack() async throws {
        let (client, other) = (try SharedNode.client(), try SharedNode.client())
        let (begun, cancelled, mayReturn) = (Gate(), Gate(), Gate())
        let working = Task {
            try await client.withLease("stop/body", ttl: .seconds(15)) { lease in
                await withTaskCancellationHandler {
                    begun.open()
                    await mayReturn.wait()
                } onCancel: {
                    cancelled.open()
                }
                return lease.isHeld
            }
        }
        await begun.wait()
        let stopping = Task { await client.stop(within: .seconds(3_600)) }
        await cancelled.wait()
        #expect(try await other.get("stop/body").isHeld)
        mayReturn.open()
        #expect(try await working.value)
        await stopping.value
        #expect(try await other.get("stop/body").isHeld == false)
        await other.stop()
    }

    @Test func whatDoesNotEndInTimeIsLeftAndLost() async throws {
        let client = try SharedNode.client()
        let (begun, mayReturn) = (Gate(), Gate())
        let working = Task {
            try await client.withLease("stop/left", ttl: .seconds(60)) { _ in
                begun.open()
                await mayReturn.wait()
            }
        }
        await begun.wait()
        await client.stop(within: .milliseconds(50))
        mayReturn.open()
        let loss = await #expect(throws: LeaseLost.self) { try await working.value }
        #expect(loss?.reason == .stopped)
    }

    @Test func callsUnderWayAreAnsweredWhenTheClientStops() async throws {
        let client = try LeaseClient(endpoints: ["unix:/tmp/leasehold-test-nobody.sock"])
        let calls = (0..<16).map { number in
            Task { () -> LeaseholdError? in
                do throws(LeaseholdError) {
                    _ = try await client.acquire("stop/pending/\(number)", ttl: .seconds(15), timeout: .seconds(3_600))
                    return nil
                } catch { return error }
            }
        }
        _ = try? await client.get("stop/pending", timeout: .milliseconds(20))
        await client.stop(within: .seconds(3_600))
        for call in calls { #expect(await call.value == .notDone(.stopped)) }
    }
}

extension LeaseClient {
    /// Runs a client that has ended: that ends at once too.
    func runIsOver() async throws { try await run() }
}
