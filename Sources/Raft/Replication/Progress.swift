import LeaseholdBase

/// What a leader knows of one peer's log, and what it has under way to it.
struct Progress: Sendable {
    /// How the peer is fed.
    enum State: Hashable, Sendable {
        /// Where the logs agree is not known: one message with entries at a time, and `next` moves on an answer only.
        /// The index is the last one sent and not answered.
        case probe(sentThrough: LogIndex?)
        /// They agree up to `next`: messages are pipelined, and `next` moves with each, up to the window.
        case replicate
        /// It needs entries that are compacted: a snapshot is under way, and no entries are. The time is when it began or
        /// last went on.
        case snapshot(progressedAt: SteadyTime)
    }

    struct Sent: Sendable, BitwiseCopyable {
        var last: LogIndex
        var bytes: Int
    }

    let id: NodeID
    /// How far the peer's log is this one, durably. Never falls.
    private(set) var match = LogIndex.zero
    /// The first entry to send next; always behind `match`.
    private(set) var next: LogIndex
    private(set) var state = State.probe(sentThrough: nil)
    /// The highest round the peer has answered in this term.
    private(set) var answeredRound: UInt64 = 0
    /// When the peer was last heard in this term.
    private(set) var heardAt: SteadyTime?
    private var catchUp: CatchUp
    /// The entry that is being read back from the journal for this peer.
    var readingBack: LogIndex?
    /// Whether the journal could not give what was asked for; it is asked again in the next round, and not before.
    var isReadBackBarred = false
    /// When a snapshot may be tried again.
    private(set) var snapshotRetryAt = SteadyTime.zero
    private var window = Deque<Sent>()
    private var windowBytes = 0

    /// A peer at the beginning of a leadership: it may well hold all that the leader holds.
    init(id: NodeID, lastIndex: LogIndex, at now: SteadyTime) {
        self.id = id
        next = lastIndex.next
        catchUp = CatchUp(through: lastIndex, at: now)
    }

    /// How many messages are unanswered.
    var windowMessages: Int { window.count }

    /// Whether a message with entries may go out now.
    func hasRoom(messages: Int, bytes: Int) -> Bool {
        guard readingBack == nil else { return false }
        switch state {
        case .probe(let sentThrough): return sentThrough == nil
        case .replicate: return window.count < messages && windowBytes < bytes
        case .snapshot: return false
        }
    }

    /// A message with the entries from `next` through the index goes out.
    mutating func sent(through last: LogIndex, bytes: Int) {
        switch state {
        case .probe: state = .probe(sentThrough: last)
        case .replicate:
            next = last.next
            window.append(Sent(last: last, bytes: bytes))
            windowBytes += bytes
        case .snapshot: break
        }
    }

    /// The peer answered in this term, having heard the round.
    mutating func answered(round: UInt64, at now: SteadyTime) {
        answeredRound = max(answeredRound, round)
        heardAt = now
    }

    /// Whether the peer was heard within the time.
    func isHeard(within limit: Nanoseconds, at now: SteadyTime) -> Bool {
        guard let heardAt else { return false }
        return now - heardAt < limit
    }

    /// Whether the peer keeps up with a leader whose log grows.
    func isCaughtUp(within limit: Nanoseconds, at now: SteadyTime) -> Bool {
        isHeard(within: limit, at: now) && catchUp.isDone(within: limit, at: now)
    }

    /// The peer holds the log durably up to the index; this log has reached another. A late answer with a lesser index
    /// changes nothing.
    ///
    /// A probe that is accepted opens the pipeline behind what it carried: should that have been lost, the next
    /// message is refused and the probing begins again, so the guess costs a round trip and never an entry.
    ///
    /// A snapshot has done its work, or is not needed any more, once the peer has what the log begins behind.
    mutating func accepted(_ index: LogIndex, of log: RaftLog, at now: SteadyTime) {
        match = max(match, index)
        catchUp.advanced(to: match, of: log.lastIndex, at: now)
        switch state {
        case .probe(let sentThrough):
            next = max(next, sentThrough?.next ?? next)
            state = .replicate
        case .replicate: break
        case .snapshot: if match >= log.start.index { state = .replicate }
        }
        next = max(next, match.next)
        while let first = window.first, first.last <= match {
            windowBytes -= first.bytes
            _ = window.popFirst()
        }
    }

    /// Whether a refusal of the index before its entries says something new.
    ///
    /// While probing only the message under way can be refused; in the pipeline, a refusal at or below what the peer
    /// has acknowledged is an old one.
    func isNews(refused previousIndex: LogIndex) -> Bool {
        guard previousIndex > match else { return false }
        switch state {
        case .probe: return previousIndex == next.previous
        case .replicate: return previousIndex < next
        case .snapshot: return false
        }
    }

    /// Back to probing, from behind an index at which the logs may agree. The window is void: what was in it was
    /// refused or lost (trap 18).
    mutating func refused(previousIndex: LogIndex, mayAgreeAt index: LogIndex) {
        next = max(match.next, min(previousIndex, index.next))
        halt(.probe(sentThrough: nil))
    }

    /// A snapshot is asked for; nothing else is under way to the peer.
    mutating func beganSnapshot(at now: SteadyTime) { halt(.snapshot(progressedAt: now)) }

    /// The peer has taken a part of the snapshot.
    mutating func snapshotProgressed(at now: SteadyTime) {
        guard isTakingSnapshot else { return }
        state = .snapshot(progressedAt: now)
    }

    /// No snapshot is under way any more, and none is tried before the time.
    mutating func endSnapshot(retryAt: SteadyTime) {
        halt(.probe(sentThrough: nil))
        snapshotRetryAt = retryAt
    }

    private mutating func halt(_ state: State) {
        self.state = state
        window.removeAll()
        windowBytes = 0
        readingBack = nil
    }

    func violations(lastIndex: LogIndex, round: UInt64) -> [String] {
        var found: [String] = []
        if match >= next { found.append("peer \(id): match \(match) is not before next \(next)") }
        if next > lastIndex.next { found.append("peer \(id): next \(next) beyond the log's end \(lastIndex)") }
        if answeredRound > round { found.append("peer \(id): answered round \(answeredRound) of \(round)") }
        if isTakingSnapshot, !window.isEmpty { found.append("peer \(id): entries under way beside a snapshot") }
        if window.isEmpty, windowBytes != 0 { found.append("peer \(id): \(windowBytes) bytes in an empty window") }
        return found
    }
}
