public import LeaseholdBase

/// What the end of a process and the loss of power leave.
extension SimulatedDisk {
    /// Loses the power: of what was not synced, each write is kept, lost or torn, at any byte or into any of its sectors;
    /// and the names of each directory change up to some point, those of one directory independently of another's.
    public mutating func crash() {
        var random = source(.diskCrash)
        crash(&random)
    }

    /// The same with draws that somebody else makes.
    public mutating func crash(_ random: inout RandomSource) {
        for position in inodes.indices {
            for write in inodes[position].pending { keepSome(write, position, &random) }
            inodes[position].pending = []
        }
        let directories = pendingDirectories
        for directory in directories {
            let changes = pendingNames.filter { $0.directory == directory }
            for change in changes.prefix(Int(random.below(UInt64(changes.count) + 1))) {
                change.apply(to: &durableNames)
            }
        }
        loseCaches()
    }

    /// The directories whose names changed since their last sync, in the order of the first change.
    var pendingDirectories: [String] {
        var directories: [String] = []
        for change in pendingNames where !directories.contains(change.directory) {
            directories.append(change.directory)
        }
        return directories
    }

    private mutating func keepSome(_ write: PendingWrite, _ inode: Int, _ random: inout RandomSource) {
        switch random.below(6) {
        case 0: break
        case 1:
            let kept = Int(random.below(UInt64(write.bytes.count) + 1))
            if kept > 0 { makeDurable(write.piece(0..<kept), inode) }
        case 2, 3:
            for sector in write.sectors where random.chance(1, in: 2) { makeDurable(write.piece(sector), inode) }
        default: makeDurable(write, inode)
        }
    }

    /// Nothing is left but what is durable.
    mutating func loseCaches() {
        for position in inodes.indices {
            inodes[position].cached = inodes[position].durable
            inodes[position].pending = []
        }
        pendingNames = []
        durableNames.dropOrphans()
        names = durableNames
        crashPoints = []
        processEnded()
    }

    /// The process ended and the machine went on: nothing is lost but the open files.
    public mutating func processEnded() {
        open = []
        (isCrashDue, isPowerLossDue) = (false, false)
        (callsMade, syncsMade) = (0, 0)
        hasFailed = false
        hasRefusedSpace = false
        collect()
    }

    /// The disk as it would be after a loss of power that took all that was not synced, without faults of its own.
    ///
    /// - Parameter repaired: Whether durable bytes that were damaged are as they were written: what a process has
    ///   promised rightly stays promised though the medium fails later.
    /// - Complexity: O(files); contents are shared until either is written to.
    public func durableCopy(repaired: Bool = false) -> SimulatedDisk {
        var copy = self
        if repaired {
            for damage in damages { damage.repair(&copy.inodes[damage.inode].durable) }
            copy.damages = []
        }
        copy.faults = DiskFaults()
        copy.script = CallScript()
        copy.loseCaches()
        return copy
    }
}
