import LeaseholdBase

extension Journal {
    /// Begins the next segment with the batch in flight, if the spare is ready; prepares it at full speed if it is not.
    mutating func rollOver(now: SteadyTime, into effects: inout [DiskEffect]) {
        precondition(stage == .awaitingSpare, "a batch in flight waits for a spare")
        guard case .ready(let file, let size) = spare, size >= spareTarget else {
            marks.hit(.spareAwaited)
            prepareSpare(now: now, into: &effects)
            return
        }
        spare = .none
        let header = SegmentHeader(
            identity: identity, segment: random.next() ^ mix(newestSyncedBatch),
            firstIndex: flying.before.lastIndex.next,
            firstBatch: newestSyncedBatch + 1, previousTerm: flying.before.lastTerm, term: flying.before.term,
            votedFor: flying.before.votedFor, snapshot: newestMark)
        flying.head(header)
        stage = .heading(header, file, size: size)
        awaited.insert(emit(.write(file, offset: 0, bytes: 0..<JournalFormat.segmentHeaderBytes), into: &effects))
        awaited.insert(emit(.sync(file), into: &effects))
    }

    /// Gives the spare its name. A name that a live segment has is not taken (see ``SegmentName``), but for that of one in
    /// which nothing was ever stored: both begin with the same batch, and so the new one takes its place.
    mutating func rename(_ header: SegmentHeader, _ file: FileID, size: Int, into effects: inout [DiskEffect]) {
        let current = segments[segments.count - 1]
        let plain = SegmentName.plain(header.firstIndex)
        let isTaken = segments.contains { $0.header.firstIndex == header.firstIndex }
        let name: String
        if current.isEmpty {
            name = current.name
        } else if isTaken {
            marks.hit(.nameTaken)
            name = SegmentName.numbered(header.firstIndex, firstBatch: header.firstBatch)
        } else {
            name = plain
        }
        stage = .renaming(header, file, size: size, name: name)
        awaited.insert(emit(.rename(file, from: SegmentName.spare, to: name), into: &effects))
    }

    /// The segment has its name for good: batches go into it from here on.
    mutating func publish(
        _ header: SegmentHeader, _ file: FileID, size: Int, name: String, into effects: inout [DiskEffect]
    ) {
        marks.hit(.rolledOver)
        let old = segments.count - 1
        if let open = segments[old].file {
            segments[old].file = nil
            _ = emit(.close(open), into: &effects)
        }
        if segments[old].isEmpty { segments.removeLast() } else { olderBytes += segments[old].size }
        segments.append(
            JournalSegment(
                name: name, header: header, size: size, end: JournalFormat.segmentHeaderBytes, file: file))
    }

    /// How large the spare must be: larger than usual when a larger batch waits for it.
    private var spareTarget: Int {
        let batch = stage == .awaitingSpare ? flying.totalCount : 0
        return configuration.segmentBytes(holding: batch)
    }

    /// Prepares the spare by a step when the current segment is filled so far that it is time.
    ///
    /// The spare is begun when a quarter of the segment is used and is done when three quarters are, each batch paying for
    /// its share.
    mutating func paceSpare(now: SteadyTime, into effects: inout [DiskEffect]) {
        let current = segments[segments.count - 1]
        let begin = current.size / 4
        guard current.end > begin else { return }
        let due = (current.end - begin) / 2 * 4
        switch spare {
        case .none: prepareSpare(now: now, into: &effects)
        case .preparing(_, let filled, _) where filled <= due: prepareSpare(now: now, into: &effects)
        case .preparing, .ready, .failed: break
        }
    }

    /// When a spare that could not be made is tried anew; never when there is no such.
    ///
    /// While a batch waits for it, or something was refused, that is soon, however often it failed, and at once when enough
    /// time has passed before the batch begins to wait. Otherwise it is less and less often, for each attempt fills what space there is.
    var spareRetry: SteadyTime {
        guard case .failed(let failed) = spare else { return .never }
        let isWanted = stage == .awaitingSpare || isSpaceWanted
        let doublings = min(spareFailures - 1, isWanted ? 1 : JournalConfiguration.spareRetryDoublings)
        return failed + configuration.spareRetryDelay * Int64(1 << doublings)
    }

    /// There is space again, or still.
    mutating func foundSpace() {
        #if PLANTED_BUGS
        if planted(.diskLowForEver) { return }
        #endif
        (isOutOfSpace, isSpaceWanted) = (false, false)
    }

    /// Takes the next step of preparing the spare, unless one is under way or it has to wait.
    mutating func prepareSpare(now: SteadyTime, into effects: inout [DiskEffect]) {
        guard spareAwaited.isEmpty else { return }
        if spareRetry <= now { spare = .none }
        switch spare {
        case .failed: break
        case .none:
            let file = newFile()
            spareAwaited.insert(emit(.create(file, name: SegmentName.spare), into: &effects))
            fill(file, from: 0, target: spareTarget, into: &effects)
        case .preparing(let file, let filled, let target):
            fill(file, from: filled, target: max(target, spareTarget), into: &effects)
        case .ready(let file, let size) where size < spareTarget:
            fill(file, from: size, target: spareTarget, into: &effects)
        case .ready: break
        }
    }

    private mutating func fill(_ file: FileID, from offset: Int, target: Int, into effects: inout [DiskEffect]) {
        let count = min(max(configuration.fillStepBytes, 4096), target - offset)
        spare = .preparing(file, filled: offset + count, target: target)
        spareAwaited.insert(emit(.fill(file, offset: offset, count: count), into: &effects))
        spareAwaited.insert(emit(.sync(file), into: &effects))
    }

    /// A step of the spare went one way or the other.
    ///
    /// The spare holds nothing that was promised, so its failure poisons nothing; but a file whose sync failed is never
    /// used (trap 42): it is removed, and made anew after a while.
    mutating func spareCompleted(
        _ result: DiskCompletion.Result, now: SteadyTime, into effects: inout [DiskEffect]
    ) {
        guard case .preparing(let file, let filled, let target) = spare else { return }
        #if PLANTED_BUGS
        if planted(.halfRecordAfterFullDisk), result == .spaceExhausted {
            return spareCompleted(.success, now: now, into: &effects)
        }
        #endif
        if result != .success {
            marks.hit(result == .spaceExhausted ? .spareRefused : .spareFailed)
            spareAwaited.removeAll()
            spareFailures += 1
            if result == .spaceExhausted { isOutOfSpace = true }
            isSpaceWanted = false
            spare = .failed(at: now)
            _ = emit(.close(file), into: &effects)
            // Awaited, for the next spare has the same name.
            spareAwaited.insert(emit(.remove(name: SegmentName.spare), into: &effects))
            return
        }
        guard spareAwaited.isEmpty else { return }
        if filled == target {
            spareFailures = 0
            foundSpace()
            spare = .ready(file, size: target)
        }
        if stage == .awaitingSpare {
            rollOver(now: now, into: &effects)
        } else if isOutOfSpace, !isStopping {
            // Whether there is space again must come out though no batch follows that would pay for a step.
            prepareSpare(now: now, into: &effects)
        }
    }
}
