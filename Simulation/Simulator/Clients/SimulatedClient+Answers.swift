import LeaseMachine
import LeaseholdBase
import LeaseholdClientCore
import LeaseholdWire

/// What a client makes of what it is told.
extension SimulatedClient {
    func completed(_ handle: RequestHandle, _ result: RequestResult, _ world: World) {
        guard let place = underWay.firstIndex(where: { $0.handle == handle }) else {
            return saved(handle, result, world)
        }
        let call = underWay.remove(at: place)
        world.record(.client, self.place, value: 0) { "\(call.words): \(Self.words(result))" }
        write(result, of: call, world)
        if case .acquire(let name) = call.purpose, let request = request(of: call, world) {
            acquires.append((request, name))
            if acquires.count > 6 { acquires.removeFirst() }
        }
        if case .restore = call.purpose { restored(result, world) }
        tenures.completed(handle, result)
        if case .giveBack(let claim, let isAwaited) = call.purpose { gaveBack(claim, isAwaited: isAwaited, result) }
        takeFailures()
        if case .done = result { tally.done += 1 }
        if Self.isOfTheLog(result) { tally.committed += 1 }
        defer { if errand?.handle == handle { errandAnswered(result, turn.now) } }
        switch result {
        case .unknown: tally.unknown += 1
        case .notDone: tally.notDone += 1
        case .done(.acquired(let acquired)): granted(acquired, call, world)
        case .done(.renewed(let range)): renewed(range, call, world)
        case .done(.outcome(.refused(.held))): tally.foundHeld += 1
        case .done(.outcome(.released)): tally.released += 1
        case .done(.lease(let answer)):
            tally.reads += 1
            judge(answer, call, world)
        case .done(.page): tally.reads += 1
        case .done(.status(let status)):
            guard case .status(let node, let before) = call.purpose else { break }
            world.checks.judge(status, asked: node, before: before, by: label, &world.findings)
        case .done(.settings(let answer)):
            guard case .settings(let asked) = call.purpose else { break }
            world.settingsRead.append(
                LogJudge.SettingsRead(client: number, asked: asked, told: world.now, settings: answer.settings))
        case .done: break
        }
    }

    private static func isOfTheLog(_ result: RequestResult) -> Bool {
        switch result {
        case .done(.acquired), .done(.renewed), .done(.outcome): return true
        default: return false
        }
    }

    private func granted(_ acquired: Acquired, _ call: Call, _ world: World) {
        guard case .acquire(let name) = call.purpose else { return }
        let reference = ClaimReference(claim: acquired.claim, name: name)
        // Whoever asked looks at the clock himself.
        let now = clockNow(world)
        if acquired.lease != nil, let core {
            guard case .held(let lease, let facts) = Grant(acquired, in: core) else { return forget(reference) }
            guard began(lease, facts, world) else { return }
        }
        guard case .holding(let token, _) = acquired.status, acquired.heldUntil > now else { return forget(reference) }
        if acquired.lease == nil {
            tenureCount += 1
            var random = source(.tenure, tenureCount)
            let releaseAt = now + random.duration(in: workload.hold)
            loose.append(
                Loose(
                    claim: reference, request: request(of: call, world),
                    belief: TenureBelief(heldUntil: acquired.heldUntil, now: now), releaseAt: releaseAt, random: random)
            )
        }
        tally.granted += 1
        let until = trueEnd(of: acquired.heldUntil, world)
        world.beliefs.begin(name, token, of: self.place, label, until: until, &world.findings)
    }

    private func request(of call: Call, _ world: World) -> RequestID? {
        call.number.flatMap { world.history.operations[$0].request }
    }

    /// Claims that it renewed by hand.
    private func renewed(_ range: Range<Int>, _ call: Call, _ world: World) {
        guard case .renew(let claims) = call.purpose, let renewals = core?.renewals[range] else { return }
        let now = clockNow(world)
        for (claim, renewal) in zip(claims, renewals) {
            guard let place = loose.firstIndex(where: { $0.claim.claim == claim }) else { continue }
            if case .holding = renewal.status {
                guard loose[place].belief.extend(until: renewal.heldUntil, now: now) else {
                    drop(place, world)
                    continue
                }
                let until = trueEnd(of: loose[place].belief.heldUntil, world)
                world.beliefs.extend(
                    loose[place].claim.name, FencingToken(claim.rawValue), of: self.place, label, until: until,
                    &world.findings)
            } else {
                var isTakenAway = false
                if case .held = loose[place].belief.standing(now: now) { isTakenAway = true }
                drop(place, world, isTakenAway: isTakenAway)
            }
        }
    }

    /// A linearizable read knows what was committed when it was asked, and what somebody believes in meanwhile.
    private func judge(_ answer: LeaseAnswer, _ call: Call, _ world: World) {
        guard case .get(let name, false, let committed, let sent) = call.purpose else { return }
        ReadRule.judge(
            name, readAt: answer.preface.index, committedWhenAsked: committed, by: label, &world.findings)
        let believed = world.beliefs.token(of: name, believedFrom: sent, to: world.now)
        ReadRule.judge(
            name, holders: answer.lease.holders.map(\.token), believed: believed, by: label, &world.findings)
    }

    /// The first moment of true time at which the client's clock shows the end of a belief.
    func trueEnd(of until: SteadyTime, _ world: World) -> UInt64 { clock.trueTime(of: until, after: world.now) }

    /// A claim that it looked after is over, or is to be.
    func drop(_ place: Int, _ world: World, isTakenAway: Bool = false) {
        let claim = loose.remove(at: place).claim
        forget(claim)
        world.beliefs.end(
            claim.name, FencingToken(claim.claim.rawValue), of: self.place, label, isTakenAway: isTakenAway,
            &world.findings)
    }

    /// Keeps a claim that is over in mind, to ask for it all the same.
    func forget(_ claim: ClaimReference) {
        past.append(claim)
        if past.count > 6 { past.removeFirst() }
    }
}
