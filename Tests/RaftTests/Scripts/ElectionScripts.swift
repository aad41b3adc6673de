import LeaseholdBase
import Testing

@testable import Raft

/// Elections that begin with a lost connection, told message by message.
@Suite struct ElectionScripts {
    private func follower(_ id: UInt64, of leader: UInt64) throws -> Bench {
        var node = Bench(id, try recovery(membership([1, 2, 3])), seed: id)
        node.append(after: 1, 1, term: 2, from: leader)
        node.persistAll()
        node.clear()
        return node
    }

    @Test func aLostConnectionToTheLeaderLeadsToAPreVoteWithinTwentyMilliseconds() throws {
        var node = try follower(1, of: 3)
        node.step(.connectionLost(NodeID(2)))
        #expect(node.raft.leader == NodeID(3))
        node.step(.connectionLost(NodeID(3)))
        #expect(node.raft.leader == nil)
        #expect(node.raft.deadline <= node.now.steady + .milliseconds(20))
        node.receive(.preVote(lastIndex: LogIndex(1), lastTerm: Term(1)), term: 3, from: 2)
        #expect(node.sent(to: 2) == [.preVoteAnswer(granted: true)])
        node.clear()
        node.tick()
        #expect(node.time <= 21)
        #expect(node.raft.currentRole == .preCandidate)
        #expect(node.raft.term == Term(2))
    }

    @Test func aLeaderThatIsHeardAgainIsFollowedAgain() throws {
        var node = try follower(1, of: 3)
        node.step(.connectionLost(NodeID(3)))
        node.tick()
        node.append(after: 1, 1, round: 2, term: 2, from: 3)
        #expect(node.raft.currentRole == .follower)
        #expect(node.raft.leader == NodeID(3))
        #expect(node.raft.deadline >= node.now.steady + .milliseconds(500))
    }

    /// Both ask at once. The lower id goes on, the other drops its question and grants; none waits for a timeout.
    @Test func ofTwoThatAskAtOnceOneGivesWay() throws {
        var one = try follower(1, of: 3)
        var two = try follower(2, of: 3)
        for id in [3] as [UInt64] {
            one.step(.connectionLost(NodeID(id)))
            two.step(.connectionLost(NodeID(id)))
        }
        one.tick()
        two.tick()
        let question = RaftMessage.Body.preVote(lastIndex: LogIndex(1), lastTerm: Term(1))
        one.clear()
        two.clear()
        one.receive(question, term: 3, from: 2)
        two.receive(question, term: 3, from: 1)
        #expect(one.raft.currentRole == .preCandidate)
        #expect(two.raft.currentRole == .follower)
        #expect(two.sent(to: 1) == [.preVoteAnswer(granted: true)])
        #expect(one.sent(to: 2) == [.preVoteAnswer(granted: true)])
        two.receive(.preVoteAnswer(granted: true), term: 3, from: 1)
        #expect(two.raft.currentRole == .follower)
        one.receive(.preVoteAnswer(granted: true), term: 3, from: 2)
        #expect(one.raft.currentRole == .candidate)
    }

    @Test func theLongerLogGoesOnWhateverTheIds() throws {
        var short = Bench(1, try recovery(membership([1, 2, 3])))
        var long = Bench(2, try recovery(membership([1, 2, 3]), terms: [1]))
        short.tick()
        long.tick()
        short.receive(.preVote(lastIndex: LogIndex(2), lastTerm: Term(1)), term: 2, from: 2)
        long.clear()
        long.receive(.preVote(lastIndex: LogIndex(1), lastTerm: Term(1)), term: 2, from: 1)
        #expect(short.raft.currentRole == .follower)
        #expect(long.raft.currentRole == .preCandidate)
        #expect(long.sent(to: 1) == [.preVoteAnswer(granted: false)])
    }

    @Test(arguments: 1...30 as ClosedRange<UInt64>)
    func aKilledLeaderIsReplacedLongBeforeAnElectionTimeout(seed: UInt64) throws {
        let cluster = try Cluster(seed % 2 == 0 ? 3 : 5, seed: seed)
        #expect(cluster.run(atMost: 3_000) { cluster.leader != nil })
        cluster.run(300)
        let leader = try #require(cluster.leader)
        let term = try #require(cluster.raft(leader)?.term)
        cluster.crash(leader)
        #expect(cluster.run(atMost: 100) { cluster.leader != nil })
        // Without a split vote.
        #expect(cluster.leader.flatMap { cluster.raft($0)?.term } == term.next)
        #expect(cluster.failures == [])
    }

    @Test func aVoteIsRefusedToAShorterLog() throws {
        var node = Bench(1, try recovery(membership([1, 2, 3]), terms: [2, 2]))
        func answer(_ index: UInt64, _ term: UInt64) -> [RaftMessage.Body] {
            var node = node
            node.receive(.vote(lastIndex: LogIndex(index), lastTerm: Term(term), transfer: false), term: 5, from: 2)
            node.persistAll()
            return node.sent(to: 2)
        }
        #expect(answer(2, 2) == [.voteAnswer(granted: false)])
        #expect(answer(9, 1) == [.voteAnswer(granted: false)])
        #expect(answer(3, 2) == [.voteAnswer(granted: true)])
        #expect(answer(2, 3) == [.voteAnswer(granted: true)])
        node.tick()
        #expect(node.raft.currentRole == .preCandidate)
    }

    @Test func aStoppedNodeDoesNothing() throws {
        var node = Bench(1, try recovery(membership([1])))
        node.tick()
        node.persistAll()
        node.clear()
        node.step(.stop)
        #expect(node.raft.currentRole == .stopped)
        #expect(node.raft.deadline == .never)
        #expect(node.effects == [.roleChanged(.stopped, term: Term(2), leader: nil)])
        #expect(node.propose() == .notLeader)
        #expect(node.isReadRefused() == true)
        node.receive(.vote(lastIndex: LogIndex(9), lastTerm: Term(9), transfer: true), term: 9, from: 2)
        #expect(node.effects.count == 1)
    }

    @Test func aLeaderThatStepsDownSaysSo() throws {
        var leader = Bench(1, try recovery(membership([1, 2, 3])))
        leader.elect(by: [2])
        leader.append(after: 2, 2, term: 5, from: 3)
        #expect(leader.effects.contains(.roleChanged(.follower, term: Term(5), leader: NodeID(3))))
    }
}
