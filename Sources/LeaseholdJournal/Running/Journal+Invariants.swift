import LeaseholdBase

extension Journal {
    /// What does not hold and should: empty unless there is a bug. Run after every step in tests and simulation.
    public func violations() -> [String] {
        var found: [String] = []
        func check(_ holds: Bool, _ what: @autoclosure () -> String) { if !holds { found.append(what()) } }
        check(flushed <= submitted && submitted <= accepted, "cursors \(flushed) ≤ \(submitted) ≤ \(accepted)")
        check(
            gathering.isEmpty == (accepted == submitted) || failure != nil, "what is accepted is gathered or submitted")
        check(stage != .resting || flushed == submitted || failure != nil, "what is submitted is in flight or flushed")
        check(stage != .resting || awaited.isEmpty || failure != nil, "nothing is awaited at rest")
        check(gathering.after.lastIndex == terms.lastIndex, "the gathered batch ends where the log does")
        check(gathering.after.lastTerm == terms.lastTerm, "the gathered batch ends in the log's last term")
        check(gathering.before == flying.after, "the gathered batch begins where the one before ends")
        check(gathering.after.term >= gathering.before.term, "the term never falls")
        check(failure == nil || deadline == .never, "a poisoned journal waits for nothing")
        check(!segments.isEmpty, "there is a segment")
        for (segment, next) in zip(segments, segments.dropFirst()) {
            check(segment.header.firstBatch <= next.header.firstBatch, "segments are ordered by batch number")
            check(segment.header.segment != next.header.segment, "segments differ in their random ids")
            check(segment.name != next.name, "segments differ in their names")
            check(segment.file == nil, "only the last segment is open")
        }
        for segment in segments {
            check(segment.end <= segment.size, "\(segment.name) is written within its size")
            check(segment.end % JournalFormat.alignment == 0, "\(segment.name) ends at a multiple of eight")
            check(SegmentName.fits(segment.name, segment.header), "\(segment.name) is a name for its header")
        }
        for (item, next) in zip(positions.items, positions.items.dropFirst()) {
            check(item.firstIndex < next.firstIndex, "positions rise in index")
            check((item.segment, item.offset) < (next.segment, next.offset), "positions rise in place")
        }
        for (run, next) in zip(terms.runs, terms.runs.dropFirst()) {
            check(run.first < next.first && run.term < next.term, "terms rise along the log")
        }
        found += snapshotViolations()
        return found
    }

    /// What does not hold of snapshots and of the front of the log.
    private func snapshotViolations() -> [String] {
        var found: [String] = []
        func check(_ holds: Bool, _ what: @autoclosure () -> String) { if !holds { found.append(what()) } }
        check(terms.baseIndex <= terms.lastIndex, "the log begins no later than it ends")
        if let snapshot {
            check(newestMark != nil, "a snapshot that counts has a mark")
            check(snapshot.id.lastIndex <= terms.lastIndex, "the log reaches as far as the snapshot")
            check(
                snapshotWarning != nil || snapshot.id == newestMark?.id,
                "the snapshot that counts is of the newest mark")
        }
        let first = segments[0].header.firstIndex.previous
        let covered = max(snapshot?.id.lastIndex ?? .zero, gathering.mark?.id.lastIndex ?? .zero)
        check(
            releasedSegments <= restartSegment || first <= covered || segments[0].header.firstBatch == 1,
            "no log is released that no snapshot stands for")
        check(terms.baseIndex <= snapshotReach, "what is gone from the front of the log is in a snapshot")
        check(work == nil || unmarked == nil, "one snapshot at a time")
        check(
            positions.items.allSatisfy { Int($0.segment) >= releasedSegments },
            "positions are in segments that are there")
        return found
    }
}
