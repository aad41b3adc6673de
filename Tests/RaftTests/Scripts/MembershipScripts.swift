import LeaseholdBase
import Testing

@testable import Raft

@Suite struct MembershipScripts {
    @Test func aNodeComesAsALearnerAndIsPromotedByAJointMembershipThatEndsByItself() throws {
        var leader = try Bench.leader(membership([1, 2, 3]), heard: [2, 3])
        #expect(leader.change(.addLearner(newMember(4))) == .appended(LogIndex(3), Term(2)))
        #expect(leader.membership == membership([1, 2, 3], learners: [4]))
        // It counts for nothing: two of the three commit its coming.
        leader.settle(with: [2])
        #expect(leader.committed == LogIndex(3))
        leader.settle(with: [2, 3, 4])
        leader.clear()

        #expect(leader.change(.promote(NodeID(4))) == .appended(LogIndex(4), Term(2)))
        #expect(leader.membership == membership([1, 2, 3, 4], outgoing: [1, 2, 3]))
        #expect(leader.raft.changeUnderWay == LogIndex(4))
        leader.persistAll()
        // Two of the outgoing three, but only two of the incoming four.
        leader.accept(4, term: 2, from: 2)
        #expect(leader.committed == nil)
        leader.accept(4, term: 2, from: 4)
        #expect(leader.committed == LogIndex(4))
        // The end of the turn in which it is committed leaves it.
        #expect(leader.membership == membership([1, 2, 3, 4]))
        #expect(leader.raft.lastIndex == LogIndex(5))
        #expect(leader.raft.changeUnderWay == LogIndex(5))
        leader.settle(with: [2, 4])
        #expect(leader.raft.changeUnderWay == nil)
    }

    @Test func aNodeIsReplacedInOneStep() throws {
        var leader = try Bench.leader(membership([1, 2, 3], learners: [4]), heard: [2, 3, 4])
        #expect(leader.change(.replace(NodeID(3), with: NodeID(4))) == .appended(LogIndex(3), Term(2)))
        #expect(leader.membership == membership([1, 2, 4], outgoing: [1, 2, 3]))
        leader.settle(with: [2, 3, 4])
        #expect(leader.membership == membership([1, 2, 4]))
        #expect(leader.raft.changeUnderWay == nil)
    }

    @Test func threeBecomeFiveAndThreeAgain() throws {
        var leader = try Bench.leader(membership([1, 2, 3], learners: [4, 5]), heard: [2, 3, 4, 5])
        let larger = leader.change(.reshape(promote: [NodeID(4), NodeID(5)], remove: []))
        #expect(larger == .appended(LogIndex(3), Term(2)))
        leader.settle(with: [2, 3, 4, 5])
        #expect(leader.membership == membership([1, 2, 3, 4, 5]))
        #expect(leader.change(.remove(NodeID(2))) == .appended(LogIndex(5), Term(2)))
        leader.settle(with: [2, 3, 4, 5])
        #expect(leader.membership == membership([1, 3, 4, 5]))
        #expect(leader.change(.remove(NodeID(3))) == .appended(LogIndex(7), Term(2)))
        leader.settle(with: [3, 4, 5])
        #expect(leader.membership == membership([1, 4, 5]))
    }

    @Test func anAddressChangesByOneEntryAndNoQuorumDoes() throws {
        var leader = try Bench.leader(membership([1, 2, 3]), heard: [2, 3])
        let moved = leader.change(.setAddresses(NodeID(3), peer: "[::1]:9", client: "unix:/c"))
        #expect(moved == .appended(LogIndex(3), Term(2)))
        #expect(leader.membership.member(NodeID(3))?.peerAddress == "[::1]:9")
        #expect(leader.membership.member(NodeID(3))?.incarnation == incarnation(3))
        #expect(!leader.membership.isJoint)
        #expect(leader.change(.remove(NodeID(2))) == .refused(.changeUnderWay(LogIndex(3))))
        leader.settle(with: [2])
        #expect(leader.raft.changeUnderWay == nil)
    }

    @Test func whatContradictsTheMembershipIsRefusedWithItsReason() throws {
        let four = membership([1, 2, 3], learners: [4])
        func refusal(_ change: MembershipChange, of membership: Membership = four) -> MembershipRefusal? {
            do throws(MembershipRefusal) {
                _ = try membership.changed(by: change)
                return nil
            } catch { return error }
        }
        func learner(_ id: UInt64, peer: String = "p", client: String = "c", _ life: UInt64 = 7) -> MembershipChange {
            let incarnation = Incarnation(life)
            return .addLearner(
                Member(id: NodeID(id), peerAddress: peer, clientAddress: client, incarnation: incarnation))
        }
        let long = String(repeating: "a", count: Membership.addressBytesLimit + 1)
        let cases: [(MembershipChange, MembershipRefusal?)] = [
            (learner(5), nil), (learner(40), nil), (learner(4), .alreadyMember(NodeID(4))),
            (learner(0), .invalidMember(NodeID(0))),
            (learner(5, 0), .invalidMember(NodeID(5))),
            (learner(5, incarnation(2).rawValue), .invalidMember(NodeID(5))), (learner(5, peer: ""), .invalidAddress),
            (learner(5, client: long), .invalidAddress),
            (learner(5, peer: "127.0.0.1:7502"), .addressTaken(by: NodeID(2))),
            (learner(5, client: "127.0.0.1:7404"), .addressTaken(by: NodeID(4))),
            (.promote(NodeID(4)), nil), (.promote(NodeID(3)), .alreadyVoter(NodeID(3))),
            (.promote(NodeID(9)), .unknownMember(NodeID(9))), (.remove(NodeID(9)), .unknownMember(NodeID(9))),
            (.reshape(promote: [], remove: []), .unchanged),
            (.replace(NodeID(4), with: NodeID(4)), .contradiction(NodeID(4))),
            (.reshape(promote: [], remove: [NodeID(2), NodeID(2)]), .contradiction(NodeID(2))),
            (.reshape(promote: [], remove: [NodeID(1), NodeID(2), NodeID(3)]), .noVoters),
            (.replace(NodeID(1), with: NodeID(3)), .alreadyVoter(NodeID(3))),
            (.setAddresses(NodeID(9), peer: "p", client: "c"), .unknownMember(NodeID(9))),
            (.setAddresses(NodeID(2), peer: "127.0.0.1:7502", client: "127.0.0.1:7402"), .unchanged),
            (.setAddresses(NodeID(2), peer: "127.0.0.1:7501", client: "c"), .addressTaken(by: NodeID(1))),
            (.setAddresses(NodeID(2), peer: "p", client: ""), .invalidAddress),
        ]
        for (change, expected) in cases { #expect(refusal(change) == expected, "\(change)") }
        #expect(refusal(learner(5), of: membership([1, 2], highest: 5)) == .idUsed(highest: NodeID(5)))
        #expect(refusal(learner(3), of: membership([1, 2, 7])) == .idUsed(highest: NodeID(7)))
        let most = 7 + Membership.idStepLimit
        #expect(refusal(learner(most + 1), of: membership([1, 2, 7])) == .idTooHigh(highest: NodeID(7)))
        #expect(refusal(learner(most), of: membership([1, 2, 7])) == nil)
        let full = membership(Array(1...UInt64(Membership.memberLimit)))
        #expect(refusal(learner(99), of: full) == .tooManyMembers)
    }

    @Test func onlyALeaderThatLeadsOnChangesTheMembership() throws {
        var follower = Bench(1, try recovery(membership([1, 2, 3])))
        #expect(follower.change(.remove(NodeID(3))) == .refused(.notLeader))
        var leader = try Bench.leader(membership([1, 2, 3]), heard: [2, 3])
        leader.step(.transfer(to: NodeID(2)))
        #expect(leader.change(.remove(NodeID(3))) == .refused(.transferring))
        #expect(leader.persists.isEmpty)
    }

    @Test func aLearnerIsPromotedOnceItKeepsUp() throws {
        var leader = try Bench.leader(membership([1, 2, 3]), heard: [2, 3])
        for _ in 0..<10 { _ = leader.propose() }
        leader.settle(with: [2, 3])
        _ = leader.change(.addLearner(newMember(4)))
        leader.settle(with: [2, 3])
        // Never heard of.
        #expect(leader.change(.promote(NodeID(4))) == .refused(.unheard(NodeID(4))))
        // The first round takes too long, though it ends.
        for _ in 0..<15 {
            leader.tick(after: 40)
            leader.settle(with: [2, 3])
        }
        leader.accept(13, term: 2, from: 4)
        #expect(leader.change(.promote(NodeID(4))) == .refused(.notCaughtUp(NodeID(4), entriesBehind: 0)))
        // The second is short, whatever came meanwhile.
        leader.tick(after: 40)
        _ = leader.propose()
        leader.settle(with: [2, 3])
        leader.accept(13, round: 1, term: 2, from: 4)
        #expect(leader.change(.promote(NodeID(4))) == .appended(LogIndex(15), Term(2)))
    }

    @Test func aLearnerThatFellSilentDoesNotKeepUp() throws {
        var leader = try Bench.leader(membership([1, 2, 3], learners: [4]), heard: [2, 3, 4])
        for _ in 0..<15 {
            leader.tick(after: 40)
            leader.settle(with: [2, 3])
        }
        #expect(leader.change(.promote(NodeID(4))) == .refused(.unheard(NodeID(4))))
    }

    @Test func whatWouldLoseTheQuorumIsRefusedUnlessForced() throws {
        // Of three, one was not heard: the other cannot go.
        var leader = try Bench.leader(membership([1, 2, 3]), heard: [2])
        #expect(leader.change(.remove(NodeID(2))) == .refused(.losesQuorum(silent: [NodeID(3)])))
        // The silent one can, and it can be replaced.
        #expect(leader.change(.remove(NodeID(3))) == .appended(LogIndex(3), Term(2)))
        leader.settle(with: [2])
        #expect(leader.membership == membership([1, 2], highest: 3))
        var forced = try Bench.leader(membership([1, 2, 3]), heard: [2])
        #expect(forced.change(.remove(NodeID(2)), isForced: true) == .appended(LogIndex(3), Term(2)))
        forced.settle(with: [2])
        #expect(forced.raft.changeUnderWay == LogIndex(3))
        forced.settle(with: [3])
        #expect(forced.membership == membership([1, 3]))
        // Nobody else is left to lead.
        var lone = try Bench.leader(membership([1], learners: [2]), heard: [2])
        #expect(lone.change(.remove(NodeID(1)), isForced: true) == .refused(.noVoters))
    }

    /// One that died a moment ago was heard within an election timeout: who asks when tells it from the others by their
    /// answering again.
    @Test func whoHasNotAnsweredSinceIsNotCountedOn() throws {
        var leader = try Bench.leader(membership([1, 2, 3]), heard: [2, 3])
        leader.tick(after: 40)
        let asked = leader.now.steady
        let removal = MembershipChange.remove(NodeID(2))
        #expect(leader.change(removal, heardSince: asked) == .refused(.losesQuorum(silent: [NodeID(3)])))
        leader.tick(after: 60)
        leader.settle(with: [2])
        #expect(leader.change(removal, heardSince: asked) == .refused(.losesQuorum(silent: [NodeID(3)])))
        leader.settle(with: [3])
        leader.accept(
            leader.raft.lastIndex.rawValue, round: leader.raft.role.leadership?.round ?? 0, term: 2, from: 3)
        #expect(leader.change(removal, heardSince: asked) == .appended(LogIndex(3), Term(2)))
        // What takes no voter from those that are there waits for nobody, and so does who is forced.
        var forced = try Bench.leader(membership([1, 2, 3], learners: [4]), heard: [2, 3, 4])
        let now = forced.now.steady
        #expect(forced.change(.remove(NodeID(4)), heardSince: now) == .appended(LogIndex(3), Term(2)))
        forced.settle(with: [2, 3])
        #expect(forced.change(removal, isForced: true, heardSince: now) == .appended(LogIndex(4), Term(2)))
    }

    @Test func aVoterThatFellSilentIsNotCountedOn() throws {
        var leader = try Bench.leader(membership([1, 2, 3, 4]), heard: [2, 3, 4])
        for _ in 0..<15 {
            leader.tick(after: 40)
            leader.settle(with: [2, 3])
        }
        #expect(
            leader.change(.reshape(promote: [], remove: [NodeID(2), NodeID(3)]))
                == .refused(.losesQuorum(silent: [NodeID(4)])))
        #expect(leader.change(.reshape(promote: [], remove: [NodeID(3)])) == .appended(LogIndex(3), Term(2)))
    }

    @Test func aLeaderElectedInAJointMembershipEndsIt() throws {
        let joint = membership([1, 2, 4], outgoing: [1, 2, 3])
        var leader = Bench(2, try recovery(joint))
        leader.elect(by: [1])
        #expect(leader.membership == joint)
        leader.settle(with: [1])
        #expect(leader.membership == membership([1, 2, 4]))
        #expect(leader.raft.lastIndex == LogIndex(3))
        #expect(leader.raft.changeUnderWay == nil)
    }

    @Test func readsAndTheQuorumCheckNeedBothGroups() throws {
        var leader = try Bench.leader(membership([1, 2, 3], learners: [4, 5]), heard: [2, 3, 4, 5])
        _ = leader.change(.reshape(promote: [NodeID(4), NodeID(5)], remove: [NodeID(2), NodeID(3)]))
        #expect(leader.membership == membership([1, 4, 5], outgoing: [1, 2, 3]))
        let number = try leader.read()
        leader.endTurn()
        let round = try #require(leader.raft.role.leadership?.round)
        leader.accept(2, round: round, term: 2, from: 2)
        leader.accept(2, round: round, term: 2, from: 3)
        #expect(leader.readsReady.isEmpty)
        leader.accept(2, round: round, term: 2, from: 5)
        #expect(leader.readsReady.map(\.through) == [number])
        // One group that answers is no quorum.
        for _ in 0..<20 where leader.raft.isLeader {
            leader.tick(after: 40)
            for peer in [4, 5] as [UInt64] {
                leader.accept(2, round: leader.raft.role.leadership?.round ?? 0, term: 2, from: peer)
            }
        }
        #expect(!leader.raft.isLeader)
    }

    @Test func leadershipGoesOnlyToAnIncomingVoter() throws {
        let joint = membership([1, 4, 5], outgoing: [1, 2, 3])
        var leader = Bench(1, try recovery(joint))
        leader.elect(by: [2, 3, 4, 5])
        leader.step(.transfer(to: NodeID(2)))
        #expect(!leader.raft.isTransferring)
        leader.step(.transfer(to: NodeID(4)))
        #expect(leader.raft.isTransferring)
    }
}
