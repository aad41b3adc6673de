import LeaseholdBase
import Testing

@testable import Raft

/// Traps 1 to 10: elections, terms and votes.
@Suite struct ElectionTraps {
    /// Figure 3.7 of the thesis. The entry at index 2 is of term 2; the leader of term 4 has put it on a majority, and
    /// that alone commits nothing: a leader of term 3 elsewhere could still overwrite it. With the leader's own first
    /// entry on a majority both are committed.
    @Test func trap01_anEntryOfAnEarlierTermIsNotCommittedByCounting() throws {
        var leader = Bench(1, try recovery(membership([1, 2, 3, 4, 5]), terms: [2], term: 3))
        leader.elect(by: [2, 3])
        #expect(leader.raft.term == Term(4))
        #expect(leader.raft.log.termList == [1, 2, 4])
        leader.accept(2, term: 4, from: 2)
        leader.accept(2, term: 4, from: 3)
        leader.accept(2, term: 4, from: 4)
        #expect(leader.committed == nil)
        leader.accept(3, term: 4, from: 2)
        #expect(leader.committed == nil)
        leader.accept(3, term: 4, from: 3)
        #expect(leader.committed == LogIndex(3))
    }

    @Test func trap02_theFirstEntryOfTheTermCommitsItself() throws {
        var leader = Bench(1, try recovery(membership([1, 2, 3]), terms: [1, 1]))
        leader.elect(by: [2])
        #expect(!leader.raft.hasCommittedInTerm)
        leader.accept(3, term: 2, from: 2)
        #expect(leader.committed == nil)
        leader.accept(4, term: 2, from: 2)
        #expect(leader.committed == LogIndex(4))
        #expect(leader.raft.hasCommittedInTerm)
    }

    @Test func trap03_aVoteIsAnsweredOnceItIsDurable() throws {
        var voter = Bench(1, try recovery(membership([1, 2, 3])))
        voter.receive(
            .vote(lastIndex: LogIndex(1), lastTerm: Term(1), transfer: false), term: 2, from: 2)
        #expect(voter.sends.isEmpty)
        #expect(voter.persists.map(\.hardState) == [HardState(term: Term(2), votedFor: NodeID(2))])
        voter.persistAll()
        #expect(voter.sent(to: 2) == [.voteAnswer(granted: true)])
    }

    @Test func trap03_aVoteThatBecomesDurableInALaterTermIsNotSent() throws {
        var voter = Bench(1, try recovery(membership([1, 2, 3])))
        voter.receive(.vote(lastIndex: LogIndex(1), lastTerm: Term(1), transfer: false), term: 2, from: 2)
        let first = try #require(voter.persists.last)
        voter.receive(.vote(lastIndex: LogIndex(1), lastTerm: Term(1), transfer: false), term: 3, from: 3)
        voter.step(.persisted(first.number, issuedIn: first.issuedIn))
        #expect(voter.sends.isEmpty)
        voter.persistAll()
        #expect(voter.sends.map(\.to) == [3])
        #expect(voter.sends.map(\.message) == [RaftMessage(term: Term(3), body: .voteAnswer(granted: true))])
    }

    @Test func trap03_aCandidateNeitherAsksNorCountsItselfBeforeItsVoteIsDurable() throws {
        var candidate = Bench(1, try recovery(membership([1, 2, 3])))
        candidate.tick()
        candidate.clear()
        candidate.receive(.preVoteAnswer(granted: true), term: 2, from: 2)
        #expect(candidate.raft.currentRole == .candidate)
        #expect(candidate.sends.isEmpty)
        candidate.receive(.voteAnswer(granted: true), term: 2, from: 2)
        #expect(candidate.raft.currentRole == .candidate)
        candidate.persistAll()
        #expect(candidate.sends.map(\.to) == [2, 3])
        candidate.receive(.voteAnswer(granted: true), term: 2, from: 2)
        #expect(candidate.raft.isLeader)
    }

    @Test func trap04_aCandidateThatStepsDownInItsTermKeepsItsVote() throws {
        var node = Bench(1, try recovery(membership([1, 2, 3])))
        node.tick()
        node.receive(.preVoteAnswer(granted: true), term: 2, from: 2)
        node.persistAll()
        node.append(after: 1, 1, term: 2, from: 3)
        #expect(node.raft.leader == NodeID(3))
        node.step(.connectionLost(NodeID(3)))
        node.clear()
        node.receive(.vote(lastIndex: LogIndex(9), lastTerm: Term(2), transfer: false), term: 2, from: 2)
        #expect(node.sent(to: 2) == [.voteAnswer(granted: false)])
        #expect(node.raft.votedFor == NodeID(1))
    }

    @Test func trap04_theWayThroughAPreVoteDoesNotClearTheVote() throws {
        var node = Bench(1, try recovery(membership([1, 2, 3]), term: 5, votedFor: 2))
        node.tick()
        #expect(node.raft.currentRole == .preCandidate)
        node.receive(.preVoteAnswer(granted: false), term: 5, from: 2)
        node.receive(.preVoteAnswer(granted: false), term: 5, from: 3)
        #expect(node.raft.currentRole == .follower)
        node.clear()
        node.receive(.vote(lastIndex: LogIndex(1), lastTerm: Term(1), transfer: false), term: 5, from: 3)
        #expect(node.sent(to: 3) == [.voteAnswer(granted: false)])
        #expect(node.raft.votedFor == NodeID(2))
    }

    @Test(arguments: [false, true])
    func trap05_noVoteInATermWhoseLeaderIsKnown(connectionLost: Bool) throws {
        var node = Bench(1, try recovery(membership([1, 2, 3])))
        node.append(after: 1, 1, term: 4, from: 2)
        node.persistAll()
        if connectionLost { node.step(.connectionLost(NodeID(2))) }
        node.clear()
        node.receive(.vote(lastIndex: LogIndex(8), lastTerm: Term(4), transfer: false), term: 4, from: 3)
        #expect(node.sent(to: 3) == [.voteAnswer(granted: false)])
        #expect(node.raft.votedFor == nil)
    }

    @Test func trap06_termVoteAndEntriesOfATurnAreOneRequest() throws {
        var node = Bench(1, try recovery(membership([1, 2, 3])))
        node.receive(
            .vote(lastIndex: LogIndex(1), lastTerm: Term(1), transfer: false), term: 2, from: 2, endTurn: false)
        node.append(after: 1, 1, terms: [2, 2], term: 2, from: 2)
        #expect(node.persists.count == 1)
        let persist = try #require(node.persists.first)
        #expect(persist.hardState == HardState(term: Term(2), votedFor: NodeID(2)))
        #expect(persist.entries == LogIndex(2)..<LogIndex(4))
        #expect(node.sends.isEmpty)
    }

    @Test func trap06_nothingIsAcknowledgedInATermThatIsNotDurable() throws {
        var node = Bench(1, try recovery(membership([1, 2, 3])))
        node.append(after: 1, 1, term: 7, from: 2)
        #expect(node.sends.isEmpty)
        node.persistAll()
        #expect(node.sent(to: 2) == [.appendAnswer(.accepted(match: LogIndex(1)), round: 1)])
    }

    @Test func trap07_aPreVoteIsNoVoteAndCountsInNoOtherTerm() throws {
        var node = Bench(1, try recovery(membership([1, 2, 3, 4, 5])))
        node.tick()
        node.receive(.preVoteAnswer(granted: true), term: 2, from: 2)
        // Too high and too low a term.
        node.receive(.preVoteAnswer(granted: true), term: 3, from: 3)
        node.receive(.preVoteAnswer(granted: true), term: 1, from: 4)
        #expect(node.raft.currentRole == .preCandidate)
        node.receive(.preVoteAnswer(granted: true), term: 2, from: 5)
        node.persistAll()
        #expect(node.raft.currentRole == .candidate)
        for voter in 2...5 as ClosedRange<UInt64> {
            node.receive(.preVoteAnswer(granted: true), term: 2, from: voter)
        }
        #expect(node.raft.currentRole == .candidate)
    }

    @Test func trap08_aPreVoteChangesNothing() throws {
        var node = Bench(1, try recovery(membership([1, 2, 3])))
        let deadline = node.raft.deadline
        node.receive(.preVote(lastIndex: LogIndex(1), lastTerm: Term(1)), term: 2, from: 2)
        #expect(node.sends.map(\.message) == [RaftMessage(term: Term(2), body: .preVoteAnswer(granted: true))])
        #expect(node.raft.term == Term(1))
        #expect(node.raft.votedFor == nil)
        #expect(node.raft.deadline == deadline)
        #expect(node.persists.isEmpty)
    }

    @Test func trap08_aNodeBehindLearnsTheTermFromTheRefusal() throws {
        var ahead = Bench(2, try recovery(membership([1, 2, 3]), term: 9))
        ahead.receive(.preVote(lastIndex: LogIndex(1), lastTerm: Term(1)), term: 2, from: 1)
        #expect(ahead.sends.map(\.message) == [RaftMessage(term: Term(9), body: .preVoteAnswer(granted: false))])
        var behind = Bench(1, try recovery(membership([1, 2, 3])))
        behind.tick()
        behind.receive(.preVoteAnswer(granted: false), term: 9, from: 2)
        #expect(behind.raft.term == Term(9))
        behind.persistAll()
        behind.clear()
        behind.tick()
        #expect(behind.sends.map(\.message.term) == [Term(10), Term(10)])
    }

    @Test func trap08_aLeaderOfAPastTermLearnsItFromTheAnswerToItsAppend() throws {
        var ahead = Bench(2, try recovery(membership([1, 2, 3]), term: 9))
        ahead.append(after: 1, 1, term: 3, from: 1)
        let answer = try #require(ahead.sends.first)
        #expect(answer.message.term == Term(9))
        var leader = Bench(1, try recovery(membership([1, 2, 3]), term: 2))
        leader.elect(by: [3])
        leader.step(.received(from: NodeID(2), answer.message, EntryBatch()))
        #expect(leader.raft.currentRole == .follower)
        #expect(leader.raft.term == Term(9))
    }

    /// Each node still reaches a majority, not all the same one. Without the two rules together, the node that does
    /// not hear the leader raises the term again and again.
    @Test(arguments: 1...10 as ClosedRange<UInt64>)
    func trap09_aPartialPartitionDoesNotMakeElectionsWithoutEnd(seed: UInt64) throws {
        let cluster = try Cluster(3, seed: seed)
        #expect(cluster.run(atMost: 3_000) { cluster.leader != nil })
        let leader = try #require(cluster.leader)
        cluster.run(200)
        let follower = try #require(cluster.ids.first { $0 != leader })
        cluster.cut = [[leader, follower], [follower, leader]]
        let term = cluster.raft(leader)?.term
        for _ in 0..<30 {
            _ = cluster.propose(leader, [7])
            cluster.run(500)
        }
        #expect(cluster.failures == [])
        #expect(cluster.leader == leader)
        #expect(cluster.raft(leader)?.term == term)
        #expect(cluster.judge.highestCommit > LogIndex(30))
    }

    @Test func trap09_aLeaderThatHearsNoQuorumStepsDown() throws {
        var leader = Bench(1, try recovery(membership([1, 2, 3, 4, 5])))
        leader.elect(by: [2, 3])
        leader.accept(2, round: 1, term: 2, from: 2)
        for _ in 0..<20 where leader.raft.isLeader {
            leader.tick()
            if leader.raft.isLeader {
                leader.accept(2, round: UInt64(leader.raft.role.leadership?.round ?? 0), term: 2, from: 2)
            }
        }
        #expect(leader.raft.currentRole == .follower)
        #expect(leader.raft.term == Term(2))
        #expect(leader.raft.votedFor == NodeID(1))
    }

    @Test func trap10_aNodeOutsideTheMembershipNeverCampaigns() throws {
        var removed = Bench(4, try recovery(membership([1, 2, 3])))
        for _ in 0..<5 { removed.tick() }
        #expect(removed.raft.currentRole == .follower)
        #expect(removed.sends.isEmpty)
        #expect(removed.raft.term == Term(1))
    }

    @Test func trap10_aCandidateDisturbsNobodyWhoHearsALeader() throws {
        var node = Bench(1, try recovery(membership([1, 2, 3])))
        node.append(after: 1, 1, term: 2, from: 2)
        node.persistAll()
        node.clear()
        node.receive(.vote(lastIndex: LogIndex(9), lastTerm: Term(8), transfer: false), term: 9, from: 4)
        node.receive(.preVote(lastIndex: LogIndex(9), lastTerm: Term(8)), term: 9, from: 4)
        #expect(node.sent(to: 4) == [.voteAnswer(granted: false), .preVoteAnswer(granted: false)])
        #expect(node.raft.term == Term(2))
        #expect(node.raft.leader == NodeID(2))
        // Nor a leader.
        var leader = Bench(1, try recovery(membership([1, 2, 3])))
        leader.elect(by: [2])
        leader.receive(.vote(lastIndex: LogIndex(9), lastTerm: Term(8), transfer: false), term: 9, from: 4)
        #expect(leader.raft.isLeader)
        // Once the leader is silent for an election timeout, the vote is given.
        node.time += 501
        node.clear()
        node.receive(.vote(lastIndex: LogIndex(9), lastTerm: Term(8), transfer: false), term: 9, from: 3)
        node.persistAll()
        #expect(node.sent(to: 3) == [.voteAnswer(granted: true)])
    }
}
