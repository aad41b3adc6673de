public import LeaseholdBase

/// Why a data directory cannot be opened, or can no longer be used.
public enum JournalError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Bytes that were once durable are damaged or gone. Nothing was cut or changed (trap 41).
    case corrupt(file: String, offset: Int, reason: String)
    /// A snapshot that the log needs is damaged or gone, and no older one will do.
    case snapshotCorrupt(file: String, offset: Int, reason: String)
    /// The directory, or a file in it, is that of another node, another incarnation or another cluster.
    case wrongIdentity(file: String, expected: String, found: String)
    /// Written by a build that is newer than this one.
    case unsupported(file: String, offset: Int, reason: String)
    /// The log holds a command that this build does not understand: what it means is of a later version.
    case newerCommand(index: LogIndex, reason: String)
    /// There is no identity file: the directory is empty, or its making was cut short.
    case notMade
    /// A directory was to be made where there is one already.
    case alreadyMade
    /// A restore from a backup has begun to make the directory and was cut short. Only another restore may go on with it.
    case restoreUnfinished
    /// The system refused a call.
    case disk(DiskError, call: String, file: String)
    /// A visitor refused what was recovered.
    case refused(index: LogIndex, reason: String)

    /// The stable code for scripts: `journal_corrupt`, `snapshot_corrupt`, `wrong_identity`, `not_supported`, `io_error` or `internal`.
    public var code: String {
        switch self {
        case .corrupt: "journal_corrupt"
        case .snapshotCorrupt: "snapshot_corrupt"
        case .wrongIdentity: "wrong_identity"
        case .unsupported, .newerCommand: "not_supported"
        case .disk, .restoreUnfinished: "io_error"
        case .notMade, .alreadyMade, .refused: "internal"
        }
    }

    /// One line for people, with file and offset where there are any.
    public var description: String {
        switch self {
        case .corrupt(let file, let offset, let reason), .snapshotCorrupt(let file, let offset, let reason):
            "\(file) is corrupt at offset \(offset): \(reason)"
        case .wrongIdentity(let file, let expected, let found):
            "\(file) belongs to \(found), and \(expected) was expected"
        case .unsupported(let file, let offset, let reason):
            "\(file) was written by a newer version, at offset \(offset): \(reason)"
        case .newerCommand(let index, let reason): "entry \(index) \(reason)"
        case .notMade: "the data directory has not been made yet"
        case .alreadyMade: "the data directory has been made already"
        case .restoreUnfinished:
            "the data directory was to be restored from a backup, and that was cut short: run leasehold snapshot restore "
                + "again, with the same directory, which clears what is left of it"
        case .disk(let error, let call, let file):
            switch error.reason {
            case .notFound: "\(call) of \(file) failed: there is no such file"
            case .spaceExhausted: "\(call) of \(file) failed: no space is left"
            case .failed(let code): "\(call) of \(file) failed with error \(code)"
            }
        case .refused(let index, let reason): "the entry at index \(index) was refused: \(reason)"
        }
    }
}
