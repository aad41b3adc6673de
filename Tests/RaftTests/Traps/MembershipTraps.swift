import LeaseholdBase
import Testing

@testable import Raft

/// Traps 27 to 36.
@Suite struct MembershipTraps {
    @Test func trap27_noChangeBeforeAnEntryOfTheOwnTermIsCommitted() throws {
        var leader = Bench(1, try recovery(membership([1, 2, 3]), terms: [1, 1], commit: 3))
        leader.elect(by: [2])
        #expect(leader.change(.remove(NodeID(3))) == .refused(.tooEarly))
        #expect(leader.raft.lastIndex == LogIndex(4))
        leader.settle(with: [2])
        #expect(leader.change(.remove(NodeID(3))) == .appended(LogIndex(5), Term(2)))
    }

    /// What an earlier leader began and nobody may have is settled by the first entry of the term, and ended by nobody
    /// before.
    @Test func trap27_aChangeThatWasFoundIsNotEndedBeforeAnEntryOfTheOwnTermIsCommitted() throws {
        var leader = Bench(1, try recovery(membership([1, 2], outgoing: [1, 2, 3]), commit: 1))
        leader.elect(by: [2])
        leader.tick(after: 20)
        #expect(leader.raft.membership.isJoint)
        leader.settle(with: [2])
        #expect(leader.raft.membership == membership([1, 2], highest: 3))
    }

    @Test func trap28_aMembershipIsEffectiveFromItsAppend() throws {
        var node = Bench(1, try recovery(membership([1, 2, 3])))
        let wider = membership([1, 2, 3, 4, 5], outgoing: [1, 2, 3])
        node.receive(
            .append(previousIndex: LogIndex(1), previousTerm: Term(1), commit: .zero, round: 1, entryCount: 1), term: 2,
            from: 2, entries: EntryBatch(wider, at: 2, term: 2))
        #expect(node.raft.membership == wider)
        #expect(node.raft.commitIndex == .zero)
        node.persistAll()
        node.clear()
        node.step(.connectionLost(NodeID(2)))
        node.tick()
        #expect(node.sends.map(\.to) == [2, 3, 4, 5])
    }

    @Test func trap29_anUncommittedMembershipGoesWithItsEntry() throws {
        var node = Bench(1, try recovery(membership([1, 2, 3])))
        node.receive(
            .append(previousIndex: LogIndex(1), previousTerm: Term(1), commit: .zero, round: 1, entryCount: 1), term: 2,
            from: 2, entries: EntryBatch(membership([1, 2, 3, 4], outgoing: [1, 2, 3]), at: 2, term: 2))
        #expect(node.raft.membership.isJoint)
        node.append(after: 1, 1, terms: [3], term: 3, from: 3)
        #expect(node.raft.membership == membership([1, 2, 3]))
    }

    @Test func trap31_aLearnerIsNotCountedAndVotesWhenAsked() throws {
        var leader = Bench(1, try recovery(membership([1, 2, 3], learners: [4, 5])))
        leader.elect(by: [2])
        leader.accept(2, round: 1, term: 2, from: 4)
        leader.accept(2, round: 1, term: 2, from: 5)
        #expect(leader.committed == nil)
        leader.accept(2, round: 1, term: 2, from: 3)
        #expect(leader.committed == LogIndex(2))
        // It may have been promoted and not know: refusing could leave the cluster without a majority.
        var learner = Bench(4, try recovery(membership([1, 2, 3], learners: [4])))
        learner.receive(.vote(lastIndex: LogIndex(1), lastTerm: Term(1), transfer: false), term: 2, from: 1)
        learner.persistAll()
        #expect(learner.sent(to: 1) == [.voteAnswer(granted: true)])
        for _ in 0..<3 { learner.tick() }
        #expect(learner.raft.currentRole == .follower)
    }

    /// Leader 1 is among the outgoing only. It leads until the end of the joint membership is committed, by a quorum that
    /// it is not part of, and not one entry less.
    @Test func trap32_aLeaderThatIsReplacedLeadsUntilTheJointMembershipIsLeft() throws {
        var leader = try Bench.leader(membership([1, 2, 3], learners: [4]), heard: [2, 3, 4])
        #expect(leader.change(.replace(NodeID(1), with: NodeID(4))) == .appended(LogIndex(3), Term(2)))
        #expect(leader.membership == membership([2, 3, 4], outgoing: [1, 2, 3]))
        leader.persistAll()
        for peer in [2, 4] as [UInt64] { leader.accept(3, term: 2, from: peer) }
        #expect(leader.committed == LogIndex(3))
        #expect(leader.membership == membership([2, 3, 4]))
        #expect(leader.raft.isLeader && !leader.raft.isTransferring)
        leader.clear()
        // Its own disk and one of the three are no quorum of the three.
        leader.persistAll()
        leader.accept(4, term: 2, from: 2)
        #expect(leader.committed == nil)
        #expect(leader.propose() == .appended(LogIndex(5), Term(2)))
        leader.accept(4, term: 2, from: 3)
        #expect(leader.committed == LogIndex(4))
        // Then it hands over to one who has everything, and takes nothing more.
        #expect(leader.raft.isTransferring)
        #expect(leader.propose() == .transferring)
        #expect(!leader.sent(to: 3).contains(.timeoutNow))
        leader.accept(5, term: 2, from: 2)
        leader.accept(5, term: 2, from: 3)
        #expect(leader.sends.contains { $0.message.body == .timeoutNow })
        leader.receive(
            .appendAnswer(.rejected(previousIndex: LogIndex(5), hintIndex: .zero, hintTerm: .zero), round: 0), term: 3,
            from: 2)
        #expect(leader.raft.currentRole == .follower)
        leader.clear()
        for _ in 0..<4 { leader.tick() }
        #expect(leader.sends.isEmpty)
    }

    @Test func trap33_aRemovedLeaderWhoseHandOverFailsStepsDown() throws {
        var leader = try Bench.leader(membership([1, 2, 3]), heard: [2, 3])
        #expect(leader.change(.remove(NodeID(1))) == .appended(LogIndex(3), Term(2)))
        leader.settle(with: [2, 3])
        #expect(leader.raft.isTransferring)
        let handOver = leader.raft.role.leadership?.transfer
        #expect(handOver?.isAsked == true)
        for _ in 0..<14 where leader.raft.isLeader {
            leader.tick(after: 40)
            leader.settle(with: [2, 3])
        }
        #expect(leader.raft.currentRole == .follower)
        #expect(leader.raft.standing == .outsider)
    }

    /// Two nodes, and the leader goes: it needs the other for the joint membership, and the other alone for its end.
    @Test func trap33_oneOfTwoCanBeRemovedAndBeItTheLeader() throws {
        var leader = try Bench.leader(membership([1, 2]), heard: [2])
        var other = Bench(2, try recovery(membership([1, 2])))
        #expect(leader.change(.remove(NodeID(1))) == .appended(LogIndex(3), Term(2)))
        for index in 2...3 as ClosedRange<UInt64> { leader.carry(index, to: &other, from: 1) }
        #expect(leader.membership == membership([2]))
        #expect(leader.raft.isLeader)
        leader.carry(4, to: &other, from: 1)
        #expect(leader.sent(to: 2).last == .timeoutNow)
        other.receive(.timeoutNow, term: 2, from: 1)
        other.persistAll()
        #expect(other.raft.isLeader)
        other.persistAll()
        #expect(other.committed == other.raft.lastIndex)

        var remaining = try Bench.leader(membership([1, 2]), heard: [2])
        _ = remaining.change(.remove(NodeID(2)))
        remaining.settle(with: [2])
        #expect(remaining.membership == membership([1], highest: 2))
        _ = remaining.propose()
        remaining.persistAll()
        #expect(remaining.committed == LogIndex(5))
    }

    @Test func trap34_theAddressOfALeaderIsInTheEntryByWhichItCame() throws {
        var leader = try Bench.leader(membership([1, 2, 3]), heard: [2, 3])
        _ = leader.change(.addLearner(newMember(4)))
        var node = Bench(2, try recovery(membership([1, 2, 3])))
        for index in 2...3 as ClosedRange<UInt64> { leader.carry(index, to: &node, from: 1) }
        #expect(node.membership.member(NodeID(4)) == newMember(4))
        #expect(node.raft.contacts.map(\.id) == [1, 3, 4].map { NodeID($0) })
    }

    @Test func trap34_aLaggingNodeFollowsALeaderItDoesNotKnow() throws {
        var node = Bench(1, try recovery(membership([1, 2, 3])))
        node.append(after: 1, 1, terms: [5], commit: 2, term: 5, from: 77)
        node.persistAll()
        #expect(node.raft.leader == NodeID(77))
        #expect(node.raft.commitIndex == LogIndex(2))
        #expect(node.sent(to: 77) == [.appendAnswer(.accepted(match: LogIndex(2)), round: 1)])
        node.step(.connectionLost(NodeID(77)))
        node.receive(.vote(lastIndex: LogIndex(9), lastTerm: Term(5), transfer: false), term: 6, from: 78)
        node.persistAll()
        #expect(node.sent(to: 78) == [.voteAnswer(granted: true)])
    }

    @Test func trap35_aRestartInAJointMembershipNeedsBothMajorities() throws {
        let joint = membership([1, 2, 3], outgoing: [1, 4, 5])
        var leader = Bench(1, try recovery(joint))
        leader.elect(by: [2, 4])
        leader.accept(2, round: 1, term: 2, from: 2)
        leader.accept(2, round: 1, term: 2, from: 3)
        #expect(leader.committed == nil)
        leader.accept(2, round: 1, term: 2, from: 5)
        #expect(leader.committed == LogIndex(2))
        var candidate = Bench(1, try recovery(joint))
        candidate.tick()
        candidate.receive(.preVoteAnswer(granted: true), term: 2, from: 2)
        candidate.receive(.preVoteAnswer(granted: true), term: 2, from: 3)
        #expect(candidate.raft.currentRole == .preCandidate)
        candidate.receive(.preVoteAnswer(granted: false), term: 1, from: 4)
        candidate.receive(.preVoteAnswer(granted: false), term: 1, from: 5)
        #expect(candidate.raft.currentRole == .follower)
    }

    @Test func trap36_aWipedDirectoryUnderAnOldIdNeitherCampaignsNorVotes() throws {
        var wiped = Bench(1, try recovery(membership([1, 2, 3]))) { $0.incarnation = Incarnation(999) }
        for _ in 0..<4 { wiped.tick() }
        #expect(wiped.raft.currentRole == .follower)
        wiped.receive(.preVote(lastIndex: LogIndex(1), lastTerm: Term(1)), term: 2, from: 2)
        wiped.receive(.vote(lastIndex: LogIndex(1), lastTerm: Term(1), transfer: false), term: 2, from: 2)
        wiped.persistAll()
        #expect(wiped.sent(to: 2) == [.preVoteAnswer(granted: false), .voteAnswer(granted: false)])
    }
}
