internal import LeaseholdJournal
public import LeaseholdReplica
public import LeaseholdSystem

/// What a node's process is told.
public struct ServerConfiguration: Sendable {
    /// What the node itself is told.
    public var replica: ReplicaConfiguration
    /// The data directory; made if it is not there.
    public var directory: String
    /// Where clients connect.
    public var clientEndpoint: Endpoint
    /// Where other nodes connect.
    public var peerEndpoint: Endpoint

    /// Joins the fields.
    public init(
        replica: ReplicaConfiguration, directory: String, clientEndpoint: Endpoint, peerEndpoint: Endpoint
    ) {
        self.replica = replica
        self.directory = directory
        self.clientEndpoint = clientEndpoint
        self.peerEndpoint = peerEndpoint
    }
}

/// Why a node did not start, or ended otherwise than asked.
public enum ServerError: Error, Sendable, CustomStringConvertible {
    /// Another process works on the directory.
    case directoryLocked(String)
    /// Another process listens there.
    case addressInUse(String)
    /// The directory or the cluster is another than was meant.
    case wrongIdentity(String)
    /// The journal does not read as it was written; the message names file and offset.
    case journalCorrupt(String)
    /// The disk or the kernel refused something.
    case inputOutput(String)
    /// The data was written by a later version.
    case notSupported(String)
    /// The program contradicts itself.
    case internalError(String)

    /// The stable code for scripts.
    public var code: String {
        switch self {
        case .directoryLocked: "directory_locked"
        case .addressInUse: "address_in_use"
        case .wrongIdentity: "wrong_identity"
        case .journalCorrupt: "journal_corrupt"
        case .inputOutput: "io_error"
        case .notSupported: "not_supported"
        case .internalError: "internal"
        }
    }

    /// A sentence for the operator, with what to do next where there is something.
    public var description: String {
        switch self {
        case .directoryLocked(let message), .addressInUse(let message), .wrongIdentity(let message),
            .inputOutput(let message), .notSupported(let message), .internalError(let message):
            message
        case .journalCorrupt(let message):
            "\(message). Nothing was changed. Keep the directory, and let a new member take the node's place: "
                + "leasehold serve --join with an empty directory and an id that no member ever had, then leasehold "
                + "member replace"
        }
    }
}

extension ServerError {
    /// What opening a data directory failed for.
    init(_ error: JournalError) {
        switch error {
        case .corrupt, .snapshotCorrupt: self = .journalCorrupt(error.description)
        case .wrongIdentity: self = .wrongIdentity(error.description)
        case .unsupported, .newerCommand: self = .notSupported(error.description)
        case .disk, .restoreUnfinished: self = .inputOutput(error.description)
        case .notMade, .alreadyMade, .refused: self = .internalError(error.description)
        }
    }
}
