public import LeaseholdBase

/// Decides on which thread an effect is carried out, so that every driver decides alike.
///
/// The sync of a batch is done on the loop while the disk is fast: nothing is faster than not changing threads. After a
/// sync slower than the bound, batches are synced on a thread of their own until a thousand in a row were fast again.
/// What a spare segment needs, and the names of a directory, are always another thread's work: no batch waits for them.
/// The journal never knows the difference, for a completion is an event either way.
public struct DiskPlacement: Hashable, Sendable {
    /// Who carries an effect out.
    @frozen public enum Place: Hashable, Sendable {
        /// The loop, which does nothing else meanwhile.
        case loop
        /// The thread that syncs batches while the disk is slow.
        case batchThread
        /// The thread for everything that no batch waits for.
        case spareThread
    }

    /// A batch's sync that takes longer than this leaves the loop.
    public let slowSync: Nanoseconds
    /// Whether batches are synced on the loop.
    public private(set) var isInline = true
    private var fastInARow = 0
    /// The files that no batch waits for: spare segments and snapshots yet; a few.
    private var spares: [FileID] = []

    /// How many fast syncs in a row bring the inline form back.
    public static let fastEnough = 1_000

    /// A placement that begins inline.
    ///
    /// - Parameter electionTimeout: A twentieth of it is what the loop may stand still for.
    public init(electionTimeout: Nanoseconds) { slowSync = electionTimeout / 20 }

    /// Where an effect is carried out. Asked in the effects' order, for a file's part changes with its name; about a sync
    /// it may be asked again.
    public mutating func place(_ effect: DiskEffect) -> Place {
        switch effect.operation {
        case .sync(let file): return spares.contains(file) ? .spareThread : isInline ? .loop : .batchThread
        case .syncDirectory: return .spareThread
        case .create(let file, _): spares.append(file)
        case .open(let file, let name): if name.hasSuffix(SegmentName.temporaryEnding) { spares.append(file) }
        case .rename(let file, _, _): spares.removeAll { $0 == file }
        case .close(let file): spares.removeAll { $0 == file }
        case .fill, .write, .writeSnapshot, .read, .remove: break
        }
        return .loop
    }

    /// A batch's sync took so long, on whichever thread.
    public mutating func syncTook(_ time: Nanoseconds) {
        if time > slowSync {
            isInline = false
            fastInARow = 0
        } else if !isInline {
            fastInARow += 1
            if fastInARow >= Self.fastEnough { isInline = true }
        }
    }
}
