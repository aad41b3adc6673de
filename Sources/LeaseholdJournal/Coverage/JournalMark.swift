import LeaseholdBase

/// Branches of the journal and its recovery that runs must be seen to take.
package enum JournalMark: UInt8, CoverageMark {
    /// A batch was not begun because the one before is in flight.
    case gatheredInFlight
    /// A truncation was written.
    case truncationWritten
    /// A batch that nothing followed was sealed.
    case sealWritten
    /// A clean end was written.
    case cleanEndWritten
    /// A new segment was begun.
    case rolledOver
    /// A batch waited for a spare segment.
    case spareAwaited
    /// A segment got a name with its batch number, for the plain one was taken.
    case nameTaken
    /// There was no room for a segment's new name; it is tried again later.
    case renameRefused
    /// There was no room for a spare segment; it is tried again later.
    case spareRefused
    /// A spare segment could not be written or synced; another is made later.
    case spareFailed
    /// A write or sync failed, and the journal does nothing any more.
    case poisoned
    /// Entries to be read back were not in the first piece read.
    case readOn
    /// Entries to be read back are damaged.
    case readDamaged
    /// The disk failed to read entries back.
    case readFailed
    /// Recovery found a torn batch at the end, and cut it.
    case tornTailCut
    /// Recovery wrote the last segment anew.
    case lastSegmentRewritten
    /// Recovery found a clean end, and left the last segment as it is.
    case cleanEndRecovered
    /// Recovery met a truncation.
    case truncationRecovered
    /// Recovery removed files whose making was cut short.
    case leftoverRemoved
    /// Recovery refused a journal that is damaged.
    case corruptRefused
    /// Recovery ended because the disk refused a call.
    case diskRefused
    /// A snapshot that was taken is on the disk under its name.
    case snapshotInstalled
    /// A snapshot that was received is on the disk under its name.
    case snapshotReceived
    /// A snapshot was given up half done.
    case snapshotAbandoned
    /// A snapshot could not be written; another is taken later.
    case snapshotFailed
    /// Pieces of a received snapshot came that do not follow what is there.
    case pieceOutOfOrder
    /// The mark of a snapshot became durable.
    case markWritten
    /// The log began anew behind a received snapshot.
    case logRestarted
    /// A segment that a snapshot stands for was removed.
    case segmentReleased
    /// The file of an older snapshot was kept as room for the next.
    case roomKept
    /// A read of a snapshot came too late: another is there now.
    case snapshotGone
    /// Recovery began with a snapshot.
    case snapshotRecovered
    /// Recovery began with an older snapshot, for the newest is damaged.
    case olderSnapshotRecovered
    /// Recovery removed a snapshot that nothing names.
    case snapshotRemoved
}

extension JournalMark {
    /// What a journal that was not opened would have hit: there is no value then to own it.
    package init?(_ error: JournalError) {
        switch error {
        case .corrupt, .snapshotCorrupt: self = .corruptRefused
        case .disk: self = .diskRefused
        case .wrongIdentity, .unsupported, .newerCommand, .notMade, .alreadyMade, .restoreUnfinished, .refused:
            return nil
        }
    }
}
