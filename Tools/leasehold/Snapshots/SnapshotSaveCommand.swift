internal import LeaseholdBase
internal import LeaseholdJournal
internal import LeaseholdReplica
internal import LeaseholdServer
internal import LeaseholdSystem

extension Command {
    /// Saves what a cluster holds, or a stopped node.
    static let snapshotSave = Command(
        name: "snapshot save",
        parameters: [.required("FILE")],
        flags: Flag.client + [
            .value("node", "NODE", "the node that is to serve, by its id (default: a follower)"),
            .value("data", "DIR", "save from the data directory of a stopped node instead"),
            .present("uncommitted", "with --data: take the end of the log too, though it is not known to be committed"),
        ],
        summary:
            "Save the leases of a cluster, or of a stopped node of one that has lost its majority.",
        details: """
            Of a cluster that runs everything is saved that was acknowledged before the command began. A node makes a
            snapshot of its state, if it has none that is new enough, and sends it piece by piece, no faster than leases
            allow; any node can do that, and after a break it goes on where it stood, or at another node. --timeout is for
            each request, not for the whole. FILE is checked while it comes, appears whole or not at all, and is never
            written over.

            With --data the node must be stopped. Its directory is read as the node itself would read it, and nothing in it is
            changed; it is kept for a node of the same cluster to come back with, or until a restore has worked. Of
            several nodes that are left, save from each, and restore the file whose last entry is of the highest term, and
            among those the highest. What the node did not know to be committed is counted and left out. The last few
            things that clients were told may be among it, for a node hears a moment later that they are committed; with
            --uncommitted they are taken, and with them what may never have been.
            """,
        setting: "while leasehold dev runs",
        example: "leasehold snapshot save /tmp/leases.snapshot"
    ) { (invocation) throws(CommandFailure) -> Int32 in
        let (path, arguments) = (invocation.arguments.words[0], invocation.arguments)
        guard !path.isEmpty else { throw CommandFailure(.usage, "FILE is empty: name the file to be written") }
        if let data = arguments.text("data") {
            for other in ["endpoints", "timeout", "node"] where arguments.text(other) != nil {
                throw CommandFailure(
                    .usage,
                    "--\(other) is for a cluster that runs, and --data for a node that is stopped: give one of them")
            }
            let saved = try SavedNode(data, to: path, takesUncommitted: arguments.has("uncommitted"))
            try invocation.output.write(.object(saved.members), done: "\(path) is saved") { saved.table }
        } else {
            if arguments.has("uncommitted") {
                throw CommandFailure(.usage, "--uncommitted is for a node that is stopped, and goes with --data DIR")
            }
            let saved = try SavedCluster(arguments, to: path)
            try invocation.output.write(.object(saved.members), done: "\(path) is saved") { saved.table }
        }
        return 0
    }
}

/// A backup that was made of a stopped node.
package struct SavedNode {
    private let report: BackupReport
    private let node: NodeID
    private let uncommittedCount: Int
    private let takesUncommitted: Bool
    private let warning: JournalError?

    /// Makes it.
    package init(_ data: String, to path: String, takesUncommitted: Bool) throws(CommandFailure) {
        try BackupFile.checkIsNew(path)
        let found = try Self.recover(data, takesUncommitted)
        self.takesUncommitted = takesUncommitted
        let interruption = try Interruption()
        let id = try BackupFile.write(found.backup, to: path) { () throws(CommandFailure) in try interruption.check() }
        report = BackupReport(path, id, found.backup)
        (node, uncommittedCount, warning) = (found.owner.node, found.uncommittedCount, found.warning)
    }

    /// Reads the directory, which no running node has. The lock is let go of as soon as nothing is read any more.
    private static func recover(_ data: String, _ takesUncommitted: Bool) throws(CommandFailure) -> StoppedNode {
        let directory = try DevPlan.directory(data)
        // Looked for before the lock is taken, which would leave a file in a directory that is no node's.
        guard try BackupFile.kind(of: "\(directory)/identity") == .file else { throw .noNodesData(directory) }
        let seed = try CommandFailure.drawn()
        return try alone(
            in: directory, orElse: "stop its node first",
            failing: "where nothing can be written, copy the directory elsewhere and save from the copy"
        ) { () throws(CommandFailure) in
            var disk = WatchedDisk(DataDirectory(directory), ProgressLine("reading \(directory)"))
            defer { disk.progress.end() }
            do throws(BackupError) {
                return try StoppedNode(recoveredFrom: &disk, seed: seed, takesUncommitted: takesUncommitted)
            } catch { throw CommandFailure(error, inDirectory: directory) }
        }
    }

    /// The form for scripts.
    package var members: [(key: String, value: JSON)] {
        report.members + [
            ("node", .count(node.rawValue)), ("uncommitted", .count(uncommittedCount)),
            ("uncommitted_taken", .bool(takesUncommitted)),
        ]
    }

    /// The form for people.
    package var table: String {
        var text = report.table
        text += "\nSaved from node \(node)."
        if uncommittedCount > 0 {
            let entries = uncommittedCount == 1 ? "1 entry" : "\(uncommittedCount) entries"
            text += " What it did not know to be committed, \(entries) at the end of its log, "
            text += takesUncommitted ? "is in it." : "is not in it; with --uncommitted it is."
        }
        if let warning {
            text += " Its newest snapshot is damaged (\(warning)); an older one and the log made up for that."
        }
        return text + "\n"
    }
}

/// Does something in a data directory that no other process uses meanwhile.
func alone<Value>(
    in directory: String, orElse advice: String, failing help: String, _ body: () throws(CommandFailure) -> Value
) throws(CommandFailure) -> Value {
    let lock: DirectoryLock
    do throws(DirectoryLockError) { lock = try DirectoryLock(directory) } catch {
        switch error {
        case .taken: throw CommandFailure(.directoryLocked, "\(error); \(advice)")
        case .failed: throw CommandFailure(.ioError, "\(error); \(help)")
        }
    }
    let value = try body()
    withExtendedLifetime(lock) {}
    return value
}
