import LeaseMachine
import LeaseholdBase
import LeaseholdClientCore
import LeaseholdWire

/// What a client makes of what it is told.
extension SimulatedClient {
    func completed(_ handle: RequestHandle, _ result: RequestResult, _ world: World, _ now: SteadyTime) {
        guard let place = underWay.firstIndex(where: { $0.handle == handle }) else { return }
        let call = underWay.remove(at: place)
        world.record(.client, self.place, value: 0) { "\(call.words): \(Self.words(result))" }
        write(result, of: call, world, now)
        if case .acquire(let name) = call.purpose, let request = world.history.operations[call.number].request {
            acquires.append((request, name))
            if acquires.count > 6 { acquires.removeFirst() }
        }
        switch result {
        case .unknown: tally.unknown += 1
        case .notDone: tally.notDone += 1
        case .done(.acquired(let acquired)): granted(acquired, call, world, now)
        case .done(.renewed(let range)): renewed(range, call, world, now)
        case .done(.outcome(.refused(.held))): tally.foundHeld += 1
        case .done(.outcome(.released)): tally.released += 1
        case .done(.lease(let answer)):
            tally.reads += 1
            judge(answer, call, world)
        case .done(.page): tally.reads += 1
        case .done: break
        }
    }

    private func granted(_ acquired: Acquired, _ call: Call, _ world: World, _ now: SteadyTime) {
        guard case .acquire(let name) = call.purpose else { return }
        let reference = ClaimReference(claim: acquired.claim, name: name)
        guard case .holding(let token, _) = acquired.status, acquired.heldUntil > now else { return forget(reference) }
        let releaseAt = now + random.duration(in: workload.hold)
        if let lease = acquired.lease {
            held.append(Held(lease: lease, name: name, token: token, releaseAt: releaseAt, until: acquired.heldUntil))
        } else {
            loose.append(
                Loose(
                    claim: reference, request: world.history.operations[call.number].request, releaseAt: releaseAt,
                    until: acquired.heldUntil))
        }
        tally.granted += 1
        let until = trueEnd(of: acquired.heldUntil, world)
        world.beliefs.begin(name, token, of: self.place, label, until: until, &world.findings)
    }

    /// Claims that it renewed by hand.
    private func renewed(_ range: Range<Int>, _ call: Call, _ world: World, _ now: SteadyTime) {
        guard case .renew(let claims) = call.purpose, let renewals = core?.renewals[range] else { return }
        for (claim, renewal) in zip(claims, renewals) {
            guard let place = loose.firstIndex(where: { $0.claim.claim == claim }) else { continue }
            if case .holding = renewal.status {
                guard renewal.heldUntil > loose[place].until, renewal.heldUntil > now else { continue }
                loose[place].until = renewal.heldUntil
                let until = trueEnd(of: renewal.heldUntil, world)
                world.beliefs.extend(loose[place].claim.name, of: self.place, label, until: until, &world.findings)
            } else {
                drop(place, world, isTakenAway: loose[place].until > now)
            }
        }
    }

    /// A linearizable read knows what was committed when it was asked, and what somebody believes in meanwhile.
    private func judge(_ answer: LeaseAnswer, _ call: Call, _ world: World) {
        guard case .get(let name, false, let committed, let sent) = call.purpose else { return }
        ReadRule.judge(
            name, readAt: answer.preface.index, committedWhenAsked: committed, by: label, &world.findings)
        guard world.plan.keepsBeliefs else { return }
        let believed = world.beliefs.token(of: name, believedFrom: sent, to: world.now)
        ReadRule.judge(
            name, holders: answer.lease.holders.map(\.token), believed: believed, by: label, &world.findings)
    }

    func changed(_ lease: LeaseHandle, _ state: LeaseState, _ world: World, _ now: SteadyTime) {
        guard let position = held.firstIndex(where: { $0.lease == lease }) else { return }
        write(state, of: held[position], world, now)
        switch state {
        case .held(let until), .atRisk(let until), .ending(_, let until):
            held[position].until = until
            world.beliefs.extend(
                held[position].name, of: place, label, until: trueEnd(of: until, world), &world.findings)
        case .lost(let reason):
            let tenure = held.remove(at: position)
            if isBusy, random.chance(1, in: 2) {
                let at = now + random.duration(in: .milliseconds(10)...(.seconds(6)))
                lateWrites.append((tenure.name, tenure.token, at))
            }
            // What the cluster ended, it ended after the client stopped believing (property 12).
            let isTakenAway = reason == .expired || reason == .claimUnknown
            if reason != .released { tally.lost += 1 }
            forget(ClaimReference(claim: ClaimID(tenure.token.rawValue), name: tenure.name))
            world.beliefs.end(
                tenure.name, of: place, label, isTakenAway: isTakenAway && tenure.until > now, &world.findings)
        }
    }

    /// The first moment of true time at which the client's clock shows the end of a belief.
    func trueEnd(of until: SteadyTime, _ world: World) -> UInt64 { clock.trueTime(of: until, after: world.now) }

    /// A claim that it looked after is over, or is to be.
    func drop(_ place: Int, _ world: World, isTakenAway: Bool = false) {
        let claim = loose.remove(at: place).claim
        forget(claim)
        world.beliefs.end(claim.name, of: self.place, label, isTakenAway: isTakenAway, &world.findings)
    }

    /// Keeps a claim that is over in mind, to ask for it all the same.
    private func forget(_ claim: ClaimReference) {
        past.append(claim)
        if past.count > 6 { past.removeFirst() }
    }
}
