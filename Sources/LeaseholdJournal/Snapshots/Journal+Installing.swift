internal import LeaseholdBase

/// From the last byte of a snapshot to its mark in the log.
extension Journal {
    /// A step of the snapshot went one way or the other. What was promised is not touched by its failure, but for that of a
    /// directory's sync, which may have been another name's too (trap 42).
    mutating func snapshotStepCompleted(
        _ result: DiskCompletion.Result, now: SteadyTime, into effects: inout [DiskEffect]
    ) -> JournalProgress? {
        guard let stage = work?.stage, let name = work?.name else { return nil }
        guard result == .success else {
            if stage == .publishing { return poison(result, at: SegmentName.directory) }
            marks.hit(.snapshotFailed)
            dropSnapshot(into: &effects)
            return .snapshotFailed(JournalFailure(file: name, result: result))
        }
        guard snapshotAwaited.isEmpty else { return nil }
        switch stage {
        case .resting: return nil
        case .writing:
            work?.stage = .resting
            if work?.isAbandoned == true {
                abandonSnapshot(into: &effects)
            } else {
                writeSnapshot(now: now, into: &effects)
            }
            return nil
        case .renaming:
            work?.stage = .publishing
            snapshotAwaited.insert(emit(.syncDirectory(SegmentName.directory), into: &effects))
            return nil
        case .publishing: return published(into: &effects)
        }
    }

    /// The snapshot is durable under its name, and nothing says so yet.
    private mutating func published(into effects: inout [DiskEffect]) -> JournalProgress? {
        guard let written = work.take(), let header = written.header, let id = written.id else { return nil }
        _ = emit(.close(written.file), into: &effects)
        if !written.isReceived { roomBytes = 0 }
        let installed = InstalledSnapshot(header: header, id: id)
        unmarked = Unmarked(snapshot: installed, isReceived: written.isReceived, appendedBytes: written.appendedBytes)
        marks.hit(written.isReceived ? .snapshotReceived : .snapshotInstalled)
        #if PLANTED_BUGS
        if planted(.logReleasedBeforeMark), !written.isReceived {
            snapshot = installed
            release = .due
            releaseNext(into: &effects)
        }
        #endif
        return written.isReceived ? .snapshotReceived(installed) : .snapshotTaken(installed)
    }

    /// Puts the mark of a snapshot that was taken into the batch that is about to be written.
    mutating func markTaken() {
        guard let unmarked, !unmarked.isReceived, gathering.mark == nil else { return }
        gathering.mark(SnapshotMark(id: unmarked.snapshot.id, restartsLog: false))
    }

    /// Puts the mark of the received snapshot into the group opened last, before its entries: from there on the snapshot
    /// counts, in one order with all that is appended before and behind (trap 38).
    ///
    /// - Parameter restartsLog: The log has no entry of the snapshot's last index and term. What it has is void then, and
    ///   the next entry is the one behind the snapshot's last.
    public mutating func appendInstall(restartsLog: Bool) {
        precondition(!gathering.isEmpty, "a mark belongs to a group")
        guard let unmarked, unmarked.isReceived, gathering.mark == nil else {
            preconditionFailure("a received snapshot is installed once, when it is durable")
        }
        let id = unmarked.snapshot.id
        if restartsLog {
            marks.hit(.logRestarted)
            terms.restart(after: id.lastIndex, id.lastTerm)
            durableLastIndex = id.lastIndex
        }
        precondition(terms.term(at: id.lastIndex) == id.lastTerm, "a log that goes on has the snapshot's last entry")
        gathering.mark(SnapshotMark(id: id, restartsLog: restartsLog))
    }

    /// Forgets a snapshot that was received and is not wanted any more: the log has got past it meanwhile.
    public mutating func discardReceived(into effects: inout [DiskEffect]) {
        // The batch last written may have had another's mark, until the next is.
        guard let discarded = unmarked, discarded.isReceived, gathering.mark?.id != discarded.snapshot.id,
            flying.mark?.id != discarded.snapshot.id
        else { return }
        unmarked = nil
        asideAwaited.append(emit(.remove(name: discarded.snapshot.name), into: &effects))
    }

    /// A mark is durable: the snapshot counts, the one before may go, and so may the log that both stand for (trap 37).
    mutating func marked(_ mark: SnapshotMark, into effects: inout [DiskEffect]) {
        guard let installed = unmarked, installed.snapshot.id == mark.id else { return }
        marks.hit(.markWritten)
        let old = snapshot
        snapshot = installed.snapshot
        newestMark = mark
        unmarked = nil
        appendedAtSnapshot = installed.isReceived ? appendedBytes : installed.appendedBytes
        if mark.restartsLog { restartSegment = releasedSegments + segments.count - 1 }
        if let old { keepRoom(of: old, into: &effects) }
        if release == .resting { release = .due }
        releaseNext(into: &effects)
    }

    /// Keeps the file of an older snapshot as room for the next, so that a full disk is in nobody's way; or removes it.
    private mutating func keepRoom(of old: InstalledSnapshot, into effects: inout [DiskEffect]) {
        guard work == nil, asideAwaited.isEmpty, roomBytes == 0 else {
            _ = emit(.remove(name: old.name), into: &effects)
            return
        }
        roomAwaited = emit(.rename(newFile(), from: old.name, to: SnapshotName.taking), into: &effects)
        roomExpected = old.id.byteCount
        if let roomAwaited { asideAwaited.append(roomAwaited) }
    }

    /// The removal or rename of a file that nothing depends on has ended.
    mutating func asideCompleted(_ completion: DiskCompletion) {
        asideAwaited.removeAll { $0 == completion.number }
        guard completion.number == roomAwaited else { return }
        roomAwaited = nil
        guard completion.result == .success else { return }
        marks.hit(.roomKept)
        roomBytes = roomExpected
    }
}

/// A snapshot that is durable under its name, and whose mark is not.
struct Unmarked: Sendable {
    var snapshot: InstalledSnapshot
    /// Whether it came from a leader.
    var isReceived: Bool
    /// How much log there was when it was begun.
    var appendedBytes: Int
}
