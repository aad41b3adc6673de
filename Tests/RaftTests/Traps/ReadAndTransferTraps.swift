import LeaseholdBase
import Testing

@testable import Raft

/// Traps 15, 20 to 23 and 26: reads, hand-overs and hung disks.
@Suite struct ReadAndTransferTraps {
    /// The proposer is told index and term. After a change of leader the index is committed with another entry, and the
    /// term says so.
    @Test func trap15_aProposalIsKnownByIndexAndTerm() throws {
        var leader = Bench(1, try recovery(membership([1, 2, 3])))
        leader.elect(by: [2])
        #expect(leader.propose() == .appended(LogIndex(3), Term(2)))
        leader.append(after: 2, 2, terms: [3], commit: 3, term: 3, from: 2)
        #expect(leader.committed == LogIndex(3))
        #expect(leader.raft.header(at: LogIndex(3))?.term == Term(3))
        #expect(leader.propose() == .notLeader)
    }

    @Test func trap20_noReadBeforeAnEntryOfTheOwnTermIsCommitted() throws {
        var leader = Bench(1, try recovery(membership([1, 2, 3]), terms: [1, 1], commit: 3))
        leader.elect(by: [2])
        #expect(leader.isReadRefused() == true)
        leader.accept(4, round: 1, term: 2, from: 2)
        let number = try leader.read()
        leader.endTurn()
        leader.accept(4, round: 2, term: 2, from: 2)
        #expect(leader.readsReady.map(\.through) == [number])
        #expect(leader.readsReady.map(\.index) == [LogIndex(4)])
    }

    @Test func trap20_aFollowerServesNoReads() throws {
        var node = Bench(1, try recovery(membership([1, 2, 3]), commit: 1))
        #expect(node.isReadRefused() == true)
    }

    @Test func trap21_aLateAnswerToAnEarlierRoundConfirmsNoLaterRead() throws {
        var leader = Bench(1, try recovery(membership([1, 2, 3])))
        leader.elect(by: [2])
        leader.accept(2, round: 1, term: 2, from: 2)
        let first = try leader.read()
        leader.endTurn()
        let second = try leader.read()
        leader.endTurn()
        #expect(first < second)
        #expect(leader.readsReady.isEmpty)
        leader.accept(2, round: 1, term: 2, from: 3)
        #expect(leader.readsReady.isEmpty)
        leader.accept(2, round: 2, term: 2, from: 3)
        #expect(leader.readsReady.map(\.through) == [first])
        leader.accept(2, round: 2, term: 2, from: 2)
        #expect(leader.readsReady.count == 1)
        leader.accept(2, round: 3, term: 2, from: 2)
        #expect(leader.readsReady.map(\.through) == [first, second])
    }

    @Test func trap21_anAnswerToARoundNeverSentIsDropped() throws {
        var leader = Bench(1, try recovery(membership([1, 2, 3])))
        leader.elect(by: [2])
        leader.accept(2, round: 99, term: 2, from: 2)
        #expect(leader.raft.droppedMessages == 1)
        #expect(leader.raft.commitIndex == .zero)
    }

    @Test func trap21_readNumbersAreNotUsedAgainByALaterLeadership() throws {
        var node = Bench(1, try recovery(membership([1])))
        node.tick()
        node.persistAll()
        node.persistAll()
        let first = try node.read()
        node.receive(.appendAnswer(.accepted(match: .zero), round: 0), term: 9, from: 2)
        #expect(node.raft.currentRole == .follower)
        node.endTurn()
        node.persistAll()
        node.tick()
        node.persistAll()
        node.persistAll()
        let second = try node.read()
        #expect(second > first)
        #expect(node.raft.term == Term(10))
    }

    /// A round is sent, the process pauses for long, and the answers that waited in the socket are read at last: they
    /// tell of the time of sending. The leader does not take itself for confirmed now.
    @Test func trap22_leadershipIsConfirmedFromTheSendingAndNotFromTheAnswer() throws {
        var leader = Bench(1, try recovery(membership([1, 2, 3])))
        leader.elect(by: [2])
        leader.accept(2, round: 1, term: 2, from: 2)
        leader.tick()
        let round = try #require(leader.raft.role.leadership?.round)
        leader.time += 2_000
        leader.accept(2, round: round, term: 2, from: 2)
        leader.accept(2, round: round, term: 2, from: 3)
        let number = try leader.read()
        leader.endTurn()
        leader.accept(2, round: round, term: 2, from: 2)
        #expect(!leader.readsReady.contains { $0.through == number })
        leader.step(.tick)
        #expect(leader.raft.currentRole == .follower)
    }

    /// The only round that was answered was sent long ago, its answer came just now: the time runs from the sending.
    @Test func trap22_aSlowAnswerDoesNotProlongLeadership() throws {
        var leader = Bench(1, try recovery(membership([1, 2, 3])))
        leader.elect(by: [2])
        let elected = leader.time
        leader.accept(2, round: 1, term: 2, from: 2)
        leader.tick(after: 60)
        let sent = leader.time
        let round = try #require(leader.raft.role.leadership?.round)
        while leader.time < elected + 400 { leader.tick() }
        #expect(leader.raft.isLeader)
        leader.accept(2, round: round, term: 2, from: 2)
        while leader.raft.isLeader, leader.time < sent + 2_000 { leader.tick() }
        #expect(leader.time >= sent + 500)
        #expect(leader.time <= sent + 502)
    }

    @Test func trap23_proposalsAreRefusedDuringAHandOverAndItEnds() throws {
        var leader = Bench(1, try recovery(membership([1, 2, 3])))
        leader.elect(by: [2])
        leader.accept(2, round: 1, term: 2, from: 2)
        leader.step(.transfer(to: NodeID(3)))
        #expect(leader.propose() == .transferring)
        #expect(leader.raft.lastIndex == LogIndex(2))
        #expect(!leader.sent(to: 3).contains(.timeoutNow))
        leader.accept(2, round: 1, term: 2, from: 3)
        #expect(leader.sent(to: 3).contains(.timeoutNow))
        // The target never campaigns: after an election timeout the leader goes on.
        for _ in 0..<30 where leader.raft.isTransferring {
            leader.tick()
            let round = leader.raft.role.leadership?.round ?? 0
            leader.accept(2, round: round, term: 2, from: 2)
        }
        #expect(leader.raft.isLeader)
        #expect(leader.time < 2_000)
        #expect(leader.propose() == .appended(LogIndex(3), Term(2)))
    }

    @Test func trap23_aHandOverMovesLeadershipWithoutATimeout() throws {
        for seed in 1...10 as ClosedRange<UInt64> {
            let cluster = try Cluster(3, seed: seed)
            #expect(cluster.run(atMost: 3_000) { cluster.leader != nil })
            cluster.run(300)
            let leader = try #require(cluster.leader)
            let target = try #require(cluster.ids.first { $0 != leader })
            _ = cluster.propose(leader, [1, 2, 3])
            cluster.turn(leader, .transfer(to: target))
            #expect(cluster.run(atMost: 100) { cluster.raft(target)?.isLeader == true })
            #expect(cluster.run(atMost: 200) { cluster.raft(leader)?.leader == target })
            #expect(cluster.failures == [])
        }
    }

    @Test func theMostCaughtUpVoterIsChosenWhenNoneIsNamed() throws {
        var leader = Bench(1, try recovery(membership([1, 2, 3])))
        leader.elect(by: [2])
        _ = leader.propose()
        leader.accept(2, round: 1, term: 2, from: 2)
        leader.accept(3, round: 1, term: 2, from: 3)
        leader.step(.transfer(to: nil))
        #expect(leader.sent(to: 3).contains(.timeoutNow))
        #expect(!leader.sent(to: 2).contains(.timeoutNow))
    }

    @Test func aHandOverToNobodyOrToAStrangerChangesNothing() throws {
        var leader = Bench(1, try recovery(membership([1, 2], learners: [3])))
        leader.elect(by: [2])
        for target in [1, 3, 9] as [UInt64] { leader.step(.transfer(to: NodeID(target))) }
        #expect(!leader.raft.isTransferring)
        var alone = Bench(1, try recovery(membership([1])))
        alone.tick()
        alone.persistAll()
        alone.step(.transfer(to: nil))
        #expect(!alone.raft.isTransferring)
    }

    @Test func aTransfersVoteIsGivenAlthoughTheLeaderIsHeard() throws {
        var node = Bench(1, try recovery(membership([1, 2, 3])))
        node.append(after: 1, 1, term: 2, from: 2)
        node.persistAll()
        node.clear()
        node.receive(.vote(lastIndex: LogIndex(1), lastTerm: Term(1), transfer: true), term: 3, from: 3)
        node.persistAll()
        #expect(node.sent(to: 3) == [.voteAnswer(granted: true)])
    }

    @Test func trap26_aLeaderWhoseDiskHangsHandsOverAndThenGivesUp() throws {
        var leader = Bench(1, try recovery(membership([1, 2, 3])))
        leader.elect(by: [2])
        leader.accept(2, round: 1, term: 2, from: 2)
        leader.clear()
        _ = leader.propose()
        let begin = leader.time
        func answer() {
            let round = leader.raft.role.leadership?.round ?? 0
            leader.accept(3, round: round, term: 2, from: 2)
        }
        while leader.raft.isLeader, leader.time < begin + 2_000 {
            leader.tick()
            if leader.raft.isLeader { answer() }
            if leader.time < begin + 245 { #expect(!leader.raft.isTransferring) }
        }
        #expect(leader.sent(to: 2).contains(.timeoutNow))
        #expect(leader.raft.currentRole == .follower)
        #expect(leader.time - begin <= 510)
        // And it does not campaign while the disk hangs.
        for _ in 0..<5 { leader.tick() }
        #expect(leader.raft.currentRole == .follower)
    }

    @Test func trap26_aHungDiskOfTheLeaderCostsTheClusterLittle() throws {
        for seed in 1...10 as ClosedRange<UInt64> {
            let cluster = try Cluster(3, seed: seed)
            #expect(cluster.run(atMost: 3_000) { cluster.leader != nil })
            cluster.run(300)
            let leader = try #require(cluster.leader)
            cluster.nodes[leader]?.isDiskStalled = true
            _ = cluster.propose(leader, [1])
            #expect(cluster.run(atMost: 400) { cluster.leader != leader && cluster.leader != nil })
            #expect(cluster.failures == [])
        }
    }
}
