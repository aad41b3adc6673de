#if PLANTED_BUGS
import LeaseholdBase
import Simulator

extension PlantedBug {
    /// The plan to look for it with, where what is drawn for a seed would meet it too seldom, or never: nil when the drawn
    /// plan will do.
    func script(_ plan: Plan) -> Plan? {
        switch self {
        case .wipedQuorumBornAnew: Self.wipedQuorum(plan)
        case .transferNeverEnds: Self.brokenHandOver(plan)
        default: nil
        }
    }

    /// No plan empties the directories of a quorum, as nobody promises that a cluster outlives it: here one node is away
    /// while those of all others are emptied. Whatever comes of that, it must not be a second cluster.
    private static func wipedQuorum(_ plan: Plan) -> Plan {
        var plan = plan
        plan.faults = plan.faults.filter { $0.at < 10_000 }
        for place in 0..<plan.nodes - 1 {
            plan.faults.append(fault(plan, .wipe, at: 11_000, lasts: 500, place))
        }
        plan.faults.append(fault(plan, .crash, at: 10_000, lasts: 40_000, plan.nodes - 1))
        return plan
    }

    /// A leader whose disk hangs for a while hands over, and the node that it chose is gone at that very moment for good.
    private static func brokenHandOver(_ plan: Plan) -> Plan {
        var quiet = Plan(seed: plan.seed)
        quiet.profile = plan.profile
        quiet.trouble = 20_000
        quiet.core = [0, 1]
        for place in 0..<quiet.nodes {
            // So that its syncs do not block the node itself.
            quiet.faults.append(fault(quiet, .slowDisk, at: 3_000, lasts: 3_000, strength: 150, place))
        }
        let (stall, lasts) = (10_000 + Int(plan.seed % 97), 300 + Int(plan.seed % 151))
        quiet.faults.append(
            Fault(number: quiet.nodes + 1, kind: .stalledDisk, at: stall, lasts: lasts, target: .leader))
        quiet.faults.append(fault(quiet, .crash, at: stall + 250 + Int(plan.seed % 13), lasts: 60_000, 2))
        return quiet
    }

    private static func fault(
        _ plan: Plan, _ kind: FaultKind, at: Int, lasts: Int, strength: Int = 0, _ place: Int
    ) -> Fault {
        Fault(
            number: plan.faults.count + 1, kind: kind, at: at, lasts: lasts, target: .places([place]),
            strength: strength)
    }
}
#endif
