import LeaseMachine
import LeaseholdBase
import LeaseholdClientCore

/// The graceful end of a client, as the SDK's `stop()`: acquires are given up, work is told to stop, what is held is given
/// back, as many releases at once as there is room for, and whatever has not come to its end in time is told to have failed.
extension SimulatedClient {
    /// What became of the tenures of one life, as far as the client was told: each is lost, or its release is answered or
    /// told to have failed, once.
    struct Accounts {
        /// Tenures of which nothing of all this was told yet.
        private(set) var open: [ClaimID] = []
        /// Those whose claims are over, as the cluster has said.
        private(set) var over: [ClaimID] = []
        /// What was told of a tenure that was settled before.
        private(set) var toldTwice: [ClaimID] = []

        mutating func begin(_ claim: ClaimID) { open.append(claim) }

        /// It was lost, and never given back.
        mutating func settle(_ claim: ClaimID) {
            if let place = open.firstIndex(of: claim) { open.remove(at: place) } else { toldTwice.append(claim) }
        }

        /// Its release was answered.
        mutating func end(_ claim: ClaimID) {
            settle(claim)
            over.append(claim)
            // One more is looked at in the end than any client holds at once.
            if over.count > 64 { over.removeFirst() }
        }

        /// Its release has failed, and the client was told.
        mutating func fail(_ claim: ClaimID) { settle(claim) }
    }

    /// Asks the client to end, as whoever runs it does.
    func stop(_ world: World) {
        guard isUp, !isStopping else { return }
        isStopping = true
        world.scheduleTurn(self)
    }

    /// Takes the request to end up.
    func beginStop(_ world: World, _ now: SteadyTime) {
        guard isStopping, stopLimit == nil else { return }
        draw(.stop, 0)
        // Some have no time for it, and others are busy until the end.
        let longest: Nanoseconds = random.chance(1, in: 3) ? .milliseconds(20) : .seconds(6)
        stopLimit = now + (isStaying ? .seconds(10) : random.duration(in: .zero...longest))
        // A caller whose release finds no room is told so, and the lease is left to run out: not what is looked for at the
        // end of a run.
        if !isStaying, random.chance(2, in: 3) { fillRoom(world, now) }
        let orders = core?.change { core in tenures.stop(&core, now: now) } ?? []
        for (tenure, order) in orders {
            switch order {
            case .cancelWork: cancelWork(tenure, world)
            case .leave: break
            case .giveBack:
                if !lose(tenure, .released, isTakenAway: false, world) { accounts.begin(tenure.facts.claim) }
                giveBackUnawaited(tenure, world, now)
            }
        }
        takeNews(world, now)
    }

    /// Asks for so much that few requests more find room.
    private func fillRoom(_ world: World, _ now: SteadyTime) {
        for _ in 0..<Self.requestsAtLeast {
            let handle = asked(.get(name: "name-0", isStale: true), .other, world) { core throws(SubmissionError) in
                try core.get(name: "name-0", stale: true, timeout: .seconds(2), now: now)
            }
            if handle == nil { return }
        }
    }

    /// Gives a lease back, and nobody waits for it.
    func giveBackUnawaited(_ tenure: Held, _ world: World, _ now: SteadyTime) {
        let release = core?.change { core in tenures.giveBack(tenure, &core, now: now) }
        if let release = release ?? nil { wrote(release, world) }
        takeFailures()
    }

    /// Sends further releases as earlier ones are answered; true when there were any.
    @discardableResult
    func sendMoreReleases(_ world: World, _ now: SteadyTime) -> Bool {
        guard isStopping else { return false }
        let sent = core?.change { core in tenures.sendMore(&core, now: now) } ?? []
        for release in sent { wrote(release, world) }
        tally.releasesDelayed += sent.count
        takeFailures()
        return !sent.isEmpty
    }

    private func wrote(_ release: Tenures<Held>.SentRelease, _ world: World) {
        let question = Operation.Question.release(release.tenure.claim)
        let number = world.history.begin(question, by: number, at: world.now)
        let purpose = Purpose.giveBack(release.tenure.facts.claim, isAwaited: false)
        underWay.append(Call(handle: release.request, purpose: purpose, number: number, words: "\(question)"))
    }

    /// Which releases failed that nobody waits for.
    func takeFailures() {
        for failed in tenures.takeFailures() {
            lastReleaseFailure = failed.failure
            failedToGiveBack(failed.tenure.facts.claim)
        }
    }

    /// The client was told that a release has failed.
    func failedToGiveBack(_ claim: ClaimID) {
        accounts.fail(claim)
        if stopLimit != nil { tally.releasesFailed += 1 }
    }

    /// The release of a tenure was answered, or not.
    func gaveBack(_ claim: ClaimID, isAwaited: Bool, _ result: RequestResult) {
        if ReleaseFailure(result) == nil {
            accounts.end(claim)
        } else if isAwaited {
            failedToGiveBack(claim)
        }
    }

    /// Ends the client when there is nothing left to wait for, or no time.
    func endIfDone(_ world: World) {
        guard let limit = stopLimit, let core else { return }
        let now = clockNow(world)
        guard tenures.isDone(core) || now >= limit else { return }
        self.core?.shutDown(now: now)
        takeNews(world, now)
        for tenure in tenures.end() { lose(tenure, .shutDown, isTakenAway: false, world) }
        takeFailures()
        judgeEnd(world)
        tally.stops += 1
        world.crash(self)
    }

    /// Nothing that the client had is held in the cluster, unless it was told that this may be so.
    private func judgeEnd(_ world: World) {
        for claim in accounts.open {
            world.violate(
                16, by: label, "has stopped", "it was never told what became of its release of claim \(claim)")
        }
        for claim in accounts.toldTwice {
            world.violate(16, by: label, "has stopped", "it was told twice what became of its claim \(claim)")
        }
        for (name, tenure) in world.checks.claims.alive where accounts.over.contains(tenure.claim) {
            world.violate(
                16, by: label, "has stopped, and was told that its claim \(tenure.claim) of \(name) is over",
                "it stands until \(tenure.deadline) of log time")
        }
    }

    /// Asks for a lease of its own, to keep it until it is stopped.
    func stay(_ world: World) {
        isStaying = true
        let now = clockNow(world)
        let wanted = Acquire(name: "\(label)'s last", holder: label, ttl: .seconds(60))
        asked(.acquire(wanted, isKept: true), .acquire(name: wanted.name), world) { core throws(SubmissionError) in
            try core.acquire(wanted, keep: true, timeout: Errand.bound, now: now)
        }
        world.scheduleTurn(self)
    }
}

extension ClientCore {
    /// Does something with the core while it is there.
    mutating func change<Answer>(_ body: (inout ClientCore) -> Answer) -> Answer { body(&self) }
}
