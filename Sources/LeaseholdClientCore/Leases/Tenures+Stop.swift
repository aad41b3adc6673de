public import LeaseholdBase

/// The end of a client.
extension Tenures {
    /// The client ends: it acquires nothing more, and the acquires under way are given up. Answers what becomes of each
    /// tenure, in order. Its owner cancels the work that is to be cancelled, and finishes and gives back what is to be given
    /// back.
    public mutating func stop(
        _ core: inout ClientCore, now: SteadyTime
    ) -> [(tenure: Tenure, order: TenureBelief.StopOrder)] {
        isStopping = true
        core.endAcquires(now: now)
        return all.map { tenure in (tenure, tenure.judge { belief, _ in belief.stop() }) }
    }

    /// Sends further releases as earlier ones are answered.
    @discardableResult
    public mutating func sendMore(_ core: inout ClientCore, now: SteadyTime) -> [SentRelease] {
        var sent: [SentRelease] = []
        // One that finds no room is the next one again.
        while let tenure = unsent.popLast(), let release = giveBack(tenure, &core, now: now) { sent.append(release) }
        return sent
    }

    /// Whether there is nothing left to do or to wait for.
    public func isDone(_ core: borrowing ClientCore) -> Bool {
        unsent.isEmpty && core.requestsUnderWay == 0 && core.keptLeases == 0
    }

    /// The client has come to its end, and its core completes nothing more: what was not answered has failed. Answers what
    /// it still holds, for its owner to finish.
    public mutating func end() -> [Tenure] {
        for case .some(let release) in releases { fail(release, .unknown) }
        for tenure in unsent { fail(tenure, .neverSent) }
        defer { (kept, releases, unsent) = ([], [], []) }
        return all
    }
}
