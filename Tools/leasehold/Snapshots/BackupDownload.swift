package import LeaseholdBase
package import LeaseholdClientCore
package import LeaseholdJournal
internal import LeaseholdReplica
internal import LeaseholdWire

/// What was wrong with what a node sent.
package struct DownloadFlaw {
    /// Who sent it.
    package var node: NodeID
    /// What it was.
    package var error: JournalError
}

/// A backup's file that comes piece by piece: written aside, checked while it comes, and synchronized before it has its
/// name.
package struct BackupDownload: ~Copyable {
    private let path: String
    private var file: AsideFile
    private var reader: BackupReader?
    private var progress: ProgressLine
    private var offset = 0
    private var server = NodeID(0)
    private var byteCount = 0
    private var checksum: UInt32 = 0
    private var saved: BackupReport?
    /// What was wrong with what came last before.
    package private(set) var flaw: DownloadFlaw?
    /// Whether what comes now is of no use.
    package var isDamaged = false

    /// Nothing has come yet.
    package init(to path: String) throws(CommandFailure) {
        try BackupFile.checkIsNew(path)
        file = try AsideFile(for: path)
        self.path = path
        progress = ProgressLine("saving \(path)")
    }

    /// Takes what a pull tells. True when all has come and is sound.
    package mutating func take(_ news: [SnapshotPull.News]) throws(CommandFailure) -> Bool {
        var isWhole = false
        for item in news where !isDamaged {
            switch item {
            case .began(let reference, let node):
                try file.clear()
                (offset, server, saved) = (0, node, nil)
                (byteCount, checksum) = (reference.byteCount, reference.checksum)
                reader = BackupReader(name: path, hashSeed: try CommandFailure.drawn())
                progress.end()
                progress = ProgressLine("saving \(path) from node \(node)", total: reference.byteCount)
            case .bytes(let bytes):
                unsafe try file.write(bytes.span.bytes, at: offset)
                offset += bytes.count
                progress.advance(bytes.count)
                do throws(JournalError) { unsafe try reader?.feed(bytes.span.bytes) } catch { damaged(error) }
            case .complete: isWhole = finish()
            case .failed: break
            }
        }
        return isWhole
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

    /// Gives the file its name. Without that nothing of it is left behind.
    package mutating func keep() throws(CommandFailure) -> (BackupReport, NodeID) {
        progress.end()
        guard let saved else { throw CommandFailure(.internal, "\(path) was not saved") }
        try file.keep()
        return (saved, server)
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
                .memberUnknown,
                "nothing was saved: the cluster has no node \(node); leasehold member list shows who there is")
        case .silent(let node):
            return CommandFailure(
                .unreachable, "nothing was saved: node \(node) does not answer; leave out --node, or name another")
        case .takesTooLong(let node):
            return CommandFailure(
                .snapshotUnderWay, "nothing was saved: node \(node) takes too long to make a snapshot; try another node"
            )
        case .outrun(let node):
            return CommandFailure(
                .snapshotGone,
                "nothing was saved: node \(node) makes snapshots faster than they can be sent; try again when there is "
                    + "less to do, or over a faster line")
        case .clusterChanged(let old, let new):
            return CommandFailure(
                .wrongIdentity,
                "nothing was saved: cluster \(old) was being saved, and all that the endpoints name now is cluster \(new); "
                    + "begin anew to save that one")
        case .notSubmitted(let error): return CommandFailure(error)
        }
    }
}
