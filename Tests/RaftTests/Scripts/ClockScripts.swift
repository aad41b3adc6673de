import LeaseholdBase
import Testing

@testable import Raft

/// What a node does whose own clock is proved to be the odd one.
@Suite struct ClockScripts {
    private func leader(of count: UInt64 = 3) throws -> Bench {
        var leader = Bench(1, try recovery(membership((1...count).map { $0 })))
        leader.elect(by: Array(2...count / 2 + 1))
        for peer in 2...count { leader.accept(2, round: 1, term: 2, from: peer) }
        leader.clear()
        return leader
    }

    /// Heartbeats go on, and these peers answer them.
    private func tick(_ leader: inout Bench, answeredBy peers: [UInt64]) {
        leader.tick()
        guard leader.raft.isLeader else { return }
        let round = leader.raft.role.leadership?.round ?? 0
        for peer in peers { leader.accept(leader.raft.lastIndex.rawValue, round: round, term: 2, from: peer) }
    }

    @Test func aLeaderHandsOverToOneOfThoseThatItDiffersFrom() throws {
        var leader = try leader(of: 5)
        leader.step(.clockIsOdd(differingFrom: [NodeID(3), NodeID(4), NodeID(5)]))
        tick(&leader, answeredBy: [2, 3, 4, 5])
        #expect(leader.raft.isClockOdd && leader.raft.isTransferring)
        #expect(leader.sent(to: 2).contains(.timeoutNow) == false)
        #expect([3, 4, 5].filter { leader.sent(to: $0).contains(.timeoutNow) }.count == 1)
    }

    @Test func aHandOverThatComesToNothingEndsTheLeadership() throws {
        var leader = try leader()
        leader.step(.clockIsOdd(differingFrom: [NodeID(2), NodeID(3)]))
        let begin = leader.time
        while leader.raft.isLeader, leader.time < begin + 2_000 { tick(&leader, answeredBy: [2, 3]) }
        #expect(leader.raft.currentRole == .follower)
        #expect(leader.time >= begin + 500 && leader.time <= begin + 600)
    }

    @Test func aLeaderThatHearsNoneOfThemStepsDownAtOnce() throws {
        var leader = try leader(of: 5)
        while leader.time < 2_000 { tick(&leader, answeredBy: [2, 3]) }
        leader.step(.clockIsOdd(differingFrom: [NodeID(4), NodeID(5)]))
        leader.tick()
        #expect(leader.raft.currentRole == .follower)
    }

    @Test func itKeepsOutOfElectionsForAWhileAndVotesAsEver() throws {
        var node = Bench(1, try recovery(membership([1, 2, 3])))
        node.step(.clockIsOdd(differingFrom: [NodeID(2), NodeID(3)]))
        for _ in 0..<ClockDoubt.elections {
            node.tick()
            #expect(node.raft.currentRole == .follower && node.sends.isEmpty)
        }
        node.receive(.preVote(lastIndex: LogIndex(1), lastTerm: Term(1)), term: 2, from: 2)
        #expect(node.sent(to: 2) == [.preVoteAnswer(granted: true)])
        // Nobody was elected: better a wrong clock than no leader.
        node.tick()
        #expect(node.raft.currentRole == .preCandidate)
    }

    @Test func aLeaderThatIsHeardMakesItWaitAnew() throws {
        var node = Bench(1, try recovery(membership([1, 2, 3])))
        node.step(.clockIsOdd(differingFrom: [NodeID(2), NodeID(3)]))
        for _ in 0..<3 {
            for _ in 0..<ClockDoubt.elections { node.tick() }
            #expect(node.raft.currentRole == .follower)
            node.append(after: 1, 1, term: 2, from: 2)
        }
    }

    @Test func aClockThatIsRightAgainCampaignsAtOnce() throws {
        var node = Bench(1, try recovery(membership([1, 2, 3])))
        node.step(.clockIsOdd(differingFrom: [NodeID(2), NodeID(3)]))
        node.tick()
        node.step(.clockIsOdd(differingFrom: []))
        #expect(!node.raft.isClockOdd)
        node.tick()
        #expect(node.raft.currentRole == .preCandidate)
    }

    @Test func oneThatIsElectedAllTheSameLeadsOnForAWhile() throws {
        var leader = try leader()
        leader.step(.clockIsOdd(differingFrom: [NodeID(2), NodeID(3)]))
        while leader.raft.isLeader { tick(&leader, answeredBy: [2, 3]) }
        let gaveUp = leader.time - 500
        for _ in 0..<ClockDoubt.elections { leader.tick() }
        leader.elect(by: [2])
        let term = leader.raft.term.rawValue
        let round = leader.raft.role.leadership?.round ?? 0
        leader.accept(leader.raft.lastIndex.rawValue, round: round, term: term, from: 2)
        #expect(leader.raft.isLeader && !leader.raft.isTransferring)
        var turns = 0
        while !leader.raft.isTransferring, leader.raft.isLeader, turns < 2_000 {
            turns += 1
            leader.tick()
            let round = leader.raft.role.leadership?.round ?? 0
            leader.accept(leader.raft.lastIndex.rawValue, round: round, term: term, from: 2)
        }
        #expect(leader.raft.isTransferring)
        #expect(leader.time - gaveUp >= 29_900 && leader.time - gaveUp <= 30_200)
    }

    @Test func anOperatorsHandOverIsNotDisturbed() throws {
        var leader = try leader()
        leader.step(.transfer(to: NodeID(2)))
        leader.step(.clockIsOdd(differingFrom: [NodeID(2), NodeID(3)]))
        tick(&leader, answeredBy: [3])
        #expect(leader.raft.role.leadership?.transfer?.target == NodeID(2))
        #expect(leader.raft.role.leadership?.transfer?.isForGood == false)
    }
}
