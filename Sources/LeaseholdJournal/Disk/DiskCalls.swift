/// Calls of a ``Disk`` that name the call and the file when they fail.
extension Disk {
    mutating func journalSize(_ file: String) throws(JournalError) -> Int {
        do { return try size(file) } catch { throw .disk(error, call: "size", file: file) }
    }

    /// Whether a file is there.
    mutating func journalHas(_ file: String) throws(JournalError) -> Bool {
        do { _ = try size(file) } catch {
            guard error.reason == .notFound else { throw .disk(error, call: "size", file: file) }
            return false
        }
        return true
    }

    mutating func journalRead(
        _ file: String, at offset: Int, count: Int, into bytes: inout [UInt8]
    ) throws(JournalError) {
        do { try read(file, at: offset, count: count, into: &bytes) } catch {
            throw .disk(error, call: "read", file: file)
        }
    }

    mutating func journalCreate(_ file: String) throws(JournalError) {
        do { try create(file) } catch { throw .disk(error, call: "create", file: file) }
    }

    mutating func journalWrite(_ file: String, at offset: Int, _ bytes: RawSpan) throws(JournalError) {
        do { try write(file, at: offset, bytes) } catch { throw .disk(error, call: "write", file: file) }
    }

    mutating func journalSync(_ file: String) throws(JournalError) {
        do { try sync(file) } catch { throw .disk(error, call: "sync", file: file) }
    }

    mutating func journalRename(_ file: String, to name: String) throws(JournalError) {
        do { try rename(file, to: name) } catch { throw .disk(error, call: "rename", file: file) }
    }

    mutating func journalRemove(_ file: String) throws(JournalError) {
        do { try remove(file) } catch { throw .disk(error, call: "remove", file: file) }
    }

    mutating func journalSyncDirectory(_ directory: String) throws(JournalError) {
        do { try syncDirectory(directory) } catch { throw .disk(error, call: "sync", file: directory) }
    }

    /// Writes zeros from an offset up to an end.
    mutating func journalFill(_ file: String, from offset: Int, to end: Int) throws(JournalError) {
        let zeros = [UInt8](repeating: 0, count: min(1 << 20, max(0, end - offset)))
        var offset = offset
        while offset < end {
            let count = min(zeros.count, end - offset)
            try journalWrite(file, at: offset, unsafe zeros.span.bytes.extracting(0..<count))
            offset += count
        }
    }

    /// The paths of the segments, and of what means nothing after a stop; each sorted.
    mutating func journalFiles() throws(JournalError) -> (segments: [String], temporary: [String]) {
        let names: [String]
        do { names = try list(SegmentName.directory) } catch {
            if error.reason == .notFound { return ([], []) }
            throw .disk(error, call: "list", file: SegmentName.directory)
        }
        let paths = names.sorted().map { SegmentName.directory + "/" + $0 }
        return (
            paths.filter { $0.hasSuffix(SegmentName.ending) },
            paths.filter { $0.hasSuffix(SegmentName.temporaryEnding) }
        )
    }
}
