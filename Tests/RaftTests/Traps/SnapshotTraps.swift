import LeaseholdBase
import Testing

@testable import Raft

/// Traps of snapshots, as far as they are the affair of consensus.
@Suite struct SnapshotTraps {
    let three = membership([1, 2, 3])
    let joint = membership([2, 3, 4], outgoing: [1, 2, 3])

    @Test func trap16_whatIsCompactedHasNoTermAndTheLogsStartHasItsOwn() throws {
        var node = Bench(3, try recovery(three, terms: [1, 1, 2, 2]))
        node.append(after: 1, 1, term: 6, from: 1)
        node.take(snapshot(9, term: 5, three), from: 1)
        #expect(node.raft.log.term(at: LogIndex(4)) == nil)
        #expect(node.raft.log.term(at: .zero) == nil)
        #expect(node.raft.log.term(at: LogIndex(9)) == Term(5))
        #expect(node.raft.log.term(at: LogIndex(10)) == nil)
        #expect(node.raft.log.lastTerm == Term(5))
        // So a candidate with a longer log of an earlier term is still refused.
        node.step(.connectionLost(NodeID(1)))
        node.receive(.preVote(lastIndex: LogIndex(50), lastTerm: Term(4)), term: 7, from: 2)
        #expect(node.sent(to: 2) == [.preVoteAnswer(granted: false)])
    }

    @Test func trap29_aSnapshotHasTheMembershipOfItsEntryAndNoLaterOne() throws {
        var leader = try Bench.leader(membership([1, 2, 3], learners: [4]), heard: [2, 3, 4])
        leader.step(.applied(through: LogIndex(2)))
        _ = leader.change(.replace(NodeID(1), with: NodeID(4)))
        #expect(leader.membership.isJoint)
        let before = leader.raft.snapshotPoint(at: LogIndex(2), logTime: LogTime(2))
        #expect(before?.membership == membership([1, 2, 3], learners: [4]))
        // Committed and not applied yet: the state is still the one before.
        leader.persistAll()
        for peer in [2, 3, 4] as [UInt64] { leader.accept(3, term: 2, from: peer) }
        #expect(leader.committed == LogIndex(3))
        #expect(leader.raft.snapshotPoint(at: LogIndex(2), logTime: LogTime(2)) == before)
        // Applied: a joint membership is a membership.
        leader.step(.applied(through: LogIndex(3)))
        #expect(leader.raft.snapshotPoint(at: LogIndex(3), logTime: LogTime(3))?.membership == joint)
    }

    @Test func trap30_noMembershipOfTheFormerLogStandsBesideASnapshot() throws {
        // A change that a deposed leader began, at an index behind the snapshot that is to come.
        var node = Bench(3, try recovery(three, terms: [2, 2]))
        let stale = EntryBatch(membership([1, 2, 3, 5], outgoing: [1, 2, 3]), at: 4, term: 2)
        node.receive(
            .append(previousIndex: LogIndex(3), previousTerm: Term(2), commit: .zero, round: 1, entryCount: 1), term: 2,
            from: 2, entries: stale)
        #expect(node.membership.isJoint)
        node.append(after: 2, 1, round: 1, term: 4, from: 1)
        node.take(snapshot(3, term: 3, joint), from: 1)
        #expect(node.membership == joint)
        #expect(node.raft.memberships.stages.map(\.index) == [LogIndex(3)])
        // And none comes back by a restart.
        var recovered = try recovery(three, terms: [2, 2], term: 4)
        try recovered.append(stale.headers[0], payload: stale.payload(at: 0))
        try recovered.finish(with: snapshot(3, term: 3, joint))
        #expect(recovered.membership == joint)
        #expect(recovered.log.lastIndex == LogIndex(3))
    }

    @Test func trap30_aMembershipBehindASnapshotStaysWithItsEntry() throws {
        var node = Bench(3, try recovery(three, terms: [2, 2]))
        let next = EntryBatch(membership([1, 2], outgoing: [1, 2, 3]), at: 4, term: 2)
        node.receive(
            .append(previousIndex: LogIndex(3), previousTerm: Term(2), commit: .zero, round: 1, entryCount: 1), term: 2,
            from: 1, entries: next)
        node.take(snapshot(3, term: 2, three), from: 1)
        #expect(node.membership == membership([1, 2], outgoing: [1, 2, 3]))
        #expect(node.raft.memberships.stages.map(\.index) == [LogIndex(3), LogIndex(4)])
    }

    @Test func trap35_aRestartFromASnapshotInAJointMembershipNeedsBothMajoritiesAndEndsIt() throws {
        var recovered = RaftRecovery(logMemoryBytes: 1 << 20)
        try recovered.hardState(term: Term(3), votedFor: nil)
        try recovered.begin(behind: LogPosition(index: LogIndex(7), term: Term(3)))
        try recovered.finish(with: snapshot(7, term: 3, joint))
        var leader = Bench(2, recovered)
        leader.elect(by: [3])
        leader.accept(8, round: 1, term: 4, from: 4)
        #expect(leader.committed == nil)
        leader.accept(8, round: 1, term: 4, from: 1)
        #expect(leader.committed == LogIndex(8))
        #expect(leader.membership == membership([2, 3, 4]))
    }

    @Test func trap38_aSnapshotThatTheCommitsHavePassedChangesNothing() throws {
        var node = Bench(3, try recovery(three))
        node.append(after: 1, 1, terms: [2, 2, 2, 2], commit: 4, term: 2, from: 1)
        node.persistAll()
        node.clear()
        for index in [3, 4] as [UInt64] { node.take(snapshot(index, term: 2, three), from: 1) }
        #expect(node.installed == [])
        #expect((node.raft.commitIndex, node.raft.appliedIndex) == (LogIndex(4), .zero))
        // The leader hears that it is done.
        #expect(node.sent(to: 1).allSatisfy { $0 == .appendAnswer(.accepted(match: LogIndex(5)), round: 1) })
        #expect(!node.sent(to: 1).isEmpty)
    }

    @Test func trap38_ofTwoSnapshotsInShortSuccessionTheLaterStands() throws {
        var node = Bench(3, try recovery(three))
        node.append(after: 1, 1, term: 2, from: 1)
        node.take(snapshot(20, term: 2, three), from: 1)
        node.take(snapshot(30, term: 2, three), from: 1)
        node.take(snapshot(20, term: 2, three), from: 1)
        node.take(snapshot(30, term: 2, three), from: 1)
        #expect(node.installed == [LogIndex(20), LogIndex(30)])
        #expect(node.persists.compactMap(\.restartBehind?.index) == [LogIndex(20), LogIndex(30)])
        node.persistAll()
        #expect(node.raft.durableIndex == LogIndex(30))
    }

    @Test func trap38_whatWasCommittedBeforeIsAppliedBeforeAndWhatFollowsAfter() throws {
        var node = Bench(3, try recovery(three))
        node.append(after: 1, 1, terms: [2, 2], commit: 3, term: 2, from: 1, endTurn: false)
        node.step(.snapshotReceived(from: NodeID(1), snapshot(9, term: 2, three)), endTurn: false)
        node.append(after: 9, 2, terms: [2], commit: 10, round: 2, term: 2, from: 1)
        let order = node.effects.compactMap { effect -> String? in
            switch effect {
            case .committed(let index): "commit \(index)"
            case .installSnapshot(let point): "install \(point.index)"
            default: nil
            }
        }
        #expect(order == ["commit 3", "install 9", "commit 10"])
        // One request for all of it: the log begins anew, and goes on.
        #expect(node.persists.map(\.restartBehind?.index) == [LogIndex(9)])
        #expect(node.persists.map(\.entries) == [LogIndex(10)..<LogIndex(11)])
        // What was applied late changes nothing.
        node.step(.applied(through: LogIndex(3)))
        #expect(node.raft.appliedIndex == LogIndex(9))
    }
}
