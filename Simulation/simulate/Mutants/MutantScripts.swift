#if PLANTED_BUGS
import LeaseholdBase
import Simulator

extension PlantedBug {
    /// The plan to look for it with, where what is drawn for a seed would meet it too seldom, or never: nil when the drawn
    /// plan will do.
    func script(_ plan: Plan) -> Plan? {
        switch self {
        case .wipedQuorumBornAnew: Self.wipedQuorum(plan)
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

    private static func fault(
        _ plan: Plan, _ kind: FaultKind, at: Int, lasts: Int, strength: Int = 0, _ place: Int
    ) -> Fault {
        Fault(
            number: plan.faults.count + 1, kind: kind, at: at, lasts: lasts, target: .places([place]),
            strength: strength)
    }
}
#endif
