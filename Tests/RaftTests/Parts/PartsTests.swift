import LeaseholdBase
import Testing

@testable import Raft

@Suite struct LogClockTests {
    private func time(_ milliseconds: Int64) -> SteadyTime { SteadyTime(UInt64(milliseconds) * 1_000_000) }

    @Test func itAdvancesByWhatHasPassedButNeverByMoreThanTwoHeartbeats() {
        var clock = LogClock(from: LogTime(5), at: time(1_000), heartbeat: .milliseconds(50))
        clock.tell(time(1_030))
        #expect(clock.logTime == LogTime(30_000_005))
        clock.tell(time(1_130))
        #expect(clock.logTime == LogTime(130_000_005))
        // Ten seconds of silence count as two heartbeats.
        clock.tell(time(11_130))
        #expect(clock.logTime == LogTime(230_000_005))
    }

    @Test func anEarlierTimeChangesNothingAndIsNotCountedTwice() {
        var clock = LogClock(from: .zero, at: time(100), heartbeat: .milliseconds(50))
        clock.tell(time(90))
        #expect(clock.logTime == .zero)
        clock.tell(time(110))
        #expect(clock.logTime == LogTime(10_000_000))
    }

    @Test func itStopsAtTheEndOfTimeAndDoesNotTrap() {
        var clock = LogClock(from: LogTime(.max), at: .zero, heartbeat: .milliseconds(50))
        clock.tell(SteadyTime(.max))
        #expect(clock.logTime == .never)
    }

    @Test func aNewLeaderGoesOnFromItsLastEntryAndChargesNobodyForTheTimeWithoutALeader() throws {
        var recovered = RaftRecovery(logMemoryBytes: 1 << 20)
        try recovered.hardState(term: Term(1), votedFor: nil)
        let birth = EntryBatch(membership([1]), at: 1, term: 1)
        try recovered.append(birth.headers[0], payload: birth.payload(at: 0))
        try recovered.append(EntryHeader(2, term: 1, logTime: 77_000), payload: RawSpan())
        var node = Bench(1, recovered)
        #expect(node.raft.logClock == nil)
        node.time = 60_000
        node.tick()
        node.persistAll()
        #expect(node.raft.header(at: LogIndex(3))?.logTime == LogTime(77_000))
        node.time += 30
        _ = node.propose()
        #expect(node.raft.header(at: LogIndex(4))?.logTime == LogTime(30_077_000))
        #expect(node.raft.logClock == LogTime(30_077_000))
        node.time += 5_000
        _ = node.propose()
        #expect(node.raft.header(at: LogIndex(5))?.logTime == LogTime(130_077_000))
    }
}

@Suite struct QuorumTests {
    /// Against sorting, over every assignment of small values to up to five voters.
    @Test func whatAMajorityHasReachedIsWhatSortingSays() {
        for count in 1...5 as ClosedRange<UInt64> {
            let membership = membership(Array(1...count))
            var assignment = 0
            let limit = Int([1, 3, 9, 27, 81, 243][Int(count)])
            while assignment < limit {
                var rest = assignment
                let values = (0..<Int(count)).map { _ in
                    defer { rest /= 3 }
                    return UInt64(rest % 3)
                }
                let expected = values.sorted(by: >)[Int(count) / 2]
                #expect(Quorum.reached(membership) { values[Int($0.rawValue) - 1] } == expected)
                assignment += 1
            }
        }
    }

    @Test func aJointMembershipNeedsBothMajorities() {
        let joint = membership([1, 2, 3], outgoing: [3, 4, 5])
        func reached(_ values: [UInt64: UInt64]) -> UInt64 { Quorum.reached(joint) { values[$0.rawValue] ?? 0 } }
        #expect(reached([1: 9, 2: 9]) == 0)
        #expect(reached([1: 9, 2: 9, 4: 3, 5: 5]) == 3)
        #expect(reached([2: 9, 3: 9, 4: 7]) == 7)
        func tally(_ votes: [UInt64: Bool]) -> Quorum.Tally { Quorum.tally(joint) { votes[$0.rawValue] } }
        #expect(tally([1: true, 2: true]) == .undecided)
        #expect(tally([1: true, 2: true, 4: true, 5: true]) == .won)
        #expect(tally([1: true, 2: true, 4: false, 5: false]) == .lost)
    }

    @Test func nobodyIsNoQuorum() {
        #expect(Quorum.reached(.none) { _ in 9 } == 0)
        #expect(Quorum.tally(.none) { _ in true } != .won)
        #expect(!Quorum.isAlone(NodeID(1), in: .none))
        #expect(Quorum.isAlone(NodeID(1), in: membership([1], learners: [2])))
        #expect(!Quorum.isAlone(NodeID(1), in: membership([1], outgoing: [1, 2])))
    }
}

@Suite struct MembershipTests {
    @Test func itComesBackFromItsBytes() throws {
        let original = membership([1, 2, 3], outgoing: [3, 4], learners: [9])
        let decoded = try Membership(payload: original.encoded().span.bytes)
        #expect(decoded == original)
        #expect(decoded.member(NodeID(9))?.clientAddress == "127.0.0.1:7409")
    }

    @Test func contradictionsAreNoMembership() {
        let cluster = ClusterID(high: 1, low: 1)
        let two = members([1, 2])
        func make(_ members: [Member], _ voters: [UInt64], _ learners: [UInt64] = []) -> Membership? {
            Membership(
                clusterID: cluster, members: members, voters: voters.map(NodeID.init),
                learners: learners.map(NodeID.init))
        }
        #expect(make(two, [1, 2]) != nil)
        #expect(make(two, []) == nil)
        #expect(make(two, [1]) == nil)
        #expect(make(two, [1, 2, 3]) == nil)
        #expect(make(two, [1, 1, 2]) == nil)
        #expect(make(two, [1, 2], [2]) == nil)
        #expect(make(members([1, 1]), [1]) == nil)
        #expect(make(members([0, 1]), [0, 1]) == nil)
        #expect(make(members(Array(1...33)), Array(1...33)) == nil)
    }

    @Test func cutOrChangedBytesAreAnswered() {
        let bytes = membership([1, 2, 3], learners: [4]).encoded()
        for count in 0..<bytes.count {
            #expect(throws: DecodingError.self) { try Membership(payload: Array(bytes[..<count]).span.bytes) }
        }
        #expect(throws: DecodingError.trailing) { try Membership(payload: (bytes + [0]).span.bytes) }
        var random = RandomSource(seed: 8)
        for _ in 0..<5_000 {
            var changed = bytes
            changed[Int(random.below(UInt64(bytes.count)))] = UInt8(random.below(256))
            if let decoded = try? Membership(payload: changed.span.bytes) { #expect(decoded.encoded() == changed) }
        }
    }
}

@Suite struct RecoveryTests {
    @Test func whatTheJournalHeldIsWhatTheNodeIs() throws {
        var recovered = try recovery(membership([1, 2, 3]), terms: [2, 2, 3], term: 5, votedFor: 2, commit: 2)
        try recovered.truncate(after: LogIndex(3))
        let node = Bench(1, recovered)
        #expect(node.raft.log.termList == [1, 2, 2])
        #expect(node.raft.term == Term(5))
        #expect(node.raft.votedFor == NodeID(2))
        #expect(node.raft.commitIndex == LogIndex(2))
        #expect(node.raft.durableIndex == LogIndex(3))
        #expect(node.raft.membership == membership([1, 2, 3]))
        #expect(node.raft.violations() == [])
    }

    @Test func whatNoJournalCanHoldIsRefused() throws {
        var recovered = try recovery(membership([1, 2, 3]), terms: [2, 2], term: 4, commit: 2)
        #expect(throws: RecoveryError.gap(expected: LogIndex(4), found: LogIndex(6))) {
            try recovered.append(EntryHeader(6, term: 4), payload: RawSpan())
        }
        #expect(throws: RecoveryError.term(at: LogIndex(4))) {
            try recovered.append(EntryHeader(4, term: 5), payload: RawSpan())
        }
        #expect(throws: RecoveryError.term(at: LogIndex(4))) {
            try recovered.append(EntryHeader(4, term: 1), payload: RawSpan())
        }
        #expect(throws: RecoveryError.membership(at: LogIndex(4), .truncated)) {
            try recovered.append(EntryHeader(4, term: 4, kind: .membership), payload: RawSpan())
        }
        #expect(throws: RecoveryError.termBackwards(Term(3))) { try recovered.hardState(term: Term(3), votedFor: nil) }
        #expect(throws: RecoveryError.truncatedCommitted(LogIndex(1))) { try recovered.truncate(after: LogIndex(1)) }
        #expect(throws: RecoveryError.commitBeyondLog(LogIndex(9))) { try recovered.commit(through: LogIndex(9)) }
        try recovered.append(EntryHeader(4, term: 4), payload: RawSpan())
        #expect(recovered.log.termList == [1, 2, 2, 4])
    }

    @Test func anUncommittedMembershipGoesWithItsEntryAtRecoveryToo() throws {
        var recovered = try recovery(membership([1, 2, 3]))
        let wider = EntryBatch(membership([1, 2, 3, 4]), at: 2, term: 1)
        try recovered.append(wider.headers[0], payload: wider.payload(at: 0))
        #expect(recovered.membership == membership([1, 2, 3, 4]))
        try recovered.truncate(after: LogIndex(1))
        #expect(recovered.membership == membership([1, 2, 3]))
    }
}
