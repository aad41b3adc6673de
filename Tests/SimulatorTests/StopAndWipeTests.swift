import LeaseholdBase
import LeaseholdReplica
import Testing

@testable import Simulator

@Suite struct StopAndWipeTests {
    private func leads(_ world: World) -> SimulatedNode? { world.nodes.first { $0.replica?.isLeader == true } }

    @Test func aNodeThatHasWrittenNothingSinceItsLastCleanEndStops() {
        let world = World(Plan(seed: 3))
        let node = world.nodes[0]
        for _ in 0..<3 {
            world.start(node)
            world.run(for: .milliseconds(200))
            world.stopGracefully(node)
            #expect(world.run(for: .seconds(6)) { !node.isUp })
            #expect(world.violations == [])
        }
    }

    /// However busy it is: it writes many times a second, and stands still a moment for each sync.
    @Test func aNodeThatDoesNotStopIsToldOf() {
        let world = World(Plan(seed: 3))
        world.startAll()
        world.run(for: .seconds(10)) { leads(world) != nil }
        guard let leader = leads(world) else {
            Issue.record("nobody leads")
            return
        }
        world.expectEnd(of: leader, life: leader.life, within: 5_000_000_000)
        world.run(for: .seconds(4))
        #expect(world.violations == [])
        world.run(for: .seconds(20))
        #expect(world.violations.map(\.property) == [22])
    }

    @Test func everyNodeOfAClusterStopsAndTheClusterGoesOn() {
        let world = World(Plan(seed: 4))
        world.startAll()
        world.run(for: .seconds(10)) { leads(world) != nil }
        for node in world.nodes {
            world.run(for: .seconds(1))
            world.stopGracefully(node)
            #expect(world.run(for: .seconds(6)) { !node.isUp && leads(world) != nil })
            world.start(node)
        }
        #expect(world.violations == [])
    }

    @Test func aDirectoryThatIsEmptiedBeforeTheBirthEndsNobody() {
        let world = World(Plan(seed: 5))
        world.start(world.nodes[0])
        world.start(world.nodes[1])
        world.run(for: .seconds(1))
        world.crash(world.nodes[1], losingPower: false)
        world.wipe(world.nodes[1])
        world.start(world.nodes[1])
        world.run(for: .seconds(2))
        world.start(world.nodes[2])
        #expect(world.run(for: .seconds(10)) { leads(world) != nil })
        #expect(world.run(for: .seconds(10)) { world.nodes.allSatisfy { $0.replica?.isBorn == true } })
        #expect(world.violations == [])
    }

    @Test(arguments: 1...3 as ClosedRange<UInt64>) func trap36_aWipedMajorityFormsNoCluster(seed: UInt64) {
        let world = World(Plan(seed: seed))
        world.startAll()
        world.run(for: .seconds(10)) { leads(world) != nil }
        world.run(for: .seconds(1))
        let wiped = world.nodes.prefix(2)
        for node in wiped {
            world.crash(node, losingPower: true)
            world.wipe(node)
            node.mayRefuse = true
        }
        for node in wiped { world.start(node) }
        world.run(for: .seconds(10))
        #expect(wiped.allSatisfy { !$0.isUp && $0.ending != nil })
        #expect(leads(world) == nil && world.nodes[2].isUp)
        #expect(world.violations == [])
    }

    @Test func aLeaderThatHandsOverWaitsWithoutSpinning() {
        let world = World(Plan(seed: 8))
        world.startAll()
        var workload = SimulatedClient.Workload()
        workload.names = 1
        workload.ttl = .milliseconds(500)...(.milliseconds(500))
        workload.hold = .seconds(60)...(.seconds(60))
        world.run(for: .seconds(10)) { leads(world) != nil }
        let client = world.addClient(workload)
        #expect(world.run(for: .seconds(10)) { client.tally.granted > 0 })
        guard let leader = leads(world) else { return }
        // The claim comes due while nobody can take over, and nobody says so.
        world.pause(client, for: .seconds(2))
        world.run(for: .milliseconds(250))
        for node in world.nodes where node.id != leader.id { world.pause(node, for: .seconds(2)) }
        world.run(for: .milliseconds(5))
        let before = world.events
        world.stopGracefully(leader)
        world.run(for: .milliseconds(450))
        #expect(leader.isUp)
        #expect(world.events - before < 1_000)
    }
}
