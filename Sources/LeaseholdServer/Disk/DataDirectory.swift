internal import LeaseholdBase
package import LeaseholdJournal
internal import LeaseholdSystem

/// A data directory as recovery sees it: blocking calls, names relative to the directory.
package struct DataDirectory: Disk {
    /// The directory's path.
    package let path: String
    /// The file being written, kept open from its creation to its sync so that no error in between is missed.
    private var writing: (name: String, file: SharedFile)?

    /// The directory at a path; nothing is opened yet.
    package init(_ path: String) { self.path = path }

    private func full(_ name: String) -> String { name.isEmpty ? path : "\(path)/\(name)" }

    private static func attempt<Value>(_ body: () throws(SystemError) -> Value) throws(DiskError) -> Value {
        do throws(SystemError) { return try body() } catch { throw DiskError(error) }
    }

    private mutating func open(_ name: String) throws(DiskError) -> SharedFile {
        if let writing, writing.name == name { return writing.file }
        let path = full(name)
        let file = try Self.attempt { () throws(SystemError) in try SharedFile(path, .write) }
        writing = (name, file)
        return file
    }

    package mutating func list(_ directory: String) throws(DiskError) -> [String] {
        try Self.attempt { () throws(SystemError) in try FileSystem.list(full(directory)) }
    }

    package mutating func size(_ file: String) throws(DiskError) -> Int {
        try Self.attempt { () throws(SystemError) in try File(full(file), .read).size() }
    }

    package mutating func read(
        _ file: String, at offset: Int, count: Int, into bytes: inout [UInt8]
    ) throws(DiskError) {
        do throws(SystemError) {
            let open = try File(full(file), .read)
            try open.read(at: offset, count: count, appendingTo: &bytes)
        } catch { throw DiskError(error) }
    }

    package mutating func create(_ file: String) throws(DiskError) {
        let path = full(file)
        writing = (file, try Self.attempt { () throws(SystemError) in try SharedFile(path, .replace) })
    }

    package mutating func write(_ file: String, at offset: Int, _ bytes: RawSpan) throws(DiskError) {
        let shared = try open(file)
        do throws(SystemError) { try shared.file.write(bytes, at: offset) } catch { throw DiskError(error) }
    }

    package mutating func sync(_ file: String) throws(DiskError) {
        let shared = try open(file)
        do throws(SystemError) { try shared.file.synchronize() } catch { throw DiskError(error) }
        writing = nil
    }

    package mutating func rename(_ file: String, to name: String) throws(DiskError) {
        try Self.attempt { () throws(SystemError) in try FileSystem.rename(full(file), to: full(name)) }
    }

    package mutating func remove(_ file: String) throws(DiskError) {
        try Self.attempt { () throws(SystemError) in try FileSystem.remove(full(file)) }
    }

    package mutating func makeDirectory(_ directory: String) throws(DiskError) {
        try Self.attempt { () throws(SystemError) in try FileSystem.makeDirectory(full(directory)) }
    }

    package mutating func syncDirectory(_ directory: String) throws(DiskError) {
        try Self.attempt { () throws(SystemError) in try FileSystem.synchronizeDirectory(full(directory)) }
    }
}

/// An open file that several owners may hold; it is closed when the last lets go.
final class SharedFile: Sendable {
    let file: File

    init(_ path: String, _ mode: File.Mode) throws(SystemError) { file = try File(path, mode) }
}

extension DiskError {
    /// What the journal must tell apart of the kernel's reasons.
    init(_ error: SystemError) {
        if error.code == .notFound {
            self.init(.notFound)
        } else if error.code.isOutOfSpace {
            self.init(.spaceExhausted)
        } else {
            self.init(.failed(code: error.code.rawValue))
        }
    }
}

extension DiskCompletion.Result {
    /// What became of a call.
    init(_ error: SystemError) {
        self = error.code.isOutOfSpace ? .spaceExhausted : .failed(code: error.code.rawValue)
    }
}
