import LeaseholdBase
import Simulator
import Testing

@Suite struct IdleTests {
    /// A connection tells a client nothing while it asks for nothing: what it has seen of the log grows old.
    @Test func aClientThatWasIdleForLongGetsItsLease() {
        var plan = Plan(seed: 9)
        plan.nodes = 1
        let world = World(plan)
        world.startAll()
        var workload = SimulatedClient.Workload()
        workload.rest = .seconds(700)...(.seconds(800))
        workload.hold = .milliseconds(10)...(.milliseconds(20))
        let client = world.addClient(workload)
        world.run(for: .seconds(5_000))
        #expect(world.violations == [])
        #expect(client.tally.granted + client.tally.reads > 3 && client.tally.granted > 0)
        #expect(client.tally.notDone == 0 && client.tally.unknown == 0)
    }
}
