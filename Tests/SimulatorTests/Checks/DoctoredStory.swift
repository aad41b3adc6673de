import LeaseMachine
import LeaseholdBase
import Raft
import Testing

@testable import Simulator

/// Facts made up so that they contradict one property and no other; or none, when they are what can happen.
struct DoctoredStory: Sendable, CustomTestStringConvertible {
    /// The property that is violated, nil when none is.
    var property: Int?
    var what: String
    var tell: @Sendable (inout Findings) -> Void

    init(_ property: Int?, _ what: String, _ tell: @escaping @Sendable (inout Findings) -> Void) {
        self.property = property
        self.what = what
        self.tell = tell
    }

    var testDescription: String { "\(property.map { "property \($0)" } ?? "nothing"): \(what)" }
}

/// Something that follows the logs of some nodes.
struct LogBench {
    var table: LogTable
    var ledger = CommitLedger()
    var logs: [RaftRecovery]

    init(nodes: Int = 3) {
        table = LogTable(nodes: nodes)
        logs = (0..<nodes).map { _ in RaftRecovery(logMemoryBytes: 1 << 20) }
    }

    /// A node gets an entry at the end of its log.
    mutating func append(
        _ node: Int, _ term: UInt64, _ payload: String, logTime: UInt64 = 0, _ findings: inout Findings
    ) {
        let bytes = Array(payload.utf8)
        let header = EntryHeader(
            index: logs[node].log.lastIndex.next, term: Term(term), logTime: LogTime(logTime), wallTime: WallTime(0),
            kind: .empty, payloadCount: bytes.count)
        do {
            try logs[node].hardState(term: max(Term(term), logs[node].hardState.term), votedFor: nil)
            try logs[node].append(header, payload: bytes.span.bytes)
        } catch { Issue.record("\(error)") }
        follow(node, &findings)
    }

    mutating func cut(_ node: Int, after index: UInt64) {
        do { try logs[node].truncate(after: LogIndex(index)) } catch { Issue.record("\(error)") }
    }

    mutating func follow(_ node: Int, life: Int = 1, _ findings: inout Findings) {
        table.follow(node, life: life, "node \(node)", logs[node].log, commit: .zero, &findings)
    }

    mutating func commit(_ node: Int, _ index: UInt64, in term: UInt64, _ findings: inout Findings) {
        let log = logs[node].log
        ledger.committed(
            through: LogIndex(index), in: Term(term), by: "node \(node)", &table, termAt: { log.term(at: $0) },
            &findings
        ) { _, _ in }
    }

    mutating func lead(_ node: Int, _ term: UInt64, _ findings: inout Findings) {
        let log = logs[node].log
        ledger.leads(Term(term), "node \(node)", &table, termAt: { log.term(at: $0) }, &findings)
    }

    mutating func apply(_ node: Int, _ index: UInt64, digest: UInt64, _ findings: inout Findings) {
        let log = logs[node].log
        ledger.applied(
            through: LogIndex(index), digest, by: "node \(node)", &table, termAt: { log.term(at: $0) }, &findings)
    }
}

/// A ledger of claims and what is fed to it.
struct ClaimBench {
    var ledger = ClaimLedger()

    static func head(_ sequence: UInt64) -> RequestHead {
        RequestHead(
            request: RequestID(instance: ClientInstance(7), sequence: RequestSequence(sequence)),
            lowestUnanswered: RequestSequence(1), newestSeen: .zero)
    }

    /// A point of time in milliseconds, of the log and of the world alike unless told.
    static func entry(_ index: UInt64, _ time: UInt64, at: UInt64? = nil) -> ClaimLedger.Stamped {
        .init(index: LogIndex(index), logTime: time * 1_000_000, at: (at ?? time) * 1_000_000)
    }

    mutating func grant(
        _ index: UInt64, _ time: UInt64, at: UInt64? = nil, name: String = "a", request: UInt64? = nil,
        token: UInt64? = nil, ttl: Int64 = 1_000, _ findings: inout Findings
    ) {
        ledger.grant(
            ClaimID(index), FencingToken(token ?? index), name, Self.entry(index, time, at: at),
            .acquire(
                Self.head(request ?? index), Acquire(name: name, holder: "x", ttl: .milliseconds(ttl))), &findings)
    }

    mutating func renew(
        _ claim: UInt64, _ index: UInt64, _ time: UInt64, name: String = "a", says status: ClaimStatus? = nil,
        _ findings: inout Findings
    ) {
        ledger.renew(
            Renewal(claim: ClaimID(claim), name: name),
            status ?? .holding(token: FencingToken(claim), validFor: .seconds(1)), Self.entry(index, time), &findings)
    }

    mutating func expire(
        _ claim: UInt64, _ index: UInt64, _ time: UInt64, at: UInt64? = nil, _ findings: inout Findings
    ) { ledger.end(ClaimID(claim), .expired, Self.entry(index, time, at: at), nil, &findings) }

    mutating func release(_ claim: UInt64, by named: UInt64? = nil, _ index: UInt64, _ findings: inout Findings) {
        let command = Command.release(Self.head(index), ClaimReference(claim: ClaimID(named ?? claim), name: "a"))
        ledger.end(ClaimID(claim), .released, Self.entry(index, 100), command, &findings)
    }
}
