public import LeaseholdBase
public import Raft

extension Journal {
    /// Opens a group of records: what one persistence request is to make durable. Its entries follow by
    /// ``appendEntry(_:payload:)``. Within the group, and the batch, term and vote come first, then the truncation, then
    /// the entries; all of them become durable together (trap 6).
    /// - Parameters:
    ///   - number: The request's number, greater than any before.
    ///   - term: The term in which it was issued; comes back with the progress (trap 17).
    ///   - hardState: Current term and vote, if they changed.
    ///   - truncateAfter: The index behind which entries are void, if any are. One beyond the last index voids nothing.
    ///   - commit: The greatest index known to be committed; a hint for recovery.
    public mutating func append(
        number: PersistNumber, issuedIn term: Term, hardState: (term: Term, votedFor: NodeID?)?,
        truncateAfter: LogIndex?, commit: LogIndex
    ) {
        precondition(number > accepted, "requests are numbered upwards")
        precondition(!isStopping, "nothing is asked of a journal that is stopping")
        accepted = number
        gathering.open(number, issuedIn: term)
        if let hardState { gathering.hardState(hardState.term, hardState.votedFor) }
        // The last index counts what is gathered and in flight too, so that nothing void is left out (trap 40).
        #if PLANTED_BUGS
        if planted(.truncationOffByOne), let truncateAfter, truncateAfter.next == terms.lastIndex {
            terms.truncate(after: truncateAfter)
        }
        #endif
        if let truncateAfter, truncateAfter < terms.lastIndex {
            precondition(
                truncateAfter >= snapshotReach, "what a snapshot stands for is committed")
            terms.truncate(after: truncateAfter)
            marks.hit(.truncationWritten)
            gathering.truncate(after: truncateAfter, leaving: terms.lastIndex, terms.lastTerm)
        }
        gathering.commit(through: commit)
    }

    /// Adds an entry to the group opened last. It is the one behind the last index, in no lower term than that.
    /// - Complexity: O(payload); no allocation once warm.
    public mutating func appendEntry(_ header: EntryHeader, payload: RawSpan) {
        precondition(!gathering.isEmpty, "an entry belongs to a group")
        terms.append(header.index, header.term)
        gathering.entry(header, payload: payload)
    }

    /// Tells the cluster's id once it is born: batches carry it from here on.
    ///
    /// Called before the group that holds the birth entry, or at the latest before the one after it. Recovery takes
    /// batches without a cluster id for ones written before the birth, as long as none with an id stands before them.
    public mutating func learn(cluster: ClusterID) {
        precondition(identity.cluster == .unborn || identity.cluster == cluster, "a cluster is born once")
        identity.cluster = cluster
    }

    /// Entries up to the index are known to be committed: the next header says so, be it that of a batch, of a seal or of a
    /// clean end. Otherwise what came last would be said to be committed by what comes after it only, and a stopped node
    /// would not know that of the last thing it answered. A hint for recovery; costs no write.
    public mutating func know(commit index: LogIndex) { gathering.commit(through: min(index, terms.lastIndex)) }
}
