package import LeaseMachine
package import LeaseholdJournal
package import LeaseholdReplica

/// What is wrong with a backup, as the command line's codes have it, and what to do next.
extension CommandFailure {
    /// Its file cannot be read.
    package init(_ error: JournalError, inBackup path: String) {
        switch error {
        case .snapshotCorrupt(_, let offset, _):
            self.init(
                .snapshotCorrupt,
                "\(error.description)\(offset == 0 ? ", or it is no backup" : ""); nothing of it is used: take another backup, or save one anew from a node that "
                    + "is left")
        case .unsupported: self.init(.notSupported, error.description)
        default: self.init(FailureCode(rawValue: error.code) ?? .internal, "\(path): \(error.description)")
        }
    }

    /// None can be made of a data directory.
    package init(_ error: BackupError, inDirectory path: String) {
        let code = FailureCode(rawValue: error.code) ?? .internal
        switch error {
        case .journal(.notMade): self = .noNodesData(path)
        case .nothingCommitted:
            self.init(code, "there is nothing to save in \(path): \(error.description); save from another node")
        case .journal(.corrupt), .journal(.snapshotCorrupt), .state(.corrupt), .contradiction:
            self.init(
                code,
                "\(path): \(error.description); nothing was saved: save from another node, or restore an earlier "
                    + "backup")
        case .journal, .state, .unknownCommand: self.init(code, "\(path): \(error.description)")
        }
    }

    /// A backup cannot be restored here and now.
    package init(_ error: RestoreError, restoring path: String) {
        switch error {
        case .clockBehind(let snapshot, let clock):
            self.init(
                .usage,
                "\(path) was not restored: it is of \(calendar(snapshot)), and this machine's clock says "
                    + "\(calendar(clock)); set the clock right first, for tokens are made of it")
        case .exhausted: self.init(.internal, "\(path) was not restored: \(error)")
        }
    }

    /// A directory was not made from a backup.
    package init(_ error: JournalError, making path: String) {
        let code = FailureCode(rawValue: error.code) ?? .internal
        switch error {
        case .alreadyMade: self.init(.usage, "\(path) is a node's by now: give the new node a directory of its own")
        case .corrupt:
            self.init(
                code,
                "\(path) holds part of another node's data: \(error.description); give the new node a new directory")
        default:
            self.init(code, "\(path) was not finished: \(error.description); the same restore can be begun again")
        }
    }

    /// A directory is none of a node.
    package static func noNodesData(_ path: String) -> CommandFailure {
        CommandFailure(.ioError, "\(path) holds no node's data; give what serve has as --data")
    }
}
