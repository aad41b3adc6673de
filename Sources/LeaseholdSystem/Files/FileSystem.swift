internal import CLeaseholdSystem

/// Names of files and directories.
public enum FileSystem {
    /// What a name stands for.
    public enum Kind: Hashable, Sendable {
        case nothing, file, directory, other
    }

    /// What is there.
    public static func kind(of path: String) throws(SystemError) -> Kind {
        switch try perform(.stat, { unsafe leasehold_kind(path) }) {
        case 0: .nothing
        case 1: .file
        case 2: .directory
        default: .other
        }
    }

    /// The names in a directory, in byte order.
    public static func list(_ directory: String) throws(SystemError) -> [String] {
        var names: [String] = []
        _ = try perform(.list) {
            names.removeAll()
            return unsafe withUnsafeMutablePointer(to: &names) { pointer in
                unsafe leasehold_list(directory, pointer) { context, name in
                    guard let context = unsafe context, let name = unsafe name else { return }
                    unsafe context.assumingMemoryBound(to: [String].self).pointee.append(String(cString: name))
                }
            }
        }
        return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    /// Makes a directory and those above it. One that exists already is left as it is.
    public static func makeDirectory(_ path: String) throws(SystemError) {
        if try kind(of: path) == .directory { return }
        if let slash = path.lastIndex(of: "/"), slash != path.startIndex {
            try makeDirectory(String(path[..<slash]))
        }
        do {
            _ = try perform(.mkdir) { unsafe leasehold_make_directory(path, 0o700) }
        } catch {
            guard error.code == .exists, try kind(of: path) == .directory else { throw error }
        }
    }

    /// Gives a file another name, in place of whatever had that name. Durable once the directory is synchronized.
    public static func rename(_ old: String, to new: String) throws(SystemError) {
        _ = try perform(.rename) { unsafe leasehold_rename(old, new) }
    }

    /// Gives a file a name that nothing has; fails with ``ErrorCode/exists`` when something does. Durable once the
    /// directory is synchronized.
    public static func rename(_ old: String, toNew new: String) throws(SystemError) {
        _ = try perform(.rename) { unsafe leasehold_rename_to_new(old, new) }
    }

    /// Removes a file.
    public static func remove(_ path: String) throws(SystemError) {
        _ = try perform(.unlink) { unsafe leasehold_unlink(path) }
    }

    /// What a symbolic link names.
    public static func linkTarget(of path: String) throws(SystemError) -> String {
        var target = [CChar](repeating: 0, count: 4097)
        let length = try perform(.stat) { unsafe leasehold_link_target(path, &target, target.count - 1) }
        target[length] = 0
        return string(target)
    }

    /// Removes a directory and all in it.
    public static func removeTree(_ path: String) throws(SystemError) {
        for name in try list(path) {
            let inner = "\(path)/\(name)"
            if try kind(of: inner) == .directory { try removeTree(inner) } else { try remove(inner) }
        }
        _ = try perform(.rmdir) { unsafe leasehold_remove_directory(path) }
    }

    /// Waits until the names made, changed and removed in a directory are on the device.
    public static func synchronizeDirectory(_ path: String) throws(SystemError) {
        let flags = Int32(Int(leasehold_open_directory))
        let number = try perform(.open) { unsafe leasehold_open(path, flags, 0) }
        let descriptor = FileDescriptor(owning: number)
        _ = try perform(.fsync) { leasehold_sync(descriptor.number) }
    }

    /// Makes a file of zeros, on the device with its whole length; its name is durable once the directory is
    /// synchronized. Takes as long as the device needs for so many bytes.
    public static func createFilled(_ path: String, size: Int) throws(SystemError) {
        let file = try File(path, .create)
        try file.fillWithZeros(0..<size)
        try file.synchronize()
    }

    /// All bytes of a file.
    public static func readAll(_ path: String) throws(SystemError) -> [UInt8] {
        let file = try File(path, .read)
        var bytes: [UInt8] = []
        try file.read(at: 0, count: try file.size(), appendingTo: &bytes)
        return bytes
    }

    /// Replaces a file by these bytes, without making them durable.
    public static func writeAll(_ bytes: [UInt8], to path: String) throws(SystemError) {
        let file = try File(path, .replace)
        try file.write(unsafe bytes.span.bytes, at: 0)
    }

    /// Bytes that may still be written to the file system that holds the path.
    public static func freeBytes(at path: String) throws(SystemError) -> Int {
        Int(try perform(.statvfs) { unsafe leasehold_free_bytes(path) })
    }
}
