import Foundation
import LeaseholdBase
import Simulator
import Testing

/// Every number of a plan at its extremes: the plan is refused, or runs without a trap.
@Suite struct PlanRangeTests {
    static let extremes: [NSNumber] = [
        Int.min, Int.min + 1, -1 << 32, -1, 0, 1, 1 << 31, 1 << 40, 1 << 62, Int.max,
    ].map { NSNumber(value: $0) }

    /// A drawn plan with at most one fault of each kind, all of which come within a moment.
    static func plan(_ profile: Profile) -> Plan {
        var plan = Plan(profile: profile, seed: 4_711, trouble: 20_000)
        plan.trouble = 300
        plan.rules = []
        var kinds: [FaultKind] = []
        plan.faults.removeAll { fault in
            defer { kinds.append(fault.kind) }
            return kinds.contains(fault.kind)
        }
        for place in plan.faults.indices {
            plan.faults[place].at = place * 7 % 100
            plan.faults[place].lasts = min(plan.faults[place].lasts, 100)
        }
        plan.changes = plan.changes.prefix(1).map { change in
            var change = change
            change.at = 20
            return change
        }
        return plan
    }

    /// Some hundred milliseconds of its world, and how it is described.
    static func run(_ plan: Plan) -> UInt64 {
        let world = World(plan)
        world.startAll()
        for _ in 0..<plan.clients { world.addClient() }
        world.run(for: .milliseconds(150))
        _ = world.activeFaults
        world.end()
        return world.events
    }

    /// The places of all numbers below a value, and those of the members on the way.
    static func numbers(_ value: Any, _ path: [Any] = []) -> [[Any]] {
        if let object = value as? [String: Any] {
            return object.sorted { $0.key < $1.key }.flatMap { numbers($0.value, path + [$0.key]) }
        }
        if let list = value as? [Any] { return list.enumerated().flatMap { numbers($0.element, path + [$0.offset]) } }
        return value is NSNumber ? [path] : []
    }

    static func setting(_ path: ArraySlice<Any>, of value: Any, to number: NSNumber) -> Any {
        guard let first = path.first else { return number }
        if var object = value as? [String: Any], let key = first as? String {
            object[key] = object[key].map { setting(path.dropFirst(), of: $0, to: number) }
            return object
        }
        if var list = value as? [Any], let place = first as? Int {
            list[place] = setting(path.dropFirst(), of: list[place], to: number)
            return list
        }
        return value
    }

    @Test(arguments: Profile.allCases.filter(\.isSupported)) func noExtremeNumberTraps(profile: Profile) throws {
        let plan = Self.plan(profile)
        #expect(plan.complaint == nil)
        let value = try JSONSerialization.jsonObject(with: JSONEncoder().encode(plan))
        var (refused, ran) = (0, 0)
        for path in Self.numbers(value) {
            for number in Self.extremes {
                let changed = Self.setting(path[...], of: value, to: number)
                guard let data = try? JSONSerialization.data(withJSONObject: changed),
                    let mutant = try? JSONDecoder().decode(Plan.self, from: data), mutant.complaint == nil
                else {
                    refused += 1
                    continue
                }
                ran += 1
                #expect(Self.run(mutant) > 0)
            }
        }
        #expect(refused > 100 && ran > 10, "\(refused) \(ran)")
    }

    /// Both ends of every range of strengths, all kinds at once.
    @Test(arguments: [3, 5]) func theEndsOfEveryStrengthRunWithoutATrap(nodes: Int) {
        for isMost in [false, true] {
            var plan = Plan(seed: 3)
            plan.nodes = nodes
            plan.core = Array(0..<nodes)
            plan.faults = FaultKind.allCases.enumerated().map { place, kind in
                let strength = isMost ? kind.strengths.upperBound : kind.strengths.lowerBound
                let target = kind.group == "clients" ? nodes : place % nodes
                return Fault(
                    number: 1_000_000 - place, kind: kind, at: place * 4, lasts: 100, target: .places([target]),
                    strength: strength)
            }
            #expect(plan.complaint == nil)
            #expect(Self.run(plan) > 20)
        }
    }

    @Test func aManyTimesRepeatedJumpStaysWithinWhatCanBeCounted() {
        var plan = Plan(seed: 3)
        plan.faults = (1...200).map { number in
            let kind = number % 2 == 0 ? FaultKind.wallJump : .steadyJump
            return Fault(
                number: number, kind: kind, at: number / 2, lasts: 0, target: .places([0, 1, 2, 3]),
                strength: kind.strengths.upperBound)
        }
        #expect(plan.complaint == nil)
        #expect(Self.run(plan) > 20)
    }

    @Test func everyDrawnPlanIsWithinItsRanges() {
        for seed in 0..<200 as Range<UInt64> {
            for profile in Profile.allCases where profile.isSupported {
                #expect(Plan(profile: profile, seed: seed).complaint == nil)
            }
        }
    }
}
