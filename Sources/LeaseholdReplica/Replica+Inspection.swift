package import LeaseholdBase
internal import LeaseholdWire
package import Raft

/// What a driver that checks everything looks at, and nothing else needs.
extension Replica {
    /// How many requests wait for the entry that answers them.
    package var answersPending: Int { pending.count }
    /// How many reads wait for a quorum's word.
    package var readsWaiting: Int { reads.count }
    /// How many clients are connected, greeted or not.
    package var clientSessions: Int { sessions.clientCount }
    /// How many data directories are remembered by their newest batch.
    package var directoriesRemembered: Int { batchesSeen.count }
    /// How many nodes this one keeps a link to, open or not.
    package var linksKept: Int { links.count }
    /// How many bytes of renewals are gathered for this turn's entry.
    package var renewalBytes: Int { renewals.payload.count }
    /// How many nodes a snapshot is being sent to.
    package var snapshotsSending: Int { outgoingSnapshots.count }
    /// How many pieces of the snapshot clients wait for.
    package var piecesWaiting: Int { downloads.count }
    /// How many may be waited for, the one that is being read included.
    package static var piecesWaitingMax: Int { SnapshotDownloads.wishesMax + 1 }
    /// The nodes whose clocks were found to run ahead of this one's, or behind it, in the latest span of each.
    package var clockEvidence: [(node: NodeID, evidence: ClockComparison.Evidence)] {
        links.compactMap { link in link.clock.evidence.map { (link.id, $0) } }
    }
    /// The nodes to which messages go now.
    package var openLinks: [NodeID] { links.filter { $0.openConnection != nil }.map(\.id) }
}
