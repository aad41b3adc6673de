import LeaseholdBase
import LeaseholdReplica
import Testing

@testable import Simulator

/// How the ends of connections are told, and how they come about.
@Suite struct ConnectionTests {
    /// A world with a leader that has open links to both others, and one of those.
    private func world(_ seed: UInt64, _ plan: (inout Plan) -> Void = { _ in }) -> (World, SimulatedNode, SimulatedNode)
    {
        var drawn = Plan(seed: seed)
        plan(&drawn)
        let world = World(drawn)
        world.startAll()
        let isReady = world.run(for: .seconds(10)) {
            world.nodes.contains { $0.replica?.isLeader == true && $0.replica?.openLinks.count == 2 }
        }
        #expect(isReady)
        let leader = world.nodes.first { $0.replica?.isLeader == true } ?? world.nodes[0]
        let follower = world.nodes.first { $0.id != leader.id } ?? world.nodes[1]
        world.run(for: .seconds(1))
        return (world, leader, follower)
    }

    private func isLinked(_ node: SimulatedNode, to other: SimulatedNode) -> Bool {
        node.replica?.openLinks.contains(other.id) == true
    }

    @Test func theEndOfAProcessIsToldAtOnce() {
        let (world, leader, follower) = world(21)
        world.crash(follower, losingPower: false)
        #expect(world.run(for: .milliseconds(100)) { !isLinked(leader, to: follower) })
        #expect(world.violations == [])
    }

    @Test func aLossOfPowerIsToldToNobody() {
        let (world, leader, follower) = world(22)
        world.crash(follower, losingPower: true)
        world.run(for: .milliseconds(900))
        #expect(isLinked(leader, to: follower))
        // Until the leader asks for a sign of life, and none comes.
        #expect(world.run(for: .seconds(2)) { !isLinked(leader, to: follower) })
        #expect(world.violations == [])
    }

    @Test func aMachineThatHasStartedAnewEndsOldConnections() {
        let (world, leader, follower) = world(23)
        world.crash(follower, losingPower: true)
        world.run(for: .milliseconds(300))
        #expect(isLinked(leader, to: follower))
        world.start(follower)
        #expect(world.run(for: .milliseconds(600)) { !isLinked(leader, to: follower) })
        #expect(world.run(for: .seconds(2)) { isLinked(leader, to: follower) && isLinked(follower, to: leader) })
        #expect(world.violations == [])
    }

    /// A dial to a machine without power is answered by nobody; one to a machine where nobody listens is refused.
    @Test(arguments: [true, false]) func dialsAreRefusedByMachinesThatAreThere(losesPower: Bool) {
        let (world, _, follower) = world(24)
        world.crash(follower, losingPower: losesPower)
        world.run(for: .seconds(3))
        let before = world.network.dials.asked
        world.run(for: .seconds(4))
        let dials = world.network.dials.asked - before
        if losesPower { #expect(dials <= 4) } else { #expect(dials > 10) }
        #expect(world.violations == [])
    }

    @Test(arguments: [FaultKind.suspension, .pause]) func whatIsSentToAMachineThatStandsStillComesLater(kind: FaultKind)
    {
        let (world, leader, follower) = world(25) { plan in
            plan.faults = [
                Fault(number: 1, kind: kind, at: 4_000, lasts: 900, target: .follower(0), strength: 0)
            ]
        }
        guard world.now < 4_000_000_000 else { return }
        world.run(for: .milliseconds(4_000 - Int64(world.now / 1_000_000) + 1_500))
        // Too short for anybody to give the connection up: nothing is lost.
        #expect(world.nodes.allSatisfy { $0.id == leader.id || isLinked(leader, to: $0) })
        #expect(world.figures.packetsLost == 0 && follower.isUp)
        #expect(world.violations == [])
    }

    /// Faults of odd number keep what is sent, those of even number lose it.
    @Test(arguments: [1, 2]) func aSplitLosesOrKeeps(number: Int) {
        let (world, _, _) = world(26) { plan in
            plan.faults = [
                Fault(number: number, kind: .split, at: 4_000, lasts: 400, target: .places([0]), strength: 0)
            ]
        }
        guard world.now < 4_000_000_000 else { return }
        world.run(for: .milliseconds(4_000 - Int64(world.now / 1_000_000) + 3_000))
        #expect((world.figures.packetsLost == 0) == (number == 1))
        #expect(world.violations == [])
    }
}

/// What waits on connections whose other side does not read.
@Suite struct FlowTests {
    private func world(_ systemBytes: Int, _ queueBytes: Int) -> (World, SimulatedNode, SimulatedNode) {
        var plan = Plan(seed: 27)
        plan.network.systemBytes = systemBytes
        plan.network.queueBytes = queueBytes
        let world = World(plan)
        world.startAll()
        world.run(for: .seconds(10)) { world.nodes.contains { $0.replica?.isLeader == true } }
        world.run(for: .seconds(1))
        let leader = world.nodes.first { $0.replica?.isLeader == true } ?? world.nodes[0]
        return (world, leader, world.nodes.first { $0.id != leader.id } ?? world.nodes[1])
    }

    /// The bytes that wait on one side of each connection of a process.
    private func waiting(_ world: World, _ process: Int) -> [Int] {
        world.network.slots[process].compactMap { slot in
            slot.map { world.network.links[$0.link].sides[$0.side].output.count }
        }
    }

    @Test func whatASystemDoesNotTakeWaitsAndIsSentWhenItDoes() {
        let (world, leader, follower) = world(512, 1 << 20)
        world.pause(follower, for: .milliseconds(900))
        world.run(for: .milliseconds(800))
        #expect(world.figures.shortWrites > 0)
        #expect(waiting(world, leader.place).contains { $0 > 0 })
        #expect(world.run(for: .seconds(2)) { waiting(world, leader.place).allSatisfy { $0 == 0 } })
        #expect(world.figures.overflows == 0 && leader.replica?.openLinks.count == 2)
        #expect(world.violations == [])
    }

    @Test func aSideThatDoesNotReadIsGivenUp() {
        let (world, _, follower) = world(256, 1_024)
        world.pause(follower, for: .milliseconds(1_400))
        world.run(for: .milliseconds(1_300))
        #expect(world.figures.overflows > 0)
        #expect(world.run(for: .seconds(5)) { follower.replica?.openLinks.count == 2 })
        #expect(world.violations == [])
    }

    /// Whoever is held back reads again when most of what it had to send is gone, and loses nothing.
    @Test func whatIsNotReadComesLater() {
        let world = World(Plan(seed: 28))
        let (one, other) = (world.nodes[0], world.nodes[1])
        world.startAll()
        world.run(for: .seconds(2)) { one.replica?.openLinks.contains(other.id) == true }
        guard let slot = world.network.slots[0].firstIndex(where: { $0 != nil }),
            let entry = world.network.slots[0][slot]
        else { return #expect(Bool(false), "there is a connection") }
        let connection = world.network.links[entry.link].sides[entry.side].connection
        world.network.links[entry.link].sides[entry.side].flow.wrote(leaving: 3 << 20)
        #expect(world.read(0, connection, [1, 2], unconsumed: 0) == nil)
        #expect(world.read(0, connection, [3], unconsumed: 0) == nil)
        world.network.links[entry.link].sides[entry.side].flow.wrote(leaving: 0)
        #expect(world.read(0, connection, [], unconsumed: 0) == [1, 2, 3])
    }
}

@Suite struct FaultTimeTests {
    /// Nobody leads when the fault is to begin: it strikes the first leader.
    @Test func aFaultOfTheLeaderWaitsForOne() {
        var plan = Plan(seed: 29)
        plan.faults = [Fault(number: 1, kind: .crash, at: 0, lasts: 500, target: .leader)]
        let world = World(plan)
        world.startAll()
        world.run(for: .milliseconds(10))
        #expect(world.figures.faults == 0)
        #expect(world.run(for: .seconds(3)) { world.figures.faults == 1 })
        #expect(world.violations == [])
    }
}
