public import LeaseholdBase

/// Whom a snapshot is read for.
public enum SnapshotReader: Hashable, Sendable {
    /// A node that the log cannot feed any more.
    case peer(NodeID)
    /// A client that saves it. Who that is its owner knows.
    case client
}

/// What a read of a snapshot brought about.
public enum SnapshotReadResult: Hashable, Sendable {
    /// The bytes read are those of the file from the offset on: at least one.
    case piece(for: SnapshotReader, SnapshotID, offset: Int)
    /// Another snapshot counts now.
    case gone(for: SnapshotReader, SnapshotID)
    /// The bytes could not be read.
    case failed(for: SnapshotReader, JournalError)
    /// The completion is not that of a read under way.
    case unknown
}

/// Reading a snapshot that is durable, piece by piece, for somebody who is to have it.
extension Journal {
    /// The newest snapshot of what this log holds that is durable under its name: the one that counts, or one that was taken
    /// since. Its mark comes with the next batch, and where nothing happens that may be long in coming.
    public var readableSnapshot: InstalledSnapshot? { takenUnmarked ?? snapshot }

    /// Whether a snapshot that was taken waits for the batch that is to make it count; none is taken until then.
    public var awaitsMark: Bool { takenUnmarked != nil }

    private var takenUnmarked: InstalledSnapshot? {
        if let unmarked, !unmarked.isReceived { unmarked.snapshot } else { nil }
    }

    private func isReadable(_ id: SnapshotID) -> Bool { snapshot?.id == id || takenUnmarked?.id == id }

    /// Whether a completion of this number belongs to ``snapshotReadCompleted(_:bytes:)``.
    public func isSnapshotRead(_ number: DiskNumber) -> Bool { snapshotReads.contains { $0.number == number } }

    /// Asks for a piece of the snapshot's file.
    /// - Returns: False, with no effect, when this is neither the snapshot that counts nor ``readableSnapshot``, or it ends
    ///   before the offset.
    public mutating func readSnapshot(
        for reader: SnapshotReader, _ id: SnapshotID, from offset: Int, count: Int, into effects: inout [DiskEffect]
    ) -> Bool {
        guard failure == nil, isReadable(id), offset >= 0, offset < id.byteCount, count > 0 else { return false }
        let file = newFile()
        let count = min(count, id.byteCount - offset)
        _ = emit(.open(file, name: SnapshotName.installed(id.lastIndex)), into: &effects)
        let number = emit(.read(file, offset: offset, count: count), into: &effects)
        _ = emit(.close(file), into: &effects)
        snapshotReads.append(SnapshotRead(number: number, reader: reader, id: id, offset: offset, count: count))
        return true
    }

    /// Takes the end of a read. What was read is checked by whoever gets it: every part of the file has its checksum.
    public mutating func snapshotReadCompleted(_ completion: DiskCompletion, bytes: RawSpan) -> SnapshotReadResult {
        guard let place = snapshotReads.firstIndex(where: { $0.number == completion.number }) else { return .unknown }
        let read = snapshotReads.remove(at: place)
        guard isReadable(read.id) else {
            marks.hit(.snapshotGone)
            return .gone(for: read.reader, read.id)
        }
        let name = SnapshotName.installed(read.id.lastIndex)
        switch completion.result {
        case .success: break
        case .failed(let code):
            return .failed(for: read.reader, .disk(DiskError(.failed(code: code)), call: "read", file: name))
        case .spaceExhausted:
            return .failed(for: read.reader, .disk(DiskError(.spaceExhausted), call: "read", file: name))
        }
        guard bytes.byteCount > 0 else {
            return .failed(
                for: read.reader,
                .snapshotCorrupt(file: name, offset: read.offset, reason: "the file ends early"))
        }
        return .piece(for: read.reader, read.id, offset: read.offset)
    }
}
