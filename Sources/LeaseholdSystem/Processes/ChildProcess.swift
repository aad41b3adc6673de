internal import CLeaseholdSystem

/// How a process ended.
public enum ExitStatus: Hashable, Sendable, CustomStringConvertible {
    /// By itself, with a code.
    case exited(Int32)
    /// By a signal.
    case killed(signal: Int32)

    /// `exited with code 1`, `killed by signal 9`.
    public var description: String {
        switch self {
        case .exited(let code): "exited with code \(code)"
        case .killed(let signal): "killed by signal \(signal)"
        }
    }
}

/// A child of this process.
public struct ChildProcess: Hashable, Sendable {
    /// Its process id.
    public let id: Int32

    /// How a child is started.
    public struct Options: Sendable {
        /// The first argument too is given here, by custom the program's name.
        public var arguments: [String]
        /// Its environment, `NAME=value` each; nil is this process's own.
        public var environment: [String]?
        /// Where its relative paths start from; nil is this process's own directory.
        public var directory: String?
        /// Descriptors that become its standard input, output and error; nil shares this process's own.
        public var input: Int32?
        /// Its standard output.
        public var output: Int32?
        /// Its standard error.
        public var error: Int32?
        /// A process group of its own: the terminal's Ctrl-C does not reach it.
        public var hasOwnGroup = false
        /// A session of its own: it goes on when this process and its terminal end.
        public var hasOwnSession = false
        /// The kernel kills it when the starting *thread* ends, however that comes about. Linux only.
        public var diesWithParent = false

        /// Options with shared streams, the parent's group and a life of its own.
        public init(arguments: [String]) { self.arguments = arguments }
    }

    /// Starts a program. Fails when it cannot be executed.
    public static func spawn(executable: String, _ options: Options) throws(SystemError) -> ChildProcess {
        let arguments = CStrings(options.arguments)
        let environment = CStrings(options.environment ?? [])
        let directory = CStrings([options.directory ?? ""])
        let id = try perform(.spawn) {
            unsafe executable.withCString { path in
                var raw = unsafe leasehold_spawn_options()
                unsafe raw.executable = path
                unsafe raw.arguments = UnsafePointer(arguments.pointer)
                unsafe raw.input = options.input ?? -1
                unsafe raw.output = options.output ?? -1
                unsafe raw.error = options.error ?? -1
                if options.environment != nil { unsafe raw.environment = UnsafePointer(environment.pointer) }
                if options.directory != nil, let first = unsafe directory.pointer[0] {
                    unsafe raw.directory = UnsafePointer(first)
                }
                unsafe raw.own_session = options.hasOwnSession ? 1 : 0
                unsafe raw.own_group = options.hasOwnGroup ? 1 : 0
                unsafe raw.dies_with_parent = options.diesWithParent ? 1 : 0
                return unsafe leasehold_spawn(&raw)
            }
        }
        return ChildProcess(id: id)
    }

    /// Whether it has ended, and how. Once it has been told, the process id may belong to somebody else.
    public func poll() throws(SystemError) -> ExitStatus? { try reap(waiting: false) }

    /// Waits for its end.
    public func wait() throws(SystemError) -> ExitStatus {
        while true {
            if let status = try reap(waiting: true) { return status }
        }
    }

    /// Sends a signal to it.
    public func send(_ signal: Signal) throws(SystemError) {
        _ = try perform(.kill) { leasehold_kill(id, signal.number) }
    }

    private func reap(waiting: Bool) throws(SystemError) -> ExitStatus? {
        var code: Int32 = 0
        var signal: Int32 = 0
        let ended = try perform(.waitpid) { unsafe leasehold_reap(id, waiting ? 1 : 0, &code, &signal) }
        if ended == 0 { return nil }
        return signal != 0 ? .killed(signal: signal) : .exited(code)
    }
}

/// Strings as C wants a list of them: pointers with a null behind the last.
@safe private struct CStrings: ~Copyable {
    let pointer: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
    private let count: Int

    init(_ strings: [String]) {
        count = strings.count
        unsafe pointer = .allocate(capacity: strings.count + 1)
        for (index, string) in strings.enumerated() {
            let bytes = string.utf8CString
            let copy = UnsafeMutablePointer<CChar>.allocate(capacity: bytes.count)
            for (offset, byte) in bytes.enumerated() { unsafe copy[offset] = byte }
            unsafe (pointer + index).initialize(to: copy)
        }
        unsafe (pointer + count).initialize(to: nil)
    }

    deinit {
        for index in 0..<count { unsafe pointer[index]?.deallocate() }
        unsafe pointer.deallocate()
    }
}
