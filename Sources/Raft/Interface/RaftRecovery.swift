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
}

/// What a node knew when it went down, fed in the order of its journal before there is a ``Raft``.
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

    /// Nothing known yet: an empty journal. The bound on the log's memory is in bytes.
    public init(logMemoryBytes: Int) { log = RaftLog(memoryLimit: logMemoryBytes) }

    /// The membership in effect at the end of the log so far.
    public var membership: Membership { memberships.current }

    /// Term and vote were recorded.
    public mutating func hardState(term: Term, votedFor: NodeID?) throws(RecoveryError) {
        guard term >= hardState.term else { throw .termBackwards(term) }
        #if PLANTED_BUGS
        if planted(.voteForgottenAtStart) { return hardState = HardState(term: term, votedFor: nil) }
        #endif
        hardState = HardState(term: term, votedFor: votedFor)
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
