internal import LeaseholdBase
internal import LeaseholdJournal

/// A data directory whose reads and writes a person sees going on.
struct WatchedDisk<Base: Disk>: Disk {
    private var base: Base
    private(set) var progress: ProgressLine

    init(_ base: Base, _ progress: ProgressLine) {
        self.base = base
        self.progress = progress
    }

    mutating func list(_ directory: String) throws(DiskError) -> [String] { try base.list(directory) }
    mutating func size(_ file: String) throws(DiskError) -> Int { try base.size(file) }

    mutating func read(_ file: String, at offset: Int, count: Int, into bytes: inout [UInt8]) throws(DiskError) {
        let before = bytes.count
        try base.read(file, at: offset, count: count, into: &bytes)
        progress.advance(bytes.count - before)
    }

    mutating func write(_ file: String, at offset: Int, _ bytes: RawSpan) throws(DiskError) {
        try base.write(file, at: offset, bytes)
        progress.advance(bytes.byteCount)
    }

    mutating func create(_ file: String) throws(DiskError) { try base.create(file) }
    mutating func sync(_ file: String) throws(DiskError) { try base.sync(file) }
    mutating func rename(_ file: String, to name: String) throws(DiskError) { try base.rename(file, to: name) }
    mutating func remove(_ file: String) throws(DiskError) { try base.remove(file) }
    mutating func makeDirectory(_ directory: String) throws(DiskError) { try base.makeDirectory(directory) }
    mutating func syncDirectory(_ directory: String) throws(DiskError) { try base.syncDirectory(directory) }
}
