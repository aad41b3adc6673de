public import LeaseholdBase

/// Taking a snapshot: the owner hands in content as it has it, the journal writes it aside in steps that leave the disk to
/// the batches, and makes it count.
///
///     if journal.beginSnapshot(header, into: &effects) { machine.beginSnapshot() }
///     // each turn, as much content as journal.snapshotRoom says, and when there is no more:
///     journal.appendSnapshot(content, now: now, into: &effects)
///     journal.finishSnapshot(now: now, into: &effects)
///     // … JournalProgress.snapshotTaken; and once its mark is durable, journal.snapshot is this one
///
/// The file is written and synced in steps under a temporary name, renamed, and the directory synced. Only then is its
/// mark put into the next batch, and only when that is durable is log released (trap 37). So a crash leaves the old
/// snapshot with the log behind it, or the new one.
extension Journal {
    /// Begins to write a snapshot of a state whose entries are all durable here.
    /// - Returns: False, with no effect, when one is being written or waits for its mark, when this one is no newer than
    ///   that which counts (trap 38), or not all of it is durable.
    public mutating func beginSnapshot(_ header: SnapshotHeader, into effects: inout [DiskEffect]) -> Bool {
        guard failure == nil, !isStopping, work == nil, unmarked == nil, asideAwaited.isEmpty,
            header.lastIndex <= min(durableLastIndex, terms.lastIndex),
            header.lastIndex > (newestMark?.id.lastIndex ?? .zero)
        else { return false }
        precondition(terms.term(at: header.lastIndex) == header.lastTerm, "the state is one of this log")
        precondition(header.cluster == identity.cluster && header.group == identity.group, "of this cluster")
        let taking = SnapshotWork(
            file: newFile(), writer: SnapshotFileWriter(header), header: header, appendedBytes: appendedBytes)
        // The file of an older snapshot keeps its room for this one.
        let operation: DiskEffect.Operation =
            roomBytes > 0 ? .open(taking.file, name: taking.name) : .create(taking.file, name: taking.name)
        snapshotAwaited.insert(emit(operation, into: &effects))
        work = taking
        return true
    }

    /// How many bytes of content may be handed in now: nothing while there is enough for the next step.
    public var snapshotRoom: Int {
        guard let work, !work.isReceived, !work.isComplete, !work.isAbandoned else { return 0 }
        return max(0, 2 * configuration.snapshotStepBytes - work.gathering.count)
    }

    /// Whether a snapshot is being taken or received.
    public var isWritingSnapshot: Bool { work != nil }

    /// Whether a snapshot is being taken or received, or is still to count, or its room is being made.
    public var isBusyWithSnapshot: Bool { work != nil || unmarked != nil || !asideAwaited.isEmpty }

    /// The snapshot of which a leader has sent a part, whether more of it comes or not.
    public var receivingSnapshot: SnapshotID? {
        if let work, work.isReceived, !work.isComplete, !work.isAbandoned { work.id } else { nil }
    }

    /// Whether a snapshot is being taken, and was not given up.
    public var isTakingSnapshot: Bool {
        if let work { !work.isReceived && !work.isAbandoned } else { false }
    }

    /// Adds content to the snapshot that is being taken. More than ``snapshotRoom`` does no harm but takes memory.
    public mutating func appendSnapshot(
        _ content: RawSpan, now: SteadyTime, into effects: inout [DiskEffect]
    ) {
        guard var taking = work.take() else { return }
        if !taking.isReceived, !taking.isComplete {
            taking.writer?.append(content)
            taking.writer?.take(into: &taking.gathering)
        }
        work = taking
        writeSnapshot(now: now, into: &effects)
    }

    /// Tells that all content was handed in.
    public mutating func finishSnapshot(now: SteadyTime, into effects: inout [DiskEffect]) {
        guard var taking = work.take() else { return }
        if !taking.isReceived, !taking.isComplete {
            taking.id = taking.writer?.finish()
            taking.writer?.take(into: &taking.gathering)
            taking.isComplete = true
        }
        work = taking
        writeSnapshot(now: now, into: &effects)
    }

    /// Gives up the snapshot that is being written, at the latest when its step under way has ended. One that is being
    /// renamed already is not given up.
    public mutating func abandonSnapshot(into effects: inout [DiskEffect]) {
        guard let stage = work?.stage else { return }
        switch stage {
        case .resting:
            marks.hit(.snapshotAbandoned)
            dropSnapshot(into: &effects)
        case .writing: work?.isAbandoned = true
        case .renaming, .publishing: break
        }
    }

    mutating func dropSnapshot(into effects: inout [DiskEffect]) {
        guard let dropped = work.take() else { return }
        snapshotAwaited.removeAll()
        if !dropped.isReceived { roomBytes = 0 }
        _ = emit(.close(dropped.file), into: &effects)
        // Awaited, for the next has the same name.
        asideAwaited.append(emit(.remove(name: dropped.name), into: &effects))
    }

    /// Writes the next step, or renames the file when all of it is durable, unless it is not yet time.
    mutating func writeSnapshot(now: SteadyTime, into effects: inout [DiskEffect]) {
        guard failure == nil, !isStopping, var writing = work.take() else { return }
        defer { work = writing }
        guard writing.stage == .resting, writing.nextStep <= now, writing.hasStep(configuration) else { return }
        if writing.gathering.isEmpty {
            guard let id = writing.id else { return }
            writing.stage = .renaming
            let name = SnapshotName.installed(id.lastIndex)
            snapshotAwaited.insert(emit(.rename(writing.file, from: writing.name, to: name), into: &effects))
            return
        }
        swap(&writing.gathering, &writing.flying)
        writing.gathering.removeAll(keepingCapacity: true)
        let count = writing.flying.count
        writing.stage = .writing
        snapshotAwaited.insert(
            emit(.writeSnapshot(writing.file, offset: writing.written, bytes: 0..<count), into: &effects))
        snapshotAwaited.insert(emit(.sync(writing.file), into: &effects))
        writing.written += count
        let pause = Int64(count) * 1_000_000_000 / Int64(max(1, configuration.snapshotBytesPerSecond))
        writing.nextStep = now + Nanoseconds(pause)
    }

    /// The bytes that ``DiskEffect/Operation/writeSnapshot(_:offset:bytes:)`` names a range of. They stay as they are until
    /// the writes that name them have completed.
    public var snapshotBytes: RawSpan {
        @_lifetime(borrow self)
        get {
            guard let work else { return RawSpan() }
            // The bytes are part of the work, which is part of the journal: they are not changed while it is borrowed.
            return unsafe _overrideLifetime(work.flying.span.bytes, borrowing: self)
        }
    }

    /// The bytes that an effect writes; none for one that writes none.
    @_lifetime(borrow self)
    public func bytes(of effect: DiskEffect) -> RawSpan {
        switch effect.operation {
        case .write(_, _, let range): return batchBytes.extracting(range)
        case .writeSnapshot(_, _, let range): return snapshotBytes.extracting(range)
        default: return RawSpan()
        }
    }
}
