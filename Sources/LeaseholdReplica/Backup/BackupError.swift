public import LeaseMachine
public import LeaseholdBase
public import LeaseholdJournal

/// Why no backup can be made of a data directory.
public enum BackupError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The directory cannot be read, or is damaged.
    case journal(JournalError)
    /// The snapshot that its journal begins with holds no state, although its bytes are whole.
    case state(SnapshotError)
    /// An entry holds a command of a later version.
    case unknownCommand(LogIndex, UnknownCommand)
    /// Nothing in it is known to be committed: its cluster is not born, or the node has never heard of a commit.
    case nothingCommitted
    /// What it holds contradicts itself.
    case contradiction(String)

    /// The stable code for scripts.
    public var code: String {
        switch self {
        case .journal(let error): error.code
        case .state(let error): error.code
        case .unknownCommand: "not_supported"
        case .nothingCommitted: "io_error"
        case .contradiction: "journal_corrupt"
        }
    }

    /// One line for people.
    public var description: String {
        switch self {
        case .journal(let error): error.description
        case .state(let error): error.description
        case .unknownCommand(let index, let unknown): "entry \(index) \(unknown)"
        case .nothingCommitted: "it holds nothing that is known to be committed"
        case .contradiction(let reason): "the journal contradicts itself: \(reason)"
        }
    }
}
