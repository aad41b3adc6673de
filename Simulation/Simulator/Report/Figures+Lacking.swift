/// What there must be enough of for a run to mean anything (property 26).
extension Figures {
    /// What there was too little of, empty when there was enough.
    ///
    /// Every run elects a leader, and its clients get a lease. One of a minute and more in which they got many sees some of
    /// them forgotten, which then run out, and others written with when they are over, which is refused. And it sees what its
    /// profile is for, as far as its plan has enough of that: requests tried again and packets lost where connections and
    /// nodes fail, starts where nodes go down, calls of disks that fail, damage that is found, clocks that mislead; where
    /// nothing fails, claims and terms that were judged most of the time. In a shorter or a gentler run these may all miss by
    /// chance.
    public func lacking(in plan: Plan) -> [String] {
        var lacking: [String] = []
        if elections == 0 { lacking.append("elections") }
        if plan.clients > 0, tenures == 0 { lacking.append("tenures") }
        guard plan.trouble >= 60_000, plan.clients > 1 else { return lacking }
        if tenures >= 100 {
            if expiries == 0 { lacking.append("expiries") }
            if staleWritesRefused == 0 { lacking.append("refused stale tokens") }
        }
        func planned(_ isCounted: (FaultKind) -> Bool) -> Int { plan.faults.count { isCounted($0.kind) } }
        let lossy = plan.faults.count { $0.losesPackets }
        let expected: [(isEnough: Bool, seen: UInt64, what: String)] = [
            (planned { ["packets", "partitions", "crashes"].contains($0.group) } >= 40, retries, "retries"),
            (lossy >= 10, packetsLost, "lost packets"),
            (planned { [.crash, .powerLoss, .gracefulStop].contains($0) } >= 10, recoveries, "starts compared"),
            (planned { [.writeError, .syncError].contains($0) } >= 20, diskFailures, "failures of disks"),
            (planned(\.breaksBeliefs) >= 10, clocksMisled, "clocks that mislead"),
            (plan.profile == .quiet, termsJudged / UInt64(plan.trouble / 2), "time in which terms were judged"),
            (plan.profile == .quiet && expiries >= 10, expiriesJudged, "expiries in time"),
            (plan.profile == .quiet && tenures >= 50, delaysJudged, "time in which claims had to end"),
        ]
        lacking += expected.filter { $0.isEnough && $0.seen == 0 }.map(\.what)
        return lacking
    }

    /// Whether claims ran out, and none of them while it had to: nothing could have shown that they end in time.
    public var hasJudgedNoExpiry: Bool { expiries > 0 && expiriesJudged == 0 }

    /// So many expiries, of any runs, are expected to have one among them that was judged.
    public static let expiriesAtLeast: UInt64 = 100

    /// What many runs of all profiles together had too little of: what a single one may miss by chance.
    public func lacking(overall seeds: Int) -> [String] {
        guard seeds >= Self.seedsAtLeast else { return [] }
        let tenth = milliseconds / 10
        let expected: [(isThere: Bool, what: String)] = [
            (delaysJudged >= tenth, "time in which claims had to end"),
            (termsJudged >= tenth, "time in which terms were judged"),
            (recoveries > 0, "starts compared with what was promised"),
            (diskFailures > 0, "failures of disks"),
            (damageNoticed > 0, "damage that was noticed"),
            (overlapsExplained > 0, "beliefs that overlap for a wrong clock"),
            (staleWritesRefused > 0, "refused stale tokens"),
        ]
        return expected.filter { !$0.isThere }.map(\.what)
    }

    /// So many seeds of all profiles are expected to have something of everything.
    public static let seedsAtLeast = 1_000
}
