import LeaseholdBase

/// Branches of a node beside its consensus, state and journal that runs must be seen to take.
package enum ReplicaMark: UInt8, CoverageMark {
    /// A born node told of the birth to one that had missed it.
    case birthTold
    /// A born node refused an empty directory of a node that it knows by another.
    case birthRefused
    /// A node with an emptied directory ended because the cluster knows it by another.
    case emptiedEnded
    /// A message for or from another incarnation was dropped.
    case misdirectedDropped
    /// A greeting was refused because it is for or from another incarnation.
    case incarnationRefused
    /// A node whose disk shows less than it did was refused.
    case rolledBackRefused
    /// A greeting was refused as rolled back only because it was overtaken by a later one.
    case overtakenGreetingForgiven
    /// A greeting that nobody answered was given up.
    case silentGreetingEnded
    /// A link that swallows what is sent was given up.
    case silentLinkEnded
    /// A connection was ended because its handshake took too long.
    case slowHandshakeEnded
    /// A connection was ended because a frame took too long.
    case slowFrameEnded
    /// A connection was ended because of bytes that are no frame.
    case badFrameRefused
    /// A message of consensus was dropped for want of a connection.
    case sentWithoutLink
    /// This node's clock was found to be the odd one.
    case clockFoundOdd
    /// It was the odd one, and is not known to be any more.
    case clockFoundRight
    /// A leader told of another node's clock.
    case clockOfPeerTold
    /// A leader raised the level of commands.
    case levelRaised
    /// A node ended because the cluster's commands are of a later program.
    case endedAsTooOld
    /// A node was refused because its program is too old for the cluster's commands.
    case tooOldRefused
    /// A change of the voters waits for those who would be to answer anew.
    case changeAwaitsVoters
    /// A pulse was appended because something is due.
    case pulseByDue
    /// A pulse was appended because nothing else was for so long.
    case pulseBySilence
    /// A pulse could not be appended.
    case pulseRefused
    /// Renewals of several clients became one entry.
    case renewalsGathered
    /// A request was refused because the log is full.
    case logFullAnswered
    /// An acquire was refused because the disk is low.
    case diskLowAnswered
    /// A request was answered as unknown because leadership was lost.
    case unknownAnswered
    /// A read was not answered because leadership was lost.
    case readAbandoned
    /// A read was refused because the leader has not committed anything of its own yet.
    case readNotReady
    /// An operator asked for another leader, and got one.
    case handedOver
    /// An operator asked for another leader, and this one leads on.
    case handOverFailed
    /// A leader that was asked to stop handed over first.
    case stoppedByHandOver
    /// A leader that was asked to stop found nobody to take over in time.
    case stoppedWithoutHandOver
    /// A node that was asked to stop ended without a clean end of its journal.
    case stoppedUnclean
    /// A change of the membership was over, and whoever asked for it was told.
    case changeAnswered
    /// A node that is no member as far as this one knows has greeted.
    case strangerMet
    /// A node that was to join has learned its cluster.
    case clusterJoined
    /// A node has learned that it is no member any more.
    case removed
    /// A snapshot's state was kept while its last entry was not durable here, or the journal was not ready.
    case snapshotAwaitedDisk
    /// A snapshot that was being taken was given up.
    case takingGivenUp
    /// A snapshot was begun to be sent to a peer.
    case snapshotSendingBegun
    /// Another snapshot came to count while one was read for a peer.
    case snapshotReplacedWhileSent
    /// The first piece of a snapshot came from a leader.
    case snapshotReceivingBegun
    /// A snapshot was offered that this node did not need.
    case snapshotNotNeeded
    /// A snapshot was received whole, and not needed any more.
    case snapshotDiscarded
    /// A snapshot was sent to a node that had no more of it for too long, and given up.
    case snapshotSendingGivenUp
    /// A snapshot that had stopped coming was given up.
    case receiptGivenUp
    /// A snapshot took the place of the state.
    case snapshotInstalled
    /// A client wants to save a newer snapshot than there is.
    case snapshotWanted
    /// A client was told which snapshot it may save.
    case downloadBegun
    /// A client could not save a snapshot because others do.
    case downloadRefused
    /// A client asked for more of a snapshot that counts no more.
    case downloadGone
}
