internal import LeaseholdBase
internal import LeaseholdSystem

/// A file that is written beside the one it is to become: under a name that nothing has, not even as a symbolic link that
/// somebody has laid where the file was to be expected. It gets its own name when all of it is there, and is gone if it
/// never does.
package struct AsideFile: ~Copyable {
    /// What it is to become.
    package let path: String
    private let name: String
    private let file: File
    private var isKept = false

    /// Makes it, empty.
    package init(for path: String) throws(CommandFailure) {
        let name = "\(path).\(hexadecimal(try CommandFailure.drawn())).tmp"
        file = try Self.made(name, for: path)
        (self.path, self.name) = (path, name)
    }

    deinit {
        if !isKept { try? FileSystem.remove(name) }
    }

    private static func made(_ name: String, for path: String) throws(CommandFailure) -> File {
        do throws(SystemError) { return try File(name, .create) } catch {
            throw CommandFailure(.ioError, "\(path) cannot be written: \(error)")
        }
    }

    /// Writes all of the bytes at the offset.
    package func write(_ bytes: RawSpan, at offset: Int) throws(CommandFailure) {
        try written { () throws(SystemError) in try file.write(bytes, at: offset) }
    }

    /// Begins it anew.
    package func clear() throws(CommandFailure) {
        try written { () throws(SystemError) in try file.truncate(to: 0) }
    }

    /// Makes it durable and gives it its name, which nothing has by then.
    package mutating func keep() throws(CommandFailure) {
        try written { () throws(SystemError) in
            try file.synchronize()
            try FileSystem.rename(name, toNew: path)
        }
        isKept = true
        try written { () throws(SystemError) in try FileSystem.synchronizeDirectory(BackupFile.directory(of: path)) }
    }

    private func written(_ body: () throws(SystemError) -> Void) throws(CommandFailure) {
        do throws(SystemError) { try body() } catch {
            throw CommandFailure(.ioError, "\(path) was not written: \(error)")
        }
    }
}
