import LeaseholdBase

/// Removing the segments that a snapshot stands for: the oldest first, and each name's removal durable before the next, so
/// that a crash leaves no gap.
extension Journal {
    /// Removes the first segment, if it may go and nobody reads it.
    mutating func releaseNext(into effects: inout [DiskEffect]) {
        guard release == .due, failure == nil, !isStopping else { return }
        guard mayReleaseFirst else { return release = .resting }
        guard !reads.contains(where: { $0.segment == releasedSegments }) else { return }
        release = .removing(emit(.remove(name: segments[0].name), into: &effects))
    }

    /// Whether the first segment is being removed, so that nobody may begin to read it.
    var isReleasing: Bool {
        switch release {
        case .removing, .syncing: true
        case .resting, .due: false
        }
    }

    /// A segment may go when all its entries are in the snapshot and as many bytes as are to be kept are in segments behind
    /// it that could go too; or when the log began anew behind it.
    private var mayReleaseFirst: Bool {
        guard let snapshot, segments.count > 1 else { return false }
        if releasedSegments < restartSegment { return true }
        var kept = 0
        for place in 1..<segments.count {
            guard segments[place].header.firstIndex.previous <= snapshot.id.lastIndex else { return false }
            // What is before this segment is in the snapshot.
            if kept >= configuration.retainedTailBytes { return true }
            kept += segments[place].end
        }
        return false
    }

    mutating func releaseCompleted(_ completion: DiskCompletion, into effects: inout [DiskEffect]) -> JournalProgress? {
        switch release {
        case .removing(completion.number):
            guard completion.result == .success else {
                // It stays, and so do those behind it, until the next mark.
                release = .resting
                return nil
            }
            release = .syncing(emit(.syncDirectory(SegmentName.directory), into: &effects))
        case .syncing(completion.number):
            guard completion.result == .success else { return poison(completion.result, at: SegmentName.directory) }
            marks.hit(.segmentReleased)
            olderBytes -= segments[0].size
            segments.removeFirst()
            releasedSegments += 1
            positions.release(before: releasedSegments)
            // Up to where the log began anew, headers tell of indices of the log before.
            if releasedSegments > restartSegment {
                terms.release(through: min(segments[0].header.firstIndex.previous, terms.lastIndex))
            }
            release = .due
            releaseNext(into: &effects)
        default: break
        }
        return nil
    }

    /// Whether a completion is one of this.
    func isRelease(_ number: DiskNumber) -> Bool { release == .removing(number) || release == .syncing(number) }
}
