import LeaseholdBase
import LeaseholdReplica
import Simulator
import Testing

@Suite struct ClusterLifeTests {
    @Test(arguments: [1, 3, 5]) func nodesWithEmptyDirectoriesBecomeACluster(nodes: Int) {
        var plan = Plan(seed: 7)
        plan.nodes = nodes
        let world = World(plan)
        world.startAll()
        let elected = world.run(for: .seconds(10)) { world.nodes.contains { $0.replica?.isLeader == true } }
        #expect(world.violations == [])
        #expect(elected)
        let settled = world.run(for: .seconds(2)) {
            world.nodes.allSatisfy { $0.replica?.appliedIndex ?? .zero >= LogIndex(2) }
        }
        #expect(world.violations == [])
        #expect(settled)
    }

    @Test func aKilledLeaderIsReplaced() {
        let world = World(Plan(seed: 11))
        world.startAll()
        world.run(for: .seconds(10)) { world.nodes.contains { $0.replica?.isLeader == true } }
        world.run(for: .seconds(1))
        let leader = world.nodes.first { $0.replica?.isLeader == true }
        #expect(leader != nil)
        guard let leader else { return }
        world.crash(leader, losingPower: true)
        let replaced = world.run(for: .seconds(10)) {
            world.nodes.contains { $0.id != leader.id && $0.replica?.isLeader == true }
        }
        #expect(replaced && world.violations == [])
        world.start(leader)
        let caughtUp = world.run(for: .seconds(5)) {
            let applied = world.nodes.map { $0.replica?.appliedIndex }
            return applied.allSatisfy { $0 == applied[0] && $0 != nil }
        }
        #expect(caughtUp && world.violations == [])
    }
}
