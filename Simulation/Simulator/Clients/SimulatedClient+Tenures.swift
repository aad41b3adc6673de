import LeaseMachine
import LeaseholdBase
import LeaseholdClientCore

/// Tenures, as the SDK has them: the core's news on one side, whoever works under the lease on the other, and between
/// them the same ``Tenures`` and ``TenureBelief``. Work runs on other threads than the core's: it looks at the clock when it
/// likes, in the middle of the core's turns too.
extension SimulatedClient {
    /// A tenure that the client's core keeps, and what works under it.
    final class Held: KeptTenure {
        let lease: LeaseHandle
        let facts: HeldLease
        /// What whoever works under it believes: the very type by which the SDK decides.
        var belief: TenureBelief
        /// When the work returns, and the lease is given back.
        var releaseAt = SteadyTime.never
        /// From when on the work stands still: it looks at its lease no more, nor says that it goes on.
        var hangsAt = SteadyTime.never
        /// What is drawn for it.
        var random: RandomSource
        /// The work's own reading of the clock.
        private let clock: () -> SteadyTime

        init(
            _ lease: LeaseHandle, _ facts: HeldLease, _ belief: TenureBelief, _ random: RandomSource,
            clock: @escaping () -> SteadyTime
        ) {
            (self.lease, self.facts, self.belief, self.random, self.clock) = (lease, facts, belief, random, clock)
        }

        var name: String { facts.name }
        var token: FencingToken { facts.token }
        var claim: ClaimReference { ClaimReference(claim: facts.claim, name: facts.name) }

        func judge<Answer>(_ body: (inout TenureBelief, SteadyTime) -> Answer) -> Answer { body(&belief, clock()) }
    }

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

    /// A lease was granted, and the core keeps it. Answers whether it is of use.
    func began(_ lease: LeaseHandle, _ facts: HeldLease, _ world: World) -> Bool {
        tenureCount += 1
        var random = source(.tenure, tenureCount)
        let now = clockNow(world)
        let releaseAt = now + random.duration(in: workload.hold)
        // Some must say that their work goes on; some of those, and some others, come to a stand.
        let checkpoint: Nanoseconds? =
            random.chance(1, in: 3) ? random.duration(in: .milliseconds(100)...(.seconds(2))) : nil
        let hangs = random.chance(1, in: 6) ? random.duration(in: .zero...workload.hold.upperBound) : nil
        let belief = TenureBelief(
            heldUntil: facts.heldUntil, checkpointWithin: isStaying ? nil : checkpoint,
            isScoped: random.chance(1, in: 2), now: now)
        let tenure = Held(lease, facts, belief, random) { [unowned self, unowned world] in clockNow(world) }
        // Work that stands still does not return either.
        if !isStaying, hangs == nil || checkpoint == nil { tenure.releaseAt = releaseAt }
        if !isStaying, let hangs { tenure.hangsAt = now + hangs }
        accounts.begin(facts.claim)
        let isOfUse = core?.change { core in tenures.begin(tenure, isGivenUp: false, &core, now: turn.now) }
        guard isOfUse == true else {
            _ = tenure.belief.finish(.released, isGivenBack: true)
            giveBackUnawaited(tenure, world, turn.now)
            forget(tenure.claim)
            return false
        }
        held.append(tenure)
        lookAgain(tenure, after: .milliseconds(1), world)
        return true
    }

    /// The core's belief has changed.
    func changed(_ lease: LeaseHandle, _ state: LeaseState, _ world: World) {
        let now = clockNow(world)
        // What the cluster ended, it ended after the client stopped believing (property 12).
        var isTakenAway = state == .lost(.expired) || state == .lost(.claimUnknown)
        if let tenure = held.first(where: { $0.lease == lease }) {
            write(state, of: tenure, world, now)
            if case .lost = state, case .over = tenure.belief.standing(now: now) { isTakenAway = false }
        }
        let change = core?.change { core in tenures.changed(lease, state, &core, now: turn.now) }
        guard let (tenure, news) = change ?? nil else { return }
        switch news {
        case .atRisk: break
        case .renewed, .ending:
            world.beliefs.extend(
                tenure.name, tenure.token, of: place, label, until: trueEnd(of: tenure.belief.heldUntil, world),
                &world.findings)
            judgeWork(tenure, world)
        case .ranOut:
            if lose(tenure, .expiredLocally, isTakenAway: false, world) { tally.runOut += 1 }
        case .lost(let reason):
            let isNews = lose(tenure, reason, isTakenAway: isTakenAway, world)
            if isNews, reason == .workStalled { tally.stalled += 1 }
        }
    }

    /// Ends a tenure here; false when it had ended before.
    @discardableResult
    func lose(_ tenure: Held, _ reason: LossReason, isTakenAway: Bool, _ world: World) -> Bool {
        guard let position = held.firstIndex(where: { $0 === tenure }) else { return false }
        held.remove(at: position)
        _ = tenure.belief.finish(reason, isGivenBack: reason == .released)
        if isBusy, tenure.random.chance(1, in: 2) {
            let at = clockNow(world) + tenure.random.duration(in: .milliseconds(10)...(.seconds(6)))
            lateWrites.append((tenure.name, tenure.token, at))
        }
        if reason != .released {
            tally.lost += 1
            accounts.settle(tenure.facts.claim)
        }
        forget(tenure.claim)
        world.beliefs.end(tenure.name, tenure.token, of: place, label, isTakenAway: isTakenAway, &world.findings)
        return true
    }

    /// The work has returned: the lease is given back, and believed in no more from this moment on.
    func giveBack(_ tenure: Held, _ world: World, _ now: SteadyTime) {
        // What was lost before the work returned is no more to be had back: as `withLease` it is released all the same.
        lose(tenure, .released, isTakenAway: false, world)
        let claim = tenure.facts.claim
        let request = asked(.release(tenure.claim), .giveBack(claim, isAwaited: true), world) {
            core throws(SubmissionError) in
            try tenures.release(tenure, timeout: nil, &core, now: now)
        }
        if request == nil { failedToGiveBack(claim) }
        takeNews(world, now)
    }

    // MARK: Work

    /// Work under a lease looks at it again in a while.
    private func lookAgain(_ tenure: Held, after delay: Nanoseconds, _ world: World) {
        let life = life
        world.after(delay) { [unowned self, unowned world] in
            guard isUp, self.life == life else { return }
            look(tenure, world)
        }
    }

    /// Work under a lease looks at the clock, says that it goes on, and writes while it believes.
    private func look(_ tenure: Held, _ world: World) {
        guard held.contains(where: { $0 === tenure }) else { return }
        guard !isStopped(at: world.now) else {
            return lookAgain(tenure, after: Nanoseconds(Int64(stoppedUntil - world.now) + 1), world)
        }
        let now = clockNow(world)
        guard now < tenure.hangsAt else { return }
        // A body begins; the client may be about to end by then.
        if tenure.belief.isScoped, !tenure.belief.isWorking, tenure.belief.workBegins() { cancelWork(tenure, world) }
        let (standing, mustTell) = tenure.belief.checkpoint(now: now)
        // The work is told that it is over, and stops; the core loses the lease by itself, or confirms it in vain.
        guard case .held = standing else { return }
        if mustTell {
            worked.append(tenure)
            world.scheduleTurn(self)
        }
        write(tenure.name, tenure.token, isBelieved: true, world)
        let interval = tenure.belief.checkpointWithin.map { max($0 / 3, .milliseconds(20)) } ?? .milliseconds(500)
        lookAgain(tenure, after: tenure.random.duration(in: .milliseconds(1)...interval), world)
    }

    /// Work is told to stop, and returns in a while; not that which stands still.
    func cancelWork(_ tenure: Held, _ world: World) {
        let now = clockNow(world)
        guard now < tenure.hangsAt else { return }
        tenure.releaseAt = min(tenure.releaseAt, now + tenure.random.duration(in: .zero...(.milliseconds(800))))
        world.scheduleTurn(self)
    }

    /// Work that stands still does not keep its lease for ever (trap 52): no renewal reaches further than a TTL behind
    /// the time for which the work has spoken.
    private func judgeWork(_ tenure: Held, _ world: World) {
        guard let limit = tenure.belief.workLimit, tenure.belief.heldUntil > limit + tenure.facts.ttl else { return }
        world.violate(
            16, by: label,
            "believes in \(tenure.name) with token \(tenure.token) until \(seconds(tenure.belief.heldUntil)) of its clock",
            "its work has spoken for the time until \(seconds(limit)), and its TTL is \(tenure.facts.ttl)")
    }
}
