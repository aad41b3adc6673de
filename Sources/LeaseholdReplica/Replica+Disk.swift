public import LeaseholdBase
public import LeaseholdJournal
internal import LeaseholdWire
internal import Raft

extension Replica {
    /// A disk effect other than a read has ended.
    public mutating func diskCompleted(_ completion: DiskCompletion, now: TimeReading) {
        progressed(journal.completed(completion, now: now.steady, into: &diskEffects), now: now)
        flushDisk()
    }

    /// A read has ended; the bytes are those read, empty when it failed.
    public mutating func diskRead(_ completion: DiskCompletion, bytes: RawSpan, now: TimeReading) {
        guard !journal.isSnapshotRead(completion.number) else {
            snapshotPieceRead(completion, bytes: bytes, now: now)
            return flushDisk()
        }
        incomingEntries.removeAll()
        switch journal.readCompleted(completion, bytes: bytes, into: &incomingEntries, effects: &diskEffects) {
        // One that a truncation has overtaken brings nothing, and is no damage: whoever leads by then asks anew.
        case .entries(let node, let first), .overtaken(let node, let first): give(to: node, from: first, now: now)
        case .reading, .unknown: break
        case .failed(_, let error):
            // What is read back was acknowledged once: damage there is told, and never passed on (trap 41).
            log(.error, error.code, error.description)
            switch error {
            case .disk: end(.diskFailed(error.description))
            default: end(.journalCorrupt(error.description))
            }
        }
        flushDisk()
    }

    /// Hands entries that were read back to consensus, which sends them from the same buffer.
    private mutating func give(to node: NodeID, from first: LogIndex, now: TimeReading) {
        let entries = incomingEntries
        raft.step(.entriesRead(for: node, from: first, entries), now: now, into: &raftEffects)
        settle(now: now)
    }

    /// Hands a persistence request to the journal: term and vote, truncation and entries in one group (trap 6).
    mutating func hand(_ persist: Persist) {
        journal.append(
            number: persist.number + persistsBefore, issuedIn: persist.issuedIn,
            hardState: persist.hardState.map { ($0.term, $0.votedFor) }, truncateAfter: persist.truncateAfter,
            commit: persist.commit)
        // A snapshot took the log's place: its mark stands before the entries that follow it.
        if persist.restartBehind != nil { journal.appendInstall(restartsLog: true) }
        var index = persist.entries.lowerBound
        while index < persist.entries.upperBound {
            if let header = raft.header(at: index) { Self.append(header, of: raft.log, to: &journal) }
            index = index.next
        }
    }

    private static func append(_ header: EntryHeader, of log: borrowing RaftLog, to journal: inout Journal) {
        journal.appendEntry(header, payload: log.payload(at: header.index))
    }

    /// Passes on what the journal has got done.
    mutating func progressed(_ progress: JournalProgress?, now: TimeReading) {
        switch progress {
        case nil: break
        case .persisted(let number, let term):
            if birthPersist == number {
                birthStored(now: now)
            } else if isBorn {
                let own = PersistNumber(number - PersistNumber(persistsBefore))
                raft.step(.persisted(own, issuedIn: term), now: now, into: &raftEffects)
            }
        case .poisoned(let failure):
            // Nothing is retried: the pages may be marked clean though they never reached the disk (trap 42).
            raft.step(.stop, now: now, into: &raftEffects)
            settle(now: now)
            log(.error, "disk_failed", failure.description)
            end(.diskFailed(failure.description))
        case .snapshotTaken(let snapshot): taken(snapshot)
        case .snapshotReceived(let snapshot): received(snapshot, now: now)
        case .snapshotFailed(let failure): snapshotFailed(failure, now: now)
        case .stopped: end(.asked)
        }
    }

    /// Passes the journal's effects on to the driver.
    mutating func flushDisk() {
        for effect in diskEffects { effects.append(.disk(effect)) }
        diskEffects.removeAll(keepingCapacity: true)
    }

    /// Entries that are no longer in memory are wanted for a slow follower.
    mutating func readBack(for node: NodeID, from index: LogIndex, maxBytes: Int, now: TimeReading) {
        guard !journal.readBack(for: node, from: index, maxBytes: maxBytes, into: &diskEffects) else { return }
        // Settled with the effects among which this one is: settling them here would carry those before it out twice.
        incomingEntries.removeAll()
        raft.step(.entriesRead(for: node, from: index, incomingEntries), now: now, into: &raftEffects)
    }
}
