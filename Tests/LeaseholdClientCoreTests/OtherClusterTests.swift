import LeaseMachine
import LeaseholdBase
import LeaseholdClientCore
import LeaseholdWire
import Testing

/// Clients whose cluster is gone, and another one at its addresses.
@Suite struct OtherClusterTests {
    private static let other = ClusterID(high: 9, low: 9)
    private static let third = ClusterID(high: 5, low: 5)

    /// What answers at an address.
    enum Node {
        case down
        case names(ClusterID)
        case unborn
    }

    /// Nodes at three addresses that say whose they are, and nothing else unless the test lets them.
    struct World {
        var rig: Rig
        var nodes: [Node]
        var links: [ConnectionID: Int] = [:]
        var hellos: [ClientHello] = []

        init(_ nodes: [Node], _ adjust: (inout ClientConfiguration) -> Void = { _ in }) {
            rig = Rig(adjust)
            self.nodes = nodes
        }

        /// Goes on for so long, in which every dial and greeting is answered at once.
        mutating func run(_ time: Nanoseconds) {
            let end = rig.now + time
            rig.turn()
            while true {
                greet()
                guard rig.core.deadline < end else { break }
                rig.now = max(rig.now + Nanoseconds(1), rig.core.deadline)
                rig.turn()
            }
            rig.now = end
            rig.turn()
            greet()
        }

        /// Every connection of now ends.
        mutating func cut() {
            for connection in links.keys.sorted(by: { $0.rawValue < $1.rawValue }) {
                rig.core.closed(connection, now: rig.now)
            }
            links = [:]
            rig.turn()
        }

        private mutating func greet() {
            while !rig.dials.isEmpty {
                let dials = rig.dials
                rig.dials.removeAll()
                for dial in dials { answer(dial.id, Rig.addresses.firstIndex(of: dial.address) ?? 0) }
                for ping in rig.takePings() { rig.pong(ping, leader: nil) }
            }
        }

        private mutating func answer(_ dial: EndpointID, _ node: Int) {
            if case .down = nodes[node] { return rig.core.dialFailed(dial, now: rig.now) }
            rig.connections += 1
            let connection = ConnectionID(rig.connections)
            rig.core.connected(dial, connection, now: rig.now)
            rig.turn()
            guard case .hello(let hello)? = rig.frames.last(where: { $0.connection == connection })?.frame else {
                Issue.record("it does not greet")
                return
            }
            hellos.append(hello)
            var own = ClusterID.unborn
            if case .names(let cluster) = nodes[node] { own = cluster }
            if hello.cluster == .unborn || hello.cluster == own {
                links[connection] = node
                rig.welcome(connection, node: UInt64(node + 1), leader: 1, cluster: own)
            } else {
                var bytes: [UInt8] = []
                ConnectionErrorMessage(code: .wrongCluster, message: "of another").encodeFrame(into: &bytes)
                rig.receive(connection, bytes)
            }
        }
    }

    private static func isChange(_ change: (from: ClusterID, to: ClusterID)) -> Bool {
        change == (Rig.cluster, other)
    }

    /// A client that has met its cluster, which is replaced by what is said.
    private func client(_ then: [Node], _ adjust: (inout ClientConfiguration) -> Void = { _ in }) -> World {
        var world = World([.names(Rig.cluster), .names(Rig.cluster), .names(Rig.cluster)]) {
            $0.connectsEagerly = true
            adjust(&$0)
        }
        world.run(.seconds(1))
        #expect(world.rig.core.cluster == Rig.cluster)
        world.nodes = then
        world.cut()
        return world
    }

    @Test func whoHoldsNothingGoesOverWhenEverybodyNamesTheSameOtherCluster() throws {
        var world = client([.names(Self.other), .names(Self.other), .down])
        world.run(.seconds(9))
        #expect(world.rig.core.cluster == Rig.cluster && world.rig.clusters.isEmpty)
        world.run(.seconds(4))
        #expect(world.rig.core.cluster == Self.other && world.rig.clusters.count == 1)
        #expect(world.rig.clusters.allSatisfy(Self.isChange))
        // And works there.
        _ = try world.rig.acquire()
        world.run(.milliseconds(10))
        #expect(world.rig.takeRequests().last?.command != nil)
    }

    @Test(arguments: [
        [Node.names(other), .names(Rig.cluster), .down], [.names(other), .names(third), .down],
        [.names(other), .names(third), .names(other)], [.down, .down, .down], [.unborn, .down, .unborn],
    ])
    func nobodyGoesOverWhileSomebodyNamesAnother(nodes: [Node]) {
        var world = client(nodes)
        world.run(.seconds(120))
        #expect(world.rig.core.cluster == Rig.cluster && world.rig.clusters.isEmpty)
    }

    /// A node that waits to be taken in belongs to no cluster: that no leader is there is the trouble.
    @Test(arguments: [
        ([Node.unborn, .down, .down], nil), ([.unborn, .unborn, .unborn], nil),
        ([.names(other), .unborn, .down], ConnectionErrorCode.wrongCluster),
    ])
    func aNodeOfNoClusterYetIsNotOfAnother(nodes: [Node], reason: ConnectionErrorCode?) throws {
        var world = client(nodes)
        _ = try world.rig.core.get(name: "a", timeout: .seconds(5), now: world.rig.now)
        world.run(.seconds(6))
        #expect(world.rig.results.map(\.result) == [.notDone(.unreachable(reason))])
    }

    @Test func aConfiguredClusterIsNeverLeft() throws {
        var world = client([.names(Self.other), .names(Self.other), .names(Self.other)]) { $0.cluster = Rig.cluster }
        _ = try world.rig.acquire(timeout: .seconds(60))
        world.run(.seconds(120))
        #expect(world.rig.core.cluster == Rig.cluster && world.rig.clusters.isEmpty)
        #expect(world.hellos.allSatisfy { $0.cluster == Rig.cluster })
        #expect(world.rig.results.map(\.result) == [.notDone(.unreachable(.wrongCluster))])
    }

    /// One node of the old cluster that is reached for a moment is enough to begin anew.
    @Test func theOldClusterHasOnlyToBeSeenOnce() {
        var world = client([.names(Self.other), .down, .down])
        world.run(.seconds(8))
        world.nodes[1] = .names(Rig.cluster)
        world.run(.seconds(2))
        world.nodes[1] = .down
        world.cut()
        world.run(.seconds(8))
        #expect(world.rig.core.cluster == Rig.cluster)
        world.run(.seconds(5))
        #expect(world.rig.core.cluster == Self.other)
    }

    @Test func aTenureEndsAsUsualBeforeAnythingElse() throws {
        var world = client([.names(Rig.cluster), .down, .down])
        world.run(.seconds(3))
        _ = try world.rig.acquire(ttl: .seconds(30))
        world.run(.milliseconds(1))
        let request = try #require(world.rig.takeRequests().last)
        world.rig.answer(
            request, .acquired(claim: ClaimID(10), .holding(token: FencingToken(10), validFor: .seconds(30))))
        guard case .done(.acquired(let acquired))? = world.rig.results.last?.result else { return }
        let lease = try #require(acquired.lease)
        world.nodes = [.names(Self.other), .names(Self.other), .names(Self.other)]
        world.cut()
        while world.rig.now < acquired.heldUntil - .milliseconds(100) {
            world.run(.milliseconds(50))
            #expect(world.rig.core.holds(lease, at: world.rig.now) && world.rig.core.cluster == Rig.cluster)
        }
        // No renewal goes to another cluster.
        #expect(world.rig.takeRequests().isEmpty)
        world.run(.seconds(3))
        #expect(world.rig.losses(of: lease) == [.expiredLocally] && world.rig.core.cluster == Self.other)
        #expect(world.rig.core.keptLeases == 0)
    }

    /// The core keeps no lease of these; whoever asked believes in them.
    @Test func aClaimThatTheCallerLooksAfterBindsToo() throws {
        var world = client([.names(Rig.cluster), .down, .down])
        world.run(.seconds(3))
        _ = try world.rig.acquire(ttl: .seconds(30), keep: false)
        world.run(.milliseconds(1))
        let request = try #require(world.rig.takeRequests().last)
        world.rig.answer(
            request, .acquired(claim: ClaimID(10), .holding(token: FencingToken(10), validFor: .seconds(30))))
        world.nodes = [.names(Self.other), .names(Self.other), .names(Self.other)]
        world.cut()
        world.run(.seconds(28))
        #expect(world.rig.core.cluster == Rig.cluster)
        world.run(.seconds(5))
        #expect(world.rig.core.cluster == Self.other)
    }

    @Test func requestsFromBeforeAreSettledByWhatMayHaveComeOfThem() throws {
        var world = client([.names(Rig.cluster), .down, .down])
        world.run(.seconds(3))
        let long = Nanoseconds.seconds(60)
        let now = world.rig.now
        // One that was sent, and whose answer is lost.
        let lost = try world.rig.acquire("jobs/lost", timeout: long)
        #expect(world.rig.takeRequests().count == 1)
        world.nodes = [.names(Self.other), .names(Self.other), .names(Self.other)]
        world.cut()
        // Those that are asked for when nobody is there any more.
        let claim = ClaimReference(claim: ClaimID(10), name: "jobs/b")
        let acquire = try world.rig.acquire("jobs/new", timeout: long)
        let renew = try world.rig.core.renew([Renewal(claim: ClaimID(10), name: "jobs/b")], timeout: long, now: now)
        let release = try world.rig.core.release(claim, timeout: long, now: now)
        let update = try world.rig.core.update(Update(claim: claim, value: []), timeout: long, now: now)
        let settings = try world.rig.core.changeSettings([], timeout: long, now: now)
        let get = try world.rig.core.get(name: "jobs/c", timeout: long, now: now)
        world.run(.seconds(14))
        #expect(world.rig.core.cluster == Self.other)
        func result(_ request: RequestHandle) -> RequestResult? {
            world.rig.results.first { $0.request == request }?.result
        }
        #expect(result(lost) == .unknown)
        for request in [renew, release, update] { #expect(result(request) == .notDone(.declined(.ended(.restored)))) }
        #expect(result(settings) == .notDone(.unreachable(.wrongCluster)))
        // The others go on, and nothing undoes here what was asked there.
        let sent = world.rig.takeRequests()
        #expect(result(acquire) == nil && result(get) == nil)
        #expect(Set(sent.map(\.operation)) == [.command, .get])
        for request in sent {
            guard let command = request.command else { continue }
            guard case .acquire(let head, let wanted) = command else {
                Issue.record("\(command)")
                continue
            }
            // Its newest log time is of this cluster's log.
            #expect(wanted.name == "jobs/new" && head.newestSeen == LogTime(5_000))
        }
        #expect(world.rig.core.requestsUnderWay == 2)
    }

    /// A release that its owner asks for later names a claim of the cluster before: it does not go to this one.
    @Test func aTenureOfTheClusterBeforeIsNotGivenBackToThisOne() throws {
        final class Held: KeptTenure {
            let lease: LeaseHandle
            let facts: HeldLease
            init(_ lease: LeaseHandle, _ facts: HeldLease) { (self.lease, self.facts) = (lease, facts) }
            func judge<Answer>(_ body: (inout TenureBelief, SteadyTime) -> Answer) -> Answer {
                var belief = TenureBelief(heldUntil: facts.heldUntil, now: .zero)
                return body(&belief, .zero)
            }
        }
        var world = client([.names(Rig.cluster), .down, .down])
        world.run(.seconds(3))
        _ = try world.rig.acquire(ttl: .seconds(5))
        world.run(.milliseconds(1))
        let request = try #require(world.rig.takeRequests().last)
        world.rig.answer(
            request, .acquired(claim: ClaimID(10), .holding(token: FencingToken(10), validFor: .seconds(5))))
        guard case .done(.acquired(let acquired))? = world.rig.results.last?.result, let lease = acquired.lease else {
            Issue.record("not granted")
            return
        }
        let facts = try #require(world.rig.core.lease(lease))
        var tenures = Tenures<Held>()
        let tenure = Held(lease, facts)
        #expect(tenures.begin(tenure, isGivenUp: false, &world.rig.core, now: world.rig.now))
        world.nodes = [.names(Self.other), .names(Self.other), .names(Self.other)]
        world.cut()
        world.run(.seconds(20))
        #expect(world.rig.core.cluster == Self.other)
        let now = world.rig.now
        #expect(throws: SubmissionError.invalid(.ended(.restored))) {
            _ = try tenures.release(tenure, timeout: nil, &world.rig.core, now: now)
        }
        #expect(world.rig.core.requestsUnderWay == 0)
    }

    /// With nothing to do a client does not ask for ever whose its endpoints are.
    @Test func whoHasNothingToDoComesToRest() throws {
        var world = World([.names(Rig.cluster), .names(Rig.cluster), .names(Rig.cluster)])
        _ = try world.rig.core.get(name: "a", timeout: .seconds(1), now: world.rig.now)
        world.run(.seconds(2))
        world.nodes = [.names(Self.other), .names(Self.third), .down]
        world.cut()
        _ = try world.rig.core.get(name: "a", timeout: .seconds(1), now: world.rig.now)
        world.run(.seconds(60))
        #expect(world.rig.core.cluster == Rig.cluster)
        let before = world.hellos.count
        world.run(.seconds(60))
        #expect(world.hellos.count == before)
        // One cluster only: the next request, though short itself, brings it about.
        world.nodes[1] = .names(Self.other)
        _ = try world.rig.core.get(name: "a", timeout: .seconds(1), now: world.rig.now)
        world.run(.seconds(15))
        #expect(world.rig.core.cluster == Self.other)
    }
}
