import LeaseholdBase

/// Making a data directory, and seeing whether there is one.
public enum JournalDirectory {
    /// Stands in a directory from before anything else of a restored one is written until all of it is durable.
    static let restoringFile = "restoring"

    /// Who a data directory belongs to, or nothing if it is empty or its making was cut short.
    ///
    /// The identity file is the last thing that making a directory writes, so one without it holds no batch; if it does,
    /// the file was lost, and that is corruption. One without it that was to be restored from a backup is refused,
    /// ``JournalError/restoreUnfinished``: it is not for a cluster to be born in.
    public static func identity(
        on disk: inout some Disk
    ) throws(JournalError) -> DirectoryIdentity? {
        if let identity = try writtenIdentity(on: &disk) { return identity }
        if try disk.journalHas(restoringFile) { throw .restoreUnfinished }
        return nil
    }

    /// The same, though a restore may have been cut short.
    private static func writtenIdentity(
        on disk: inout some Disk
    ) throws(JournalError) -> DirectoryIdentity? {
        var bytes: [UInt8] = []
        do {
            try disk.read(DirectoryIdentity.file, at: 0, count: 4096, into: &bytes)
            return try unsafe DirectoryIdentity.decode(bytes.span.bytes)
        } catch let error as DiskError {
            guard error.reason == .notFound else { throw .disk(error, call: "read", file: DirectoryIdentity.file) }
        } catch let error as JournalError {
            throw error
        } catch {
            return nil
        }
        for segment in try disk.journalFiles().segments {
            var cursor = try SegmentCursor(segment, on: &disk)
            if case .batch = try cursor.next(on: &disk) {
                throw .corrupt(file: DirectoryIdentity.file, offset: 0, reason: "it is missing beside a journal in use")
            }
        }
        return nil
    }

    /// Makes a data directory: an empty first segment, and then the identity file. When it returns, all of it is durable
    /// but the name of the data directory itself. Cut short by a crash, it can be begun again.
    /// - Parameters:
    ///   - disk: The data directory, which is there.
    ///   - identity: Whose it is. The incarnation has been drawn at random, and is not zero.
    ///   - configuration: Says how large the first segment is.
    ///   - seed: Random, for the segment's id.
    public static func make(
        on disk: inout some Disk, identity: DirectoryIdentity, configuration: JournalConfiguration, seed: UInt64
    ) throws(JournalError) {
        guard try self.identity(on: &disk) == nil else { throw .alreadyMade }
        try clear(&disk)
        var random = RandomSource(seed: seed)
        let header = SegmentHeader(
            identity: JournalIdentity(
                group: identity.group, node: identity.node, incarnation: identity.incarnation),
            segment: random.next(), firstIndex: LogIndex(1), firstBatch: 1, previousTerm: .zero, term: .zero)
        try finish(header, identity, configuration, on: &disk)
    }

    /// Makes a data directory whose journal begins with a snapshot: one node of a cluster that is restored from a backup.
    /// As for ``make(on:identity:configuration:seed:)``, when it returns all of it is durable; cut short, it can be begun
    /// again. The log's first entry is the one behind the snapshot's last, and its cluster that of the snapshot.
    ///
    /// Cut short, it leaves no directory that passes for an empty one, in which a cluster could be born whose tokens begin
    /// at 1 and that keeps no quarantine (trap 45): a marker stands in it from before anything else is written, so that
    /// nobody takes it but who restores. Beside an identity it means nothing, for that is written when all else is durable.
    /// - Parameters:
    ///   - snapshot: What the snapshot is of: a restored state, its new cluster, a membership of this node alone.
    ///   - content: Appends the next bytes of the snapshot's content; answers whether that was all.
    public static func make(
        on disk: inout some Disk, identity: DirectoryIdentity, configuration: JournalConfiguration, seed: UInt64,
        beginningWith snapshot: SnapshotHeader, content: (inout [UInt8]) -> Bool
    ) throws(JournalError) {
        guard try writtenIdentity(on: &disk) == nil else { throw .alreadyMade }
        try disk.journalCreate(restoringFile)
        try disk.journalSync(restoringFile)
        try disk.journalSyncDirectory("")
        try clear(&disk)
        let id = try write(snapshot, content, on: &disk)
        var random = RandomSource(seed: seed)
        let header = SegmentHeader(
            identity: JournalIdentity(
                group: identity.group, node: identity.node, incarnation: identity.incarnation,
                cluster: snapshot.cluster),
            segment: random.next(), firstIndex: snapshot.lastIndex.next, firstBatch: 1,
            previousTerm: snapshot.lastTerm, term: snapshot.lastTerm,
            snapshot: SnapshotMark(id: id, restartsLog: true))
        try finish(header, identity, configuration, on: &disk)
        try disk.journalRemove(restoringFile)
        try disk.journalSyncDirectory("")
    }

    private static func write(
        _ snapshot: SnapshotHeader, _ content: (inout [UInt8]) -> Bool, on disk: inout some Disk
    ) throws(JournalError) -> SnapshotID {
        var writer = SnapshotFileWriter(snapshot)
        var bytes: [UInt8] = []
        var offset = 0
        var id: SnapshotID?
        try disk.journalCreate(SnapshotName.taking)
        while true {
            bytes.removeAll(keepingCapacity: true)
            writer.take(into: &bytes)
            try unsafe disk.journalWrite(SnapshotName.taking, at: offset, bytes.span.bytes)
            offset += bytes.count
            if let id {
                try disk.journalSync(SnapshotName.taking)
                try disk.journalRename(SnapshotName.taking, to: SnapshotName.installed(snapshot.lastIndex))
                return id
            }
            bytes.removeAll(keepingCapacity: true)
            let isAll = content(&bytes)
            unsafe writer.append(bytes.span.bytes)
            if isAll { id = writer.finish() }
        }
    }

    /// Begins a directory, without what an earlier try has left.
    private static func clear(_ disk: inout some Disk) throws(JournalError) {
        do { try disk.makeDirectory(SegmentName.directory) } catch {
            throw .disk(error, call: "make", file: SegmentName.directory)
        }
        try disk.journalSyncDirectory("")
        let files = try disk.journalFiles()
        for file in files.segments + files.temporary { try disk.journalRemove(file) }
        for snapshot in try disk.snapshotFiles() { try disk.journalRemove(snapshot.name) }
    }

    /// Writes the first segment, and then the identity file.
    private static func finish(
        _ header: SegmentHeader, _ identity: DirectoryIdentity, _ configuration: JournalConfiguration,
        on disk: inout some Disk
    ) throws(JournalError) {
        var bytes = [UInt8](repeating: 0, count: JournalFormat.segmentHeaderBytes)
        header.encode(over: &bytes, at: 0)
        try disk.journalCreate(SegmentName.spare)
        try unsafe disk.journalWrite(SegmentName.spare, at: 0, bytes.span.bytes)
        try disk.journalFill(SegmentName.spare, from: bytes.count, to: configuration.segmentBytes(holding: 0))
        try disk.journalSync(SegmentName.spare)
        try disk.journalRename(SegmentName.spare, to: SegmentName.plain(header.firstIndex))
        try disk.journalSyncDirectory(SegmentName.directory)

        let content = identity.encode()
        try disk.journalCreate(DirectoryIdentity.temporaryFile)
        try unsafe disk.journalWrite(DirectoryIdentity.temporaryFile, at: 0, content.span.bytes)
        try disk.journalSync(DirectoryIdentity.temporaryFile)
        try disk.journalRename(DirectoryIdentity.temporaryFile, to: DirectoryIdentity.file)
        try disk.journalSyncDirectory("")
    }
}
