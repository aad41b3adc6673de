import LeaseholdBase
import Raft

/// Every entry that any node ever had in its log, by term and index, each chained to the one before it.
///
/// Log matching (property 4): an index and a term name one entry, and everything before it too. Of each entry a hash is
/// kept that takes in the hash of its predecessor; so when two nodes have the same hash at an index, their logs are the
/// same up to there, and comparing two logs is comparing two numbers. A node's log is looked at as it grows: only what
/// was added since the last look is read, at the end of the turn in which it was added, when it is in memory for certain
/// (it can be neither durable nor applied by then).
///
/// A leader makes all entries of its term, one behind the other; so those of a term are kept as one row.
struct LogTable {
    /// What is kept of an entry.
    struct Mark: Hashable {
        /// Over the entry and all before it; zero when something before it was never seen.
        var chain: UInt64
        /// When any log first had it, in true time: that of the clock's reading with which its leader stamped it.
        var bornAt: UInt64
        /// Its log time.
        var logTime: UInt64
    }

    /// The entries of one term.
    private struct Row {
        var first: LogIndex
        var marks: [Mark] = []
        /// Whose log was the first to have the last of them.
        var owner: String
        /// The entries themselves, those that are not committed yet: behind `taken` of them.
        var entries = EntryBatch()
        var taken: Int = 0

        func contains(_ index: LogIndex) -> Bool {
            index >= first && index < first + UInt64(marks.count)
        }
    }

    private struct Followed {
        var life = -1
        var last = LogIndex.zero
        var cuts: UInt64 = 0
    }

    private var rows: [Row] = []
    /// Where the row of a term is; never iterated.
    private var rowOfTerm: [UInt64: Int] = [:]
    private var latest = (term: Term.zero, row: -1)
    private var followed: [Followed]
    /// Until when some node's clock was wrong: log time may have run at any speed.
    var clocksWrongUntil: UInt64 = 0
    /// How fast log time may run against true time at most, beyond one to one, in parts per million.
    static let drift = ClaimLedger.drift
    /// Entries looked at.
    private(set) var entriesSeen: UInt64 = 0
    /// Entries that nobody saw while they were in memory.
    private(set) var gaps: UInt64 = 0

    init(nodes: Int) { followed = [Followed](repeating: Followed(), count: nodes) }

    private mutating func row(of term: Term) -> Int? {
        if latest.term == term { return latest.row }
        guard let found = rowOfTerm[term.rawValue] else { return nil }
        latest = (term, found)
        return found
    }

    /// What is kept of an entry, if any log ever had it; of index zero, the empty log.
    mutating func mark(at index: LogIndex, _ term: Term?) -> Mark? {
        guard let term else { return nil }
        if index == .zero { return Mark(chain: 1, bornAt: 0, logTime: 0) }
        guard let row = row(of: term), rows[row].contains(index) else { return nil }
        return rows[row].marks[Int(index.rawValue - rows[row].first.rawValue)]
    }

    /// Reads what a node's log has gained since the last look.
    mutating func follow(
        _ place: Int, life: Int, _ label: String, _ log: borrowing RaftLog, commit: LogIndex,
        _ findings: inout Findings
    ) {
        var known = followed[place]
        var first = known.last.next
        if known.life != life {
            // A log that was recovered is compared as a whole, as far as it is in memory.
            first = log.firstIndexInMemory
        } else if log.cuts != known.cuts {
            first = log.cuts == known.cuts + 1 ? min(first, log.lastCut.next) : commit.next
        }
        if first < log.firstIndexInMemory {
            gaps += log.firstIndexInMemory.rawValue - first.rawValue
            first = log.firstIndexInMemory
        }
        var index = first
        while index <= log.lastIndex {
            if let header = log.header(at: index) {
                let previous = index.previous
                enter(
                    header, payload: log.payload(at: index), behind: log.term(at: previous) ?? .zero, label, &findings)
            }
            index = index.next
        }
        known = Followed(life: life, last: log.lastIndex, cuts: log.cuts)
        followed[place] = known
    }

    /// A node has an entry behind one of a term.
    mutating func enter(
        _ header: EntryHeader, payload: RawSpan, behind previousTerm: Term, _ label: String,
        _ findings: inout Findings
    ) {
        entriesSeen += 1
        let previous = mark(at: header.index.previous, previousTerm)
        let chain = previous.map { $0.chain == 0 ? 0 : Self.hash(header, payload, $0.chain) } ?? 0
        guard let row = row(of: header.term) else {
            rowOfTerm[header.term.rawValue] = rows.count
            rows.append(Row(first: header.index, owner: label))
            return add(header, payload, chain, previous, rows.count - 1, label, &findings)
        }
        if rows[row].contains(header.index) {
            let other = rows[row].marks[Int(header.index.rawValue - rows[row].first.rawValue)]
            if other.chain != chain, other.chain != 0, chain != 0 {
                let owner = rows[row].owner
                findings.add(
                    4, by: label, "has entry \(header.index) of term \(header.term) behind one of term \(previousTerm)",
                    "\(owner) had another entry there, or another one before it")
            }
        } else if header.index == rows[row].first + UInt64(rows[row].marks.count), previousTerm == header.term {
            add(header, payload, chain, previous, row, label, &findings)
        } else {
            let (first, count, owner) = (rows[row].first, rows[row].marks.count, rows[row].owner)
            findings.add(
                4, by: label, "has an entry of term \(header.term) at \(header.index)",
                "\(owner) had those of that term from \(first) to \(first + UInt64(max(0, count - 1)))")
        }
    }

    private mutating func add(
        _ header: EntryHeader, _ payload: RawSpan, _ chain: UInt64, _ previous: Mark?, _ row: Int, _ label: String,
        _ findings: inout Findings
    ) {
        if let previous { judgeTime(header, behind: previous, label, &findings) }
        rows[row].marks.append(Mark(chain: chain, bornAt: findings.now, logTime: header.logTime.rawValue))
        rows[row].owner = label
        rows[row].entries.append(header, payload: payload)
    }

    /// Log time runs no faster than true time (the root of property 12), beyond what a leader's clock may drift.
    ///
    /// An entry is stamped with the leader's log clock at a reading of its steady clock, and the end of that turn is when
    /// this table first sees it. A leader's clock begins with the log time of its last entry, at a reading taken after
    /// that entry had reached it, so after it was stamped. Between the stamps of two entries that follow each other, log
    /// time has therefore passed only while true time did, on one leader's clock or on several in turn, and each of them
    /// runs at most ρ too fast: `later.logTime − earlier.logTime ≤ (later.bornAt − earlier.bornAt) × (1 + ρ)`, and a
    /// microsecond for rounding. What holds for neighbours holds for all pairs; leader changes, pauses and suspensions
    /// only make the left side smaller.
    private func judgeTime(
        _ header: EntryHeader, behind previous: Mark, _ label: String, _ findings: inout Findings
    ) {
        let logTime = header.logTime.rawValue
        guard logTime >= previous.logTime else {
            return findings.add(
                12, by: label, "stamps entry \(header.index) with log time \(seconds(logTime))",
                "the entry before it has \(seconds(previous.logTime))")
        }
        guard clocksWrongUntil == 0 || previous.bornAt > clocksWrongUntil else { return }
        let passed = findings.now - previous.bornAt
        let most = passed + passed / 1_000_000 * Self.drift + Self.drift + 1_000
        guard logTime - previous.logTime > most else { return }
        findings.add(
            12, by: label, "lets \(seconds(logTime - previous.logTime)) of log time pass before entry \(header.index)",
            "\(seconds(passed)) of true time have passed since the entry before it")
    }

    /// An entry, once: those of a row are taken in order, and forgotten when all that there are have been taken.
    mutating func take(_ index: LogIndex, _ term: Term) -> (header: EntryHeader, payload: [UInt8], mark: Mark)? {
        guard let row = row(of: term), rows[row].contains(index) else { return nil }
        let place = Int(index.rawValue - rows[row].first.rawValue)
        let position = place - rows[row].taken
        guard position >= 0, position < rows[row].entries.count else { return nil }
        var payload: [UInt8] = []
        let entries = rows[row].entries
        payload.append(bytes: entries.payload(at: position))
        let header = rows[row].entries.headers[position]
        if position == rows[row].entries.count - 1 {
            rows[row].taken += rows[row].entries.count
            rows[row].entries.removeAll()
        }
        return (header, payload, rows[row].marks[place])
    }

    private static func hash(_ header: EntryHeader, _ payload: RawSpan, _ previous: UInt64) -> UInt64 {
        var hash = mix(previous ^ header.term.rawValue)
        hash = mix(hash ^ header.logTime.rawValue)
        hash = mix(hash ^ header.wallTime.rawValue ^ UInt64(header.kind.rawValue) << 56)
        return mix(hash ^ UInt64(CRC32C.checksum(payload)) ^ UInt64(payload.byteCount) << 32) | 1
    }
}
