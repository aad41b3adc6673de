import LeaseholdBase
import LeaseholdClientCore

extension World {
    /// Sums up how much of everything there was (property 26).
    func sumUp() -> Figures {
        var sum = figures
        sum.milliseconds = now / 1_000_000
        sum.events = events
        sum.elections = UInt64(checks.elections)
        sum.entries = checks.committed.rawValue
        sum.tenures = UInt64(beliefs.tenures)
        sum.expiries = checks.claims.expiries
        sum.writes = resources.taken
        sum.staleWritesRefused = resources.refused
        sum.promisesCompared = UInt64(promises.compared) + checks.commitsCompared
        sum.delaysJudged = checks.timeJudged.delays / 1_000_000
        sum.expiriesJudged = checks.claims.expiriesJudged
        sum.termsJudged = checks.timeJudged.terms / 1_000_000
        sum.memberships = UInt64(checks.memberships.changes)
        sum.snapshots = UInt64(checks.snapshots.count)
        sum.snapshotsCompared = UInt64(checks.snapshots.compared)
        sum.recoveries = UInt64(checks.lives.recoveries)
        sum.clockProofs = checks.clockProofs.compared
        sum.oddLeaderWatched = checks.oddLeaders.timeJudged / 1_000_000
        sum.overlapsExplained = beliefs.overlapsExplained
        for client in clients {
            sum.slowestErrand = max(
                sum.slowestErrand, UInt64(max(0, client.errand?.longest.rawValue ?? 0)) / 1_000_000)
            sum.reads += UInt64(client.tally.reads)
            sum.saves += UInt64(client.tally.saves)
            sum.clientStops += UInt64(client.tally.stops)
            sum.releasesDelayed += UInt64(client.tally.releasesDelayed)
            sum.releasesFailed += UInt64(client.tally.releasesFailed)
            sum.retries += UInt64(client.tally.retries + (client.core?.counts.retries ?? 0))
        }
        return sum
    }
}
