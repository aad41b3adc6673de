import LeaseMachine
import LeaseholdBase
import LeaseholdClientCore
import LeaseholdWire
import Testing

@Suite struct LeaderTests {
    /// A client whose first node is the only one configured, so that tests know which is dialed.
    private func alone(_ adjust: (inout ClientConfiguration) -> Void = { _ in }) -> Rig {
        Rig(endpoints: ["n1:7401"], adjust)
    }

    @Test func aFollowerSendsTheClientStraightToTheLeader() throws {
        var rig = alone()
        _ = try rig.acquire()
        let follower = rig.accept("n1:7401")
        rig.welcome(try #require(follower), node: 1, leader: 2)
        #expect(rig.requests.isEmpty)
        #expect(rig.dials.map(\.address) == ["n1:7401", "n2:7402"])
        let leader = rig.accept("n2:7402")
        rig.welcome(try #require(leader), node: 2, leader: 2)
        #expect(rig.requests.map(\.connection) == [leader])
    }

    @Test func notLeaderMovesARequestOnWithoutCharge() throws {
        var rig = alone { $0.retryReserve = 1 }
        _ = try rig.acquire()
        let first = rig.accept("n1:7401")
        rig.welcome(try #require(first), node: 1, leader: 1)
        let asked = try #require(rig.requests.first)
        rig.notLeader(asked, 2, term: 2)
        let second = rig.accept("n2:7402")
        rig.welcome(try #require(second), node: 2, leader: 2, term: 2)
        #expect(rig.requests.count == 2 && rig.requests.last?.connection == second)
        #expect(rig.requests.last?.body == asked.body)
        #expect(rig.core.counts.retries == 0)
    }

    @Test func nothingIsSentToNodesThatDoNotLead() throws {
        var rig = Rig()
        for number in 0..<20 { _ = try rig.core.get(name: "jobs/\(number)", timeout: .seconds(2), now: rig.now) }
        rig.turn()
        var pings = 0
        var known: Set<String> = []
        let end = rig.now + .seconds(2)
        while rig.now < end {
            for dial in rig.dials where known.insert(dial.address).inserted {
                if let connection = rig.accept(dial.address) {
                    rig.welcome(connection, node: UInt64(known.count), leader: nil)
                }
            }
            for ping in rig.takePings() {
                pings += 1
                rig.pong(ping, leader: nil)
            }
            rig.run(.milliseconds(10))
        }
        // Twenty requests cost an election a few questions, not twenty tries a node.
        #expect(rig.requests.isEmpty && pings > 10 && pings < 200)
        #expect(rig.results.count == 20)
        for (_, result) in rig.results { #expect(result == .notDone(.unreachable(nil))) }
    }

    @Test func aNoticeOfTheNewLeaderIsFollowedAtOnce() throws {
        var rig = Rig()
        _ = try rig.acquire()
        rig.turn()
        let address = try #require(rig.dials.first?.address)
        let first = rig.accept(address)
        let node = UInt64((Rig.addresses.firstIndex(of: address) ?? 0) + 1)
        rig.welcome(try #require(first), node: node, leader: nil)
        #expect(rig.requests.isEmpty)
        var bytes: [UInt8] = []
        LeaderNotice(leader: Rig.hint(node, 4)).encodeFrame(into: &bytes)
        rig.receive(try #require(first), bytes)
        #expect(rig.requests.map(\.connection) == [first])
    }

    @Test func aDeposedLeaderThatGoesOnDoesNotWinTheClientBack() throws {
        var rig = Rig()
        _ = try rig.acquire()
        let connection = rig.lead()
        let old = UInt64((Rig.addresses.firstIndex(of: rig.dials[0].address) ?? 0) + 1)
        let new = old % 3 + 1
        rig.notLeader(rig.requests[0], new, term: 5)
        let next = rig.accept(Rig.addresses[Int(new) - 1])
        rig.welcome(try #require(next), node: new, leader: new, term: 5)
        #expect(rig.requests.last?.connection == next)
        var bytes: [UInt8] = []
        LeaderNotice(leader: Rig.hint(old, 4)).encodeFrame(into: &bytes)
        rig.receive(connection, bytes)
        _ = try rig.acquire("jobs/b")
        #expect(rig.requests.last?.connection == next)
    }

    @Test func aKilledLeaderIsReplacedByAskingTheOthers() throws {
        var rig = Rig()
        _ = try rig.acquire()
        let connection = rig.lead()
        let first = try #require(rig.requests.first)
        let killedAt = rig.now
        rig.core.closed(connection, now: rig.now)
        rig.turn()
        let dead = rig.dials[0].address
        var known: Set<String> = [dead]
        // The others elect one of them after 100 ms.
        while rig.requests.count < 2, rig.now < killedAt + .seconds(1) {
            for dial in rig.dials {
                if dial.address == dead {
                    rig.core.dialFailed(dial.id, now: rig.now)
                } else if known.insert(dial.address).inserted, let next = rig.accept(dial.address) {
                    let node = UInt64((Rig.addresses.firstIndex(of: dial.address) ?? 0) + 1)
                    rig.welcome(next, node: node, leader: nil)
                }
            }
            for ping in rig.takePings() {
                let elected = rig.now >= killedAt + .milliseconds(100)
                rig.pong(ping, leader: elected ? leaderOtherThan(dead) : nil, term: elected ? 2 : 1)
            }
            rig.run(.milliseconds(1))
        }
        #expect(rig.requests.last?.body == first.body)
        #expect(rig.now <= killedAt + .milliseconds(300))
        #expect(rig.core.counts.attempts == 2)
    }

    private func leaderOtherThan(_ address: String) -> UInt64 {
        UInt64(((Rig.addresses.firstIndex(of: address) ?? 0) + 1) % 3 + 1)
    }

    @Test func aSecondNodeIsDialedWhenTheFirstDoesNotAnswer() throws {
        var rig = Rig()
        _ = try rig.acquire()
        #expect(rig.dials.count == 1)
        rig.run(.milliseconds(100))
        #expect(rig.dials.count == 2 && Set(rig.dials.map(\.address)).count == 2)
        rig.run(.milliseconds(900))
        #expect(rig.abandoned.contains(rig.dials[0].id))
    }

    @Test func aReportOfAnOlderDialIsNotTakenForTheNewOne() throws {
        var rig = alone()
        _ = try rig.acquire()
        let old = rig.dials[0].id
        rig.run(.seconds(3))
        #expect(rig.abandoned.first == old && rig.dials.count > 1)
        rig.core.connected(old, ConnectionID(99), now: rig.now)
        rig.turn()
        #expect(rig.closed == [ConnectionID(99)])
        let frames = rig.frames.filter { $0.connection == ConnectionID(99) }
        #expect(frames.isEmpty)
        rig.core.dialFailed(old, now: rig.now)
        rig.turn()
    }

    @Test func dialsOfADeadNodeComeLessAndLessOften() throws {
        var rig = alone()
        _ = try rig.acquire(timeout: .seconds(20))
        let end = rig.now + .seconds(10)
        var failed = 0
        while rig.now < end {
            while failed < rig.dials.count {
                rig.core.dialFailed(rig.dials[failed].id, now: rig.now)
                failed += 1
            }
            rig.turn()
            rig.run(.milliseconds(5))
        }
        #expect(failed > 10 && failed < 60)
    }

    @Test func anotherClusterIsNotTalkedTo() throws {
        var rig = alone { $0.cluster = ClusterID(high: 9, low: 9) }
        _ = try rig.acquire(timeout: .seconds(1))
        let connection = rig.accept("n1:7401")
        rig.welcome(try #require(connection), node: 1, leader: 1)
        #expect(rig.closed == [connection] && rig.requests.isEmpty)
        rig.run(.seconds(2))
        #expect(rig.results.map(\.result) == [.notDone(.unreachable(.wrongCluster))])
    }

    @Test func badBytesEndTheConnectionAndLoseNothing() throws {
        var rig = alone()
        _ = try rig.acquire()
        let connection = rig.accept("n1:7401")
        rig.welcome(try #require(connection), node: 1, leader: 1)
        let first = try #require(rig.requests.first)
        rig.receive(try #require(connection), [0, 0, 0, 0, 1, 2, 3, 4])
        #expect(rig.closed == [connection] && rig.core.counts.protocolErrors == 1)
        rig.run(.milliseconds(30))
        let again = rig.accept("n1:7401")
        rig.welcome(try #require(again), node: 1, leader: 1)
        rig.run(.milliseconds(30))
        #expect(rig.requests.last?.body == first.body && rig.requests.last?.connection == again)
    }

    @Test func anAnswerOfTheWrongKindIsAnError() throws {
        var rig = alone()
        _ = try rig.core.get(name: "a", now: rig.now)
        rig.turn()
        let connection = rig.accept("n1:7401")
        rig.welcome(try #require(connection), node: 1, leader: 1)
        let request = try #require(rig.requests.first)
        var body: [UInt8] = []
        ReadPreface(index: LogIndex(1)).encode(into: &body)
        LeasePage(leases: [], hasMore: false, index: LogIndex(1)).encode(into: &body)
        var bytes: [UInt8] = []
        rig.head(request, .page).encodeFrame(body: body.span.bytes, into: &bytes)
        rig.receive(try #require(connection), bytes)
        #expect(rig.closed == [connection] && rig.results.isEmpty)
    }

    @Test func aPartOfAFrameIsLeftUntilItsRestComes() throws {
        var rig = alone()
        _ = try rig.acquire()
        let accepted = rig.accept("n1:7401")
        let connection = try #require(accepted)
        var bytes: [UInt8] = []
        Welcome(cluster: Rig.cluster, node: NodeID(1), logTime: LogTime(1), leader: Rig.hint(1))
            .encodeFrame(into: &bytes)
        for count in 0..<bytes.count {
            let part = Array(bytes.prefix(count))
            let consumed = rig.core.received(connection, part.span.bytes, now: rig.now)
            #expect(consumed == 0)
        }
        rig.receive(connection, bytes)
        #expect(rig.requests.count == 1)
    }

    @Test func anEndpointThatDoesNotAnswerIsLeftAloneAndProbed() throws {
        var rig = alone { $0.attemptTimeout = .milliseconds(100) }
        for number in 0..<5 { _ = try rig.core.get(name: "jobs/\(number)", timeout: .seconds(60), now: rig.now) }
        rig.turn()
        let connection = rig.accept("n1:7401")
        rig.welcome(try #require(connection), node: 1, leader: 1)
        #expect(rig.requests.count == 5)
        let end = rig.now + .seconds(3)
        // It answers pings and nothing else.
        while rig.now < end {
            for ping in rig.takePings() { rig.pong(ping, leader: 1) }
            rig.run(.milliseconds(5))
        }
        // At most one probe a rest; without the breaker there would be some hundred tries.
        #expect(rig.requests.count > 5 && rig.requests.count < 25)
        // What must not wait goes out all the same.
        let before = rig.requests.count
        _ = try rig.core.release(ClaimReference(claim: ClaimID(4)), now: rig.now)
        rig.turn()
        #expect(rig.requests.count == before + 1)
        // One answer closes the breaker.
        let probe = try #require(rig.requests.last)
        rig.answer(probe, .released(claim: ClaimID(4), .released))
        for ping in rig.takePings() { rig.pong(ping, leader: 1) }
        rig.run(.milliseconds(700))
        for ping in rig.takePings() { rig.pong(ping, leader: 1) }
        #expect(rig.requests.count >= before + 6)
    }

    @Test func retriesAreATenthOfTheOfferedLoadAndATrickle() throws {
        var rig = alone { $0.retryReserve = 10 }
        let total = 500
        var offered = 0
        _ = try rig.core.get(name: "a", timeout: .seconds(60), now: rig.now)
        rig.turn()
        let connection = rig.accept("n1:7401")
        rig.welcome(try #require(connection), node: 1, leader: 1)
        // Every try is refused; a new request comes every 10 ms for 5 s.
        while offered < total {
            offered += 1
            _ = try rig.core.get(name: "a", timeout: .seconds(60), now: rig.now)
            rig.turn()
            for request in rig.takeRequests() { rig.refuse(request, Refusal(.overloaded)) }
            rig.run(.milliseconds(10))
        }
        #expect(rig.core.counts.retries <= 10 + total / 10 + 6)
        #expect(rig.core.counts.retries > total / 20)
    }

    @Test func whatMustNotWaitIsTriedAtOtherNodesWhileNobodyLeads() throws {
        var rig = Rig { $0.attemptTimeout = .milliseconds(200) }
        _ = try rig.core.release(ClaimReference(claim: ClaimID(4)), timeout: .seconds(5), now: rig.now)
        rig.turn()
        var known: Set<String> = []
        let end = rig.now + .seconds(3)
        while rig.now < end {
            for dial in rig.dials where known.insert(dial.address).inserted {
                if let connection = rig.accept(dial.address) {
                    rig.welcome(connection, node: UInt64(known.count), leader: nil)
                }
            }
            for ping in rig.takePings() { rig.pong(ping, leader: nil) }
            rig.run(.milliseconds(10))
        }
        #expect(Set(rig.requests.map(\.connection)).count == 3)
    }

    @Test func aStaleReadIsAnsweredByAnyNode() throws {
        var rig = alone()
        _ = try rig.core.get(name: "a", stale: true, now: rig.now)
        rig.turn()
        let connection = rig.accept("n1:7401")
        rig.welcome(try #require(connection), node: 1, leader: nil)
        #expect(rig.requests.count == 1)
    }

    @Test func endpointsAreBounded() throws {
        var rig = alone()
        _ = try rig.acquire(timeout: .seconds(3_600))
        let accepted = rig.accept("n1:7401")
        let connection = try #require(accepted)
        rig.welcome(connection, node: 1, leader: nil)
        for node in UInt64(10)..<200 {
            var bytes: [UInt8] = []
            LeaderNotice(leader: Rig.hint(node, node)).encodeFrame(into: &bytes)
            rig.receive(connection, bytes)
            if let dial = rig.dials.last { rig.core.dialFailed(dial.id, now: rig.now) }
            rig.turn()
        }
        #expect(Set(rig.dials.map(\.address)).count > 100)
        #expect(rig.core.knownAddresses.count == ClientLimits.endpoints)
        #expect(rig.core.knownAddresses.first == "n1:7401")
    }
}
