import LeaseholdBase
import LeaseholdReplica
import Raft
import Testing

@testable import Simulator

/// What clients have to get done once all is healed, and how nodes are lost meanwhile.
@Suite struct ErrandTests {
    private func working(_ seed: UInt64) -> (World, SimulatedClient) {
        let world = World(Plan(seed: seed))
        world.startAll()
        let client = world.addClient()
        client.isBusy = false
        world.run(for: .seconds(2))
        return (world, client)
    }

    @Test(arguments: [true, false]) func aClientGetsEachThingDone(isGranted: Bool) {
        let (world, client) = working(1)
        client.run(Errand(of: client.label, isGranted: isGranted), world)
        #expect(world.run(for: .seconds(2)) { client.errand?.isOver == true })
        #expect(client.errand?.failure == nil && client.errand?.steps == [])
        #expect(client.tally.done == (isGranted ? 6 : 5) && client.isIdle && client.loose.isEmpty)
    }

    /// A call that is given up when its time is over is none that was done.
    @Test func aCallThatIsNotDoneIsAFailure() {
        let (world, client) = working(2)
        world.cut([client.place], Array(world.nodes.indices))
        client.run(Errand(of: client.label, isGranted: true), world)
        #expect(world.run(for: Errand.bound + .seconds(2)) { client.errand?.isOver == true })
        #expect(client.errand?.failure?.contains("look") == true)
    }

    /// However a node is lost to the others, they get on, and it comes back.
    @Test(arguments: Severance.allCases) func aNodeIsLostAndComesBack(way: Severance) throws {
        let (world, client) = working(3)
        let lost = try #require(world.nodes.first { $0.running?.replica.isLeader == true })
        world.sever(lost, way, for: .seconds(5), isForGood: false)
        world.run(for: .seconds(5))
        world.mend([lost])
        client.run(Errand(of: client.label, isGranted: true), world)
        #expect(world.run(for: .seconds(10)) { client.errand?.isOver == true })
        #expect(client.errand?.failure == nil && world.violations == [])
        let together = world.run(for: .seconds(10)) {
            world.nodes.allSatisfy { $0.running?.replica.appliedIndex == world.checks.committed }
        }
        #expect(together && world.manualCuts == [])
    }
}
