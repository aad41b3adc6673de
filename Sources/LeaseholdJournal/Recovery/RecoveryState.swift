import LeaseholdBase
import Raft

/// What recovery gathers while it goes through the segments.
struct RecoveryState {
    var identity: JournalIdentity
    var log = LogState()
    var terms = TermRuns()
    var positions = PositionIndex()
    /// The number of the last batch.
    var number: UInt64 = 0
    /// Whether the last batch is a clean end.
    var isClean = false
    /// Whether the last batch is a seal.
    var isSealed = false
    /// The snapshot that the state begins with. Nothing up to its last index is told to the visitor.
    var base: InstalledSnapshot?
    /// Whether batches at the beginning may be gone, because a snapshot stands for them.
    var mayBeginLate = false
    /// Whether the log that is read begins behind the snapshot. It is void then: it is to begin anew further on.
    private(set) var isBehindGap = false
    /// The newest mark of a snapshot met so far.
    var newestMark: SnapshotMark?
    /// The segment in which the log began anew last, if it did.
    var restartSegment: Int?
    /// How many bytes of batches there are that a snapshot does not stand for.
    var bytesBehind = 0
    let spacing: Int
    /// Which branches were taken.
    var marks = MarkSet<JournalMark>()

    /// Checks that a segment follows what was read so far.
    mutating func begin(_ cursor: SegmentCursor) throws(JournalError) {
        let header = cursor.header
        if number == 0, header.firstBatch > 1 || header.snapshot != nil { try adopt(header, cursor.name) }
        guard header.firstBatch == number + 1 else {
            let (what, first) = (header.firstBatch <= number ? "overlap" : "are missing", header.firstBatch)
            throw cursor.corrupt("batches \(what): it begins with \(first), and \(number + 1) comes next", at: 0)
        }
        try own(header.identity, cursor.name)
        guard header.firstIndex == log.lastIndex.next, header.previousTerm == log.lastTerm, header.term == log.term,
            header.votedFor == log.votedFor, header.snapshot == newestMark
        else { throw cursor.corrupt("the segment's header does not continue the segment before", at: 0) }
    }

    /// Takes one batch: its records go to the visitor in order.
    mutating func take(
        _ batch: BatchHeader, _ payload: RawSpan, offset: Int, segment: Int, in name: String,
        _ visitor: inout some JournalVisitor
    ) throws(JournalError) {
        try own(batch.identity, name)
        func corrupt(_ reason: String) -> JournalError {
            .corrupt(file: name, offset: offset, reason: "batch \(batch.number): \(reason)")
        }
        var lowest: LogIndex?
        var truncates = false
        var reader = ByteReader(payload)
        while true {
            let found: JournalRecord?
            do { found = try RecordCodec.next(&reader) } catch {
                if error == .unknown {
                    let reason = "a record of batch \(batch.number) that this program does not know"
                    throw .unsupported(file: name, offset: offset, reason: reason + ": use a later version of it")
                }
                throw corrupt("a record cannot be read: \(error)")
            }
            guard let record = found else { break }
            switch record {
            case .hardState(let term, let votedFor):
                guard term >= log.term else { throw corrupt("the term falls from \(log.term) to \(term)") }
                (log.term, log.votedFor) = (term, votedFor)
                visitor.recovered(term: term, votedFor: votedFor)
            case .truncation(let after):
                marks.hit(.truncationRecovered)
                truncates = true
                lowest = min(lowest ?? after.next, after.next)
                if after < terms.baseIndex {
                    // Of entries that are gone: all of them are in the snapshot now, as they came to be later.
                    terms.restart(after: after, batch.lastIndex == after ? batch.lastTerm : .zero)
                } else {
                    terms.truncate(after: after)
                }
                visitor.recovered(truncationAfter: max(after, baseIndex))
            case .entry(let header, let place):
                guard terms.follows(header.index, header.term) else {
                    throw corrupt(
                        "the entry \(header.index) of term \(header.term) cannot follow \(terms.lastIndex) of \(terms.lastTerm)"
                    )
                }
                terms.append(header.index, header.term)
                lowest = min(lowest ?? header.index, header.index)
                if header.index <= baseIndex || isBehindGap || isVoid { continue }
                guard visitor.recovered(header, payload: payload.extracting(place)) else {
                    throw .refused(index: header.index, reason: "it was not accepted")
                }
            case .snapshot(let mark):
                if let flaw = flaw(of: mark) { throw corrupt(flaw) }
                newestMark = mark
                if mark.restartsLog {
                    marks.hit(.truncationRecovered)
                    lowest = mark.id.lastIndex.next
                    restartSegment = segment
                    if mark.id.lastIndex <= baseIndex { isBehindGap = false }
                    terms.restart(after: mark.id.lastIndex, mark.id.lastTerm)
                    positions.removeAll()
                    visitor.recovered(truncationAfter: baseIndex)
                }
            case .skipped: break
            }
        }
        guard batch.lastIndex == terms.lastIndex, batch.lastTerm == terms.lastTerm else {
            throw corrupt("its header tells another last entry than its records")
        }
        (log.lastIndex, log.lastTerm) = (terms.lastIndex, terms.lastTerm)
        if batch.commit > log.commit {
            log.commit = batch.commit
            let commit = min(batch.commit, log.lastIndex)
            if commit > baseIndex, !isBehindGap, !isVoid { visitor.recovered(commit: commit) }
        }
        if log.lastIndex > baseIndex { bytesBehind += batch.totalCount }
        positions.note(
            segment: segment, offset: offset, firstIndex: lowest ?? log.lastIndex.next, truncates: truncates,
            spacing: spacing)
        number = batch.number
        isClean = batch.flags.contains(.cleanStop)
        isSealed = batch.flags.contains(.seal)
    }

    /// Whether the log that is read has another entry than the snapshot's last in its place: it began anew further on, and
    /// none of its entries continues the snapshot.
    private var isVoid: Bool {
        guard let base, let term = terms.term(at: base.id.lastIndex), term > .zero else { return false }
        return term != base.id.lastTerm
    }

    private var baseIndex: LogIndex { base?.id.lastIndex ?? .zero }

    /// The first segment that there is does not begin with the first batch: what was before it is in a snapshot. Term and
    /// vote are those that it repeats (trap 37).
    private mutating func adopt(_ header: SegmentHeader, _ name: String) throws(JournalError) {
        number = header.firstBatch - 1
        log.lastIndex = header.firstIndex.previous
        log.lastTerm = header.previousTerm
        (log.term, log.votedFor) = (header.term, header.votedFor)
        terms.restart(after: log.lastIndex, log.lastTerm)
        newestMark = header.snapshot
        if let base { isBehindGap = base.id.lastIndex < log.lastIndex }
        guard mayBeginLate else {
            throw .corrupt(
                file: name, offset: 0,
                reason: "batches are missing: it begins with \(header.firstBatch), and 1 comes next")
        }
    }

    /// What is wrong with a mark, if anything is.
    private func flaw(of mark: SnapshotMark) -> String? {
        if let newestMark, mark.id.lastIndex <= newestMark.id.lastIndex { return "a mark is of an older snapshot" }
        // Of entries that are gone nothing is known.
        if mark.restartsLog || mark.id.lastIndex < terms.baseIndex { return nil }
        let term = terms.term(at: mark.id.lastIndex)
        return term == mark.id.lastTerm || term == .zero ? nil : "a mark is of no entry of this log"
    }

    /// Checks whose bytes they are, and learns the cluster's id from the first that carry one.
    private mutating func own(_ found: JournalIdentity, _ name: String) throws(JournalError) {
        guard identity.mayBeFollowed(by: found) else {
            throw .wrongIdentity(file: name, expected: identity.description, found: found.description)
        }
        identity = found
    }
}
