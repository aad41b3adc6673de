import LeaseholdBase
import Testing

@testable import Raft

/// What a journal and a snapshot beside it become at a start.
@Suite struct SnapshotRecoveryTests {
    let three = membership([1, 2, 3])

    /// A journal that begins behind (5, 2), with entries of these terms.
    private func begun(_ terms: [UInt64], commit: UInt64 = 5) throws -> RaftRecovery {
        var recovery = RaftRecovery(logMemoryBytes: 1 << 20)
        try recovery.hardState(term: Term(9), votedFor: NodeID(2))
        try recovery.begin(behind: LogPosition(index: LogIndex(5), term: Term(2)))
        let rest = EntryBatch(after: 5, terms: terms)
        for position in 0..<rest.count {
            try recovery.append(rest.headers[position], payload: rest.payload(at: position))
        }
        try recovery.commit(through: LogIndex(commit))
        return recovery
    }

    @Test func aLogIsKeptIfItHoldsTheSnapshotsLastEntry() throws {
        for index in 5...8 as ClosedRange<UInt64> {
            var recovery = try begun([3, 3, 3])
            try recovery.finish(with: snapshot(index, term: index == 5 ? 2 : 3, three))
            #expect(recovery.log.lastIndex == LogIndex(8))
            #expect((recovery.commitIndex, recovery.appliedIndex) == (LogIndex(index), LogIndex(index)))
            #expect(recovery.membership == three)
            let node = Bench(1, recovery)
            #expect(node.raft.durableIndex == LogIndex(8))
            #expect(node.raft.term == Term(9) && node.raft.votedFor == NodeID(2))
        }
    }

    @Test func aLogWithoutItGivesWayAndTheJournalHearsOfIt() throws {
        for (terms, point) in [([3, 3, 3], snapshot(20, term: 4, three)), ([3, 3, 3], snapshot(7, term: 4, three))]
            as [([UInt64], SnapshotPoint)]
        {
            var recovery = try begun(terms)
            try recovery.finish(with: point)
            #expect(recovery.log.lastIndex == point.index)
            #expect(recovery.log.lastLogTime == point.logTime)
            var node = Bench(1, recovery)
            #expect(node.raft.durableIndex == point.index)
            node.endTurn()
            #expect(node.persists.map(\.restartBehind) == [point.position])
            #expect(node.persists.map(\.hardState) == [nil])
            node.persistAll()
            node.clear()
            node.endTurn()
            #expect(node.effects == [])
        }
    }

    @Test func theTermOfASnapshotThatTheJournalHasNotIsAdoptedAndWritten() throws {
        var recovery = try begun([3])
        try recovery.finish(with: snapshot(20, term: 12, three))
        var node = Bench(1, recovery)
        #expect(node.raft.term == Term(12) && node.raft.votedFor == nil)
        node.endTurn()
        #expect(node.persists.map(\.hardState) == [HardState(term: Term(12), votedFor: nil)])
    }

    @Test func whatCannotBeIsRefusedAndNotRepaired() throws {
        // The log begins behind an entry, and no snapshot reaches as far.
        let start = LogPosition(index: LogIndex(5), term: Term(2))
        for point in [nil, snapshot(4, term: 2, three)] {
            var recovery = try begun([3])
            #expect(throws: RecoveryError.snapshotMissing(start)) { try recovery.finish(with: point) }
        }
        // Something else is known to be committed where the snapshot ends.
        var committed = try begun([3, 3, 3], commit: 7)
        let other = snapshot(7, term: 4, three)
        #expect(throws: RecoveryError.snapshotDiffers(other.position)) { try committed.finish(with: other) }
        var torn = try begun([3, 3, 3], commit: 7)
        #expect(throws: RecoveryError.truncatedCommitted(LogIndex(6))) {
            try torn.begin(behind: LogPosition(index: LogIndex(6), term: Term(3)))
        }
        var ahead = try begun([3])
        #expect(throws: RecoveryError.term(at: LogIndex(30))) {
            try ahead.begin(behind: LogPosition(index: LogIndex(30), term: Term(10)))
        }
        // A cut behind the start.
        #expect(throws: RecoveryError.truncatedCommitted(LogIndex(4))) { try ahead.truncate(after: LogIndex(4)) }
    }

    @Test func aLogThatBeganAnewForgetsWhatWasBefore() throws {
        var recovery = try recovery(membership([1, 2, 3, 4]), terms: [1, 1, 1], term: 7)
        try recovery.begin(behind: LogPosition(index: LogIndex(50), term: Term(6)))
        let rest = EntryBatch(after: 50, terms: [7])
        try recovery.append(rest.headers[0], payload: rest.payload(at: 0))
        try recovery.finish(with: snapshot(50, term: 6, three))
        #expect(recovery.log.start.index == LogIndex(50))
        #expect(recovery.log.lastIndex == LogIndex(51))
        #expect(recovery.membership == three)
        var leader = Bench(1, recovery)
        leader.elect(by: [2])
        #expect(leader.raft.header(at: LogIndex(52))?.term == Term(8))
    }

    @Test func aDirectoryWithoutSnapshotsIsWhatItWas() throws {
        var recovery = try recovery(three, terms: [1, 1], commit: 2)
        try recovery.finish(with: nil)
        #expect(recovery.log.lastIndex == LogIndex(3))
        #expect(recovery.commitIndex == LogIndex(2))
        #expect(Bench(1, recovery).raft.membership == three)
    }
}
