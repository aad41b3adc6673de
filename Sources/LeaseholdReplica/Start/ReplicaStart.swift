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
            recovery: RaftRecovery(logMemoryBytes: configuration.logMemoryBytes), hashSeed: random.next())
        let journal = try Journal.recover(
            from: &disk, node: configuration.id, configuration: configuration.journal, seed: random.next(),
            visitor: &visitor)
        if let failure = visitor.failure { throw .refused(index: visitor.recovery.log.lastIndex, reason: failure) }
        let cluster = journal.identity.cluster
        let replica = Replica(configuration, journal: journal, recovered: visitor, random: random, now: now)
        if let foreign = replica.raft.membership.stranger(of: configuration.listed) {
            throw .wrongIdentity(
                file: "the data directory", expected: "a cluster with node \(foreign.id) at \(foreign.peerAddress)",
                found: "cluster \(cluster), which has its nodes elsewhere")
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
        let incarnation = journal.identity.incarnation
        machine = recovered.machine
        #if PLANTED_BUGS
        machine.mistaken.begin(at: configuration.id)
        #endif
        appliedIndex = recovered.appliedIndex
        appliedLogTime = recovered.appliedLogTime
        birthPayload = recovered.birthPayload
        if recovered.recovery.log.lastIndex == .zero {
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

/// Takes what the journal holds: entries into the log, committed ones into the state.
struct RecoveryVisitor: JournalVisitor {
    var recovery: RaftRecovery
    var machine: LeaseMachine
    var appliedIndex = LogIndex.zero
    var appliedLogTime = LogTime.zero
    var birthPayload: [UInt8]?
    /// Why what was recovered cannot be a node's, if so: found at a record that has no way of its own to say so.
    var failure: String?
    private var output = ApplyOutput()

    init(recovery: RaftRecovery, hashSeed: UInt64) {
        self.recovery = recovery
        machine = LeaseMachine(settings: .initial, hashSeed: hashSeed)
    }

    mutating func recovered(term: Term, votedFor: NodeID?) {
        attempt { visitor throws(RecoveryError) in try visitor.recovery.hardState(term: term, votedFor: votedFor) }
    }

    mutating func recovered(_ header: EntryHeader, payload: RawSpan) -> Bool {
        guard failure == nil else { return false }
        do throws(RecoveryError) { try recovery.append(header, payload: payload) } catch {
            failure = "\(error)"
            return false
        }
        if header.index == LogIndex(1) { birthPayload = payload.bytesCopied }
        return true
    }

    mutating func recovered(truncationAfter index: LogIndex) {
        attempt { visitor throws(RecoveryError) in try visitor.recovery.truncate(after: index) }
    }

    mutating func recovered(commit index: LogIndex) {
        attempt { visitor throws(RecoveryError) in try visitor.recovery.commit(through: index) }
        while failure == nil, appliedIndex < recovery.commitIndex {
            let next = appliedIndex.next
            guard let header = recovery.log.header(at: next) else {
                failure = "entry \(next) is committed and missing"
                return
            }
            let stamp = EntryStamp(index: next, logTime: header.logTime, wallTime: header.wallTime)
            do throws(UnknownCommand) {
                try Replica.apply(header, of: recovery.log, at: stamp, to: &machine, into: &output)
            } catch {
                failure = "entry \(next) holds a command of a later version"
                return
            }
            appliedIndex = next
            appliedLogTime = header.logTime
            recovery.applied(through: next)
        }
    }

    /// Does something that a journal written by a correct node always allows.
    private mutating func attempt(_ body: (inout RecoveryVisitor) throws(RecoveryError) -> Void) {
        guard failure == nil else { return }
        do throws(RecoveryError) { try body(&self) } catch { failure = "\(error)" }
    }
}
