import LeaseholdBase
import LeaseholdJournal
import Raft

/// What a stream of records amounts to, by fingerprints: the log, the term and the vote.
struct LogImage: JournalVisitor, Hashable, Sendable {
    /// One fingerprint an entry: of its header and its payload.
    private(set) var entries: [UInt64] = []
    private(set) var term = Term.zero
    private(set) var votedFor: NodeID?

    mutating func recovered(term: Term, votedFor: NodeID?) { (self.term, self.votedFor) = (term, votedFor) }

    mutating func recovered(_ header: EntryHeader, payload: RawSpan) -> Bool {
        guard header.index.rawValue == UInt64(entries.count) + 1 else { return false }
        var print = mix(header.term.rawValue ^ header.logTime.rawValue << 20 ^ UInt64(header.kind.rawValue) << 56)
        print = mix(print ^ UInt64(CRC32C.checksum(payload)) << 24 ^ UInt64(payload.byteCount))
        entries.append(print)
        return true
    }

    mutating func recovered(truncationAfter index: LogIndex) {
        entries.removeLast(max(0, entries.count - Int(clamping: index.rawValue)))
    }

    mutating func recovered(commit index: LogIndex) {}

    /// In one line: how many entries, the last of them, and the vote.
    var description: String {
        "\(entries.count) entries ending in \(hexadecimal(entries.last ?? 0)), term \(term), vote for "
            + (votedFor?.description ?? "nobody")
    }
}

/// One request to the journal: what becomes durable together.
struct CrashRequest: Sendable {
    var hardState: (term: Term, votedFor: NodeID?)?
    var truncateAfter: LogIndex?
    /// The entries' terms and lengths of payload; indices follow from the log.
    var entries: [(term: Term, count: Int)] = []

    /// A term and a vote.
    static func vote(_ term: UInt64, for node: UInt64?) -> CrashRequest {
        CrashRequest(hardState: (Term(term), node.map { NodeID($0) }))
    }

    /// So many entries of one length.
    static func entries(_ count: Int, of bytes: Int, term: UInt64) -> CrashRequest {
        CrashRequest(entries: (0..<count).map { _ in (Term(term), bytes) })
    }

    /// A new leader's entries in the place of those behind an index.
    static func conflict(after index: UInt64, _ count: Int, of bytes: Int, term: UInt64) -> CrashRequest {
        var request = entries(count, of: bytes, term: term)
        request.hardState = (Term(term), NodeID(1 + term % 3))
        request.truncateAfter = LogIndex(index)
        return request
    }

    /// The log is cut.
    static func cut(after index: UInt64) -> CrashRequest { CrashRequest(truncateAfter: LogIndex(index)) }
}
