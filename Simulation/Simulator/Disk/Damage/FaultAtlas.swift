public import LeaseholdJournal

/// Which disks may be damaged, so that the cluster stays recoverable and a failure is the program's fault; and what was
/// destroyed, so that a missing promise can be told from a destroyed one.
///
/// Three rules keep a run honest:
///
/// 1. What destroys acknowledged data (rot, lost and misdirected writes, an emptied directory) strikes only nodes outside
///    of a majority that is named at the beginning, over the whole run. No node mends another's journal, so a damaged node
///    stays away for good, and the majority alone must do.
/// 2. It strikes only where the node has to notice. The last batch of a journal has nothing behind it that says it was
///    ever whole: damage there cannot be told from a torn write, which was acknowledged to nobody, and is outside of what
///    a journal can promise. (A journal writes a bare header behind its last batch as soon as nothing follows for some
///    milliseconds, and from then on that batch is proved: a node that has been at rest for longer has to notice.) So such places are left alone, rather than to let a node vote
///    with less than it promised. The same goes for the last segment's name.
/// 3. What destroys nothing strikes anywhere: zeros behind the last batch, and files that mean nothing after a stop.
///
/// A write that was lost or landed elsewhere is told here when something behind it is durable, not when it happens: until
/// then nobody could notice it, and after a loss of power it makes no difference when it went wrong.
public struct FaultAtlas: Hashable, Sendable {
    /// Something that was destroyed.
    public struct Entry: Hashable, Sendable {
        /// The node's place.
        public var place: Int
        /// How.
        public var kind: DamageKind
        /// The file, relative to the data directory; empty for all of it.
        public var file: String
        /// The bytes of it that are not what was written.
        public var ranges: [Range<Int>]
        /// Where the damaged parts begin: the offsets that a refused start may name.
        public var offsets: [Int]
        /// When, in nanoseconds of true time.
        public var at: UInt64
        /// Whether a start that sees it has to be refused: not what landed where nothing stands yet.
        public var mustBeNoticed = false
    }

    /// The nodes that are never damaged, by place: a majority.
    public let spared: [Int]
    /// What was destroyed, in the order in which it was.
    public private(set) var entries: [Entry] = []

    /// An atlas in which nothing is destroyed yet.
    /// - Parameter spared: The nodes that must outlive the run, by place: a majority.
    public init(sparing spared: [Int]) { self.spared = spared }

    /// Whether acknowledged data of a node may be destroyed.
    public func mayDamage(_ place: Int) -> Bool { !spared.contains(place) }

    /// Whether something of a node was destroyed: it may refuse to start, or end by itself when it meets the damage.
    public func isDamaged(_ place: Int) -> Bool { entries.contains { $0.place == place } }

    /// Whether a node that refused to start, or ended by itself, says what was destroyed: the file, and the offset.
    public func explains(_ error: JournalError, of place: Int) -> Bool {
        if case .snapshotCorrupt(let file, _, _) = error {
            return entries.contains { $0.place == place && $0.file == file }
        }
        guard case .corrupt(let file, let offset, _) = error else { return false }
        return entries.contains { $0.place == place && $0.file == file && $0.offsets.contains(offset) }
    }

    /// What a node has to notice when it starts on its disk as that is seen now, if anything.
    func toBeNoticed(by place: Int, on disk: SimulatedDisk) -> Entry? {
        entries.first {
            $0.place == place && $0.mustBeNoticed && disk.showsDamage(in: $0.file, $0.ranges)
        }
    }

    /// Whether a node that ended by itself names a file in which something was destroyed.
    func explains(_ words: String, of place: Int) -> Bool {
        entries.contains { $0.place == place && !$0.file.isEmpty && words.contains($0.file) }
    }

    /// A node's directory is emptied: whatever was destroyed in it is gone with it, and says nothing of files of the same
    /// names that come after.
    mutating func emptied(_ place: Int) { entries.removeAll { $0.place == place } }

    /// Notes that something was destroyed.
    public mutating func note(_ entry: Entry) { entries.append(entry) }
}

extension SimulatedDisk {
    /// Damages what is durable at a place that is drawn, if the atlas allows it and there is such a place.
    ///
    /// - Parameters:
    ///   - kind: How. A wipe takes the whole directory.
    ///   - isSeen: Whether a running process sees it at once when it reads; else the next loss of power uncovers it.
    ///   - isAtRest: Whether the node has had the time to prove its last batch: then damage to that is to be noticed too,
    ///     whether or not anything stands behind it.
    ///   - now: True time, for the atlas.
    /// - Returns: Whether anything was damaged; what destroys something is noted in the atlas.
    public mutating func strike(
        _ kind: DamageKind, isSeen: Bool, isAtRest: Bool = false, _ atlas: inout FaultAtlas, at now: UInt64
    ) -> Bool {
        if kind == .wipe {
            guard atlas.mayDamage(place) else { return false }
            wipe()
            atlas.emptied(place)
            atlas.note(.init(place: place, kind: kind, file: "", ranges: [], offsets: [], at: now))
            return true
        }
        var chooser = DamageChooser(self, source(.diskDamage), isAtRest: isAtRest)
        guard let choice = chooser.choose(kind, mayDestroy: atlas.mayDamage(place)) else { return false }
        let map = JournalMap(self)
        damage(choice.places, isSeen: isSeen)
        for place in choice.places where !(choice.offsets[place.file] ?? []).isEmpty {
            let ranges = choice.places.filter { $0.file == place.file }.map(\.range)
            var mustBeNoticed = false
            if case .noticed = map.consequence(of: ranges, in: place.file, isAtRest: isAtRest) { mustBeNoticed = true }
            atlas.note(
                .init(
                    place: self.place, kind: kind, file: place.file, ranges: [place.range],
                    offsets: choice.offsets[place.file] ?? [], at: now, mustBeNoticed: mustBeNoticed))
        }
        return true
    }
}
