import LeaseholdBase

/// Branches of the replicated state machine that runs must be seen to take.
package enum LeaseMachineMark: UInt8, CoverageMark {
    /// A claim that was due was recorded as expired by an entry that touches it.
    case expiredAtTouch
    /// A claim that was due was recorded as expired in passing.
    case expiredInSweep
    /// More was due than one entry may record.
    case sweepCutShort
    /// An acquire found the lease held.
    case acquireFoundHeld
    /// A claim that has ended was not renewed.
    case renewalOfEnded
    /// A release named a claim that had ended before.
    case releaseOfEnded
    /// An acquire that was done before was answered with how its claim stands.
    case duplicateAcquire
    /// An acquire that was done before was answered with the end of its claim.
    case duplicateOfEndedAcquire
    /// Another command that was done before got its first answer again.
    case duplicateOther
    /// A request below its instance's mark was refused.
    case tooOldByMark
    /// A request of a client that has heard nothing for too long was refused.
    case tooOldByFloor
    /// A cancel ended the claim of its acquire.
    case cancelEndedClaim
    /// A cancel found that the claim of its acquire had ended.
    case cancelOfEnded
    /// A cancel came before its acquire, and was remembered.
    case cancelFoundNothing
    /// An acquire came after its cancel, and did nothing.
    case cancelledAcquireRefused
    /// A client that was not heard for long was forgotten.
    case instanceForgotten
    /// The end of a claim was forgotten.
    case endingForgotten
    /// A command was refused because there is no room for what it would add.
    case overloaded
    /// A snapshot was begun.
    case snapshotBegun
    /// A snapshot under way was given up.
    case snapshotAbandoned
    /// A claim was renewed before a snapshot under way had come to it.
    case deadlineKept
    /// A claim ended, or got another value, before a snapshot under way had come to it.
    case leaseKept
    /// A machine was made of a snapshot.
    case snapshotLoaded
    /// A state was made that of a new cluster.
    case restored
    /// A claim of the cluster before a restore was not renewed.
    case renewalOfRestored
    /// Nothing was granted because of a restore a short while ago.
    case quarantined
}
