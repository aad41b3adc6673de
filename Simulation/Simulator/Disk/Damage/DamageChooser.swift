import LeaseholdBase

/// Draws what of a disk is damaged, where the node has to notice it, or where it destroys nothing.
struct DamageChooser {
    /// What is damaged, and where a start may say so, by file; no offsets where nothing is destroyed.
    struct Choice {
        var places: [DamagedRange]
        var offsets: [String: [Int]] = [:]
    }

    private let disk: SimulatedDisk
    private let map: JournalMap
    private var random: RandomSource
    /// Segments that nothing has damaged yet: further damage could take away what proves the first.
    private let whole: [JournalMap.Segment]
    /// Whether the node has had the time to prove its last batch.
    private let isAtRest: Bool

    init(_ disk: SimulatedDisk, _ random: RandomSource, isAtRest: Bool = false) {
        self.disk = disk
        self.isAtRest = isAtRest
        self.random = random
        let map = JournalMap(disk)
        self.map = map
        whole = map.segments.filter { segment in
            !disk.damages.contains {
                $0.inode == disk.durableNames[segment.name] && $0.isIn(disk.inodes[$0.inode].durable)
            }
        }
    }

    mutating func choose(_ kind: DamageKind, mayDestroy: Bool) -> Choice? {
        // A few tries: many places are not allowed.
        for _ in 0..<8 {
            let choice: Choice?
            switch kind {
            case .rot: choice = mayDestroy && random.chance(3, in: 4) ? rot() : harmless()
            case .lostWrite: choice = mayDestroy ? lostWrite() : nil
            case .misdirectedWrite: choice = mayDestroy ? misdirectedWrite() : nil
            case .wipe: choice = nil
            }
            if let choice { return choice }
        }
        return nil
    }

    private mutating func pick<Element>(_ elements: [Element]) -> Element? {
        elements.isEmpty ? nil : elements[Int(random.below(UInt64(elements.count)))]
    }

    /// A segment and one of its batches; now and then, of a node at rest, the last batch that holds anything: what was
    /// acknowledged last of all, and what a torn tail would be taken for.
    private mutating func pickBatch() -> (segment: JournalMap.Segment, batch: JournalMap.Batch)? {
        if isAtRest, random.chance(1, in: 3), let segment = whole.last, segment.name == map.segments.last?.name,
            let batch = segment.batches.last(where: { !$0.isSeal })
        {
            return (segment, batch)
        }
        guard let segment = pick(whole), let batch = pick(segment.batches) else { return nil }
        return (segment, batch)
    }

    private mutating func pick(in range: Range<Int>) -> Int {
        range.lowerBound + Int(random.below(UInt64(range.count)))
    }

    /// What is to be put there, if the node must notice that.
    private func noticed(_ place: DamagedRange) -> Choice? {
        guard case .noticed(let offsets) = map.consequence(of: [place.range], in: place.file, isAtRest: isAtRest)
        else { return nil }
        let before = disk.durableContents(place.file)
        guard place.range.upperBound <= before.count, !before[place.range].elementsEqual(place.bytes) else {
            return nil
        }
        return Choice(places: [place], offsets: [place.file: offsets])
    }

    private mutating func flip(_ file: String, _ range: Range<Int>) -> DamagedRange {
        let place = pick(in: range)
        let byte = disk.durableContents(file)[place] ^ 1 << UInt8(random.below(8))
        return DamagedRange(file: file, offset: place, bytes: [byte])
    }

    /// A bit of something that counts, or the sector around it.
    private mutating func rot() -> Choice? {
        switch random.below(16) {
        case 0 where map.hasIdentity: return noticed(flip(JournalMap.identity, 0..<32))
        case 3, 4:
            // Whether a start meets it follows from whether another has taken its place by then.
            let snapshots = disk.durableNames.all.filter { $0.hasSuffix(".snap") }
            guard let file = pick(snapshots), !disk.durableContents(file).isEmpty else { return nil }
            let flipped = flip(file, 0..<disk.durableContents(file).count)
            return Choice(places: [flipped], offsets: [file: [flipped.offset]])
        case 1, 2:
            guard let segment = pick(whole) else { return nil }
            return noticed(flip(segment.name, 0..<JournalMap.headerBytes))
        default:
            guard let (segment, batch) = pickBatch() else { return nil }
            guard random.chance(1, in: 3) else { return noticed(flip(segment.name, batch.range)) }
            let size = PendingWrite.sectorBytes
            let start = pick(in: batch.range) / size * size
            let isGarbage = random.chance(1, in: 2)
            let count = min(size, segment.size - start)
            let bytes = (0..<count).map { _ in isGarbage ? UInt8(truncatingIfNeeded: random.next()) : 0 }
            return noticed(DamagedRange(file: segment.name, offset: start, bytes: bytes))
        }
    }

    /// A bit that means nothing: zeros behind the last batch, or a file that a stop leaves without a meaning.
    private mutating func harmless() -> Choice? {
        // What is written of a snapshot is made its file by a rename.
        let temporary = disk.durableNames.all.filter { name in
            name.hasSuffix(".tmp") && !name.hasSuffix("snapshot.tmp") && !name.hasSuffix("received.tmp")
                && !disk.durableContents(name).isEmpty
        }
        if random.chance(1, in: 4), let file = pick(temporary) {
            return Choice(places: [flip(file, 0..<disk.durableContents(file).count)])
        }
        guard let segment = pick(whole), segment.end < segment.size else { return nil }
        return Choice(places: [flip(segment.name, segment.end..<segment.size)])
    }

    /// A whole batch, or a sector of it, is what was there before: zeros.
    private mutating func lostWrite() -> Choice? {
        guard let (segment, batch) = pickBatch() else { return nil }
        var range = batch.range
        if random.chance(1, in: 2) {
            let sector = pick(in: range) / PendingWrite.sectorBytes * PendingWrite.sectorBytes
            range = range.clamped(to: sector..<sector + PendingWrite.sectorBytes)
        }
        let zeros = [UInt8](repeating: 0, count: range.count)
        return noticed(DamagedRange(file: segment.name, offset: range.lowerBound, bytes: zeros))
    }

    /// A batch is missing where it belongs, and stands elsewhere.
    private mutating func misdirectedWrite() -> Choice? {
        guard let segment = pick(whole), let batch = pick(segment.batches), let target = pick(whole) else { return nil }
        let bytes = Array(disk.durableContents(segment.name)[batch.range])
        guard bytes.count < target.size else { return nil }
        // By whole sectors, or by any multiple of what batches stand at.
        let step = random.chance(1, in: 2) ? PendingWrite.sectorBytes : 8
        let start = pick(in: 0..<target.size - bytes.count) / step * step
        let landed = start..<start + bytes.count
        guard segment.name != target.name || !landed.overlaps(batch.range) else { return nil }
        let zeros = [UInt8](repeating: 0, count: bytes.count)
        guard segment.name == target.name else {
            guard var choice = noticed(DamagedRange(file: segment.name, offset: batch.range.lowerBound, bytes: zeros))
            else { return nil }
            choice.places.append(DamagedRange(file: target.name, offset: start, bytes: bytes))
            switch map.consequence(of: [landed], in: target.name) {
            case .silent: return nil
            // It may be met later, when the journal has come so far.
            case .none: choice.offsets[target.name] = [start]
            case .noticed(let offsets): choice.offsets[target.name] = offsets + [start]
            }
            return choice
        }
        guard case .noticed(let offsets) = map.consequence(of: [batch.range, landed], in: segment.name) else {
            return nil
        }
        let places = [
            DamagedRange(file: segment.name, offset: batch.range.lowerBound, bytes: zeros),
            DamagedRange(file: segment.name, offset: start, bytes: bytes),
        ]
        return Choice(places: places, offsets: [segment.name: offsets + [start]])
    }
}
