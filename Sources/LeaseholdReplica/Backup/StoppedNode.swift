internal import LeaseMachine
internal import LeaseholdBase
public import LeaseholdJournal
internal import Raft

/// What a stopped node's data directory holds: the backup that can be made of it when no cluster answers any more.
public struct StoppedNode: Sendable {
    /// The state as of the last entry that this node knew to be committed, or as of the end of its log if that was asked for.
    public let backup: Backup
    /// Whose directory it is.
    public let owner: DirectoryIdentity
    /// How many entries of its log are behind the last one that it knew to be committed. The last of what clients were told
    /// may be among them, for a node hears a moment later what is committed; so may be what never was.
    public let uncommittedCount: Int
    /// Why an older snapshot than the newest is what the state was made from, if so. The log made up for it.
    public let warning: JournalError?

    /// Recovers a data directory as a start of the node would, and changes nothing in it.
    ///
    /// Blocks. Memory: the state, the entries that are not known to be committed, and what a recovery takes.
    /// - Parameters:
    ///   - disk: The data directory, which nobody else uses meanwhile.
    ///   - seed: For lookup tables.
    ///   - takesUncommitted: Takes into the state what is not known to be committed too. That does no harm to what is
    ///     restored from it: what was never committed was never told to be done, and never told not to be.
    ///   - knownLevel: Up to which level commands are understood: that of this program, when none is told.
    public init(
        recoveredFrom disk: inout some Disk, seed: UInt64, takesUncommitted: Bool = false, knownLevel: UInt64? = nil
    ) throws(BackupError) {
        var unchanged = UnchangedDisk(disk)
        defer { disk = unchanged.base }
        do throws(JournalError) {
            guard let owner = try JournalDirectory.identity(on: &unchanged) else { throw .notMade }
            self.owner = owner
        } catch { throw .journal(error) }
        var visitor = BackupVisitor(hashSeed: seed, knownLevel: knownLevel ?? Settings.knownLevel)
        let journal: Journal
        do throws(JournalError) {
            journal = try Journal.recover(
                from: &unchanged, node: owner.node, configuration: JournalConfiguration(), seed: seed,
                visitor: &visitor)
        } catch { throw visitor.failure ?? .journal(error) }
        visitor.finish(as: owner.node, takesUncommitted: takesUncommitted)
        if let failure = visitor.failure { throw failure }
        guard visitor.position.index > .zero else { throw .nothingCommitted }
        uncommittedCount = visitor.uncommittedCount
        warning = journal.snapshotWarning
        backup = try visitor.backup(of: journal.identity)
    }
}

extension BackupVisitor {
    /// What was recovered, as a backup of the cluster that the journal is of.
    fileprivate func backup(of identity: JournalIdentity) throws(BackupError) -> Backup {
        let members: Membership
        do throws(DecodingError) { members = try unsafe Membership(payload: membership.span.bytes) } catch {
            throw .contradiction("the membership of entry \(membershipIndex) is none that there can be")
        }
        guard members.clusterID == identity.cluster else {
            throw .contradiction("cluster \(identity.cluster) has the members of cluster \(members.clusterID)")
        }
        let header = SnapshotHeader(
            group: identity.group, cluster: identity.cluster, lastIndex: position.index, lastTerm: position.term,
            logTime: machine.logTime, wallTime: machine.wallTime, membershipIndex: membershipIndex,
            membership: membership, birth: birth)
        return Backup(header: header, membership: members, machine: machine)
    }
}
