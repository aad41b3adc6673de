package import LeaseholdSystem

/// A node's process on this machine, with all that is needed to start it again as it was.
package struct NodeProcess: Sendable {
    /// Its process id.
    package let id: Int32
    private let executable: String
    private let arguments: [String]
    private let environment: [String]
    private let directory: String
    private let output: String
    private let error: String

    /// A command line, or an environment, is no longer than this.
    private static var textBytes: Int { 4 << 20 }

    /// Reads what the system tells of a running process. Fails when there is none, or when it is another user's.
    package init(_ id: Int32) throws(SystemError) {
        self.id = id
        executable = try FileSystem.linkTarget(of: "/proc/\(id)/exe")
        arguments = try Self.words("/proc/\(id)/cmdline")
        environment = try Self.words("/proc/\(id)/environ")
        directory = try FileSystem.linkTarget(of: "/proc/\(id)/cwd")
        output = try FileSystem.linkTarget(of: "/proc/\(id)/fd/1")
        error = try FileSystem.linkTarget(of: "/proc/\(id)/fd/2")
    }

    /// Words with a zero behind each. The system tells no size of such a file.
    private static func words(_ path: String) throws(SystemError) -> [String] {
        var bytes: [UInt8] = []
        try File(path, .read).read(at: 0, count: textBytes, appendingTo: &bytes)
        var words = bytes.split(separator: 0, omittingEmptySubsequences: false)
        if words.last?.isEmpty == true { words.removeLast() }
        return words.map { String(decoding: $0, as: UTF8.self) }
    }

    /// Whether it serves a node.
    package var isNode: Bool { arguments.dropFirst().contains("serve") }

    /// Ends it without a warning.
    package func kill() { CurrentProcess.send(.kill, to: id) }

    /// Whether it is gone, so that its directory and its ports are free. A zombie has neither, once its last thread has
    /// ended: one that waits for the disk outlives the rest.
    package var isGone: Bool {
        var bytes: [UInt8] = []
        do throws(SystemError) {
            try File("/proc/\(id)/stat", .read).read(at: 0, count: 4_096, appendingTo: &bytes)
            guard try FileSystem.list("/proc/\(id)/task").count <= 1 else { return false }
        } catch { return true }
        // The program's name stands in brackets, and may hold brackets itself.
        guard let end = bytes.lastIndex(of: UInt8(ascii: ")")), end + 2 < bytes.count else { return true }
        return bytes[end + 2] == UInt8(ascii: "Z") || bytes[end + 2] == UInt8(ascii: "X")
    }

    /// Starts it again: the same words, environment, directory and streams, in a session of its own, so that it goes on
    /// when the benchmark has ended.
    package func start() throws(SystemError) -> ChildProcess {
        let nothing = try File("/dev/null", .read)
        let output = try Self.stream(output)
        let error = try Self.stream(error)
        var options = ChildProcess.Options(arguments: arguments)
        options.environment = environment
        options.directory = directory
        options.input = nothing.number
        options.output = output.number
        options.error = error.number
        options.hasOwnSession = true
        return try ChildProcess.spawn(executable: executable, options)
    }

    /// A log is gone on with; a pipe or a terminal that belongs to somebody else is not.
    private static func stream(_ path: String) throws(SystemError) -> File {
        if path.hasPrefix("/"), try FileSystem.kind(of: path) == .file { return try File(path, .append) }
        return try File("/dev/null", .write)
    }
}
