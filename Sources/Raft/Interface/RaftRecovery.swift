public import LeaseholdBase

/// Why a journal's content cannot be a node's.
public enum RecoveryError: Error, Hashable, Sendable {
    /// An entry is not the next one.
    case gap(expected: LogIndex, found: LogIndex)
    /// An entry's term is below the one before it, or above the term on record.
    case term(at: LogIndex)
    /// A truncation reaches into what was committed.
    case truncatedCommitted(LogIndex)
    /// The term on record runs backwards.
    case termBackwards(Term)
    /// A membership entry that this build cannot read.
    case membership(at: LogIndex, DecodingError)
    /// A commit mark beyond the log.
    case commitBeyondLog(LogIndex)
    /// The log begins behind an entry, and no snapshot reaches as far.
    case snapshotMissing(LogPosition)
    /// What is known to be committed has another entry where the snapshot ends.
    case snapshotDiffers(LogPosition)
}

/// What a node knew when it went down, fed in the order of its journal before there is a ``Raft``.
///
/// A node with snapshots feeds the journal as it is, and then tells the newest snapshot by ``finish(with:)``: what
/// recovery does with a snapshot beside a log is what a running node does that receives one. So it does not matter
/// where between the two a crash came.
public struct RaftRecovery: Sendable {
    /// The log so far.
    public private(set) var log: RaftLog
    /// Term and vote so far.
    public private(set) var hardState = HardState(term: .zero, votedFor: nil)
    /// What is known to be committed; the node begins with it, and the state machine applies up to it.
    public private(set) var commitIndex = LogIndex.zero
    /// How far the state machine has applied.
    public private(set) var appliedIndex = LogIndex.zero
    var memberships = MembershipHistory()
    /// Term and vote as the journal has them.
    private(set) var writtenState = HardState(term: .zero, votedFor: nil)
    /// Behind which entry the journal is to begin anew, because the snapshot took the log's place.
    private(set) var restartBehind: LogPosition?
    private var isFinished = false

    /// Whether a node can begin with it: a log that begins behind a snapshot has been given that snapshot.
    var isComplete: Bool { isFinished || log.start == .zero }

    /// Nothing known yet: an empty journal. The bound on the log's memory is in bytes.
    public init(logMemoryBytes: Int) { log = RaftLog(memoryLimit: logMemoryBytes) }

    /// The membership in effect at the end of the log so far.
    public var membership: Membership { memberships.current }

    /// Term and vote were recorded.
    public mutating func hardState(term: Term, votedFor: NodeID?) throws(RecoveryError) {
        guard term >= hardState.term else { throw .termBackwards(term) }
        #if PLANTED_BUGS
        if planted(.voteForgottenAtStart) {
            writtenState = HardState(term: term, votedFor: nil)
            return hardState = writtenState
        }
        #endif
        hardState = HardState(term: term, votedFor: votedFor)
        writtenState = hardState
    }

    /// An entry was recorded. Its term was recorded with it or before (trap 6).
    public mutating func append(_ header: EntryHeader, payload: RawSpan) throws(RecoveryError) {
        guard header.index == log.lastIndex.next, header.payloadCount == payload.byteCount else {
            throw .gap(expected: log.lastIndex.next, found: header.index)
        }
        guard header.term >= log.lastTerm, header.term <= hardState.term else { throw .term(at: header.index) }
        if header.kind == .membership {
            do {
                memberships.append(try Membership(payload: payload), at: header.index)
            } catch { throw .membership(at: header.index, error) }
        }
        log.append(header, payload: payload)
        log.release(through: appliedIndex)
    }

    /// The log begins behind this entry, or began anew there: everything before is part of a snapshot.
    public mutating func begin(behind position: LogPosition) throws(RecoveryError) {
        guard position.index >= commitIndex else { throw .truncatedCommitted(position.index) }
        guard position.term <= hardState.term else { throw .term(at: position.index) }
        log.restart(behind: position, logTime: .zero)
        memberships.removeAll()
        (commitIndex, appliedIndex) = (position.index, position.index)
    }

    /// The journal begins with this snapshot, which stands for everything up to its last entry: what follows is behind it.
    ///
    /// The terms on record come later, from where the journal begins, which may be before that entry.
    public mutating func begin(with snapshot: SnapshotPoint) throws(RecoveryError) {
        guard log.lastIndex == .zero else { throw .gap(expected: log.lastIndex.next, found: snapshot.index) }
        log.restart(behind: snapshot.position, logTime: snapshot.logTime)
        memberships.adopt(snapshot)
        (commitIndex, appliedIndex) = (snapshot.index, snapshot.index)
        isFinished = true
    }

    /// The journal is at its end, and this is the newest snapshot, if there is one: the state begins with it.
    ///
    /// The log is kept if it holds the snapshot's last entry, and else gives way to the snapshot (thesis §5.1).
    public mutating func finish(with snapshot: SnapshotPoint?) throws(RecoveryError) {
        guard let snapshot else {
            guard log.start == .zero else { throw .snapshotMissing(log.start) }
            return
        }
        guard snapshot.index >= log.start.index else { throw .snapshotMissing(log.start) }
        if log.term(at: snapshot.index) != snapshot.term {
            guard snapshot.index > commitIndex else { throw .snapshotDiffers(snapshot.position) }
            log.restart(behind: snapshot.position, logTime: snapshot.logTime)
            memberships.removeAll()
            restartBehind = snapshot.position
        } else if log.lastIndex == snapshot.index, log.start.index == snapshot.index {
            log.restart(behind: snapshot.position, logTime: snapshot.logTime)
        }
        // The snapshot may have been durable before the term it is of: no vote was given in that.
        if snapshot.term > hardState.term { hardState = HardState(term: snapshot.term, votedFor: nil) }
        (commitIndex, appliedIndex) = (max(commitIndex, snapshot.index), max(appliedIndex, snapshot.index))
        memberships.adopt(snapshot)
        memberships.settle(through: appliedIndex)
        log.release(through: appliedIndex)
        isFinished = true
    }

    /// The entries behind the index were given up for others.
    public mutating func truncate(after index: LogIndex) throws(RecoveryError) {
        guard index >= commitIndex else { throw .truncatedCommitted(index) }
        log.truncate(after: index)
        memberships.truncate(after: index)
    }

    /// Entries up to the index are known to be committed.
    public mutating func commit(through index: LogIndex) throws(RecoveryError) {
        guard index <= log.lastIndex else { throw .commitBeyondLog(index) }
        commitIndex = max(commitIndex, index)
    }

    /// The state machine has applied up to the index, which is committed: their memory may be given up.
    public mutating func applied(through index: LogIndex) {
        appliedIndex = max(appliedIndex, min(index, commitIndex))
        memberships.settle(through: appliedIndex)
        log.release(through: appliedIndex)
    }
}
