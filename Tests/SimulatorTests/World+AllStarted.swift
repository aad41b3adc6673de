import Simulator

extension World {
    /// A world in which every node and every client of a plan is started.
    static func allStarted(_ plan: Plan) -> World {
        let world = World(plan)
        world.startAll()
        for _ in 0..<plan.clients { world.addClient() }
        return world
    }
}
