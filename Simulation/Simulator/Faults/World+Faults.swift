import LeaseholdBase
import LeaseholdReplica

/// Faults come and go.
extension World {
    /// The faults that are under way, for people.
    public var activeFaults: [String] { faults.active.map { plan.faults[$0].description(nodes: plan.nodes) } }

    func faultBegins(_ position: Int) {
        guard !faults.isHealed else { return }
        let fault = plan.faults[position]
        let places = places(of: fault.target).filter { $0 < processes.count }
        guard !places.isEmpty else {
            // Nobody leads, or follows: it strikes whoever does next, if that is soon.
            if now < UInt64(max(0, fault.at)) * 1_000_000 + 2_000_000_000 {
                queue.schedule(.faultBegins(position), at: now + 50_000_000)
            }
            return
        }
        faults[position].isActive = true
        faults[position].places = places
        faults[position].others =
            fault.others.isEmpty ? processes.indices.filter { !places.contains($0) } : fault.others
        figures.faults += 1
        record(.faultBegan, places[0], value: UInt64(fault.number)) { fault.description(nodes: plan.nodes) }
        if fault.lasts > 0 { queue.schedule(.faultEnds(position), at: now + UInt64(fault.lasts) * 1_000_000) }
        noteDisturbance(fault, faults[position])
        if fault.misleads { for place in places { mislead(place) } }
        strike(fault, position)
        if fault.lasts <= 0 { faultEnds(position) }
    }

    func faultEnds(_ position: Int) {
        guard faults[position].isActive, !faults.isHealed else { return }
        end(position)
    }

    /// A fault that comes and goes turns round.
    func faultTurns(_ position: Int) {
        guard faults[position].isActive, !faults.isHealed else { return }
        faults[position].isOn.toggle()
        sumUpPaths()
        let period = UInt64(max(1, plan.faults[position].strength)) * 1_000_000
        queue.schedule(.faultTurns(position), at: now + period)
    }

    private func places(of target: Fault.Target) -> [Int] {
        switch target {
        case .places(let places): return places
        case .leader: return nodes.filter { $0.running?.replica.isLeader == true }.map(\.place)
        case .follower(let which):
            let others = nodes.filter { $0.isUp && $0.running?.replica.isLeader != true }.map(\.place)
            return others.isEmpty ? [] : [others[which % others.count]]
        }
    }

    private func strike(_ fault: Fault, _ position: Int) {
        let places = faults[position].places
        if fault.endsProcesses { for place in places { processes[place].struckBy = fault.number } }
        switch fault.kind {
        case .loss, .duplication, .replay, .reordering, .delay, .corruption, .split, .oneWay, .bridge, .ring:
            sumUpPaths()
        case .clog: clog(faults[position], until: now + UInt64(max(0, fault.lasts)) * 1_000_000)
        case .flapping:
            sumUpPaths()
            queue.schedule(.faultTurns(position), at: now + UInt64(max(1, fault.strength)) * 1_000_000)
        case .reset: for place in places { resetConnections(of: place) }
        case .slowness: for place in places { processes[place].slowness += fault.strength * 1_000 }
        case .pause, .clientPause:
            for place in places {
                pause(processes[place], for: length(fault))
                #if PLANTED_BUGS
                if planted(.beliefBlindToSuspension), place >= nodes.count { processes[place].clock.stop(at: now) }
                #endif
            }
        case .suspension, .clientSuspension:
            for place in places {
                pause(processes[place], for: length(fault))
                processes[place].clock.stop(at: now)
                processes[place].suspensions += 1
                processes[place].suspendedUntil = max(
                    processes[place].suspendedUntil, now + UInt64(length(fault).rawValue))
            }
        case .rate, .wallJump, .steadyJump: for place in places { disturbClock(processes[place], fault) }
        case .clientCrash:
            for place in places {
                guard let client = processes[place] as? SimulatedClient else { continue }
                client.downHolds += 1
                if fault.number % 2 == 0 { crash(client) } else { client.stop(self) }
            }
        default: for place in places where place < nodes.count { strike(nodes[place], fault) }
        }
    }

    private func strike(_ node: SimulatedNode, _ fault: Fault) {
        switch fault.kind {
        case .crash, .powerLoss:
            node.downHolds += 1
            crash(node, losingPower: fault.kind == .powerLoss)
        case .powerLossAtWrite, .crashAtWrite:
            node.downHolds += 1
            guard node.isUp else { return }
            let moment = CrashPoint.Moment(rawValue: fault.number % 3) ?? .after
            node.disk.crashPoints.append(
                CrashPoint(
                    after: max(0, fault.strength - 1), moment, losingPower: fault.kind == .powerLossAtWrite,
                    fault: fault.number))
        case .gracefulStop:
            node.downHolds += 1
            stopGracefully(node)
        case .wipe:
            node.downHolds += 1
            crash(node, losingPower: true)
            // Before the birth every directory is needed: the cluster would never be.
            guard checks.areBorn else { return }
            wipe(node)
            node.mayRefuse = true
        case .slowDisk: node.disk.faults.slowFactor = max(1, fault.strength)
        case .stalledDisk:
            let end = now + UInt64(max(0, fault.lasts)) * 1_000_000
            node.disk.faults.stalledUntil = max(node.disk.faults.stalledUntil, end)
            if fault.number % 2 == 1 { node.disk.faults.hungUntil = max(node.disk.faults.hungUntil, end) }
        case .writeError: node.disk.faults.failingWrites = 1
        case .syncError: node.disk.faults.failingSyncs = 1
        case .readError: node.disk.faults.failingReads = 1
        case .shortReads: node.disk.faults.shortReadsPerTenThousand = fault.strength
        case .fullDisk: node.disk.faults.capacityBytes = node.disk.allocatedBytes + fault.strength
        case .rot, .lostWrite, .misdirectedWrite: damage(node, fault)
        default: break
        }
    }

    /// The power is lost, and what comes back is not what was written; or, one time in three, it is damaged while the node
    /// works on with what it has in memory, until it reads or starts again. Then the cache may hide it for the present.
    private func damage(_ node: SimulatedNode, _ fault: Fault) {
        node.downHolds += 1
        let kind = checks.areBorn ? DamageKind(rawValue: fault.kind.rawValue) : nil
        let isAtRest = node.isAtRest(self)
        if let kind, node.isUp, fault.number % 3 == 0 {
            _ = node.disk.strike(kind, isSeen: fault.number % 2 == 0, isAtRest: isAtRest, &atlas, at: now)
            return
        }
        if node.isUp { crash(node, losingPower: true) } else { losePower(node) }
        guard let kind else { return }
        _ = node.disk.strike(kind, isSeen: true, isAtRest: isAtRest, &atlas, at: now)
    }

    private func length(_ fault: Fault) -> Nanoseconds { .milliseconds(Int64(max(0, fault.lasts))) }

    /// A process's clock is beyond what is agreed on.
    func mislead(_ place: Int) {
        figures.clocksMisled += 1
        beliefs.clocks.misled(place)
        history.areClocksTrusted = false
        checks.clocksAreWrong(until: beliefs.clocks.nodesWrongUntil)
    }

    private func mend(clockOf place: Int) {
        beliefs.clocks.mended(place, at: now)
        checks.clocksAreWrong(until: beliefs.clocks.nodesWrongUntil)
    }

    private func disturbClock(_ process: SimulatedProcess, _ fault: Fault) {
        switch fault.kind {
        case .wallJump: process.clock.jumpWall(by: Int64(fault.strength))
        case .steadyJump: process.clock.jump(by: UInt64(max(0, fault.strength)) * 1_000_000, at: now)
        default: process.clock.run(at: Int64(fault.strength), from: now)
        }
        process.wakeAt = .max
        if process.isUp { scheduleTurn(process) }
    }

    /// Everything between two groups waits until then; breaking of full queues is the network's.
    private func clog(_ state: FaultEngine.State, until end: UInt64) {
        for one in state.places {
            for other in state.others where other != one {
                for path in [network.path(from: one, to: other), network.path(from: other, to: one)] {
                    network.paths[path].cloggedUntil = max(network.paths[path].cloggedUntil, end)
                }
            }
        }
    }

    // MARK: The end of a fault

    private func activeFaults(_ kind: FaultKind, at place: Int) -> [Fault] {
        faults.active.filter { plan.faults[$0].kind == kind && faults[$0].places.contains(place) }
            .map { plan.faults[$0] }
    }

    /// Puts back what a fault changed.
    func end(_ position: Int) {
        let fault = plan.faults[position]
        faults[position].isActive = false
        record(.faultEnded, faults[position].places.first ?? -1, value: UInt64(fault.number))
        for place in faults[position].places {
            let process = processes[place]
            if fault.misleads { mend(clockOf: place) }
            switch fault.kind {
            case .slowness: process.slowness = max(0, process.slowness - fault.strength * 1_000)
            #if PLANTED_BUGS
            case .clientPause where planted(.beliefBlindToSuspension): process.clock.goOn(at: now)
            #endif
            case .suspension, .clientSuspension:
                process.clock.goOn(at: now)
                process.suspensions = max(0, process.suspensions - 1)
            case .rate:
                process.clock.run(at: nil, from: now)
                process.wakeAt = .max
                if process.isUp { scheduleTurn(process) }
            case .clientCrash: release(process)
            default: if let node = process as? SimulatedNode { end(fault, of: node) }
            }
        }
        sumUpPaths()
    }

    private func end(_ fault: Fault, of node: SimulatedNode) {
        switch fault.kind {
        case .slowDisk:
            // Another one may still be under way there.
            node.disk.faults.slowFactor = activeFaults(.slowDisk, at: node.place).map(\.strength).max() ?? 1
        case .shortReads: node.disk.faults.shortReadsPerTenThousand = 0
        case .fullDisk: node.disk.faults.capacityBytes = nil
        case .powerLossAtWrite, .crashAtWrite:
            // It has not come to it in all the time.
            if let place = node.disk.crashPoints.firstIndex(where: { $0.fault == fault.number }) {
                let point = node.disk.crashPoints.remove(at: place)
                if !faults.isHealed { crash(node, losingPower: point.losesPower) }
            }
            release(node)
        case .crash, .powerLoss, .gracefulStop, .wipe, .rot, .lostWrite, .misdirectedWrite: release(node)
        case .syncError:
            node.disk.faults.failingSyncs = 0
            startWhenDown(node)
        case .writeError:
            node.disk.faults.failingWrites = 0
            startWhenDown(node)
        case .readError:
            node.disk.faults.failingReads = 0
            startWhenDown(node)
        default: break
        }
    }

    /// One fault less wants the process down.
    private func release(_ process: SimulatedProcess) {
        process.downHolds = max(0, process.downHolds - 1)
        startWhenDown(process)
    }

    /// Starts a process that nothing wants down, once it is down.
    private func startWhenDown(_ process: SimulatedProcess) {
        guard process.downHolds == 0 else { return }
        if let client = process as? SimulatedClient {
            guard client.isUp, client.isStopping else { return start(client) }
            return after(.milliseconds(200)) { [unowned self] in startWhenDown(client) }
        }
        guard let node = process as? SimulatedNode else { return }
        if !node.isUp { return start(node) }
        // It is on its way down, or it was started already.
        if node.isEnding { after(.milliseconds(200)) { [unowned self] in startWhenDown(node) } }
    }

    /// Sums up what all faults under way do to each path.
    func sumUpPaths() {
        let clogs = network.paths.map(\.cloggedUntil)
        for path in network.paths.indices {
            network.paths[path] = PathState()
            network.paths[path].cloggedUntil = clogs[path]
        }
        for position in faults.active where faults[position].isOn {
            let fault = plan.faults[position]
            switch fault.kind {
            case .ring: blockAllButRing(losing: fault.losesPackets)
            default: sumUp(fault, faults[position])
            }
        }
        for pair in manualCuts { network.block(network.path(from: pair.from, to: pair.to), losing: true) }
        releaseWaiting()
    }

    private func sumUp(_ fault: Fault, _ state: FaultEngine.State) {
        for one in state.places {
            for other in state.others where other != one && other < processes.count {
                change(network.path(from: one, to: other), by: fault)
                if fault.kind != .oneWay { change(network.path(from: other, to: one), by: fault) }
            }
        }
    }

    private func change(_ path: Int, by fault: Fault) {
        let strength = UInt64(max(0, fault.strength))
        switch fault.kind {
        case .loss: network.paths[path].loss = max(network.paths[path].loss, strength)
        case .duplication: network.paths[path].duplication = max(network.paths[path].duplication, strength)
        case .replay: network.paths[path].replay = max(network.paths[path].replay, strength)
        case .reordering: network.paths[path].reordering = max(network.paths[path].reordering, strength)
        case .corruption: network.paths[path].corruption = max(network.paths[path].corruption, strength)
        case .delay: network.paths[path].delay = max(network.paths[path].delay, strength * 1_000_000)
        case .split, .oneWay, .bridge, .flapping: network.block(path, losing: fault.losesPackets)
        default: break
        }
    }

    private func blockAllButRing(losing isLosing: Bool) {
        let count = nodes.count
        for one in 0..<count {
            for other in 0..<count where other != one {
                let distance = (other - one + count) % count
                if distance != 1, distance != count - 1 {
                    network.block(network.path(from: one, to: other), losing: isLosing)
                }
            }
        }
    }

    // MARK: By hand, for scripted tests

    /// Cuts everything between two groups, both ways, or mends it.
    public func cut(_ left: [Int], _ right: [Int], _ isCut: Bool = true) {
        for from in left {
            for to in right where from != to {
                for pair in [Pair(from: from, to: to), Pair(from: to, to: from)] {
                    manualCuts.removeAll { $0 == pair }
                    if isCut { manualCuts.append(pair) }
                }
            }
        }
        sumUpPaths()
    }

    /// Two processes, one way.
    struct Pair: Hashable {
        var from: Int
        var to: Int
    }
}
