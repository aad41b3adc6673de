import LeaseholdBase
import LeaseholdJournal

/// A data directory in memory with two images: what is durable, and what was written since.
///
/// A value: a copy is another world, and cheap, for contents are shared until one of the two is written to. Every draw
/// follows from the disk's own ``Draws``, its place and how often it has asked, so that one disk's faults leave those of
/// all others as they were.
public struct SimulatedDisk: Sendable {
    /// A file's contents, whatever its name.
    struct Inode: Sendable {
        /// What is there after a loss of power that takes all that was not synced.
        var durable: [UInt8] = []
        /// What whoever reads it sees.
        var cached: [UInt8] = []
        /// What is still to be made durable, in the order of writing.
        var pending: [PendingWrite] = []
        /// Which file it is: no two have the same number, though the place in the table is used again.
        var serial: UInt64 = 0

        /// Whether whoever reads it sees something else than what is durable.
        var isUnlikeDurable: Bool { cached != durable }
    }

    /// By number; those that nothing refers to any more are used again.
    var inodes: [Inode] = []
    var freeInodes: [Int] = []
    var nextSerial: UInt64 = 1
    /// The names as whoever looks sees them, and those that are durable.
    var names = OrderedNames()
    var durableNames = OrderedNames()
    /// What happened to names since, in order.
    var pendingNames: [NameChange] = []
    var open: [(file: FileID, inode: Int)] = []
    /// Durable bytes that are not what was written there.
    var damages: [DiskDamage] = []

    /// What is wrong with it.
    public var faults = DiskFaults()
    /// Ends of the process or of its power that are to come at one of the next calls: the first to come ends the wait for
    /// all of them.
    public var crashPoints: [CrashPoint] = []
    /// Whether that point is reached: nothing is done any more, and the world ends the process.
    public internal(set) var isCrashDue = false
    /// Whether the power goes with it.
    public internal(set) var isPowerLossDue = false
    /// Whether a call has failed with an I/O error in this life of the process.
    public internal(set) var hasFailed = false
    /// Whether something was refused for want of space in this life of the process.
    public internal(set) var hasRefusedSpace = false
    /// How often something was made durable.
    public internal(set) var syncs: UInt64 = 0
    /// What a test asks of the calls themselves.
    package var script = CallScript()

    let draws: Draws
    let place: Int
    /// How often each site has drawn: what one fault draws leaves the draws of all others as they were.
    private var drawn = [UInt64](repeating: 0, count: Draws.Site.allCases.count + 1)
    /// How many calls were made in this life of the process, and how many of them waited for the medium.
    var callsMade: UInt64 = 0
    var syncsMade: UInt64 = 0

    /// An empty directory.
    /// - Parameters:
    ///   - draws: What every random choice follows from.
    ///   - place: Whose disk it is, so that no two draw alike.
    public init(draws: Draws = Draws(seed: 0), place: Int = 0) {
        self.draws = draws
        self.place = place
    }

    /// Whether the next sync fails.
    public var failsNextSync: Bool {
        get { faults.failingSyncs > 0 }
        set { faults.failingSyncs = newValue ? 1 : 0 }
    }

    /// How many bytes all files together take.
    public var allocatedBytes: Int { inodes.reduce(0) { $0 + $1.cached.count } }

    /// The directory and all in it are gone, as if the machine had got another disk. What is wrong with the disk stays.
    public mutating func wipe() {
        var empty = SimulatedDisk(draws: draws, place: place)
        (empty.faults, empty.drawn, empty.script) = (faults, drawn, script)
        self = empty
    }

    /// The next draw below a bound that is not zero.
    mutating func draw(_ site: Draws.Site, below bound: UInt64) -> UInt64 {
        draws.below(bound, site, place, 0, count(site))
    }

    private mutating func count(_ site: Draws.Site) -> UInt64 {
        drawn[Int(site.rawValue)] += 1
        return drawn[Int(site.rawValue)]
    }

    /// A source of many draws in a row.
    mutating func source(_ site: Draws.Site) -> RandomSource {
        draws.source(site, place, 1, count(site))
    }

    // MARK: Contents

    func inode(_ name: String) throws(DiskError) -> Int {
        guard let inode = names[name], inode != OrderedNames.directory else { throw DiskError(.notFound) }
        return inode
    }

    func opened(_ file: FileID) throws(DiskError) -> Int {
        guard let found = open.first(where: { $0.file == file }) else { throw DiskError(.failed(code: 9)) }
        return found.inode
    }

    mutating func newInode() -> Int {
        defer { nextSerial += 1 }
        if let free = freeInodes.popLast() {
            inodes[free].serial = nextSerial
            return free
        }
        inodes.append(Inode(serial: nextSerial))
        return inodes.count - 1
    }

    mutating func cache(_ write: PendingWrite, _ inode: Int) {
        write.apply(to: &inodes[inode].cached)
        inodes[inode].pending.append(write)
    }

    /// Brings to the durable image what was written since the last sync, and nothing else: what was given up after a
    /// failed sync passes for clean and is not written again.
    mutating func makeDurable(_ inode: Int) {
        for write in inodes[inode].pending { makeDurable(write, inode) }
        inodes[inode].pending = []
        syncs += 1
    }

    mutating func makeDurable(_ write: PendingWrite, _ inode: Int) {
        write.apply(to: &inodes[inode].durable)
        for position in damages.indices where damages[position].inode == inode {
            damages[position].overwrite(write)
        }
    }

    /// Gives back contents that nothing refers to.
    mutating func collect() {
        var isUsed = [Bool](repeating: false, count: inodes.count)
        for entry in names.entries where entry.inode >= 0 { isUsed[entry.inode] = true }
        for entry in durableNames.entries where entry.inode >= 0 { isUsed[entry.inode] = true }
        for change in pendingNames { if let inode = change.inode, inode >= 0 { isUsed[inode] = true } }
        for file in open { isUsed[file.inode] = true }
        for free in freeInodes { isUsed[free] = true }
        for position in inodes.indices where !isUsed[position] {
            inodes[position] = Inode()
            freeInodes.append(position)
            damages.removeAll { $0.inode == position }
        }
    }
}
