#if PLANTED_BUGS
import LeaseholdBase
import Simulator

extension PlantedBug {
    /// The plan to look for it with, where what is drawn for a seed would meet it too seldom, or never: nil when the drawn
    /// plan will do.
    func script(_ plan: Plan) -> Plan? {
        switch self {
        case .wipedQuorumBornAnew: Self.wipedQuorum(plan)
        case .readIDReused: Self.lateNews(plan)
        case .tiesByInsertion: Self.equalDeadlines(plan)
        case .transferNeverEnds: Self.lostHandOver(plan)
        case .oddClockLeadsOn: Self.oddClock(plan)
        case .backupTakesUncommitted: Self.deposedLeader(plan)
        default: nil
        }
    }

    /// Whether it is looked for with a plan of its own.
    var hasScript: Bool { script(Plan(profile: .swarm, seed: 1)) != nil }

    /// No plan empties the directories of a quorum, as nobody promises that a cluster outlives it: here one node is away
    /// while those of all others are emptied. Whatever comes of that, it must not be a second cluster.
    private static func wipedQuorum(_ plan: Plan) -> Plan {
        var plan = plan
        plan.faults = plan.faults.filter { $0.at < 10_000 }
        for place in 0..<plan.nodes - 1 {
            plan.faults.append(fault(plan, .wipe, at: 11_000, lasts: 500, .places([place])))
        }
        plan.faults.append(fault(plan, .crash, at: 10_000, lasts: 40_000, .places([plan.nodes - 1])))
        return plan
    }

    /// A leader that hands over and hears of its successor late: its disk hangs, and when it has told another node to
    /// campaign, nothing of the others reaches it for a moment. Between two of its heartbeats there is time enough for the
    /// successor to commit; and there are clients that do not hear of it either, of whom some read meanwhile.
    private static func lateNews(_ plan: Plan) -> Plan {
        var plan = plain(plan, nodes: 3)
        plan.clients = 9
        plan.network.latencyAtLeast = 8_000
        plan.network.latencyAtMost = 16_000
        plan.process.electionTimeout = 1_000
        plan.process.heartbeat = 400
        for cycle in 0..<plan.trouble / 5_000 {
            // Which node leads is not known: the others are spared this.
            let (place, at) = (cycle % plan.nodes, 3_000 + 5_000 * cycle)
            let others = (0..<plan.nodes).filter { $0 != place }
            let offset = 4 + (cycle * 7 + Int(plan.seed % 24)) % 24
            plan.faults.append(fault(plan, .slowDisk, at: at - 1_500, lasts: 1_400, strength: 200, .places([place])))
            plan.faults.append(fault(plan, .stalledDisk, at: at, lasts: 900, .places([place]), isOdd: false))
            plan.faults.append(
                fault(
                    plan, .oneWay, at: at + plan.process.electionTimeout / 2 + offset, lasts: 400,
                    .places(others), from: [place], isOdd: true))
            plan.faults.append(
                fault(
                    plan, .split, at: at + plan.process.electionTimeout / 2 - 50, lasts: 450,
                    .places(Array(plan.nodes + 2..<plan.nodes + plan.clients)), from: others, isOdd: true))
        }
        return plan
    }

    /// Claims with one TTL, many of them granted in one turn of the leader: they are due at the same time, and only the
    /// latest ends are remembered.
    private static func equalDeadlines(_ plan: Plan) -> Plan {
        var plan = plain(plan, nodes: plan.nodes)
        plan.clients = 8
        plan.process.turnDelayAtMost = 30_000
        plan.work.names = 40
        plan.work.ttlAtLeast = 1_000
        plan.work.ttlAtMost = 1_000
        plan.work.holdAtLeast = 2_000
        plan.work.restAtMost = 60
        plan.changes = [.remembering(endings: 2, at: 500, askedBy: 0)]
        return plan
    }

    /// The leader's clock runs far too fast or too slow, and nothing else is wrong.
    private static func oddClock(_ plan: Plan) -> Plan {
        var plan = plain(plan, nodes: 3)
        let strength = 150_000 + 50_000 * Int(plan.seed % 8)
        plan.faults.append(
            fault(plan, .rate, at: 5_000, lasts: 50_000, strength: plan.seed % 2 == 0 ? strength : -strength, .leader))
        return plan
    }

    /// A backup is taken at the end of the trouble, of one of three nodes. If that is the one that led until three seconds
    /// before, its log ends with entries in whose place others were committed meanwhile.
    private static func deposedLeader(_ plan: Plan) -> Plan {
        var plan = plain(plan, nodes: 3)
        plan.trouble = 20_000
        plan.faults.append(
            fault(plan, .split, at: 17_000, lasts: 5_000, .leader, from: Array(0..<plan.nodes), isOdd: false))
        return plan
    }

    /// A hand-over that comes to nothing, and nothing else after it: the disk of the leader hangs, and the node that it
    /// hands over to stands still from before it is told to campaign until after the end.
    private static func lostHandOver(_ plan: Plan) -> Plan {
        var plan = plain(plan, nodes: 3)
        plan.core = [1, 2]
        plan.network.latencyAtLeast = 8_000
        plan.network.latencyAtMost = 16_000
        plan.trouble = 20_000
        plan.faults.append(fault(plan, .slowDisk, at: 13_000, lasts: 4_000, strength: 100, .leader))
        plan.faults.append(fault(plan, .stalledDisk, at: 15_000, lasts: 450, .leader, isOdd: false))
        let at = 15_000 + plan.process.electionTimeout / 2 + Int(plan.seed % 40)
        plan.faults.append(fault(plan, .pause, at: at, lasts: 60_000, .follower(0)))
        return plan
    }

    /// A plan without faults and changes, of good clocks and quick processes.
    private static func plain(_ plan: Plan, nodes: Int) -> Plan {
        var plain = Plan(seed: plan.seed)
        plain.profile = plan.profile
        plain.nodes = nodes
        plain.core = Array(0..<nodes)
        plain.clients = max(4, plan.clients)
        return plain
    }

    /// A fault; its number is odd or even, where that says how it is.
    private static func fault(
        _ plan: Plan, _ kind: FaultKind, at: Int, lasts: Int, strength: Int = 0, _ target: Fault.Target,
        from others: [Int] = [], isOdd: Bool? = nil
    ) -> Fault {
        var number = (plan.faults.map(\.number).max() ?? 0) + 1
        if let isOdd, isOdd != (number % 2 == 1) { number += 1 }
        return Fault(
            number: number, kind: kind, at: at, lasts: lasts, target: target, others: others, strength: strength)
    }
}
#endif
