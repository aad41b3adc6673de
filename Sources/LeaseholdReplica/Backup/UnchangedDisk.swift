internal import LeaseholdBase
internal import LeaseholdJournal

/// A directory to be read by what would also write to it: every change is swallowed.
///
/// A recovery leaves the journal settled and swept, but only at its end, and reads nothing of what it has changed; so it
/// comes to the same on this disk as on the real one, and the directory stays as it is for whoever is to look into it.
/// Reading something after it was changed is refused, since the answer would be a lie.
struct UnchangedDisk<Base: Disk>: Disk {
    /// The real one.
    private(set) var base: Base
    private var changed: [String] = []

    /// The system's number for a file system that is not to be written to.
    private static var readOnly: Int32 { 30 }

    init(_ base: Base) { self.base = base }

    private func check(_ file: String) throws(DiskError) {
        guard !changed.contains(file) else { throw DiskError(.failed(code: Self.readOnly)) }
    }

    private mutating func note(_ file: String) {
        if !changed.contains(file) { changed.append(file) }
    }

    mutating func list(_ directory: String) throws(DiskError) -> [String] { try base.list(directory) }

    mutating func size(_ file: String) throws(DiskError) -> Int {
        try check(file)
        return try base.size(file)
    }

    mutating func read(_ file: String, at offset: Int, count: Int, into bytes: inout [UInt8]) throws(DiskError) {
        try check(file)
        try base.read(file, at: offset, count: count, into: &bytes)
    }

    mutating func create(_ file: String) throws(DiskError) { note(file) }
    mutating func write(_ file: String, at offset: Int, _ bytes: RawSpan) throws(DiskError) { note(file) }
    mutating func sync(_ file: String) throws(DiskError) {}
    mutating func remove(_ file: String) throws(DiskError) { note(file) }
    mutating func makeDirectory(_ directory: String) throws(DiskError) {}
    mutating func syncDirectory(_ directory: String) throws(DiskError) {}

    mutating func rename(_ file: String, to name: String) throws(DiskError) {
        note(file)
        note(name)
    }
}
