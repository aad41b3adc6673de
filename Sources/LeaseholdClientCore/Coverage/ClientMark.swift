import LeaseholdBase

/// Branches of a client that runs must be seen to take.
package enum ClientMark: UInt8, CoverageMark {
    /// A round of renewals was not answered in time, and its leases are at risk.
    case renewalMissed
    /// The answer to a round of renewals came late, and extended leases all the same.
    case lateRenewalUsed
    /// A lease was lost because its deadline passed.
    case beliefEnded
    /// A lease was lost because the process did not run.
    case pauseNoticed
    /// A lease was lost because the cluster says so.
    case endedByCluster
    /// A grant came too late to be used, and was given back.
    case lateGrantReleased
    /// An acquire of unknown outcome is being cancelled.
    case acquireUndone
    /// A request that was too old was asked anew under another number.
    case renumbered
    /// An answer came that nobody waits for any more.
    case lateAnswerIgnored
    /// A node did not know what became of a request, and it is tried again.
    case unknownRetried
    /// A node refused a request for now, and it is tried again.
    case refusalRetried
    /// A node refused a request because another leads.
    case redirected
    /// A node's word that another leads was followed.
    case hintFollowed
    /// A node's word of an older term was not followed.
    case oldHintIgnored
    /// A try was not answered in time.
    case attemptTimedOut
    /// The connection of a try ended before its answer.
    case attemptLost
    /// A retry had to wait because the budget is empty.
    case budgetEmpty
    /// A node that does not answer is asked no more for a while.
    case breakerOpened
    /// A request had to wait because the leader's breaker is open.
    case breakerHeld
    /// Another node was dialed while a connection is being made to one.
    case hedgeDialed
    /// A connection that was not made in time was given up.
    case dialTimedOut
    /// A connection whose ping was not answered was given up.
    case pingTimedOut
    /// A request that must not wait was sent to any node while no leader is known.
    case sentWithoutLeader
    /// A connection was ended because of what came over it.
    case frameRefused
    /// A node ended the connection and said why.
    case refusalHeard
    /// A node has named another cluster than this client's.
    case otherClusterMet
    /// The client has gone over to another cluster.
    case clusterChanged
}
