import LeaseholdBase
import Testing

@testable import Raft

/// Traps 28 to 36, as far as they apply without a change of membership at run time.
@Suite struct MembershipTraps {
    @Test func trap28_aMembershipIsEffectiveFromItsAppend() throws {
        var node = Bench(1, try recovery(membership([1, 2, 3])))
        let wider = membership([1, 2, 3, 4, 5])
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
            from: 2, entries: EntryBatch(membership([1, 2, 3, 4]), at: 2, term: 2))
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
