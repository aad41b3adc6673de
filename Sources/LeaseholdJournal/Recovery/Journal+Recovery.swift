public import LeaseholdBase

extension Journal {
    /// Reads a data directory, tells the visitor all that is durable, in order, and gives a journal that is ready to run.
    ///
    /// Each segment is read to its physical end. A bad batch with a later one of the same segment behind it is corruption,
    /// and so is anything that does not continue what is before it; then nothing is changed, and the error says which file
    /// and offset (trap 41). A bad batch with nothing behind it, in the last segment, is torn: it was never acknowledged,
    /// and is cut.
    ///
    /// Unless the stop before was clean, what is good of the last segment is copied to a new file, synced and renamed over
    /// it, and the directory synced, before this returns: what was read from a cache may not be on the disk, and cannot be
    /// brought there by syncing it once more (trap 42). After a crash at any point exactly one of the two is the last
    /// segment. After a clean stop only its seal is written and synced again.
    ///
    /// A journal that has released log begins with the newest snapshot that a mark names. If that is damaged, an older one
    /// will do, as long as the log reaches back to it; ``Journal/snapshotWarning``
    /// tells so.
    ///
    /// Memory: one batch or 1 MiB, whichever is more, beside what a journal keeps.
    /// - Parameters:
    ///   - disk: The data directory.
    ///   - node: Whose it is to be.
    ///   - cluster: Which cluster it is to belong to, if that is known. A directory from before the birth is accepted.
    ///   - configuration: Sizes and times. Segments that are there keep theirs.
    ///   - seed: Random, and another one each time: ids of segments are drawn from it.
    ///   - visitor: Told what was found. After an error it is to be thrown away.
    public static func recover<Visitor: JournalVisitor>(
        from disk: inout some Disk, node: NodeID, cluster: ClusterID? = nil, configuration: JournalConfiguration,
        seed: UInt64, visitor: inout Visitor
    ) throws(JournalError) -> Journal {
        guard let owner = try JournalDirectory.identity(on: &disk) else { throw .notMade }
        guard owner.node == node else {
            throw .wrongIdentity(
                file: DirectoryIdentity.file, expected: "node \(node)", found: "node \(owner.node)")
        }
        var state = RecoveryState(
            identity: JournalIdentity(group: owner.group, node: owner.node, incarnation: owner.incarnation),
            spacing: configuration.indexSpacingBytes)
        let names = try disk.journalFiles()
        var cursors: [SegmentCursor] = []
        for name in names.segments { cursors.append(try SegmentCursor(name, on: &disk)) }
        cursors.sort { ($0.header.firstBatch, $0.name) < ($1.header.firstBatch, $1.name) }
        guard let last = cursors.indices.last else {
            throw .corrupt(file: SegmentName.directory, offset: 0, reason: "there is no segment")
        }
        let files = try SnapshotFiles(cursors[last], on: &disk)
        state.base = files.base
        state.mayBeginLate = files.base != nil
        if files.isOlder { state.marks.hit(.olderSnapshotRecovered) }
        try files.give(to: &visitor, cluster: cluster, first: cursors[0].header, on: &disk)
        var segments: [JournalSegment] = []
        var isClear = true
        for place in cursors.indices {
            try state.begin(cursors[place])
            let next = place == last ? nil : cursors[place + 1].header.firstBatch
            isClear = try read(&cursors[place], place, next: next, &state, on: &disk, &visitor)
            let cursor = cursors[place]
            segments.append(
                JournalSegment(name: cursor.name, header: cursor.header, size: cursor.size, end: cursor.offset))
            cursors[place].release()
        }
        if let cluster, state.identity.cluster != .unborn, state.identity.cluster != cluster {
            throw .wrongIdentity(
                file: segments[last].name, expected: "cluster \(cluster)", found: "cluster \(state.identity.cluster)")
        }

        try files.checkEnd(of: state, in: segments[last].name)
        if !isClear { state.marks.hit(.tornTailCut) }
        if !names.temporary.isEmpty { state.marks.hit(.leftoverRemoved) }
        state.marks.hit(state.isClean && isClear ? .cleanEndRecovered : .lastSegmentRewritten)
        // Only now, when nothing is corrupt, is anything changed.
        for file in names.temporary { try disk.journalRemove(file) }
        for file in files.leftovers {
            state.marks.hit(.snapshotRemoved)
            try disk.journalRemove(file)
        }
        // The making of the directory may have ended between the identity file's rename and the sync of its name.
        try disk.journalSyncDirectory("")
        try settle(&segments[last], isClean: state.isClean && isClear, configuration, on: &disk)
        var journal = Journal(state, segments, configuration, seed: seed)
        journal.snapshotWarning = files.warning
        return journal
    }

    /// Reads one segment to its end. Answers whether only zeros are behind its last batch.
    ///
    /// - Parameter next: The first batch number of the segment behind it, if there is one.
    private static func read(
        _ cursor: inout SegmentCursor, _ place: Int, next: UInt64?, _ state: inout RecoveryState,
        on disk: inout some Disk, _ visitor: inout some JournalVisitor
    ) throws(JournalError) -> Bool {
        while true {
            switch try cursor.next(on: &disk) {
            case .batch(let batch, let offset):
                try state.take(batch, cursor.payload, offset: offset, segment: place, in: cursor.name, &visitor)
            case .end(let isClear):
                if let gap = cursor.gap(before: next) { throw gap }
                return isClear
            }
        }
    }

    /// Makes the last segment's good batches durable, and leaves nothing but zeros behind them.
    private static func settle(
        _ segment: inout JournalSegment, isClean: Bool, _ configuration: JournalConfiguration, on disk: inout some Disk
    ) throws(JournalError) {
        var piece: [UInt8] = []
        if isClean {
            // All before the clean end was synced before it was written. It alone may be in the cache only.
            let start = segment.end - JournalFormat.batchHeaderBytes
            try disk.journalRead(segment.name, at: start, count: JournalFormat.batchHeaderBytes, into: &piece)
            try unsafe disk.journalWrite(segment.name, at: start, piece.span.bytes)
            try disk.journalSync(segment.name)
            try disk.journalSyncDirectory(SegmentName.directory)
            return
        }
        let copy = SegmentName.recovery
        let size = configuration.segmentBytes(holding: segment.end - JournalFormat.segmentHeaderBytes)
        try disk.journalCreate(copy)
        var offset = 0
        while offset < segment.end {
            piece.removeAll(keepingCapacity: true)
            let count = min(SegmentCursor.pieceBytes, segment.end - offset)
            try disk.journalRead(segment.name, at: offset, count: count, into: &piece)
            guard piece.count == count else {
                throw .corrupt(file: segment.name, offset: offset, reason: "the file became shorter while it was read")
            }
            try unsafe disk.journalWrite(copy, at: offset, piece.span.bytes)
            offset += count
        }
        try disk.journalFill(copy, from: segment.end, to: size)
        try disk.journalSync(copy)
        #if PLANTED_BUGS
        if planted(.tailCopiedToNewSegment), segment.name == SegmentName.plain(segment.header.firstIndex) {
            let (first, batch) = (segment.header.firstIndex, segment.header.firstBatch)
            let name = SegmentName.numbered(first, firstBatch: batch)
            try disk.journalRename(copy, to: name)
            try disk.journalSyncDirectory(SegmentName.directory)
            try disk.journalRemove(segment.name)
            return segment = JournalSegment(
                name: name, header: segment.header, size: size, end: segment.end, file: segment.file)
        }
        #endif
        try disk.journalRename(copy, to: segment.name)
        try disk.journalSyncDirectory(SegmentName.directory)
        segment.size = size
    }

    /// A journal at rest behind what was recovered.
    private init(
        _ state: RecoveryState, _ segments: [JournalSegment], _ configuration: JournalConfiguration, seed: UInt64
    ) {
        self.configuration = configuration
        self.identity = state.identity
        self.segments = segments
        self.newestSyncedBatch = state.number
        self.terms = state.terms
        self.positions = state.positions
        self.durableLastIndex = state.log.lastIndex
        self.isClean = state.isClean
        // What the stop left without a seal gets one as soon as it is clear that nothing follows at once.
        self.sealDue = state.isSealed || state.number == 0 ? .never : .zero
        self.random = RandomSource(seed: seed)
        self.marks = state.marks
        self.olderBytes = segments.dropLast().reduce(0) { $0 + $1.size }
        self.snapshot = state.base
        self.newestMark = state.newestMark
        self.restartSegment = state.restartSegment ?? 0
        self.appendedBytes = state.bytesBehind
        self.release = state.base == nil ? .resting : .due
        if state.base != nil { marks.hit(.snapshotRecovered) }
        gathering.reset(to: state.log)
        flying.reset(to: state.log)
    }
}
