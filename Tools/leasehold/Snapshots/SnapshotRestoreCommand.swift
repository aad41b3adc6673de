internal import LeaseMachine
package import LeaseholdBase
package import LeaseholdJournal
package import LeaseholdReplica
internal import LeaseholdServer
internal import LeaseholdSystem

extension Command {
    /// Makes the first node of a new cluster.
    static let snapshotRestore = Command(
        name: "snapshot restore",
        parameters: [.required("FILE")],
        flags: [
            .value("data", "DIR", "where the node is to keep its data; made if it is not there, refused if not empty"),
            .value("id", "N", "the node's number; those that join get greater ones, so 1 is a good one"),
            .value("cluster", "N=PEER/CLIENT", "where the node is to be reached; it alone"),
            .present("no-quarantine", "grant at once: only fencing tokens protect from holders of before"),
        ],
        summary: "Make the first node of a new cluster from a backup.",
        details: """
            One node, and nothing is started: when it serves, the others join it with empty directories and greater ids
            (leasehold serve --join). Do this once; restored on several machines, a backup makes as many clusters that
            know nothing of one another.

            Tokens go on above every one that the old cluster, or any that was restored before, has issued, whichever backup
            it is made of: stop whatever still runs of those first. Clients that held a lease are told that it has ended (restored), and
            nothing is granted for 24h, the longest time to live that a cluster can be set to allow, for somebody may have
            been granted a lease after the backup was saved, and the setting may have been raised. The clock of this
            machine must be right: one that is behind the backup is refused.
            """,
        setting: "while leasehold dev runs",
        example: """
            leasehold snapshot save /tmp/leases-to-restore.snapshot
            leasehold snapshot restore /tmp/leases-to-restore.snapshot --data /tmp/leasehold-restored --id 1 \
            --cluster 1=127.0.0.1:7901/127.0.0.1:7801
            """
    ) { (invocation) throws(CommandFailure) -> Int32 in
        let arguments = invocation.arguments
        let node = try node(arguments)
        let directory = try DevPlan.directory(try arguments.required("data"))
        let restored = try RestoredNode(
            arguments.words[0], as: node, in: directory, at: SystemClocks.wall,
            quarantine: !arguments.has("no-quarantine"))
        let done = "\(directory) is made, for node \(node.id) of the new cluster"
        try invocation.output.write(.object(restored.members), done: done) { restored.table }
        return 0
    }

    private static func node(_ arguments: Arguments) throws(CommandFailure) -> ListedNode {
        guard let number = try arguments.integer("id", in: 1...Int(Int32.max)) else {
            throw CommandFailure(.usage, "--id is missing")
        }
        let listed = try clusterList(try arguments.required("cluster"))
        guard listed.count == 1, listed[0].id == NodeID(UInt64(number)) else {
            throw CommandFailure(
                .usage,
                "a restore makes one node, so --cluster is to list node \(number) and no other, as in "
                    + "\(number)=10.0.0.1:7501/10.0.0.1:7401; the others join it with empty directories")
        }
        return listed[0]
    }
}

/// A data directory that was made from a backup.
package struct RestoredNode {
    private let path: String
    private let directory: String
    private let plan: Restoration
    private let node: ListedNode
    private let backup: Backup

    /// Makes it.
    package init(
        _ path: String, as node: ListedNode, in directory: String, at clock: WallTime, quarantine: Bool,
        journal: JournalConfiguration = JournalConfiguration()
    ) throws(CommandFailure) {
        try Self.checkIsEmpty(directory)
        backup = try BackupFile.read(path).backup
        let plan: Restoration
        let seed = try CommandFailure.drawn()
        do throws(RestoreError) {
            plan = try Restoration(backup, as: node, at: clock, quarantine: quarantine, seed: seed)
        } catch { throw CommandFailure(error, restoring: path) }
        try Self.make(plan, in: directory, journal)
        (self.path, self.directory, self.plan, self.node) = (path, directory, plan, node)
    }

    /// Refuses a directory in which anything is but what a restore that was cut short has left.
    private static func checkIsEmpty(_ directory: String) throws(CommandFailure) {
        switch try BackupFile.kind(of: directory) {
        case .nothing: return
        case .directory: break
        default: throw CommandFailure(.usage, "\(directory) is no directory")
        }
        let names: [String]
        do throws(SystemError) { names = try FileSystem.list(directory) } catch {
            throw CommandFailure(.ioError, "\(directory): \(error)")
        }
        let leftovers = ["restoring", "journal", "lock", "identity.tmp", "lost+found"]
        guard let other = names.first(where: { !leftovers.contains($0) }) else { return }
        throw CommandFailure(
            .usage,
            "\(directory) is not empty, it holds \(other): a restore makes a new node, so give it a new directory")
    }

    private static func make(
        _ plan: Restoration, in directory: String, _ journal: JournalConfiguration
    ) throws(CommandFailure) {
        do throws(SystemError) { try makeDurably(directory) } catch {
            throw CommandFailure(.ioError, "\(directory): \(error)")
        }
        var made = plan
        try alone(
            in: directory, orElse: "give the new node a directory of its own",
            failing: "give it one that can be written"
        ) { () throws(CommandFailure) in
            var disk = WatchedDisk(DataDirectory(directory), ProgressLine("writing \(directory)"))
            defer { disk.progress.end() }
            do throws(JournalError) { try made.make(on: &disk, configuration: journal) } catch {
                throw CommandFailure(error, making: directory)
            }
        }
    }

    /// Makes a directory whose name is durable before anything is in it: one that is half made is not to vanish, and to
    /// pass for one that never was.
    private static func makeDurably(_ directory: String) throws(SystemError) {
        var parents = [BackupFile.directory(of: directory)]
        while let last = parents.last, try FileSystem.kind(of: last) == .nothing {
            parents.append(BackupFile.directory(of: last))
        }
        try FileSystem.makeDirectory(directory)
        for parent in parents.reversed() { try FileSystem.synchronizeDirectory(parent) }
    }

    /// The form for scripts.
    package var members: [(key: String, value: JSON)] {
        let old = backup.header
        return [
            ("data", .string(directory)), ("node", .count(plan.identity.node.rawValue)),
            ("incarnation", .string(hexadecimal(plan.identity.incarnation.rawValue))),
            ("cluster", .string(plan.header.cluster.description)),
            ("first_index", .count(plan.firstIndex.rawValue)), ("quarantine_ms", .count(plan.quarantine.milliseconds)),
            ("leases", .count(backup.machine.leaseCount)), ("claims", .count(backup.machine.claimCount)),
            ("file", .string(path)), ("old_cluster", .string(old.cluster.description)),
            ("old_last", .count(old.lastIndex.rawValue)),
            ("old_wall_time_ms", .count(old.wallTime.rawValue / 1_000_000)),
        ]
    }

    /// The form for people, with what to do next.
    package var table: String {
        let quarantine =
            plan.quarantine > .zero
            ? "nothing is granted for the first \(inWords(plan.quarantine))" : "none: only tokens protect"
        let words = [
            ("data", directory), ("node", "\(plan.identity.node)"),
            ("incarnation", hexadecimal(plan.identity.incarnation.rawValue)),
            ("cluster", plan.header.cluster.description), ("first index", "\(plan.firstIndex)"),
            ("quarantine", quarantine), ("leases", "\(backup.machine.leaseCount)"),
            ("claims", "\(backup.machine.claimCount)"),
            ("from", "entry \(backup.header.lastIndex) of \(calendar(backup.header.wallTime))"),
        ]
        return describe(words.map { (key: $0.0, value: $0.1) }) + """

            Start it:
              \(serve)
            The others join it, each with an empty directory and a greater id, and get a vote once they are there:
              leasehold serve --id \(node.id.rawValue + 1) --data DIR --listen-client ADDRESS --listen-peer ADDRESS \
            --join \(node.clientAddress)
              leasehold member promote \(node.id.rawValue + 1) --endpoints \(node.clientAddress)

            """
    }

    /// The command that starts the node.
    package var serve: String {
        let words = [
            "leasehold", "serve", "--id", "\(node.id)", "--data", directory, "--listen-client", node.clientAddress,
            "--listen-peer", node.peerAddress, "--cluster", "\(node.id)=\(node.peerAddress)/\(node.clientAddress)",
        ]
        return words.map(shellQuoted).joined(separator: " ")
    }
}

extension CommandFailure {
    /// 64 random bits.
    static func drawn() throws(CommandFailure) -> UInt64 {
        do throws(SystemError) { return try SystemRandom.next() } catch { throw CommandFailure(.ioError, "\(error)") }
    }
}
