import LeaseholdBase

@testable import Raft

/// What a node's disk holds: what survives a crash, and nothing else does.
struct DiskImage {
    struct StoredEntry: Equatable {
        var header: EntryHeader
        var payload: [UInt8]
    }
    /// A state with what it stands for. The state is a digest of all that was applied.
    struct StoredSnapshot: Equatable {
        var point: SnapshotPoint
        var digest: UInt64
    }
    var hardState = HardState(term: .zero, votedFor: nil)
    /// Behind which entry the journal begins.
    var base = LogPosition.zero
    var entries: [StoredEntry] = []
    var commit = LogIndex.zero
    var snapshot: StoredSnapshot?

    var lastIndex: LogIndex { base.index + UInt64(entries.count) }

    mutating func write(_ write: PendingWrite) {
        if let state = write.persist.hardState { hardState = state }
        if let position = write.persist.restartBehind { (base, entries) = (position, []) }
        if let index = write.persist.truncateAfter { entries.removeLast(Int(lastIndex - index)) }
        entries += write.entries
        commit = max(commit, write.persist.commit)
    }

    mutating func store(_ stored: StoredSnapshot) {
        if stored.point.index > snapshot?.point.index ?? .zero { snapshot = stored }
    }

    /// The journal gives up its entries up to the one behind which the log begins by now.
    mutating func compact(behind start: LogPosition) {
        guard start.index > base.index, start.index <= lastIndex else { return }
        entries.removeFirst(Int(start.index - base.index))
        base = start
    }

    subscript(index: LogIndex) -> StoredEntry? {
        index > base.index && index <= lastIndex ? entries[Int(index - base.index) - 1] : nil
    }

    /// The term of an entry as recovery would find it: a snapshot whose last entry the journal has not takes its place.
    func term(at index: LogIndex) -> Term? {
        if let point = snapshot?.point, written(at: point.index) != point.term {
            return index == point.index ? point.term : nil
        }
        return written(at: index)
    }

    /// Whether an entry is here, or is part of the snapshot.
    func holds(_ index: LogIndex, _ term: Term?) -> Bool {
        if let snapshot, snapshot.point.index >= index { return true }
        return self.term(at: index) == term
    }

    private func written(at index: LogIndex) -> Term? {
        index == base.index ? base.term : self[index]?.header.term
    }
}

struct PendingWrite {
    var persist: Persist
    var entries: [DiskImage.StoredEntry]
}

/// The state machine of these tests: all that was applied, in one number.
func digest(_ state: UInt64, _ entry: DiskImage.StoredEntry) -> UInt64 {
    var result = (state ^ entry.header.index.rawValue) &* 0x9E37_79B9_7F4A_7C15
    for byte in entry.payload { result = (result ^ UInt64(byte)) &* 0x100_0000_01B3 }
    return result
}
