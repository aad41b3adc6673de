import Foundation

/// Files that the command reads and writes; what goes wrong is told with the system's reason.
enum TextFile {
    /// All bytes of a file.
    static func read(_ path: String) throws(CommandFailure) -> Data {
        let descriptor = try open(path, O_RDONLY, "read")
        defer { close(descriptor) }
        var data = Data()
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = Foundation.read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw failure("read", path) }
            if count == 0 { return data }
            data.append(contentsOf: buffer[..<count])
        }
    }

    /// Makes a file of a text, in place of what was there.
    static func write(_ text: String, to path: String) throws(CommandFailure) {
        let descriptor = try open(path, O_WRONLY | O_CREAT | O_TRUNC, "write")
        let reason = Terminal.put(text, on: descriptor)
        guard close(descriptor) == 0 || reason != nil else { throw failure("write", path) }
        if let reason { throw failure("write", path, reason) }
    }

    /// Whether a file can be written there, before the work whose result is to go there.
    static func expectWritable(_ path: String) throws(CommandFailure) {
        let isNew = access(path, F_OK) != 0
        close(try open(path, O_WRONLY | O_CREAT, "write"))
        if isNew { unlink(path) }
    }

    /// Makes a directory, and those above it, unless they are there; files can be made in it then.
    static func makeDirectory(_ path: String) throws(CommandFailure) {
        var made = path.hasPrefix("/") ? "" : "."
        for name in path.split(separator: "/") {
            made += "/" + name
            guard mkdir(made, 0o777) == 0 || errno == EEXIST else { throw failure("make the directory", path) }
        }
        guard access(path, W_OK | X_OK) == 0 else { throw failure("write files in", path) }
        // Root may everything, but for what the file system itself refuses.
        let probe = "\(path)/.simulate-\(getpid())"
        guard let file = fopen(probe, "w") else { throw failure("write files in", path) }
        fclose(file)
        unlink(probe)
    }

    private static func open(_ path: String, _ flags: Int32, _ purpose: String) throws(CommandFailure) -> Int32 {
        let descriptor = Foundation.open(path, flags | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw failure(purpose, path) }
        return descriptor
    }

    private static func failure(_ purpose: String, _ path: String, _ code: Int32 = errno) -> CommandFailure {
        CommandFailure("cannot \(purpose) \(path): \(String(cString: strerror(code)))")
    }
}
