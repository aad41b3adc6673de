internal import Leasehold
internal import LeaseholdBase
internal import LeaseholdClientCore
internal import LeaseholdJournal
internal import LeaseholdReplica
internal import LeaseholdSystem
internal import LeaseholdWire

/// A backup that was made of a cluster that runs.
struct SavedCluster {
    private let report: BackupReport
    private let node: NodeID
    private let flaw: DownloadFlaw?

    /// Makes it.
    init(_ arguments: Arguments, to path: String) throws(CommandFailure) {
        let node = try arguments.text("node").map(nodeID)
        let plan = SnapshotPullPlan(node: node, timeout: try arguments.timeout())
        var session = try ClientSession(arguments)
        var download = try BackupDownload(to: path)
        do throws(CommandFailure) {
            try session.pull(plan, into: &download)
            (report, self.node) = try download.keep()
        } catch {
            download.remove()
            throw error
        }
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

/// What was wrong with what a node sent.
struct DownloadFlaw {
    var node: NodeID
    var error: JournalError
}

extension ClientSession {
    /// Pulls a snapshot, for as long as it takes.
    mutating func pull(_ plan: SnapshotPullPlan, into download: inout BackupDownload) throws(CommandFailure) {
        var pull = SnapshotPull(plan, now: SystemClocks.steady)
        while true {
            pull.step(&loop.cores[place], now: SystemClocks.steady)
            loop.touch(place)
            do throws(SystemError) { try loop.turn(until: pull.deadline) } catch {
                throw CommandFailure(.ioError, "\(error)")
            }
            let now = SystemClocks.steady
            for item in loop.news {
                guard case .completed(let request, let result) = item.effect else { continue }
                var news = pull.completed(request, result, loop.cores[place], now: now)
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

/// A backup's file that comes piece by piece: written aside, checked while it comes, and synchronized before it has its
/// name.
struct BackupDownload: ~Copyable {
    private let path: String
    private let aside: String
    private let file: File
    private var reader: BackupReader?
    private var progress: ProgressLine
    private var offset = 0
    private var server = NodeID(0)
    private var byteCount = 0
    private var checksum: UInt32 = 0
    private var saved: BackupReport?
    /// What was wrong with what came last before.
    private(set) var flaw: DownloadFlaw?
    /// Whether what comes now is of no use.
    var isDamaged = false

    /// Nothing has come yet.
    init(to path: String) throws(CommandFailure) {
        try BackupFile.checkIsNew(path)
        let aside = "\(path).\(CurrentProcess.id).tmp"
        do throws(SystemError) { file = try File(aside, .replace) } catch {
            throw CommandFailure(.ioError, "\(path) cannot be written: \(error)")
        }
        (self.path, self.aside) = (path, aside)
        progress = ProgressLine("saving \(path)")
    }

    /// Takes what a pull tells. True when all has come and is sound.
    mutating func take(_ news: [SnapshotPull.News]) throws(CommandFailure) -> Bool {
        var isWhole = false
        for item in news where !isDamaged {
            switch item {
            case .began(let reference, let node):
                try written { () throws(SystemError) in try file.truncate(to: 0) }
                (offset, server, saved) = (0, node, nil)
                (byteCount, checksum) = (reference.byteCount, reference.checksum)
                reader = BackupReader(name: path, hashSeed: try CommandFailure.drawn())
                progress.end()
                progress = ProgressLine("saving \(path) from node \(node)", total: reference.byteCount)
            case .bytes(let bytes):
                try written { () throws(SystemError) in unsafe try file.write(bytes.span.bytes, at: offset) }
                offset += bytes.count
                progress.advance(bytes.count)
                do throws(JournalError) { unsafe try reader?.feed(bytes.span.bytes) } catch { damaged(error) }
            case .complete: isWhole = finish()
            case .failed: break
            }
        }
        return isWhole
    }

    private func written(_ body: () throws(SystemError) -> Void) throws(CommandFailure) {
        do throws(SystemError) { try body() } catch {
            throw CommandFailure(.ioError, "\(path) was not written: \(error)")
        }
    }

    private mutating func damaged(_ error: JournalError) {
        flaw = DownloadFlaw(node: server, error: error)
        isDamaged = true
        reader = nil
    }

    private mutating func finish() -> Bool {
        guard let reader = reader.take() else { return false }
        do throws(JournalError) {
            let (backup, id) = try reader.finish()
            guard id.byteCount == byteCount, id.checksum == checksum else {
                throw .snapshotCorrupt(file: path, offset: 0, reason: "it is another than the node has told")
            }
            saved = BackupReport(path, id, backup)
            return true
        } catch {
            damaged(error)
            return false
        }
    }

    /// Gives the file its name.
    mutating func keep() throws(CommandFailure) -> (BackupReport, NodeID) {
        progress.end()
        guard let saved else { throw CommandFailure(.internal, "\(path) was not saved") }
        let (aside, path) = (aside, path)
        try written { () throws(SystemError) in
            try file.synchronize()
            try FileSystem.rename(aside, toNew: path)
            try FileSystem.synchronizeDirectory(BackupFile.directory(of: path))
        }
        return (saved, server)
    }

    /// Leaves nothing behind.
    mutating func remove() {
        progress.end()
        try? FileSystem.remove(aside)
    }

    /// Why nothing was saved.
    func failure(_ failure: SnapshotPullFailure, of session: borrowing ClientSession) -> CommandFailure {
        switch failure {
        case .damaged where flaw != nil:
            guard let flaw else { return session.notDone(.givenUp) }
            return CommandFailure(
                flaw.error.code == "not_supported" ? .notSupported : .snapshotCorrupt,
                "nothing was saved: what node \(flaw.node) sends cannot be read, nor what others do: \(flaw.error)")
        case .damaged(let node):
            return CommandFailure(.internal, "nothing was saved: node \(node) sends an older snapshot than it should")
        case .notDone(let reason): return session.notDone(reason)
        case .unknownNode(let node):
            return CommandFailure(
                .memberUnknown, "nothing was saved: the cluster has no node \(node); leasehold status shows the members"
            )
        case .takesTooLong(let node):
            return CommandFailure(
                .snapshotUnderWay, "nothing was saved: node \(node) takes too long to make a snapshot; try another node"
            )
        case .outrun(let node):
            return CommandFailure(
                .snapshotGone,
                "nothing was saved: node \(node) makes snapshots faster than they can be sent; try again when there is "
                    + "less to do, or over a faster line")
        case .notSubmitted(let error): return CommandFailure(error)
        }
    }
}
