import LeaseholdBase
import Testing

@testable import Raft

/// One node on the bench: scripted events in, effects to look at, invariants checked after every step.
struct Bench {
    var raft: Raft
    var effects: [RaftEffect] = []
    var time: Int64 = 0

    init(
        _ id: UInt64 = 1, _ recovery: consuming RaftRecovery, seed: UInt64 = 1,
        configure: (inout RaftConfiguration) -> Void = { _ in }
    ) {
        var configuration = RaftConfiguration(id: NodeID(id), incarnation: incarnation(id))
        configure(&configuration)
        raft = Raft(configuration: configuration, recovery: recovery, seed: seed, now: at(milliseconds: 0))
    }

    var now: TimeReading { at(milliseconds: time) }

    /// One event, and the end of the turn unless told otherwise.
    mutating func step(_ event: RaftEvent, endTurn: Bool = true) {
        raft.step(event, now: now, into: &effects)
        #expect(raft.violations() == [])
        if endTurn { self.endTurn() }
    }

    mutating func endTurn() {
        raft.endTurn(now: now, into: &effects)
        #expect(raft.violations() == [])
    }

    mutating func receive(
        _ body: RaftMessage.Body, term: UInt64, from sender: UInt64, entries: EntryBatch = EntryBatch(),
        endTurn: Bool = true
    ) {
        step(.received(from: NodeID(sender), RaftMessage(term: Term(term), body: body), entries), endTurn: endTurn)
    }

    mutating func append(
        after previous: UInt64, _ previousTerm: UInt64, terms: [UInt64] = [], commit: UInt64 = 0, round: UInt64 = 1,
        term: UInt64, from sender: UInt64, endTurn: Bool = true
    ) {
        receive(
            .append(
                previousIndex: LogIndex(previous), previousTerm: Term(previousTerm), commit: LogIndex(commit),
                round: round, entryCount: terms.count), term: term, from: sender,
            entries: EntryBatch(after: previous, terms: terms), endTurn: endTurn)
    }

    mutating func accept(_ match: UInt64, round: UInt64 = 0, term: UInt64, from sender: UInt64) {
        receive(.appendAnswer(.accepted(match: LogIndex(match)), round: round), term: term, from: sender)
    }

    /// The disk completes everything it was asked for.
    mutating func persistAll() {
        if let last = persists.last { step(.persisted(last.number, issuedIn: last.issuedIn)) }
    }

    /// Waits for the next deadline and ticks.
    mutating func tick() {
        let deadline = Int64(raft.deadline.rawValue / 1_000_000) + 1
        time = max(time, deadline)
        step(.tick)
    }

    mutating func tick(after milliseconds: Int64) {
        time += milliseconds
        step(.tick)
    }

    mutating func propose(_ bytes: [UInt8] = [1, 2, 3], endTurn: Bool = true) -> ProposalResult {
        let result = raft.propose(.command, payload: bytes.span.bytes, now: now)
        #expect(raft.violations() == [])
        if endTurn { self.endTurn() }
        return result
    }

    /// Asks for a read, which must not be refused. The turn goes on.
    mutating func read() throws -> ReadNumber {
        let number = raft.requestRead(now: now)
        return try #require(number)
    }

    mutating func isReadRefused() -> Bool { raft.requestRead(now: now) == nil }

    /// Elected by these voters in the next term, with everything durable; effects forgotten.
    mutating func elect(by voters: [UInt64]) {
        tick()
        for voter in voters {
            receive(.preVoteAnswer(granted: true), term: raft.term.rawValue + 1, from: voter)
            if raft.currentRole != .preCandidate { break }
        }
        persistAll()
        for voter in voters where raft.currentRole == .candidate {
            receive(.voteAnswer(granted: true), term: raft.term.rawValue, from: voter)
        }
        #expect(raft.isLeader)
        persistAll()
        effects.removeAll()
    }

    mutating func clear() { effects.removeAll() }

    var persists: [Persist] {
        effects.compactMap { if case .persist(let persist) = $0 { persist } else { nil } }
    }
    var sends: [(to: UInt64, message: RaftMessage)] {
        effects.compactMap { if case .send(let to, let message, _, _) = $0 { (to.rawValue, message) } else { nil } }
    }
    func sent(to peer: UInt64) -> [RaftMessage.Body] { sends.filter { $0.to == peer }.map(\.message.body) }
    var committed: LogIndex? {
        effects.compactMap { if case .committed(let index) = $0 { index } else { nil } }.last
    }
    var readsReady: [(through: ReadNumber, index: LogIndex)] {
        effects.compactMap {
            if case .readsReady(let number, let index) = $0 { (number, index) } else { nil }
        }
    }
}
