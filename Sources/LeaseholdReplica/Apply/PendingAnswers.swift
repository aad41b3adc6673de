internal import LeaseholdBase
internal import Raft

/// Who waits for an answer.
struct Waiter: Sendable, BitwiseCopyable {
    /// Where the request came from.
    var connection: ConnectionID
    /// Which attempt it was.
    var correlation: CorrelationID
}

/// The commands that this leader appended and has not answered, in the order of their entries.
///
/// An answer is given when the entry is applied *with the term it was appended in*: another leader's entry of the same
/// index is another command (traps 15, 16). When leadership is lost all are answered `unknown`.
struct PendingAnswers: Sendable {
    private struct Entry: Sendable, BitwiseCopyable {
        var index: LogIndex
        var term: Term
        /// How many waiters the entry has; more than one only for gathered renewals.
        var waiters: Int
    }

    /// A waiter of a renewal entry and how many of the entry's claims are its own.
    struct Share: Sendable, BitwiseCopyable {
        var waiter: Waiter
        var claims: Int
    }

    private var entries = Deque<Entry>()
    private var shares = Deque<Share>()

    /// How many requests wait.
    var count: Int { shares.count }
    /// Whether none does.
    var isEmpty: Bool { entries.isEmpty }

    /// A command was appended.
    mutating func add(_ waiter: Waiter, index: LogIndex, term: Term) {
        precondition(entries.last.map { $0.index < index } ?? true, "entries are appended in order")
        entries.append(Entry(index: index, term: term, waiters: 1))
        shares.append(Share(waiter: waiter, claims: 0))
    }

    /// Gathered renewals were appended as one entry.
    mutating func add(_ gathered: [Share], index: LogIndex, term: Term) {
        precondition(entries.last.map { $0.index < index } ?? true, "entries are appended in order")
        entries.append(Entry(index: index, term: term, waiters: gathered.count))
        for share in gathered { shares.append(share) }
    }

    /// Takes out, in order, every waiter of entries up to the applied one, and says whether it is answered by that entry
    /// or its own was replaced.
    mutating func settle(index: LogIndex, term: Term, into settled: inout [(share: Share, isAnswered: Bool)]) {
        while let entry = entries.first, entry.index <= index {
            entries.removeFirst(1)
            let isAnswered = entry.index == index && entry.term == term
            for _ in 0..<entry.waiters { if let share = shares.popFirst() { settled.append((share, isAnswered)) } }
        }
    }

    /// Takes out everyone.
    mutating func abandon(_ body: (Waiter) -> Void) {
        entries.removeAll()
        while let share = shares.popFirst() { body(share.waiter) }
    }
}

/// The renewals read in one turn, to be appended as one entry: a renewal makes no token, so many may share an index.
struct GatheredRenewals: Sendable {
    /// The entry's payload so far: the renew command's head, then claims.
    var payload: [UInt8] = []
    /// Whose claims they are, in order.
    var shares: [PendingAnswers.Share] = []
    /// How many claims there are.
    var claims = 0

    /// Whether nothing was gathered.
    var isEmpty: Bool { shares.isEmpty }

    /// Appends them to a leader's log as one entry.
    func propose(to raft: inout Raft, now: TimeReading) -> ProposalResult {
        unsafe raft.propose(.command, payload: payload.span.bytes, now: now)
    }

    /// Forgets everything and keeps the memory.
    mutating func removeAll() {
        payload.removeAll(keepingCapacity: true)
        shares.removeAll(keepingCapacity: true)
        claims = 0
    }
}
