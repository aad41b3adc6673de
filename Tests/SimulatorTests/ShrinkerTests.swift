import Simulator
import Testing

/// With misbehaviour that is made up: a plan fails when it holds this and that.
@Suite struct ShrinkerTests {
    var plan: Plan {
        var plan = Plan(seed: 11)
        plan.profile = .swarm
        plan.nodes = 5
        plan.core = [0, 1, 2]
        plan.clients = 9
        plan.work.names = 6
        plan.work.ttlAtMost = 9_000
        plan.network.tail = 400_000
        plan.clocks.ratePartsPerMillion = 9_000
        for number in 0..<120 {
            let kind = FaultKind.allCases[number % FaultKind.allCases.count]
            plan.faults.append(
                Fault(
                    number: number, kind: kind, at: 500 * number, lasts: 800, target: .places([number % 5, 6]),
                    strength: 600))
        }
        return plan
    }

    func shrunk(violatedAt: Int? = nil, _ fails: @escaping (Plan) -> Bool) -> (plan: Plan, runs: Int) {
        #expect(fails(plan))
        var shrinker = Shrinker(plan, fails: fails)
        shrinker.shrink(violatedAt: violatedAt)
        #expect(fails(shrinker.smallest))
        return (shrinker.smallest, shrinker.runs)
    }

    @Test func twoFaultsThatMatterAreAllThatIsLeft() {
        let (small, runs) = shrunk { plan in
            plan.faults.contains { $0.number == 7 && $0.lasts >= 100 }
                && plan.faults.contains { $0.number == 40 && $0.strength >= 200 }
        }
        #expect(small.faults.map(\.number) == [7, 40])
        #expect(small.faults.map(\.lasts) == [100, 1] && small.faults.map(\.strength) == [1, 300])
        #expect(
            small.faults.allSatisfy { if case .places(let places) = $0.target { places.count == 1 } else { false } })
        #expect(small.clients <= 2 && small.work.names == 1 && small.nodes == 1)
        #expect(small.network == NetworkPlan() && small.clocks == ClockPlan())
        #expect(small.work.ttlAtMost == WorkPlan().ttlAtMost)
        #expect(small.trouble > 20_000 && small.trouble < 21_000)
        #expect(runs < 200)
    }

    @Test func whatDoesNotDependOnFaultsLosesAllOfThem() {
        let (small, runs) = shrunk { $0.clients >= 3 && $0.nodes >= 3 && $0.trouble >= 1_000 }
        #expect(small.faults.isEmpty && small.clients == 3 && small.nodes == 3)
        #expect(small.trouble >= 1_000 && small.trouble <= 1_030)
        #expect(small.core == [0, 1, 2])
        #expect(runs < 60)
    }

    @Test func whatComesAfterTheViolationGoesFirst() {
        let (small, _) = shrunk(violatedAt: 10_250) { plan in
            // Every fault of before matters.
            (0...20).allSatisfy { number in plan.faults.contains { $0.number == number } }
        }
        #expect(small.faults.map(\.number) == Array(0...20))
        #expect(small.trouble <= 10_251)
    }

    @Test func faultsOfClientsFollowThemToTheirPlaces() {
        var plan = plan
        plan.faults = [
            Fault(number: 1, kind: .clientPause, at: 1, lasts: 5, target: .places([4, 6])),
            Fault(number: 2, kind: .split, at: 1, lasts: 5, target: .places([3]), others: [4]),
            Fault(number: 3, kind: .split, at: 1, lasts: 5, target: .places([0]), others: [4, 7]),
        ]
        var shrinker = Shrinker(plan) { $0.clients >= 4 && $0.faults.contains { $0.number == 3 } && $0.nodes >= 3 }
        shrinker.shrink()
        // The second of the clients had place 6 of eight and more; with three nodes it has place 4.
        #expect(shrinker.smallest.nodes == 3 && shrinker.smallest.clients == 4)
        #expect(shrinker.smallest.faults.map(\.number) == [3])
        #expect(shrinker.smallest.faults[0].others == [5])
    }

    @Test func aBudgetThatIsOverEndsItWithWhatThereIs() {
        var left = 3
        var shrinker = Shrinker(plan, isOver: { left <= 0 }) { _ in
            left -= 1
            return true
        }
        shrinker.shrink()
        #expect(shrinker.runs == 3)
    }
}
