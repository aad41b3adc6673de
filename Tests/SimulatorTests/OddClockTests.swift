import LeaseholdBase
import LeaseholdReplica
import Raft
import Testing

@testable import Simulator

/// Nodes whose clocks run wrong for good, in a network in which nothing else goes wrong.
@Suite struct OddClockTests {
    private func cluster(_ nodes: Int, rates: [Int64], seed: UInt64 = 5) -> World {
        var plan = Plan(seed: seed)
        plan.nodes = nodes
        plan.core = Array(0..<nodes)
        plan.clocks.ratePartsPerMillion = 0
        let world = World(plan)
        for (place, rate) in rates.enumerated() where rate != 0 {
            world.nodes[place].clock.run(at: rate, from: 0)
            world.mislead(place)
        }
        world.startAll()
        world.run(for: .seconds(10)) { world.nodes.contains { $0.replica?.isLeader == true } }
        return world
    }

    private func leader(_ world: World) -> Int? { world.nodes.first { $0.replica?.isLeader == true }?.place }

    @Test(arguments: [-200_000, -40_000, 40_000, 300_000] as [Int64])
    func aLeaderWithAWrongClockGivesUpAndSaysSo(rate: Int64) {
        for nodes in [3, 5] {
            let world = cluster(nodes, rates: [])
            guard let first = leader(world) else {
                Issue.record("nobody leads")
                continue
            }
            let wrong = nodes == 3 ? [first] : [first, (first + 1) % nodes]
            for place in wrong {
                world.nodes[place].clock.run(at: rate, from: world.now)
                world.mislead(place)
            }
            let gone = world.run(for: .seconds(30)) { leader(world).map { !wrong.contains($0) } ?? false }
            #expect(gone)
            world.run(for: .seconds(20))
            #expect(world.violations == [])
            #expect(leader(world).map { !wrong.contains($0) } ?? false)
            for place in wrong {
                #expect(world.nodes[place].replica?.clockStanding == (rate > 0 ? .fast : .slow))
            }
            #expect(world.nodes.filter { $0.replica?.clockStanding == .right }.count == nodes - wrong.count)
            #expect(world.lines.contains { $0.contains("clock_wrong this node's clock is") })
            #expect(world.lines.contains { $0.contains("clock_wrong the clock of node \(first + 1) is") })
        }
    }

    @Test func clocksWithinWhatIsAgreedOnAreLeftInPeace() {
        let world = cluster(3, rates: [9_900, -9_900, 0])
        world.run(for: .seconds(120))
        #expect(world.violations == [])
        #expect(world.nodes.allSatisfy { $0.replica?.clockStanding.isOdd == false })
        #expect(!world.lines.contains { $0.contains("clock_wrong") })
    }

    @Test func ofTwoNobodyKnowsWhichIsWrong() {
        let world = cluster(2, rates: [100_000])
        world.run(for: .seconds(60))
        #expect(world.violations == [])
        #expect(leader(world) != nil)
        #expect(world.nodes.allSatisfy { $0.replica?.clockStanding == .unknown })
        #expect(world.lines.contains { $0.contains("or this leader's is wrong") })
    }

    /// The cluster goes on, with a leader that is told to be the odd one and has nobody to give up to.
    @Test func aWrongClockIsBetterThanNoLeader() {
        let world = cluster(3, rates: [])
        world.nodes[0].clock.run(at: 200_000, from: world.now)
        world.mislead(0)
        world.run(for: .seconds(20))
        #expect(world.nodes[0].replica?.clockStanding == .fast)
        world.crash(world.nodes[1], losingPower: true)
        world.run(for: .seconds(10))
        #expect(leader(world) == 2)
        world.start(world.nodes[1])
        world.run(for: .seconds(10))
        world.crash(world.nodes[2], losingPower: true)
        world.run(for: .seconds(10))
        #expect(leader(world) != nil && world.violations == [])
    }

    /// A process that is stopped keeps its clock; a machine that is suspended may not.
    @Test func nodesThatStandStillNowAndThenAreNotTakenToHaveWrongClocks() {
        var plan = Plan(seed: 8)
        plan.clocks.ratePartsPerMillion = 9_000
        for turn in 0..<12 {
            plan.faults.append(
                Fault(
                    number: turn + 1, kind: turn % 2 == 0 ? .suspension : .pause, at: 5_000 + 9_000 * turn,
                    lasts: 300 + 400 * (turn % 5), target: .places([turn % 3])))
        }
        let world = World(plan)
        world.startAll()
        world.run(for: .seconds(120))
        #expect(world.violations == [])
        #expect(!world.lines.contains { $0.contains("clock_wrong") })
    }
}
