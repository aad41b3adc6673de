import LeaseMachine
import LeaseholdBase
import LeaseholdReplica
import Simulator
import Testing

/// Programs of two levels of commands in one cluster.
@Suite struct UpgradeTests {
    private func cluster(_ levels: [UInt64], seed: UInt64 = 3) -> World {
        var plan = Plan(seed: seed)
        plan.nodes = levels.count
        plan.core = Array(0..<levels.count)
        let world = World(plan)
        for (place, level) in levels.enumerated() { world.nodes[place].knownLevel = level }
        world.startAll()
        for _ in 0..<3 { world.addClient() }
        world.run(for: .seconds(5))
        return world
    }

    private func levels(_ world: World) -> [UInt64?] { world.nodes.map { $0.replica?.machine.settings.level } }

    /// An operator stops a node and starts another program on its directory.
    private func restart(_ place: Int, knowing level: UInt64, _ world: World) {
        let node = world.nodes[place]
        world.stopGracefully(node)
        world.run(for: .seconds(10)) { !node.isUp }
        node.knownLevel = level
        world.start(node)
        world.run(for: .seconds(3))
    }

    @Test func aMixedClusterStaysAtTheOlderLevelAndARollingUpgradeRaisesIt() {
        let world = cluster([1, 1, 1])
        for place in 0..<2 {
            restart(place, knowing: 2, world)
            #expect(levels(world) == [1, 1, 1])
        }
        restart(2, knowing: 2, world)
        #expect(levels(world) == [2, 2, 2])
        #expect(world.lines.contains { $0.contains("commands have level 2") })
        world.run(for: .seconds(5))
        #expect(world.violations == [])
    }

    @Test func aNodeThatIsAwayHoldsTheLevelDownUntilItIsBack() {
        let world = cluster([2, 2, 1])
        world.crash(world.nodes[2], losingPower: true)
        world.run(for: .seconds(10))
        #expect(levels(world) == [1, 1, nil])
        world.nodes[2].knownLevel = 2
        world.start(world.nodes[2])
        world.run(for: .seconds(5))
        #expect(levels(world) == [2, 2, 2] && world.violations == [])
    }

    @Test func noNodeGoesBackOnceTheLevelIsRaised() {
        let world = cluster([2, 2, 2])
        #expect(levels(world) == [2, 2, 2])
        let node = world.nodes[1]
        restart(1, knowing: 1, world)
        #expect(!node.isUp)
        #expect(node.ending?.contains("levels up to 1") == true)
        // The others go on, and so does it when its program is a later one again.
        world.run(for: .seconds(3))
        restart(1, knowing: 2, world)
        #expect(node.isUp && levels(world) == [2, 2, 2] && world.violations == [])
    }

    /// One that was away when the level was raised has no entry of it: it is told by the others.
    @Test func anOlderProgramThatMeetsARaisedClusterEndsBeforeItAppliesAnything() {
        for seed in 1...4 as ClosedRange<UInt64> {
            let world = cluster([2, 2, 2, 2, 1], seed: seed)
            let node = world.nodes[4]
            #expect(levels(world) == [1, 1, 1, 1, 1])
            // It is upgraded, the level is raised at once, and somebody goes back.
            world.crash(node, losingPower: true)
            node.knownLevel = 2
            world.start(node)
            world.run(for: .seconds(10)) { world.nodes[0].replica?.machine.settings.level == 2 }
            world.crash(node, losingPower: true)
            node.knownLevel = 1
            world.start(node)
            world.run(for: .seconds(5))
            #expect(!node.isUp && node.ending?.contains("levels up to 1") == true)
            #expect(world.violations == [])
        }
    }
}
