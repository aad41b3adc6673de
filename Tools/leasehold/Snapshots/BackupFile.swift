internal import LeaseholdBase
package import LeaseholdJournal
package import LeaseholdReplica
internal import LeaseholdSystem

/// A backup's file.
package enum BackupFile {
    /// How much of it is read at a time, in bytes.
    private static var pieceBytes: Int { 1 << 20 }

    /// Reads and checks all of a file.
    package static func read(_ path: String) throws(CommandFailure) -> (backup: Backup, id: SnapshotID) {
        try checkIsFile(path)
        let file = try open(path)
        var reader = BackupReader(name: path, hashSeed: try CommandFailure.drawn())
        var progress = ProgressLine("reading \(path)", total: try? file.size())
        defer { progress.end() }
        var piece: [UInt8] = []
        var offset = 0
        while !reader.isComplete {
            piece.removeAll(keepingCapacity: true)
            do throws(SystemError) { try file.read(at: offset, count: pieceBytes, appendingTo: &piece) } catch {
                throw CommandFailure(.ioError, "\(path) at offset \(offset): \(error)")
            }
            offset += piece.count
            if piece.isEmpty, !reader.hasHead {
                throw CommandFailure(
                    .snapshotCorrupt, "\(path) is no backup: it ends after \(offset) bytes, in its head")
            }
            do throws(JournalError) {
                guard !piece.isEmpty else { throw reader.endsEarly }
                try unsafe reader.feed(piece.span.bytes)
            } catch { throw CommandFailure(error, inBackup: path) }
            progress.advance(piece.count)
        }
        let (backup, id): (Backup, SnapshotID)
        do throws(JournalError) { (backup, id) = try reader.finish() } catch {
            throw CommandFailure(error, inBackup: path)
        }
        do throws(SystemError) {
            piece.removeAll(keepingCapacity: true)
            try file.read(at: id.byteCount, count: 1, appendingTo: &piece)
        } catch { throw CommandFailure(.ioError, "\(path) at offset \(id.byteCount): \(error)") }
        guard piece.isEmpty else {
            throw CommandFailure(
                .snapshotCorrupt(file: path, offset: id.byteCount, reason: "there are bytes behind the end"),
                inBackup: path)
        }
        return (backup, id)
    }

    private static func checkIsFile(_ path: String) throws(CommandFailure) {
        switch try kind(of: path) {
        case .file: return
        case .nothing: throw CommandFailure(.ioError, "\(path) is no file that is there")
        case .directory: throw CommandFailure(.ioError, "\(path) is a directory, and a backup is a file")
        case .other: throw CommandFailure(.ioError, "\(path) is a device, a pipe or a socket, and a backup is a file")
        }
    }

    private static func open(_ path: String) throws(CommandFailure) -> File {
        do throws(SystemError) { return try File(path, .read) } catch {
            throw CommandFailure(.ioError, "\(path): \(error)")
        }
    }

    /// Writes a file that is not there yet: aside, synchronized, and only then under its name.
    /// - Parameter check: Is asked before each share, and throws if no more is to be written; then nothing is left.
    package static func write(
        _ backup: consuming Backup, to path: String, check: () throws(CommandFailure) -> Void = {}
    ) throws(CommandFailure) -> SnapshotID {
        try checkIsNew(path)
        var file = try AsideFile(for: path)
        var writer = BackupWriter(backup)
        var progress = ProgressLine("writing \(path)")
        defer { progress.end() }
        var bytes: [UInt8] = []
        var offset = 0
        while true {
            try check()
            bytes.removeAll(keepingCapacity: true)
            let id = writer.write(into: &bytes)
            unsafe try file.write(bytes.span.bytes, at: offset)
            offset += bytes.count
            progress.advance(bytes.count)
            if let id {
                try file.keep()
                return id
            }
        }
    }

    /// Refuses to write over anything.
    package static func checkIsNew(_ path: String) throws(CommandFailure) {
        guard try kind(of: path) == .nothing else {
            throw CommandFailure(.usage, "\(path) is there already, and is left as it is: give another name")
        }
        guard try kind(of: directory(of: path)) == .directory else {
            throw CommandFailure(.ioError, "\(path) cannot be written: \(directory(of: path)) is no directory")
        }
    }

    /// The directory that a name stands in.
    package static func directory(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    static func kind(of path: String) throws(CommandFailure) -> FileSystem.Kind {
        do throws(SystemError) { return try FileSystem.kind(of: path) } catch {
            throw CommandFailure(.ioError, "\(path): \(error)")
        }
    }
}
