import Leasehold
import LeaseholdSystem
import Testing

/// Calls against a real node over a real socket.
@Suite struct CallTests {
    @Test func aLeaseIsAcquiredReadAndGivenBack() async throws {
        let client = try SharedNode.client()
        let lease = try await client.acquire("calls/round-trip", ttl: .seconds(15), value: "10.0.0.1:80".utf8)
        #expect(lease.isHeld)
        #expect(lease.remaining > .zero)
        #expect(lease.remaining <= .seconds(15))
        try lease.checkpoint()

        let status = try await client.get("calls/round-trip")
        #expect(status.holders.map(\.token) == [lease.token])
        #expect(status.holders.map(\.text) == ["10.0.0.1:80"])
        #expect(status.holders.map(\.claim) == [lease.claim])
        #expect(status.readPoint.index >= lease.token.rawValue)

        #expect(try await lease.release() == .released)
        #expect(!lease.isHeld)
        #expect(lease.remaining == .zero)
        #expect(try await client.get("calls/round-trip").isHeld == false)
        await client.stop()
    }

    @Test func whoHoldsALeaseIsSaidToOthers() async throws {
        let (first, second) = (try SharedNode.client(), try SharedNode.client())
        let lease = try await first.acquire("calls/held", ttl: .seconds(15))
        do {
            _ = try await second.acquire("calls/held", ttl: .seconds(15))
            Issue.record("two hold it")
        } catch .refused(.held(let other)) {
            #expect(other.name == "calls/held")
            #expect(other.token == lease.token)
            #expect(other.holder == LeaseClient.Configuration(endpoints: []).holder)
            #expect(other.remaining > .zero)
        }
        try await lease.release()
        let next = try await second.acquire("calls/held", ttl: .seconds(15))
        #expect(next.token > lease.token)
        await first.stop()
        await second.stop()
    }

    @Test(arguments: [
        ("", 15, 0, "name_invalid"), ("a\nb", 15, 0, "name_invalid"),
        (String(repeating: "n", count: 256), 15, 0, "name_invalid"), ("calls/ttl", 0, 0, "ttl_out_of_range"),
        ("calls/ttl", 100_000, 0, "ttl_out_of_range"), ("calls/value", 15, 4_097, "value_too_long"),
    ])
    func whatBreaksALimitIsRefusedWithItsCode(name: String, ttl: Int, value: Int, code: String) async throws {
        let client = try SharedNode.client()
        let error = await #expect(throws: LeaseholdError.self) {
            _ = try await client.acquire(name, ttl: .seconds(ttl), value: [UInt8](repeating: 1, count: value))
        }
        #expect(error?.code == code)
        #expect(error?.fate == .done)
        await client.stop()
    }

    @Test func aListGoesOnBehindTheLastNameOfAPage() async throws {
        let client = try SharedNode.client()
        for number in 1...5 { _ = try await client.acquire("calls/list/\(number)", ttl: .seconds(15)) }
        _ = try await client.acquire("calls/lisu", ttl: .seconds(15))
        var names: [String] = []
        var page = try await client.list(prefix: "calls/list/", limit: 2)
        #expect(page.leases.count == 2)
        while true {
            names += page.leases.map(\.name)
            guard page.hasMore, let last = page.leases.last else { break }
            page = try await client.list(prefix: "calls/list/", after: last.name, limit: 2)
        }
        #expect(names == (1...5).map { "calls/list/\($0)" })
        #expect(try await client.list(prefix: "calls/none/", freshness: .stale).leases.isEmpty)
        await client.stop()
    }

    @Test func aValueIsChangedForReadersAndNothingElse() async throws {
        let client = try SharedNode.client()
        let lease = try await client.acquire("calls/update", ttl: .seconds(15), value: "before".utf8)
        try await lease.update(value: "after".utf8)
        let holder = try #require(try await client.get("calls/update").holders.first)
        #expect(holder.text == "after")
        #expect(holder.token == lease.token)
        await #expect(throws: LeaseholdError.refused(.valueTooLong)) {
            try await lease.update(value: [UInt8](repeating: 0, count: 5_000))
        }
        try await lease.release()
        await #expect(throws: LeaseholdError.notDone(.lost(.released))) { try await lease.update(value: "late".utf8) }
        await client.stop()
    }

    @Test func whereNobodyAnswersNothingIsDone() async throws {
        let client = try LeaseClient(endpoints: ["unix:/tmp/leasehold-test-nobody.sock", "127.0.0.1:1"])
        await #expect(throws: LeaseholdError.notDone(.unreachable(nil))) {
            _ = try await client.acquire("calls/nobody", ttl: .seconds(15), timeout: .milliseconds(50))
        }
        await #expect(throws: LeaseholdError.notDone(.unreachable(nil))) {
            _ = try await client.get("calls/nobody", timeout: .milliseconds(50))
        }
        await client.stop()
    }

    @Test func noMoreCallsAreUnderWayThanTheClientMayHave() async throws {
        var configuration = LeaseClient.Configuration(endpoints: ["unix:/tmp/leasehold-test-nobody.sock"])
        configuration.callLimit = 2
        configuration.timeout = .milliseconds(200)
        let client = try LeaseClient(configuration: configuration)
        let failures = await withTaskGroup(of: LeaseholdError?.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    do throws(LeaseholdError) {
                        _ = try await client.get("calls/limit")
                        return nil
                    } catch { return error }
                }
            }
            return await group.reduce(into: []) { failures, failure in failures.append(failure) }
        }
        #expect(failures.count == 8)
        #expect(failures.contains(.notDone(.tooMany)))
        #expect(failures.contains(.notDone(.unreachable(nil))))
        await client.stop()
    }

    @Test func aConfigurationIsCheckedBeforeAnythingIsStarted() async throws {
        for name in ["", "7", String(repeating: "0", count: 32), "+" + String(repeating: "1", count: 31)] {
            var configuration = LeaseClient.Configuration(endpoints: ["127.0.0.1:1"])
            configuration.cluster = name
            let named = configuration
            #expect(throws: LeaseClient.ConfigurationError.clusterInvalid(name)) {
                try LeaseClient(configuration: named)
            }
        }
        #expect(throws: LeaseClient.ConfigurationError.noEndpoint) { try LeaseClient(endpoints: []) }
        #expect(throws: LeaseClient.ConfigurationError.endpointInvalid("nowhere")) {
            try LeaseClient(endpoints: ["127.0.0.1:7401", "nowhere"])
        }
        #expect(throws: LeaseClient.ConfigurationError.tooManyEndpoints(32)) {
            try LeaseClient(endpoints: (1...33).map { "127.0.0.1:\($0)" })
        }
    }

    @Test func manyTasksCallAtOnceAndEachGetsItsOwnAnswer() async throws {
        let client = try SharedNode.client()
        let answered = try await withThrowingTaskGroup(of: Int.self) { group in
            for task in 0..<64 {
                group.addTask {
                    var answered = 0
                    for round in 0..<25 {
                        let name = "calls/many/\(task)"
                        let lease = try await client.acquire(name, ttl: .seconds(30), value: "\(round)".utf8)
                        let status = try await client.get(name)
                        #expect(status.name == name)
                        #expect(status.holders.map(\.token) == [lease.token])
                        #expect(status.holders.map(\.text) == ["\(round)"])
                        if try await lease.release() == .released { answered += 1 }
                    }
                    return answered
                }
            }
            return try await group.reduce(0, +)
        }
        #expect(answered == 64 * 25)
        await client.stop()
    }
}
