import LeaseholdBase

/// The snapshots of a data directory: which one the journal begins with, and which are left over.
///
/// A snapshot counts because the stream has a mark of it, never because a file is there: one that was installed and not
/// yet marked when a crash came is removed. The newest mark stands in the last segment, or in its header.
struct SnapshotFiles {
    /// What the state begins with.
    private(set) var base: InstalledSnapshot?
    /// What nothing names, or nothing needs any more.
    private(set) var leftovers: [String] = []
    /// The newest mark.
    private(set) var mark: SnapshotMark?
    /// Why an older snapshot than the newest is what the state begins with, if so.
    private(set) var warning: JournalError?

    /// Whether an older snapshot than the newest is what the state begins with.
    var isOlder: Bool { warning != nil }

    /// Looks for the newest mark, and for a whole snapshot that is of it or older.
    init(_ last: SegmentCursor, on disk: inout some Disk) throws(JournalError) {
        let files = try disk.snapshotFiles()
        mark = try Self.newestMark(last, on: &disk)
        guard let mark else {
            leftovers = files.map { $0.name }
            return
        }
        let wanted = SnapshotName.installed(mark.id.lastIndex)
        do throws(JournalError) {
            let found = try Self.check(wanted, on: &disk)
            guard found.id == mark.id else {
                throw .snapshotCorrupt(
                    file: wanted, offset: 0, reason: "it is not the one that the log names: \(mark.id)")
            }
            base = found
        } catch {
            guard case .snapshotCorrupt = error else { throw error }
            // Newest first; where the log began anew, none before that will do.
            for file in files.reversed() where file.index < mark.id.lastIndex && !mark.restartsLog && base == nil {
                base = try? Self.check(file.name, on: &disk)
            }
            guard base != nil else { throw error }
            warning = error
        }
        // A damaged one stays for people to look at.
        leftovers = files.map { $0.name }.filter { $0 != base?.name && (warning == nil || $0 != wanted) }
    }

    /// The newest mark in a segment, or the one that its header repeats.
    static func newestMark(_ last: SegmentCursor, on disk: inout some Disk) throws(JournalError) -> SnapshotMark? {
        var cursor = last
        var mark = cursor.header.snapshot
        while case .batch = try cursor.next(on: &disk) {
            var reader = ByteReader(cursor.payload)
            // What cannot be read is told when the segment is gone through in its order.
            while let record = try? RecordCodec.next(&reader) {
                if case .snapshot(let found) = record { mark = found }
            }
        }
        return mark
    }

    /// Reads a file from end to end.
    private static func check(_ name: String, on disk: inout some Disk) throws(JournalError) -> InstalledSnapshot {
        var header: SnapshotHeader?
        var id: SnapshotID?
        try visit(name, on: &disk) { item, _ in
            switch item {
            case .header(let found): header = found
            case .content: break
            case .end(let found): id = found
            }
            return true
        }
        guard let header, let id, SnapshotName.installed(id.lastIndex) == name else {
            throw .snapshotCorrupt(file: name, offset: 0, reason: "its name is not its own")
        }
        return InstalledSnapshot(header: header, id: id)
    }

    /// Goes through a file, and answers whether the body let all of it pass.
    @discardableResult private static func visit(
        _ name: String, on disk: inout some Disk, _ body: (SnapshotFileReader.Item, RawSpan) -> Bool
    ) throws(JournalError) -> Bool {
        let size: Int
        do { size = try disk.size(name) } catch {
            guard error.reason == .notFound else { throw .disk(error, call: "size", file: name) }
            throw .snapshotCorrupt(file: name, offset: 0, reason: "it is missing")
        }
        var reader = SnapshotFileReader(name: name)
        var piece: [UInt8] = []
        var offset = 0
        while true {
            while let item = try reader.next() {
                guard body(item, reader.content) else { return false }
                if case .end = item { return true }
            }
            guard offset < size else { throw reader.endsEarly }
            piece.removeAll(keepingCapacity: true)
            try disk.journalRead(name, at: offset, count: min(SegmentCursor.pieceBytes, size - offset), into: &piece)
            guard !piece.isEmpty else { throw reader.endsEarly }
            offset += piece.count
            unsafe reader.feed(piece.span.bytes)
        }
    }

    /// The log that was read goes on from the snapshot: it began no later, or began anew behind it.
    func checkEnd(of state: RecoveryState, in name: String) throws(JournalError) {
        guard let base, let mark = state.newestMark else { return }
        guard state.identity.cluster == .unborn || state.identity.cluster == base.header.cluster else {
            throw .wrongIdentity(
                file: base.name, expected: "cluster \(state.identity.cluster)", found: "cluster \(base.header.cluster)")
        }
        guard state.terms.lastIndex >= base.id.lastIndex, mark == self.mark else {
            throw .corrupt(file: name, offset: 0, reason: "the log ends before the snapshot \(base.id.lastIndex)")
        }
        guard !state.isBehindGap else {
            if let warning { throw warning }
            throw .corrupt(file: name, offset: 0, reason: "the log begins behind the snapshot \(base.id.lastIndex)")
        }
        guard let term = state.terms.term(at: base.id.lastIndex), term > .zero else { return }
        guard term == base.id.lastTerm else {
            throw .snapshotCorrupt(
                file: base.name, offset: 0,
                reason: "its last entry has term \(base.id.lastTerm), and in the log it has term \(term)")
        }
    }

    /// Gives the snapshot to the visitor, and then the term and vote that the first segment repeats.
    func give(
        to visitor: inout some JournalVisitor, cluster: ClusterID?, first: SegmentHeader, on disk: inout some Disk
    ) throws(JournalError) {
        guard let base else { return }
        guard base.header.group == first.identity.group, cluster == nil || base.header.cluster == cluster else {
            throw .wrongIdentity(
                file: base.name, expected: "cluster \(cluster ?? first.identity.cluster)",
                found: "cluster \(base.header.cluster)")
        }
        let passes = try Self.visit(base.name, on: &disk) { item, content in
            switch item {
            case .header: visitor.recovered(base)
            case .content: visitor.recovered(snapshotContent: content)
            case .end: visitor.recoveredSnapshot()
            }
        }
        guard passes else { throw .refused(index: base.id.lastIndex, reason: "its snapshot was not accepted") }
        if first.term > .zero { visitor.recovered(term: first.term, votedFor: first.votedFor) }
    }
}

/// A file that has a snapshot's name.
struct FoundSnapshot {
    var name: String
    var index: LogIndex
}

extension Disk {
    /// The snapshots that are there, the oldest first.
    mutating func snapshotFiles() throws(JournalError) -> [FoundSnapshot] {
        let names: [String]
        do { names = try list(SegmentName.directory) } catch {
            if error.reason == .notFound { return [] }
            throw .disk(error, call: "list", file: SegmentName.directory)
        }
        var files: [FoundSnapshot] = []
        for name in names.sorted() where name.hasSuffix(SnapshotName.ending) {
            let digits = name.dropLast(SnapshotName.ending.count)
            guard digits.utf8.count == 16, let index = UInt64(digits, radix: 16) else { continue }
            files.append(FoundSnapshot(name: SegmentName.directory + "/" + name, index: LogIndex(index)))
        }
        return files
    }
}
