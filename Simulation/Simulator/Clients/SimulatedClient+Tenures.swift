import LeaseMachine
import LeaseholdBase
import LeaseholdClientCore

/// Tenures, as the SDK has them: the core's news on one side, whoever works under the lease on the other, and between
/// them the same ``TenureBelief``. Work runs on other threads than the core's: it looks at the clock when it likes, in the
/// middle of the core's turns too.
extension SimulatedClient {
    /// What the client believes of one name, for people.
    struct Belief: Hashable {
        var name: String
        var token: FencingToken
        /// Until when, on its own clock.
        var until: SteadyTime
    }

    /// What it believes to hold, and what it waits for.
    var beliefs: [Belief] {
        held.map { Belief(name: $0.name, token: $0.token, until: $0.belief.heldUntil) }
            + loose.map {
                Belief(
                    name: $0.claim.name, token: FencingToken($0.claim.claim.rawValue), until: $0.belief.heldUntil)
            }
    }

    /// The work's own reading of the clock.
    func clockNow(_ world: World) -> SteadyTime { reading(at: world.now).steady }

    /// A lease was granted, and the core keeps it.
    func began(_ lease: LeaseHandle, _ name: String, _ token: FencingToken, _ world: World) {
        guard let facts = core?.lease(lease) else { return }
        tenures += 1
        var random = source(.tenure, tenures)
        let now = clockNow(world)
        let releaseAt = now + random.duration(in: workload.hold)
        // Some must say that their work goes on; some of those, and some others, come to a stand.
        let checkpoint: Nanoseconds? =
            random.chance(1, in: 3) ? random.duration(in: .milliseconds(100)...(.seconds(2))) : nil
        let hangs = random.chance(1, in: 6) ? random.duration(in: .zero...workload.hold.upperBound) : nil
        held.append(
            Held(
                lease: lease, name: name, token: token, ttl: facts.ttl,
                belief: TenureBelief(heldUntil: facts.heldUntil, checkpointWithin: checkpoint, now: now),
                // Work that stands still does not return either.
                releaseAt: hangs != nil && checkpoint != nil ? .never : releaseAt,
                hangsAt: hangs.map { now + $0 } ?? .never, random: random))
        keepRenewing(lease, turn.now)
        lookAgain(lease, after: .milliseconds(1), world)
    }

    /// The lease may be renewed for as long as its work goes on.
    func keepRenewing(_ lease: LeaseHandle, _ now: SteadyTime) {
        guard let limit = held.first(where: { $0.lease == lease })?.belief.workLimit else { return }
        core?.renew(lease, until: limit, now: now)
    }

    /// The core's belief has changed.
    func changed(_ lease: LeaseHandle, _ state: LeaseState, _ world: World) {
        guard let position = held.firstIndex(where: { $0.lease == lease }) else { return }
        let now = clockNow(world)
        write(state, of: held[position], world, now)
        switch state {
        case .atRisk: break
        case .held(let until), .ending(_, let until):
            guard held[position].belief.extend(until: until, now: now) else { return runOut(position, world) }
            let tenure = held[position]
            world.beliefs.extend(
                tenure.name, tenure.token, of: place, label, until: trueEnd(of: tenure.belief.heldUntil, world),
                &world.findings)
            judgeWork(tenure, world)
        case .lost(let reason):
            // What the cluster ended, it ended after the client stopped believing (property 12).
            var isTakenAway = reason == .expired || reason == .claimUnknown
            if case .over = held[position].belief.standing(now: now) { isTakenAway = false }
            let precise = held[position].belief.precise(reason, now: now)
            if precise == .workStalled { tally.stalled += 1 }
            lose(position, precise, isTakenAway: isTakenAway, world)
        }
    }

    /// Ends a tenure here.
    private func lose(_ position: Int, _ reason: LossReason, isTakenAway: Bool, _ world: World) {
        var tenure = held.remove(at: position)
        _ = tenure.belief.finish(reason, isGivenBack: reason == .released)
        if isBusy, tenure.random.chance(1, in: 2) {
            let at = clockNow(world) + tenure.random.duration(in: .milliseconds(10)...(.seconds(6)))
            lateWrites.append((tenure.name, tenure.token, at))
        }
        if reason != .released { tally.lost += 1 }
        forget(tenure.claim)
        world.beliefs.end(tenure.name, tenure.token, of: place, label, isTakenAway: isTakenAway, &world.findings)
    }

    /// Somebody has seen the tenure past its deadline, and acted on it: that stands, though the cluster has confirmed it
    /// for longer since. It is left to run out (trap 60).
    private func runOut(_ position: Int, _ world: World) {
        let lease = held[position].lease
        tally.runOut += 1
        lose(position, .expiredLocally, isTakenAway: false, world)
        core?.renew(lease, until: turn.now, now: turn.now)
    }

    /// The work has returned: the lease is given back, and believed in no more from this moment on. One that the core has
    /// lost as well may still stand in the cluster.
    func giveBack(_ lease: LeaseHandle, _ claim: ClaimReference, _ world: World, _ now: SteadyTime) {
        asked(.release(claim), .other, world) { core throws(SubmissionError) in
            if let handle = try core.release(lease, now: now) { return handle }
            return try core.release(claim, now: now)
        }
        // A release is a loss told at once.
        takeNews(world, now)
    }

    // MARK: Work

    /// Work under a lease looks at it again in a while.
    private func lookAgain(_ lease: LeaseHandle, after delay: Nanoseconds, _ world: World) {
        let life = life
        world.after(delay) { [unowned self, unowned world] in
            guard isUp, self.life == life else { return }
            look(lease, world)
        }
    }

    /// Work under a lease looks at the clock, says that it goes on, and writes while it believes.
    private func look(_ lease: LeaseHandle, _ world: World) {
        guard let position = held.firstIndex(where: { $0.lease == lease }) else { return }
        guard !isStopped(at: world.now) else {
            return lookAgain(lease, after: Nanoseconds(Int64(stoppedUntil - world.now) + 1), world)
        }
        let now = clockNow(world)
        guard now < held[position].hangsAt else { return }
        let (standing, mustTell) = held[position].belief.checkpoint(now: now)
        // The work is told that it is over, and stops; the core loses the lease by itself, or confirms it in vain.
        guard case .held = standing else { return }
        if mustTell {
            worked.append(lease)
            world.scheduleTurn(self)
        }
        let tenure = held[position]
        write(tenure.name, tenure.token, isBelieved: true, world)
        let interval = tenure.belief.checkpointWithin.map { max($0 / 3, .milliseconds(20)) } ?? .milliseconds(500)
        lookAgain(lease, after: held[position].random.duration(in: .milliseconds(1)...interval), world)
    }

    /// Work that stands still does not keep its lease for ever (trap 52): no renewal reaches further than a TTL behind
    /// the time for which the work has spoken.
    private func judgeWork(_ tenure: Held, _ world: World) {
        guard let limit = tenure.belief.workLimit, tenure.belief.heldUntil > limit + tenure.ttl else { return }
        world.violate(
            16, by: label, "believes in \(tenure.name) with token \(tenure.token) until \(tenure.belief.heldUntil)",
            "its work has spoken for the time until \(limit), and its TTL is \(tenure.ttl)")
    }
}
