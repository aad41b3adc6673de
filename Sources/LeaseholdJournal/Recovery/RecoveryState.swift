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
    let spacing: Int
    /// Which branches were taken.
    var marks = MarkSet<JournalMark>()

    /// Checks that a segment follows what was read so far.
    mutating func begin(_ cursor: SegmentCursor) throws(JournalError) {
        let header = cursor.header
        guard header.firstBatch == number + 1 else {
            let (what, first) = (header.firstBatch <= number ? "overlap" : "are missing", header.firstBatch)
            throw cursor.corrupt("batches \(what): it begins with \(first), and \(number + 1) comes next", at: 0)
        }
        try own(header.identity, cursor.name)
        guard header.firstIndex == log.lastIndex.next, header.previousTerm == log.lastTerm, header.term == log.term,
            header.votedFor == log.votedFor
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
                    throw .unsupported(file: name, offset: offset, reason: "a record of batch \(batch.number)")
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
                terms.truncate(after: after)
                visitor.recovered(truncationAfter: after)
            case .entry(let header, let place):
                guard terms.follows(header.index, header.term) else {
                    throw corrupt(
                        "the entry \(header.index) of term \(header.term) cannot follow \(terms.lastIndex) of \(terms.lastTerm)"
                    )
                }
                terms.append(header.index, header.term)
                lowest = min(lowest ?? header.index, header.index)
                guard visitor.recovered(header, payload: payload.extracting(place)) else {
                    throw .refused(index: header.index, reason: "it was not accepted")
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
            visitor.recovered(commit: min(batch.commit, log.lastIndex))
        }
        positions.note(
            segment: segment, offset: offset, firstIndex: lowest ?? log.lastIndex.next, truncates: truncates,
            spacing: spacing)
        number = batch.number
        isClean = batch.flags.contains(.cleanStop)
        isSealed = batch.flags.contains(.seal)
    }

    /// Checks whose bytes they are, and learns the cluster's id from the first that carry one.
    private mutating func own(_ found: JournalIdentity, _ name: String) throws(JournalError) {
        guard identity.mayBeFollowed(by: found) else {
            throw .wrongIdentity(file: name, expected: identity.description, found: found.description)
        }
        identity = found
    }
}
