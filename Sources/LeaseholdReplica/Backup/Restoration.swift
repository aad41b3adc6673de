public import LeaseMachine
public import LeaseholdBase
public import LeaseholdJournal
public import Raft

/// What a backup becomes: the first node of a new cluster, which others join with empty directories.
///
/// One node, whatever the old cluster had. Restores of one backup on several machines would each have a clock of their own,
/// so a first index of their own, and logs that differ from their first entry on; what they would have to agree on they can
/// agree on only by consensus, which there is none of yet. So each restore makes a cluster by itself, with an id drawn at
/// random: two of them refuse each other as strangers, and so does a node of the old cluster that turns up later. The
/// others get what this one has by joining it, as every new member does.
public struct Restoration: Sendable {
    /// Whose the directory is: the node, in a life of its own.
    public let identity: DirectoryIdentity
    /// What its journal begins with.
    public let header: SnapshotHeader
    /// The node, the only member.
    public let membership: Membership
    /// How long nothing is granted once the node runs; zero if that was waived.
    public let quarantine: Nanoseconds
    private var machine: LeaseMachine
    private let segmentSeed: UInt64

    /// The index of the new cluster's first entry, above every one that may have been used. A token is an index.
    public var firstIndex: LogIndex { header.lastIndex.next }

    /// Decides all of it.
    ///
    /// The first index is that of the clock, in ticks of 2⁻²⁰ seconds, which no cluster keeps up with (see
    /// ``LeaseMachine/LeaseMachine/restore(at:quarantine:)``, trap 45). So whatever is restored later goes on above all
    /// tokens of every cluster restored before it, be it of the same backup, of an older one, or of one of a cluster that
    /// was restored itself. Two that run side by side are kept apart by nothing but the time between their restores:
    /// neither can know how far the other has come.
    /// - Parameters:
    ///   - backup: What is restored.
    ///   - node: The node's id, which the old cluster may have used, and where it is to be reached.
    ///   - clock: The wall clock. One that is behind the backup is refused.
    ///   - quarantine: False waives the wait; then tokens alone protect from holders of before.
    ///   - seed: Random, another one each time: the cluster's id and the node's incarnation are drawn from it.
    public init(
        _ backup: consuming Backup, as node: ListedNode, at clock: WallTime, quarantine: Bool, seed: UInt64
    ) throws(RestoreError) {
        var random = RandomSource(seed: seed)
        let cluster = ClusterID(high: random.next() | 1, low: random.next())
        let incarnation = Incarnation(max(1, random.next()))
        segmentSeed = random.next()
        let member = Member(
            id: node.id, peerAddress: node.peerAddress, clientAddress: node.clientAddress, incarnation: incarnation)
        guard let membership = Membership(clusterID: cluster, members: [member], voters: [node.id]) else {
            preconditionFailure("a node's id is not zero")
        }
        var machine = backup.machine
        let base = try machine.restore(at: clock, quarantine: quarantine)
        identity = DirectoryIdentity(group: backup.header.group, node: node.id, incarnation: incarnation)
        header = SnapshotHeader(
            group: backup.header.group, cluster: cluster, lastIndex: base,
            lastTerm: max(Term(1), backup.header.lastTerm), logTime: machine.logTime, wallTime: machine.wallTime,
            membershipIndex: base, membership: membership.encoded())
        self.membership = membership
        self.quarantine = machine.quarantineLeft
        self.machine = machine
    }

    /// Makes the data directory. When it returns, all of it is durable but the name of the directory itself; cut short, it
    /// can be begun again.
    public mutating func make(
        on disk: inout some Disk, configuration: JournalConfiguration = JournalConfiguration()
    ) throws(JournalError) {
        machine.beginSnapshot()
        try JournalDirectory.make(
            on: &disk, identity: identity, configuration: configuration, seed: segmentSeed, beginningWith: header
        ) { bytes in
            machine.writeSnapshot(atMost: BackupWriter.shareBytes, into: &bytes)
        }
    }
}
