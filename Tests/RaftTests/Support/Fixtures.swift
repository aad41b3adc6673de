import LeaseholdBase
import Testing

@testable import Raft

/// A reading of both clocks so many milliseconds after their zero.
func at(milliseconds: Int64) -> TimeReading {
    let instant = UInt64(milliseconds) * 1_000_000
    return TimeReading(steady: SteadyTime(instant), wall: WallTime(1_000_000_000_000_000_000 + instant))
}

func incarnation(_ id: UInt64) -> Incarnation { Incarnation(id * 100 + 1) }

func members(_ ids: [UInt64]) -> [Member] {
    ids.map {
        Member(
            id: NodeID($0), peerAddress: "127.0.0.1:\(7500 + $0)", clientAddress: "127.0.0.1:\(7400 + $0)",
            incarnation: incarnation($0))
    }
}

/// A membership; contradictions in a test's own lists are a bug of the test.
func membership(
    _ ids: [UInt64], outgoing: [UInt64] = [], learners: [UInt64] = [], highest: UInt64 = 0, cluster: UInt64 = 1
) -> Membership {
    let all = Array(Set(ids + outgoing + learners)).sorted()
    return Membership(
        clusterID: ClusterID(high: cluster, low: 7), members: members(all), voters: ids.map(NodeID.init),
        outgoing: outgoing.map(NodeID.init), learners: learners.map(NodeID.init), highestID: NodeID(highest)) ?? .none
}

extension EntryHeader {
    init(_ index: UInt64, term: UInt64, kind: EntryKind = .command, count: Int = 0, logTime: UInt64 = 0) {
        self.init(
            index: LogIndex(index), term: Term(term), logTime: LogTime(logTime), wallTime: .zero, kind: kind,
            payloadCount: count)
    }
}

extension EntryBatch {
    /// Entries behind an index, with these terms and a payload of their term and index.
    init(after previous: UInt64, terms: [UInt64]) {
        self.init()
        for (position, term) in terms.enumerated() {
            let index = previous + UInt64(position) + 1
            let payload = [UInt8(truncatingIfNeeded: term), UInt8(truncatingIfNeeded: index)]
            append(EntryHeader(index, term: term, count: 2), payload: payload.span.bytes)
        }
    }

    /// One membership entry.
    init(_ membership: Membership, at index: UInt64, term: UInt64) {
        self.init()
        let payload = membership.encoded()
        append(EntryHeader(index, term: term, kind: .membership, count: payload.count), payload: payload.span.bytes)
    }
}

extension RaftLog {
    func bytes(at index: LogIndex) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(bytes: payload(at: index))
        return bytes
    }

    /// The terms of all entries.
    var termList: [UInt64] {
        (1...max(1, lastIndex.rawValue)).compactMap { index in
            index > lastIndex.rawValue ? nil : term(at: LogIndex(index))?.rawValue
        }
    }
}

/// A recovery whose log begins with the birth entry of the membership, followed by entries of these terms.
func recovery(
    _ membership: Membership, terms: [UInt64] = [], term: UInt64? = nil, votedFor: UInt64? = nil, commit: UInt64 = 0,
    logMemoryBytes: Int = 1 << 20
) throws -> RaftRecovery {
    var recovery = RaftRecovery(logMemoryBytes: logMemoryBytes)
    try recovery.hardState(term: Term(max(term ?? 1, terms.last ?? 1)), votedFor: votedFor.map(NodeID.init))
    let birth = EntryBatch(membership, at: 1, term: 1)
    try recovery.append(birth.headers[0], payload: birth.payload(at: 0))
    let rest = EntryBatch(after: 1, terms: terms)
    for position in 0..<rest.count { try recovery.append(rest.headers[position], payload: rest.payload(at: position)) }
    try recovery.commit(through: LogIndex(commit))
    return recovery
}
