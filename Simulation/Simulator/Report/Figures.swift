/// How much of everything there was in a run: so that none passes by doing nothing (property 26), and for summaries.
public struct Figures: Codable, Hashable, Sendable {
    /// Simulated time, in milliseconds.
    public var milliseconds: UInt64 = 0
    /// Things that happened.
    public var events: UInt64 = 0
    /// Packets sent.
    public var packets: UInt64 = 0
    /// Packets lost.
    public var packetsLost: UInt64 = 0
    /// Writes of which a system took a part only, because the other side did not read.
    public var shortWrites: UInt64 = 0
    /// Connections given up because too much waited to be sent.
    public var overflows: UInt64 = 0
    /// Faults that came about.
    public var faults: UInt64 = 0
    /// Leaders elected.
    public var elections: UInt64 = 0
    /// Entries committed.
    public var entries: UInt64 = 0
    /// Tenures begun.
    public var tenures: UInt64 = 0
    /// Tenures that ended because their time was over.
    public var expiries: UInt64 = 0
    /// Writes that fenced resources took.
    public var writes: UInt64 = 0
    /// Writes that fenced resources refused for their old token.
    public var staleWritesRefused: UInt64 = 0
    /// Reads answered.
    public var reads: UInt64 = 0
    /// Requests sent more than once.
    public var retries: UInt64 = 0
    /// Clients that were asked to end, and did.
    public var clientStops: UInt64 = 0
    /// Releases that such clients could send only when earlier ones were answered.
    public var releasesDelayed: UInt64 = 0
    /// Releases that such clients were told to have failed.
    public var releasesFailed: UInt64 = 0
    /// Promises compared with durable images.
    public var promisesCompared: UInt64 = 0
    /// Operations judged by the search for a linear order.
    public var operationsJudged: UInt64 = 0
    /// Lease names on which that search gave up.
    public var namesUndecided: UInt64 = 0

    /// For how long claims were watched that had to end in time (property 16), in milliseconds.
    public var delaysJudged: UInt64 = 0
    /// Tenures that ran out while they were watched so: each was seen to come free in its time.
    public var expiriesJudged: UInt64 = 0
    /// For how long terms were watched that had to stay (property 23), in milliseconds.
    public var termsJudged: UInt64 = 0

    /// The longest that a client's call took when all was healed, in milliseconds.
    public var slowestErrand: UInt64 = 0

    /// Memberships that were committed.
    public var memberships: UInt64 = 0
    /// Snapshots that came to count on some node, of different indices.
    public var snapshots: UInt64 = 0
    /// Snapshots that were compared with another node's of the same index.
    public var snapshotsCompared: UInt64 = 0
    /// Backups that were made of a node's disk, and clusters that were restored from them.
    public var backups: UInt64 = 0
    /// Saves of the whole cluster by clients, read and compared.
    public var saves: UInt64 = 0

    /// Starts whose disk was compared with what the node had promised.
    public var recoveries: UInt64 = 0
    /// Nodes that ended, or did not start, because a call of their disk failed.
    public var diskFailures: UInt64 = 0
    /// Nodes that found what was destroyed on their disks, and said so.
    public var damageNoticed: UInt64 = 0
    /// Clocks that were made wrong beyond what is agreed on.
    public var clocksMisled: UInt64 = 0
    /// Proofs of nodes that another's clock runs apart, compared with how both ran.
    public var clockProofs: UInt64 = 0
    /// For how long at most a leader was watched that had to give up for its clock, in milliseconds.
    public var oddLeaderWatched: UInt64 = 0
    /// Beliefs of two clients that overlapped, which a wrong clock explains.
    public var overlapsExplained: UInt64 = 0

    /// Nothing yet.
    public init() {}

    /// Adds another run's.
    public mutating func add(_ other: Figures) {
        milliseconds += other.milliseconds
        events += other.events
        packets += other.packets
        packetsLost += other.packetsLost
        shortWrites += other.shortWrites
        overflows += other.overflows
        faults += other.faults
        elections += other.elections
        entries += other.entries
        tenures += other.tenures
        expiries += other.expiries
        writes += other.writes
        staleWritesRefused += other.staleWritesRefused
        reads += other.reads
        retries += other.retries
        clientStops += other.clientStops
        releasesDelayed += other.releasesDelayed
        releasesFailed += other.releasesFailed
        promisesCompared += other.promisesCompared
        operationsJudged += other.operationsJudged
        namesUndecided += other.namesUndecided
        delaysJudged += other.delaysJudged
        expiriesJudged += other.expiriesJudged
        termsJudged += other.termsJudged
        slowestErrand = max(slowestErrand, other.slowestErrand)
        memberships += other.memberships
        snapshots += other.snapshots
        snapshotsCompared += other.snapshotsCompared
        backups += other.backups
        saves += other.saves
        recoveries += other.recoveries
        diskFailures += other.diskFailures
        damageNoticed += other.damageNoticed
        clocksMisled += other.clocksMisled
        clockProofs += other.clockProofs
        oddLeaderWatched = max(oddLeaderWatched, other.oddLeaderWatched)
        overlapsExplained += other.overlapsExplained
    }
}
