internal import LeaseMachine
internal import LeaseholdBase
internal import LeaseholdJournal
internal import Raft

/// Takes what the journal holds: entries into the log, committed ones into the state.
struct RecoveryVisitor: JournalVisitor {
    var recovery: RaftRecovery
    var machine: LeaseMachine
    var appliedIndex = LogIndex.zero
    var appliedLogTime = LogTime.zero
    var birthPayload: [UInt8]?
    /// Why what was recovered cannot be a node's, if so: found at a record that has no way of its own to say so.
    var failure: String?
    private var output = ApplyOutput()
    /// The entry that this program does not understand, if that is why.
    private var unknown: (index: LogIndex, what: UnknownCommand)?
    /// The state that the journal begins with, as far as it is loaded.
    private var snapshot: (installed: InstalledSnapshot, loader: SnapshotLoader)?
    private var snapshotFailure: SnapshotError?
    private let hashSeed: UInt64
    private let knownLevel: UInt64

    init(recovery: RaftRecovery, hashSeed: UInt64, knownLevel: UInt64) {
        self.recovery = recovery
        self.hashSeed = hashSeed
        self.knownLevel = knownLevel
        machine = LeaseMachine(settings: .initial, hashSeed: hashSeed)
        machine.knownLevel = knownLevel
    }

    mutating func recovered(_ snapshot: InstalledSnapshot) -> Bool {
        self.snapshot = (snapshot, SnapshotLoader(hashSeed: hashSeed, knownLevel: knownLevel))
        return true
    }

    mutating func recovered(snapshotContent bytes: RawSpan) -> Bool {
        do throws(SnapshotError) { try snapshot?.loader.load(bytes) } catch {
            snapshotFailure = error
            return false
        }
        return true
    }

    mutating func recoveredSnapshot() -> Bool {
        guard let (installed, loader) = snapshot.take(), let point = SnapshotPoint(installed.header) else {
            return false
        }
        do throws(SnapshotError) { machine = try loader.finish() } catch {
            snapshotFailure = error
            return false
        }
        guard machine.appliedIndex == point.index, machine.logTime == point.logTime else { return false }
        attempt { visitor throws(RecoveryError) in try visitor.recovery.begin(with: point) }
        (appliedIndex, appliedLogTime) = (point.index, point.logTime)
        if !installed.header.birth.isEmpty { birthPayload = installed.header.birth }
        return failure == nil
    }

    /// Why this program cannot go on with what was recovered, when a later one could.
    var newer: JournalError? {
        unknown.map { .newerCommand(index: $0.index, reason: $0.what.description) }
    }

    /// Why a recovery ended that this visitor ended.
    func cause(of error: JournalError) -> JournalError {
        if let newer { return newer }
        switch snapshotFailure {
        case nil:
            guard case .refused(let index, _) = error, let failure else { return error }
            return .refused(index: index, reason: failure)
        case .unsupported(let section, let offset, let reason):
            return .unsupported(file: "the snapshot's \(section)", offset: offset, reason: reason)
        case .corrupt(let section, let offset, let reason):
            return .snapshotCorrupt(file: "the snapshot's \(section)", offset: offset, reason: reason)
        }
    }

    mutating func recovered(term: Term, votedFor: NodeID?) {
        attempt { visitor throws(RecoveryError) in try visitor.recovery.hardState(term: term, votedFor: votedFor) }
    }

    mutating func recovered(_ header: EntryHeader, payload: RawSpan) -> Bool {
        guard failure == nil else { return false }
        do throws(RecoveryError) { try recovery.append(header, payload: payload) } catch {
            failure = "\(error)"
            return false
        }
        if header.index == LogIndex(1) { birthPayload = payload.bytesCopied }
        return true
    }

    mutating func recovered(truncationAfter index: LogIndex) {
        attempt { visitor throws(RecoveryError) in try visitor.recovery.truncate(after: index) }
    }

    mutating func recovered(commit index: LogIndex) {
        attempt { visitor throws(RecoveryError) in try visitor.recovery.commit(through: index) }
        while failure == nil, appliedIndex < recovery.commitIndex {
            let next = appliedIndex.next
            guard let header = recovery.log.header(at: next) else {
                failure = "entry \(next) is committed and missing"
                return
            }
            let stamp = EntryStamp(index: next, logTime: header.logTime, wallTime: header.wallTime)
            do throws(UnknownCommand) {
                try Replica.apply(header, of: recovery.log, at: stamp, to: &machine, into: &output)
            } catch {
                failure = "it \(error)"
                unknown = (next, error)
                return
            }
            appliedIndex = next
            appliedLogTime = header.logTime
            recovery.applied(through: next)
        }
    }

    /// Does something that a journal written by a correct node always allows.
    private mutating func attempt(_ body: (inout RecoveryVisitor) throws(RecoveryError) -> Void) {
        guard failure == nil else { return }
        do throws(RecoveryError) { try body(&self) } catch { failure = "\(error)" }
    }
}
