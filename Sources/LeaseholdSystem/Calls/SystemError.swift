internal import CLeaseholdSystem

/// A call to the kernel that failed: which, and why.
public struct SystemError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The call, named as its manual page is.
    public let call: SystemCall
    /// The error number.
    public let code: ErrorCode

    /// Pairs a call and an error number.
    public init(call: SystemCall, code: ErrorCode) {
        self.call = call
        self.code = code
    }

    /// `bind: Address already in use`.
    public var description: String { "\(call.rawValue): \(code)" }
}

/// The calls that can fail, named as their manual pages are.
public enum SystemCall: String, Hashable, Sendable {
    case accept, allocate, bind, chdir, close, connect, epoll, eventfd, fsync, getrandom, kill, list, lock, mkdir, open
    case read, rename, resolve, rmdir, setsockopt, shutdown, signalfd, spawn, stat, statvfs, thread, truncate, unlink
    case waitpid, write
}

/// An error number of the system.
public struct ErrorCode: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    /// The number.
    public let rawValue: Int32
    /// Wraps a number.
    public init(rawValue: Int32) { self.rawValue = rawValue }

    /// The call would have had to wait.
    public static var again: ErrorCode { ErrorCode(rawValue: leasehold_error_again) }
    /// A signal came in between.
    public static var interrupted: ErrorCode { ErrorCode(rawValue: leasehold_error_interrupted) }
    /// Somebody is bound to that address already.
    public static var addressInUse: ErrorCode { ErrorCode(rawValue: leasehold_error_address_in_use) }
    /// Nobody listens there.
    public static var connectionRefused: ErrorCode { ErrorCode(rawValue: leasehold_error_connection_refused) }
    /// The other side gave the connection up.
    public static var connectionReset: ErrorCode { ErrorCode(rawValue: leasehold_error_connection_reset) }
    /// The reader is gone.
    public static var brokenPipe: ErrorCode { ErrorCode(rawValue: leasehold_error_broken_pipe) }
    /// No answer in time.
    public static var timedOut: ErrorCode { ErrorCode(rawValue: leasehold_error_timed_out) }
    /// No such file or directory.
    public static var notFound: ErrorCode { ErrorCode(rawValue: leasehold_error_not_found) }
    /// The name is taken.
    public static var exists: ErrorCode { ErrorCode(rawValue: leasehold_error_exists) }
    /// No such process.
    public static var noProcess: ErrorCode { ErrorCode(rawValue: leasehold_error_no_process) }
    /// Not a child of this process.
    public static var noChild: ErrorCode { ErrorCode(rawValue: leasehold_error_no_child) }
    /// The device failed.
    public static var inputOutput: ErrorCode { ErrorCode(rawValue: leasehold_error_input_output) }
    /// An argument that the call does not take.
    public static var invalid: ErrorCode { ErrorCode(rawValue: leasehold_error_invalid) }
    /// Not allowed.
    public static var accessDenied: ErrorCode { ErrorCode(rawValue: leasehold_error_access) }

    /// Whether the device or the user's share of it is full.
    public var isOutOfSpace: Bool { rawValue == leasehold_error_no_space || rawValue == leasehold_error_quota }

    /// Whether this process or the whole system has as many descriptors open as it may.
    public var isOutOfDescriptors: Bool {
        rawValue == leasehold_error_process_files || rawValue == leasehold_error_system_files
    }

    /// The system's own words.
    public var description: String {
        var text = [CChar](repeating: 0, count: 128)
        unsafe text.withUnsafeMutableBufferPointer { buffer in
            unsafe leasehold_error_text(rawValue, buffer.baseAddress, buffer.count)
        }
        return string(text)
    }
}

/// The characters before the first zero.
func string(_ characters: [CChar]) -> String {
    String(decoding: characters.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
}
