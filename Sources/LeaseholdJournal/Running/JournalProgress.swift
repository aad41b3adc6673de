public import LeaseholdBase

/// What a completion brought about.
public enum JournalProgress: Hashable, Sendable {
    /// Everything up to this request is durable. The term is the one in which the last of them was issued (trap 17).
    case persisted(through: PersistNumber, issuedIn: Term)
    /// A write or sync on allocated bytes failed. The journal does nothing any more; the node stops leading and exits
    /// (traps 42, 43).
    case poisoned(JournalFailure)
    /// The snapshot that was being taken is durable under its name. Its mark goes into the next batch, and with that the
    /// log before it is released.
    case snapshotTaken(InstalledSnapshot)
    /// The snapshot that was being received is durable under its name. It counts once
    /// ``Journal/appendInstall(restartsLog:)`` has put its mark into the log.
    case snapshotReceived(InstalledSnapshot)
    /// The snapshot that was being taken or received could not be written; nothing else is lost.
    case snapshotFailed(JournalFailure)
    /// The clean end asked for by ``Journal/stop(now:into:)`` is durable.
    case stopped
}

/// The failure that ended a journal's life.
public struct JournalFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// The file, relative to the data directory.
    public var file: String
    /// How the call ended.
    public var result: DiskCompletion.Result

    /// One line for people.
    public var description: String {
        switch result {
        case .success: "the journal ended in \(file)"
        case .failed(let code): "writing or syncing \(file) failed with error \(code)"
        case .spaceExhausted: "writing or syncing \(file) failed: no space is left"
        }
    }
}
