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
        let before = world.network.dials.count
        world.run(for: .seconds(4))
        let dials = world.network.dials.count - before
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
