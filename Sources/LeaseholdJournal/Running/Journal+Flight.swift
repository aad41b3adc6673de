public import LeaseholdBase

extension Journal {
    /// Sends what was gathered on its way as one batch, unless one is in flight or nothing was gathered.
    public mutating func submit(now: SteadyTime, into effects: inout [DiskEffect]) {
        guard failure == nil, !gathering.isEmpty else { return }
        guard stage == .resting else { return marks.hit(.gatheredInFlight) }
        markTaken()
        take(flags: [])
        launch(now: now, into: &effects)
    }

    /// Takes what became of an effect other than a read (those go to ``readCompleted(_:bytes:into:effects:)``), and goes on
    /// with what waited for it. The next batch is not begun: that is what ``submit(now:into:)`` is for.
    /// - Returns: What is durable now, or that the journal is poisoned, or nothing of note.
    public mutating func completed(
        _ completion: DiskCompletion, now: SteadyTime, into effects: inout [DiskEffect]
    ) -> JournalProgress? {
        #if PLANTED_BUGS
        if planted(.syncErrorIgnored), case .failed = completion.result {
            return completed(DiskCompletion(number: completion.number, result: .success), now: now, into: &effects)
        }
        if planted(.halfRecordAfterFullDisk), completion.result == .spaceExhausted, stage == .writing {
            return completed(DiskCompletion(number: completion.number, result: .success), now: now, into: &effects)
        }
        #endif
        guard failure == nil else { return nil }
        if spareAwaited.remove(completion.number) {
            spareCompleted(completion.result, now: now, into: &effects)
            return nil
        }
        if snapshotAwaited.remove(completion.number) {
            return snapshotStepCompleted(completion.result, now: now, into: &effects)
        }
        if asideAwaited.contains(completion.number) {
            asideCompleted(completion)
            return nil
        }
        if isRelease(completion.number) { return releaseCompleted(completion, into: &effects) }
        guard awaited.remove(completion.number) else { return nil }
        if completion.result != .success {
            // No room for a name is no failed write: nothing was promised yet, and it is tried again.
            if case .renaming(let header, let file, let size, _) = stage, completion.result == .spaceExhausted {
                let retry = now + configuration.spareRetryDelay
                marks.hit(.renameRefused)
                isOutOfSpace = true
                stage = .renamingLater(header, file, size: size, at: retry)
                return nil
            }
            return poison(completion.result)
        }
        guard awaited.isEmpty else { return nil }
        return advance(now: now, into: &effects)
    }

    /// Seals what was not followed by anything, and tries again what failed for want of space. Called no later than
    /// ``deadline``; calling it early does nothing.
    public mutating func tick(now: SteadyTime, into effects: inout [DiskEffect]) {
        guard failure == nil else { return }
        if case .failed = spare { prepareSpare(now: now, into: &effects) }
        if case .renamingLater(let header, let file, let size, let retry) = stage, retry <= now {
            rename(header, file, size: size, into: &effects)
        }
        writeSnapshot(now: now, into: &effects)
        releaseNext(into: &effects)
        #if PLANTED_BUGS
        if planted(.noSeal) { sealDue = .never }
        #endif
        if sealDue <= now, stage == .resting, gathering.isEmpty {
            sealDue = .never
            if hasRoomForSeal { seal([.seal], into: &effects) }
        }
    }

    /// Writes what was gathered and then a clean end, after which the next start need not copy the last segment. Nothing
    /// is appended any more. ``isStopped`` becomes true, at once when the end is clean already, or else with the completion
    /// that answers ``JournalProgress/stopped``.
    public mutating func stop(now: SteadyTime, into effects: inout [DiskEffect]) {
        guard failure == nil, !isStopping else { return }
        isStopping = true
        goOnStopping(now: now, into: &effects)
    }

    private mutating func goOnStopping(now: SteadyTime, into effects: inout [DiskEffect]) {
        guard stage == .resting else { return }
        if !gathering.isEmpty {
            submit(now: now, into: &effects)
        } else if isClean || !hasRoomForSeal {
            isStopped = true
        } else {
            seal([.seal, .cleanStop], into: &effects)
        }
    }

    /// Room for two seals is left behind every batch: one for when nothing follows, and one for a stop after that.
    private var hasRoomForSeal: Bool {
        let current = segments[segments.count - 1]
        return current.end + JournalFormat.batchHeaderBytes <= current.size
    }

    /// A write, sync, rename or directory sync failed: nothing is retried, ever (traps 42, 43).
    mutating func poison(_ result: DiskCompletion.Result, at named: String? = nil) -> JournalProgress {
        marks.hit(.poisoned)
        let file: String
        switch stage {
        case _ where named != nil: file = named ?? ""
        case .publishing: file = SegmentName.directory
        case .heading, .renaming, .renamingLater, .awaitingSpare: file = SegmentName.spare
        case .writing, .resting: file = segments[segments.count - 1].name
        }
        let failure = JournalFailure(file: file, result: result)
        self.failure = failure
        awaited.removeAll()
        spareAwaited.removeAll()
        snapshotAwaited.removeAll()
        asideAwaited.removeAll()
        return .poisoned(failure)
    }

    /// Makes the gathered batch the one in flight, and begins to gather into the other buffer.
    private mutating func take(flags: BatchHeader.Flags) {
        flyingFlags = flags
        swap(&gathering, &flying)
        gathering.reset(to: flying.after)
        if !flying.isEmpty { submitted = flying.through }
        sealDue = .never
        isClean = false
    }

    private mutating func seal(_ flags: BatchHeader.Flags, into effects: inout [DiskEffect]) {
        marks.hit(flags.contains(.cleanStop) ? .cleanEndWritten : .sealWritten)
        take(flags: flags)
        writeBatch(into: &effects)
    }

    /// Writes the batch in flight into the current segment, or rolls over to the next when it has no room.
    private mutating func launch(now: SteadyTime, into effects: inout [DiskEffect]) {
        let current = segments[segments.count - 1]
        if current.end + flying.totalCount + 2 * JournalFormat.batchHeaderBytes <= current.size {
            writeBatch(into: &effects)
        } else {
            stage = .awaitingSpare
            rollOver(now: now, into: &effects)
        }
    }

    private mutating func writeBatch(into effects: inout [DiskEffect]) {
        let place = segments.count - 1
        let end = segments[place].end
        flying.seal(
            flyingFlags, identity: identity, segment: segments[place].header.segment, number: newestSyncedBatch + 1)
        let range = BatchBuffer.batchStart..<flying.bytes.count
        precondition(end + range.count <= segments[place].size, "a batch has room in its segment")
        stage = .writing
        let file: FileID
        if let open = segments[place].file {
            file = open
        } else {
            file = newFile()
            segments[place].file = file
            awaited.insert(emit(.open(file, name: segments[place].name), into: &effects))
        }
        awaited.insert(emit(.write(file, offset: end, bytes: range), into: &effects))
        awaited.insert(emit(.sync(file), into: &effects))
    }

    /// All that the stage waited for is done: goes on to the next one.
    private mutating func advance(now: SteadyTime, into effects: inout [DiskEffect]) -> JournalProgress? {
        switch stage {
        case .resting, .awaitingSpare, .renamingLater: return nil
        case .heading(let header, let file, let size):
            rename(header, file, size: size, into: &effects)
            return nil
        case .renaming(let header, let file, let size, let name):
            foundSpace()
            #if PLANTED_BUGS
            if planted(.renameWithoutDirectorySync) {
                publish(header, file, size: size, name: name, into: &effects)
                writeBatch(into: &effects)
                return nil
            }
            #endif
            stage = .publishing(header, file, size: size, name: name)
            awaited.insert(emit(.syncDirectory(SegmentName.directory), into: &effects))
            return nil
        case .publishing(let header, let file, let size, let name):
            publish(header, file, size: size, name: name, into: &effects)
            writeBatch(into: &effects)
            return nil
        case .writing: return landed(now: now, into: &effects)
        }
    }

    /// The batch in flight is durable.
    private mutating func landed(now: SteadyTime, into effects: inout [DiskEffect]) -> JournalProgress? {
        let place = segments.count - 1
        if flying.mark?.restartsLog == true { positions.removeAll() }
        positions.note(
            segment: releasedSegments + place, offset: segments[place].end, firstIndex: flying.firstIndex,
            truncates: flying.truncates,
            spacing: configuration.indexSpacingBytes)
        segments[place].end += flying.totalCount
        newestSyncedBatch += 1
        // Where the log is about to begin anew, nothing of it is durable yet.
        if gathering.mark?.restartsLog != true { durableLastIndex = flying.after.lastIndex }
        stage = .resting
        appendedBytes += flying.totalCount
        if let mark = flying.mark { marked(mark, into: &effects) }
        releaseNext(into: &effects)
        let (wasSeal, issuedIn) = (flyingFlags.contains(.seal), flying.issuedIn)
        if flyingFlags.contains(.cleanStop) {
            isClean = true
            isStopped = true
            return .stopped
        }
        if !wasSeal {
            flushed = flying.through
            sealDue = now + configuration.sealDelay
            paceSpare(now: now, into: &effects)
        }
        if isStopping { goOnStopping(now: now, into: &effects) }
        return wasSeal ? nil : .persisted(through: flushed, issuedIn: issuedIn)
    }
}
