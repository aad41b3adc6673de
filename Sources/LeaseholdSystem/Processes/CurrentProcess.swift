internal import CLeaseholdSystem

/// The process that asks.
public enum CurrentProcess {
    /// Its process id.
    public static var id: Int32 { leasehold_process_id() }

    /// The path of its own program, however it was started.
    public static func executable() throws(SystemError) -> String {
        var path = [CChar](repeating: 0, count: 4097)
        let length = try perform(.open) { unsafe leasehold_executable_path(&path, path.count - 1) }
        path[length] = 0
        return string(path)
    }

    /// The words it was started with, the program's name first, as bytes: the system does not ask for text.
    public static var arguments: [[UInt8]] {
        let count = Int(CommandLine.argc)
        return (0..<count).compactMap { index in
            guard let word = unsafe CommandLine.unsafeArgv[index] else { return nil }
            var bytes: [UInt8] = []
            var place = 0
            while unsafe word[place] != 0 {
                bytes.append(UInt8(bitPattern: unsafe word[place]))
                place += 1
            }
            return bytes
        }
    }

    /// The directory that relative paths start from.
    public static var workingDirectory: String {
        var path = [CChar](repeating: 0, count: 4097)
        guard unsafe leasehold_working_directory(&path, path.count) >= 0 else { return "." }
        return string(path)
    }

    /// The machine's name, or `localhost` when it has none.
    public static var hostName: String {
        var name = [CChar](repeating: 0, count: 256)
        guard unsafe leasehold_host_name(&name, name.count) >= 0, name[0] != 0 else { return "localhost" }
        return string(name)
    }

    /// A variable of the environment, nil when it is not set.
    public static func environment(_ name: String) -> String? {
        guard let value = unsafe leasehold_environment(name) else { return nil }
        return unsafe String(cString: value)
    }

    /// Ends the process.
    public static func exit(_ code: Int32) -> Never { leasehold_exit(code) }

    /// Allows as many open descriptors as the system lets this process have. Returns how many that are.
    @discardableResult
    public static func raiseDescriptorLimit() -> Int { max(leasehold_raise_descriptor_limit(), 0) }

    /// The memory of a process (default: this one) that is in use, in bytes; nil where the system does not tell.
    public static func residentBytes(of process: Int32? = nil) -> Int? {
        let bytes = leasehold_resident_bytes(process ?? id)
        return bytes < 0 ? nil : Int(bytes)
    }

    /// Sends a signal to any process; false when there is none of that id.
    @discardableResult
    public static func send(_ signal: Signal, to process: Int32) -> Bool {
        process > 0 && leasehold_kill(process, signal.number) == 0
    }
}
