internal import Leasehold
internal import LeaseholdBase
internal import LeaseholdClientCore
internal import LeaseholdSystem

/// A backup that was made of a cluster that runs.
struct SavedCluster {
    private let report: BackupReport
    private let node: NodeID
    private let flaw: DownloadFlaw?

    /// Makes it.
    init(_ arguments: Arguments, to path: String) throws(CommandFailure) {
        let node = try arguments.text("node").map(nodeID)
        let plan = SnapshotPullPlan(node: node, timeout: try arguments.timeout())
        let interruption = try Interruption()
        var session = try ClientSession(arguments)
        var download = try BackupDownload(to: path)
        try session.pull(plan, into: &download, unless: interruption)
        (report, self.node) = try download.keep()
        flaw = download.flaw
    }

    /// The form for scripts: that of a save from a stopped node, of which nothing is left out.
    var members: [(key: String, value: JSON)] {
        report.members + [
            ("node", .count(node.rawValue)), ("uncommitted", .count(0 as UInt64)), ("uncommitted_taken", .bool(false)),
        ]
    }

    /// The form for people.
    var table: String {
        var text = report.table + "\nSaved from node \(node), with all that was acknowledged when the command began."
        if let flaw {
            text += " What node \(flaw.node) had sent before was damaged (\(flaw.error)): look after its disk."
        }
        return text + "\n"
    }
}

extension ClientSession {
    /// How often it is looked whether the command is to end.
    private static var watchInterval: Nanoseconds { .milliseconds(100) }

    /// Pulls a snapshot, for as long as it takes, or until the command is told to end.
    mutating func pull(
        _ plan: SnapshotPullPlan, into download: inout BackupDownload, unless interruption: borrowing Interruption
    ) throws(CommandFailure) {
        var pull = SnapshotPull(plan, now: SystemClocks.steady)
        var waiting = WaitingLine()
        defer { waiting.end() }
        while true {
            pull.step(&loop.cores[place], now: SystemClocks.steady)
            loop.touch(place)
            let watched = SystemClocks.steady + Self.watchInterval
            do throws(SystemError) { try loop.turn(until: min(pull.deadline, watched)) } catch {
                throw CommandFailure(.ioError, "\(error)")
            }
            try interruption.check()
            waiting.show { pull.server.map { "waiting for node \($0)" } ?? "waiting for the leader" }
            let now = SystemClocks.steady
            for item in loop.news {
                guard case .completed(let request, let result) = item.effect else { continue }
                var news = pull.completed(request, result, loop.cores[place], now: now)
                if !news.isEmpty {
                    waiting.end()
                    waiting = WaitingLine()
                }
                if try download.take(news), pull.isOver { return }
                // What a node sends may be damaged on its disk: another has it sound.
                if download.isDamaged {
                    news = pull.refuse(loop.cores[place], now: now)
                    download.isDamaged = false
                }
                if case .failed(let failure) = news.last { throw download.failure(failure, of: self) }
            }
        }
    }
}
