internal import LeaseMachine
public import LeaseholdBase
public import LeaseholdJournal
internal import LeaseholdWire
internal import Raft

extension ReplicaConfiguration {
    func raft(incarnation: Incarnation) -> RaftConfiguration {
        var raft = RaftConfiguration(id: id, incarnation: incarnation)
        raft.heartbeat = heartbeat
        raft.electionTimeout = electionTimeout
        raft.logMemoryBytes = logMemoryBytes
        raft.uncommittedBytes = uncommittedBytes
        return raft
    }

    var journal: JournalConfiguration {
        var journal = JournalConfiguration(budgetBytes: Int(clamping: journalBytesMax))
        if let segmentBytes { journal.segmentBytes = segmentBytes }
        if let snapshotStepBytes { journal.snapshotStepBytes = snapshotStepBytes }
        if let retainedTailBytes { journal.retainedTailBytes = retainedTailBytes }
        return journal
    }
}

extension Replica {
    /// Opens a data directory and brings the node to where it was: its log, its vote, and its state as far as it knew
    /// that to be committed. An empty directory is made first, with an incarnation of its own.
    ///
    /// A directory whose membership has none of the listed nodes at the port where it is listed belongs to another
    /// cluster, and is refused. An address may be written in many ways, a port in one; and one node that moved is none
    /// that was mixed up.
    ///
    /// Reads and writes the disk and blocks meanwhile; a node serves nobody before it is done.
    /// - Parameters:
    ///   - configuration: What the node is told.
    ///   - disk: The data directory.
    ///   - seed: Random, another one at each start.
    ///   - now: The time.
    public static func open(
        _ configuration: ReplicaConfiguration, disk: inout some Disk, seed: UInt64, now: TimeReading
    ) throws(JournalError) -> Replica {
        var random = RandomSource(seed: seed)
        if try JournalDirectory.identity(on: &disk) == nil {
            let incarnation = Incarnation(max(1, random.next()))
            try JournalDirectory.make(
                on: &disk, identity: DirectoryIdentity(node: configuration.id, incarnation: incarnation),
                configuration: configuration.journal, seed: random.next())
        }
        var visitor = RecoveryVisitor(
            recovery: RaftRecovery(logMemoryBytes: configuration.logMemoryBytes), hashSeed: random.next(),
            knownLevel: configuration.knownLevel)
        let seed = random.next()
        let journal: Journal
        do throws(JournalError) {
            journal = try Journal.recover(
                from: &disk, node: configuration.id, configuration: configuration.journal, seed: seed,
                visitor: &visitor)
        } catch { throw visitor.cause(of: error) }
        if let newer = visitor.newer { throw newer }
        if let failure = visitor.failure { throw .refused(index: visitor.recovery.log.lastIndex, reason: failure) }
        let cluster = journal.identity.cluster
        var replica = Replica(configuration, journal: journal, recovered: visitor, random: random, now: now)
        if !configuration.joins, let foreign = replica.raft.membership.stranger(of: configuration.listed) {
            throw .wrongIdentity(
                file: "the data directory", expected: "a cluster with node \(foreign.id) at \(foreign.peerAddress)",
                found: "cluster \(cluster), which has its nodes elsewhere")
        }
        replica.noteMove()
        if let warning = replica.journal.snapshotWarning {
            replica.log(.warning, warning.code, "\(warning); an older snapshot and the log behind it are whole")
        }
        return replica
    }

    private init(
        _ configuration: ReplicaConfiguration, journal: Journal, recovered: consuming RecoveryVisitor,
        random: RandomSource, now: TimeReading
    ) {
        self.configuration = configuration
        self.journal = journal
        self.random = random
        taking = SnapshotTaking(startedAt: now.steady)
        let incarnation = journal.identity.incarnation
        machine = recovered.machine
        #if PLANTED_BUGS
        machine.mistaken.begin(at: configuration.id)
        #endif
        appliedIndex = recovered.appliedIndex
        appliedLogTime = recovered.appliedLogTime
        birthPayload = recovered.birthPayload
        if recovered.recovery.log.lastIndex == .zero, !configuration.joins {
            let listed = configuration.listed.map {
                Member(
                    id: $0.id, peerAddress: $0.peerAddress, clientAddress: $0.clientAddress, incarnation: .unknown)
            }
            birth = Birth(
                configuration: BirthConfiguration(id: configuration.id, incarnation: incarnation, listed: listed),
                seed: self.random.next(), now: now)
        }
        raft = Raft(
            configuration: configuration.raft(incarnation: incarnation), recovery: recovered.recovery,
            seed: self.random.next(), now: now)
        sweepDue = now.steady + .seconds(1)
        turnEnded = now.steady
        levelTold = recovered.machine.settings.level
        leaderHeard = now.steady
        keepLinks()
    }
}

extension Membership {
    /// The first of the listed nodes, if it and every other one that is a member too is at another port here.
    fileprivate func stranger(of listed: [ListedNode]) -> ListedNode? {
        let known = listed.filter { member($0.id) != nil }
        let isSame = known.contains { node in
            member(node.id).map { port(of: $0.peerAddress) == port(of: node.peerAddress) } ?? false
        }
        return isSame ? nil : known.first
    }

    /// What stands behind the last colon; the whole of a path.
    private func port(of address: String) -> Substring { address.split(separator: ":").last ?? "" }
}
