import LeaseholdBase
import Testing

@testable import Raft

/// What an operator is told of the others.
@Suite struct PeerScripts {
    @Test func aLeaderTellsHowFarTheOthersAreAndWhoKeepsUp() throws {
        var leader = try Bench.leader(membership([1, 2, 3], learners: [4]), heard: [2, 4])
        _ = leader.propose()
        leader.settle(with: [2])
        #expect(leader.raft.peers.map(\.id) == [2, 3, 4].map { NodeID($0) })
        #expect(leader.raft.peers.map(\.match) == [3, 0, 2].map { LogIndex($0) })
        #expect(leader.raft.peers.map(\.isCaughtUp) == [true, false, true])
        #expect(leader.raft.peers.map { $0.heardAt != nil } == [true, false, true])
        leader.compact(through: 3)
        leader.receive(
            .appendAnswer(.rejected(previousIndex: LogIndex(1), hintIndex: .zero, hintTerm: .zero), round: 1), term: 2,
            from: 3)
        #expect(leader.raft.peers.map(\.isTakingSnapshot) == [false, true, false])
        // Who goes is no member, though it is still told so.
        leader.settle(with: [2, 4])
        _ = leader.change(.remove(NodeID(4)))
        #expect(leader.raft.peers.map(\.id) == [2, 3].map { NodeID($0) })
        #expect(Bench(1, try recovery(membership([1, 2]))).raft.peers == [])
    }

    @Test func aHandOverThatCannotBeIsRefusedWithItsReason() throws {
        var leader = try Bench.leader(membership([1, 2, 3], learners: [4]), heard: [2, 4])
        #expect(leader.raft.objection(toTransferTo: NodeID(2)) == nil)
        #expect(leader.raft.objection(toTransferTo: nil) == nil)
        #expect(leader.raft.objection(toTransferTo: NodeID(1)) == .leadsAlready)
        #expect(leader.raft.objection(toTransferTo: NodeID(3)) == .silent(NodeID(3)))
        #expect(leader.raft.objection(toTransferTo: NodeID(4)) == .notVoter(NodeID(4)))
        leader.step(.transfer(to: NodeID(2)))
        #expect(leader.raft.objection(toTransferTo: NodeID(3)) == .transferring(to: NodeID(2)))
        let alone = try Bench.leader(membership([1], learners: [4]), heard: [4])
        #expect(alone.raft.objection(toTransferTo: nil) == .nobody)
        let follower = Bench(1, try recovery(membership([1, 2])))
        #expect(follower.raft.objection(toTransferTo: nil) == .notLeader)
    }
}
