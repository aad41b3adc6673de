import LeaseMachine
import LeaseholdBase
import LeaseholdClientCore

/// What a client does with its life.
extension SimulatedClient {
    func act(_ world: World, _ now: SteadyTime) {
        writeLate(world, now)
        renewLate(world, now)
        for place in loose.indices where loose[place].random.chance(1, in: 4) {
            guard case .held = loose[place].belief.standing(now: clockNow(world)) else { continue }
            let claim = loose[place].claim
            write(claim.name, FencingToken(claim.claim.rawValue), isBelieved: true, world)
        }
        for tenure in held where tenure.releaseAt <= now { giveBack(tenure, world, now) }
        lookAfter(world, now)
        goOnWithErrand(world, now)
        goOnWithSave(world, now)
        guard isBusy, !isStopping, now >= nextAct else { return }
        changeSettings(world, now)
        changeMembers(world, now)
        acts += 1
        if source(.save, acts).isSaveDue { save(world) }
        draw(.act, acts)
        nextAct = now + random.duration(in: workload.rest)
        if underWay.count < 4 { doSomething(world, now) } else if random.chance(1, in: 3) { giveUp(now) }
    }

    /// Writes to the resource of a name with the token of a tenure.
    func write(_ name: String, _ token: FencingToken, isBelieved: Bool, _ world: World) {
        let tenure = world.checks.claims.number(of: token)
        let isBelieved = isBelieved && world.beliefs.isTrusted(name, token, of: place)
        world.resources.write(name, token, tenure: tenure, isBelieved: isBelieved, label, &world.findings)
    }

    /// What it does as one that was paused between looking and writing: it writes with what it had.
    private func writeLate(_ world: World, _ now: SteadyTime) {
        for late in lateWrites where late.at <= now { write(late.name, late.token, isBelieved: false, world) }
        lateWrites.removeAll { $0.at <= now }
    }

    /// Renews claims that it has stopped believing in a moment ago, as one that was too slow: around the deadlines, where
    /// the cluster has to decide once and for all.
    private func renewLate(_ world: World, _ now: SteadyTime) {
        let late = lateRenewals.filter { $0.at <= now }
        guard !late.isEmpty else { return }
        lateRenewals.removeAll { $0.at <= now }
        guard isBusy, underWay.count < 8 else { return }
        let items = late.map { Renewal(claim: $0.claim.claim, name: $0.claim.name) }
        let timeout = timeout()
        asked(.renew(items), .renew(items.map(\.claim)), world) { core throws(SubmissionError) in
            try core.renew(items, timeout: timeout, now: now)
        }
    }

    private func doSomething(_ world: World, _ now: SteadyTime) {
        switch random.below(42) {
        case 40: askStatus(world, now)
        case 41: askSettings(world, now)
        case 0..<6: get(world, now, isStale: false)
        case 6, 7: get(world, now, isStale: true)
        case 8, 9: list(world, now, isStale: false)
        case 10: list(world, now, isStale: true)
        case 11..<14: update(world, now)
        case 14..<18: renew(world, now)
        case 18, 19: releaseAgain(world, now)
        case 20, 21: cancel(world, now)
        case 22: giveUp(now)
        case 23..<29: acquire(name(), isKept: false, world, now)
        default: acquire(name(), isKept: true, world, now)
        }
    }

    private func name() -> String { "name-\(random.below(UInt64(workload.names)))" }

    private func timeout() -> Nanoseconds { random.duration(in: .milliseconds(200)...(.seconds(8))) }

    /// A value that nobody else gives.
    private func value() -> [UInt8] {
        values += 1
        return [UInt8(truncatingIfNeeded: number)] + (0..<3).map { UInt8(truncatingIfNeeded: values >> (8 * $0)) }
    }

    /// Claims that nobody renews for it expire; some are given back before.
    private func lookAfter(_ world: World, _ now: SteadyTime) {
        for place in loose.indices.reversed() {
            if case .over = loose[place].belief.standing(now: clockNow(world)) {
                let claim = loose[place].claim
                var random = loose[place].random
                drop(place, world)
                let at = now + random.duration(in: .milliseconds(10)...(.seconds(3)))
                lateWrites.append((claim.name, FencingToken(claim.claim.rawValue), at))
                if random.chance(1, in: 2) {
                    lateRenewals.append((claim, now + random.duration(in: .zero...(.milliseconds(60)))))
                }
            } else if loose[place].releaseAt <= now, loose[place].random.chance(2, in: 3) {
                let claim = loose[place].claim
                drop(place, world)
                asked(.release(claim), .other, world) { core throws(SubmissionError) in
                    try core.release(claim, now: now)
                }
            } else if loose[place].releaseAt <= now {
                loose[place].releaseAt = .never
            }
        }
    }

    // MARK: Calls

    private func acquire(_ name: String, isKept: Bool, _ world: World, _ now: SteadyTime) {
        guard !held.contains(where: { $0.name == name }) else { return }
        // Two claims of one label are two claims (trap 64), and most labels are of one claim.
        let holder = random.chance(1, in: 4) ? label : "\(label) #\(values)"
        var ttl = random.duration(in: workload.ttl)
        // A round one, as people choose: claims that are renewed together are due at the same time then.
        if random.chance(1, in: 2) { ttl = max(workload.ttl.lowerBound, .seconds(ttl.rawValue / 1_000_000_000)) }
        let wanted = Acquire(
            name: name, holder: holder, ttl: ttl,
            value: random.chance(1, in: 2) ? value() : [])
        let timeout = timeout()
        asked(.acquire(wanted, isKept: isKept), .acquire(name: name), world) { core throws(SubmissionError) in
            try core.acquire(wanted, keep: isKept, timeout: timeout, now: now)
        }
    }

    private func get(_ world: World, _ now: SteadyTime, isStale: Bool) {
        let name = name()
        let timeout = timeout()
        let purpose = Purpose.get(
            name: name, isStale: isStale, committed: world.checks.committed, sent: world.now)
        asked(.get(name: name, isStale: isStale), purpose, world) { core throws(SubmissionError) in
            try core.get(name: name, stale: isStale, timeout: timeout, now: now)
        }
    }

    private func list(_ world: World, _ now: SteadyTime, isStale: Bool) {
        let prefix = random.chance(2, in: 3) ? "name-" : name()
        let after = random.chance(1, in: 3) ? name() : ""
        let limit = random.chance(1, in: 3) ? random.integer(in: 1...3) : 100
        let timeout = timeout()
        let question = Operation.Question.list(prefix: prefix, after: after, limit: limit, isStale: isStale)
        asked(question, .other, world) { core throws(SubmissionError) in
            try core.list(prefix: prefix, after: after, limit: limit, stale: isStale, timeout: timeout, now: now)
        }
    }

    /// A claim that it has, and now and then one that is over, or one under another lease's name.
    private func someClaim() -> ClaimReference? {
        var claims = loose.map(\.claim) + held.map(\.claim)
        if claims.isEmpty || random.chance(1, in: 4) { claims = past }
        guard !claims.isEmpty else { return nil }
        return claims[Int(random.below(UInt64(claims.count)))]
    }

    private func update(_ world: World, _ now: SteadyTime) {
        guard let claim = someClaim() else { return acquire(name(), isKept: true, world, now) }
        let update = Update(claim: claim, value: value())
        let timeout = timeout()
        asked(.update(update), .other, world) { core throws(SubmissionError) in
            try core.update(update, timeout: timeout, now: now)
        }
    }

    /// Renews what it looks after, together with what is over and what was never there.
    private func renew(_ world: World, _ now: SteadyTime) {
        var items = loose.map { Renewal(claim: $0.claim.claim, name: random.chance(1, in: 4) ? "" : $0.claim.name) }
        for claim in past where random.chance(1, in: 4) { items.append(Renewal(claim: claim.claim, name: claim.name)) }
        if random.chance(1, in: 8) {
            // Beyond every log: a lower number may be that of a claim, and of its own.
            items.append(Renewal(claim: ClaimID(1 << 40 + random.below(1_000_000)), name: name()))
        }
        guard !items.isEmpty else { return acquire(name(), isKept: false, world, now) }
        let timeout = timeout()
        asked(.renew(items), .renew(items.map(\.claim)), world) { core throws(SubmissionError) in
            try core.renew(items, timeout: timeout, now: now)
        }
    }

    /// Releases a claim that is over, or names the wrong lease: nothing may come of it.
    private func releaseAgain(_ world: World, _ now: SteadyTime) {
        guard var claim = past.last else { return acquire(name(), isKept: true, world, now) }
        if random.chance(1, in: 4) { claim.name = name() }
        let timeout = timeout()
        asked(.release(claim), .other, world) { core throws(SubmissionError) in
            try core.release(claim, timeout: timeout, now: now)
        }
    }

    /// Undoes an acquire, one of late or one that is under way and whose tries may all have been lost so far: from now on
    /// it believes in nothing that it gets by it.
    private func cancel(_ world: World, _ now: SteadyTime) {
        var acquires = acquires
        for call in underWay {
            guard case .acquire(let name) = call.purpose, let request = core?.requestID(of: call.handle) else {
                continue
            }
            acquires.append((request, name))
        }
        guard !acquires.isEmpty else { return acquire(name(), isKept: true, world, now) }
        let (request, name) = acquires[Int(random.below(UInt64(acquires.count)))]
        let cancel = Cancel(target: request, name: name)
        if let place = loose.firstIndex(where: { $0.request == request }) { drop(place, world) }
        let timeout = timeout()
        asked(.cancel(cancel), .other, world) { core throws(SubmissionError) in
            try core.cancel(cancel, timeout: timeout, now: now)
        }
        takeNews(world, now)
    }

    /// Waits no longer for one of its calls.
    private func giveUp(_ now: SteadyTime) {
        guard !underWay.isEmpty else { return }
        let place = Int(random.below(UInt64(underWay.count)))
        let request = underWay[place].handle
        switch underWay[place].purpose {
        case .giveBack(_, isAwaited: false): break
        case .giveBack(let claim, isAwaited: true):
            // It goes on.
            tenures.nobodyWaits(for: request)
            underWay[place].purpose = .giveBack(claim, isAwaited: false)
        default: core?.giveUp(request, now: now)
        }
    }

    /// Asks for every name there is, to give it back at once; answers how many.
    func askForEveryName(_ world: World) -> Int {
        let now = reading(at: world.now).steady
        for number in 0..<workload.names {
            let wanted = Acquire(name: "name-\(number)", holder: label, ttl: .seconds(2))
            asked(.acquire(wanted, isKept: true), .acquire(name: wanted.name), world) { core throws(SubmissionError) in
                try core.acquire(wanted, keep: true, timeout: .seconds(10), now: now)
            }
        }
        world.scheduleTurn(self)
        return workload.names
    }
}
