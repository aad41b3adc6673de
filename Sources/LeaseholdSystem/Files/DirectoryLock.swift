internal import CLeaseholdSystem

/// Why a directory is not ours.
public enum DirectoryLockError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Another process has it.
    case taken(directory: String)
    /// The kernel refused.
    case failed(directory: String, SystemError)

    /// A sentence that names the directory.
    public var description: String {
        switch self {
        case .taken(let directory): "\(directory) is in use by another process"
        case .failed(let directory, let error): "cannot lock \(directory): \(error)"
        }
    }
}

/// Keeps every other process out of a data directory for as long as it lives.
///
/// The kernel lets go of the lock when the process ends, however that comes about. A child never inherits it.
public struct DirectoryLock: ~Copyable, Sendable {
    private let descriptor: FileDescriptor

    /// Takes the lock, which is a file named `lock` in the directory.
    public init(_ directory: String) throws(DirectoryLockError) {
        do {
            self.init(descriptor: try Self.lock("\(directory)/lock"))
        } catch {
            throw error.code == .again && error.call == .lock
                ? .taken(directory: directory) : .failed(directory: directory, error)
        }
    }

    private init(descriptor: consuming FileDescriptor) { self.descriptor = descriptor }

    private static func lock(_ path: String) throws(SystemError) -> FileDescriptor {
        let flags = Int32(Int(leasehold_open_write | leasehold_open_create))
        let descriptor = FileDescriptor(owning: try perform(.open) { unsafe leasehold_open(path, flags, 0o600) })
        _ = try perform(.lock) { leasehold_lock(descriptor.number) }
        return descriptor
    }
}
