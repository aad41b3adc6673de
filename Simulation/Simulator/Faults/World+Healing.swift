import LeaseholdBase
import LeaseholdReplica

/// How a node is lost to the others.
enum Severance: Int, CaseIterable {
    /// It has no power.
    case dead
    /// Nobody hears it.
    case mute
    /// It hears nobody: leading, it would never learn that nobody answers.
    case deaf
    /// Neither.
    case cut
    /// It hears and speaks, and its disk does not answer (trap 26).
    case hanging
    /// Cut off now and then.
    case flapping
    /// It and one other node do not reach each other; all others it does (trap 9). It may lead.
    case bridged
}

extension World {
    /// What a fault does to the health of majorities: packets that are lost or late show in the paths, everything else
    /// strikes.
    func noteDisturbance(_ fault: Fault, _ state: FaultEngine.State) {
        switch fault.kind {
        case .clog, .split, .oneWay, .bridge, .flapping:
            checks.disturbed(state.places, from: state.others, at: now)
        case _ where fault.kind.group == "packets": break
        default: checks.disturbed(state.places, at: now)
        }
    }

    /// Ends every fault for good, but for what the disks of other nodes than the core's suffer. Each of those nodes is then
    /// given up in a way of its own.
    func heal() {
        // A birth takes every listed node.
        if !isBorn { core = Array(nodes.indices) }
        faults.isHealed = true
        for position in faults.active {
            let isOfCore = !faults[position].places.contains { $0 < nodes.count && !core.contains($0) }
            if isOfCore || plan.faults[position].kind.group != "disks" { end(position) }
        }
        manualCuts = []
        for path in network.paths.indices { network.paths[path].cloggedUntil = 0 }
        sumUpPaths()
        let strain = Strain.length(plan)
        for node in nodes where !core.contains(node.place) {
            sever(node, Self.wayOfLoss(node.place, draws), for: strain, isForGood: true)
        }
        for process in processes where core.contains(process.place) || process.place >= nodes.count {
            process.stoppedUntil = min(process.stoppedUntil, now)
            process.suspendedUntil = min(process.suspendedUntil, now)
            process.standsUntil = min(process.standsUntil, now)
            process.downHolds = 0
            if process.isInTurn || process.isTurnScheduled { standStill(process, for: 1) }
        }
        for node in nodes where core.contains(node.place) {
            node.disk.faults = node.disk.faults.mended
            node.disk.crashPoints = []
        }
        checks.disturbed(Array(nodes.indices), at: now)
    }

    /// Whether the cluster's birth can be lost no more: an entry was committed, or every node had the birth on its disk.
    var isBorn: Bool { checks.committed > .zero || checks.areBorn }

    private static func wayOfLoss(_ place: Int, _ draws: Draws) -> Severance {
        let all = Severance.allCases
        return all[Int(draws.below(UInt64(all.count), .plan, place, 77))]
    }

    /// A node is lost to the others, until somebody mends it. Clients go on reaching it.
    ///
    /// - Parameters:
    ///   - time: For how long.
    ///   - isForGood: Whether it stays lost after that. One that came and went, or that may lead while some do not reach
    ///     it, is cut off then: others may rely on it in what they do.
    func sever(_ node: SimulatedNode, _ way: Severance, for time: Nanoseconds, isForGood: Bool) {
        let others = nodes.indices.filter { $0 != node.place }
        let end = now + UInt64(max(0, time.rawValue))
        record(.log, node.place) { "\(node.label) is lost: \(way)" }
        checks.disturbed([node.place], at: now)
        switch way {
        case .dead:
            node.downHolds += 1
            crash(node, losingPower: true)
        case .mute: cutOneWay([node.place], others)
        case .deaf: cutOneWay(others, [node.place])
        case .cut: cut([node.place], others)
        case .hanging:
            let end = isForGood ? now + 3_600_000_000_000 : end
            node.disk.faults.stalledUntil = max(node.disk.faults.stalledUntil, end)
        case .flapping:
            let period = Nanoseconds.milliseconds(
                Int64(150 + draws.below(1_500, .plan, node.place, 78)))
            flap(node, others, isCut: true, every: period, until: end, isCutThen: isForGood)
        case .bridged:
            cut([node.place], [others[Int(draws.below(UInt64(others.count), .plan, node.place, 79))]])
            guard isForGood else { return }
            queue.schedule(.action { [unowned self] in cut([node.place], others) }, at: end)
        }
    }

    private func flap(
        _ node: SimulatedNode, _ others: [Int], isCut: Bool, every period: Nanoseconds, until end: UInt64,
        isCutThen: Bool
    ) {
        guard now < end else { return isCutThen ? cut([node.place], others) : () }
        cut([node.place], others, isCut)
        after(period) { [unowned self] in
            flap(node, others, isCut: !isCut, every: period, until: end, isCutThen: isCutThen)
        }
    }

    private func cutOneWay(_ senders: [Int], _ receivers: [Int]) {
        for from in senders {
            for to in receivers where from != to { manualCuts.append(Pair(from: from, to: to)) }
        }
        sumUpPaths()
    }

    /// Nodes that were lost for some time are back.
    func mend(_ lost: [SimulatedNode]) {
        let places = lost.map(\.place)
        manualCuts.removeAll { places.contains($0.from) || places.contains($0.to) }
        sumUpPaths()
        for node in lost {
            record(.log, node.place) { "\(node.label) is back" }
            node.downHolds = 0
            node.disk.faults.stalledUntil = min(node.disk.faults.stalledUntil, now)
            start(node)
        }
        checks.disturbed(places, at: now)
    }
}
