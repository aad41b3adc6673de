import LeaseholdBase
import Testing

@testable import Simulator

/// What simulated clients do under their leases, and what it is drawn from.
@Suite struct ClientWorkTests {
    /// A busy cluster; the process stands still in many turns if told so.
    private func world(seed: UInt64, stumbling: Bool = false) -> World {
        var plan = Plan(seed: seed)
        if stumbling {
            plan.process.stumble = 1_200
            plan.process.stumblePerTenThousand = 100
            plan.work.ttlAtMost = 700
            plan.work.holdAtLeast = 3_000
            plan.work.restAtMost = 100
        }
        return .allStarted(plan)
    }

    @Test func trap52_workThatStandsStillLosesItsLeaseForThatReason() {
        let world = world(seed: 1)
        defer { world.end() }
        #expect(world.run(for: .seconds(120)) { world.clients.contains { $0.tally.stalled > 0 } })
        #expect(world.violations.isEmpty)
    }

    @Test func trap60_whatWorkSawEndIsNotConfirmedForLonger() {
        var found = 0
        for seed in 1...30 where found == 0 {
            let world = world(seed: UInt64(seed), stumbling: true)
            defer { world.end() }
            world.run(for: .seconds(20))
            #expect(world.violations.isEmpty)
            found = world.clients.reduce(0) { $0 + $1.tally.runOut }
        }
        #expect(found > 0)
    }

    @Test func aLifeOfAClientHasDrawsOfItsOwn() {
        func firstQuestions(crashAt: Nanoseconds) -> [String] {
            let world = world(seed: 7)
            defer { world.end() }
            world.run(for: crashAt)
            world.crash(world.clients[0])
            world.run(for: .seconds(5) - crashAt)
            let count = world.history.operations.count
            world.start(world.clients[0])
            world.run(for: .milliseconds(800))
            return world.history.operations[count...].filter { $0.client == 1 }.prefix(2).map { "\($0.question)" }
        }
        let questions = firstQuestions(crashAt: .seconds(1))
        #expect(questions.count == 2)
        #expect(questions == firstQuestions(crashAt: .milliseconds(2_300)))
    }
}
