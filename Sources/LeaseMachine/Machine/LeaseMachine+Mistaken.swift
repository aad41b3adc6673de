#if PLANTED_BUGS
public import LeaseholdBase

/// What planted mistakes go by, and a state machine must not: which node it is on, that node's clock, people's time, the
/// term, and a count that only this life of the process has.
public struct Mistaken: Sendable {
    /// The clock of this node, when an entry is applied while it runs.
    public var steady: SteadyTime?
    var wall = WallTime.zero
    var term = Term.zero
    var grants: UInt64 = 0
    var claimLimit: UInt64 = .max
    private var began: (own: UInt64, logTime: LogTime)?

    /// A process begins on a state that it has recovered.
    public mutating func begin(at node: NodeID) {
        grants = 0
        claimLimit = node.rawValue
    }

    /// The time of an entry by the clock that a mistake goes by, from the first entry that was applied with it.
    mutating func time(of stamp: EntryStamp) -> LogTime? {
        let own: UInt64
        if planted(.expiryByOwnClock), let steady {
            own = steady.rawValue
        } else if planted(.expiryByWallClock) {
            own = stamp.wallTime.rawValue
        } else {
            return nil
        }
        let (base, logTime) = began ?? (own, stamp.logTime)
        began = (base, logTime)
        return logTime + Nanoseconds(Int64(clamping: own) - Int64(clamping: base))
    }
}

extension LeaseMachine {
    /// An entry of a term is applied.
    public mutating func note(term: Term, logTime: LogTime) {
        guard term > mistaken.term else { return }
        mistaken.term = term
        guard planted(.leaderRestartsTTLs) else { return }
        for slot in 0..<UInt32(claims.claims.slotCount) where claims.claims[slot].id != ClaimID(0) {
            claims.extend(slot, to: logTime + claims.claims[slot].ttl)
        }
    }

    /// The token that a mistake gives the claim being granted.
    mutating func mistakenToken() -> FencingToken? {
        mistaken.grants += 1
        if planted(.tokenFromTerm) { return FencingToken(mistaken.term.rawValue) }
        if planted(.tokenFromClock) { return FencingToken(mistaken.wall.rawValue) }
        return planted(.tokenCounterForgotten) ? FencingToken(mistaken.grants) : nil
    }

    /// What an acquire that is done came to, as of the last applied entry.
    public func remembered(_ payload: RawSpan) -> Outcome? {
        do {
            let command = try CommandView(payload)
            guard let found = requests.request(command.request) else { return nil }
            let known = requests.requests[found]
            guard known.kind == .acquired, known.content == command.contentHash else { return nil }
            return .acquired(claim: known.claim, status(of: known.claim))
        } catch { return nil }
    }
}
#endif
