import LeaseholdBase
import Testing

@testable import Raft

@Suite struct RemovalScripts {
    @Test func aRemovedNodeIsFedUntilItKnowsAndThenLetGo() throws {
        var leader = try Bench.leader(membership([1, 2, 3]), heard: [2, 3])
        #expect(leader.change(.remove(NodeID(3))) == .appended(LogIndex(3), Term(2)))
        leader.settle(with: [2, 3])
        #expect(leader.membership == membership([1, 2], highest: 3))
        #expect(leader.raft.contacts.map(\.id) == [NodeID(2), NodeID(3)])
        // Its next heartbeat says that the end of its time is committed.
        leader.clear()
        leader.tick(after: 60)
        #expect(
            leader.sent(to: 3).contains {
                if case .append(_, _, LogIndex(4), 2..., 0) = $0 { true } else { false }
            })
        leader.settle(with: [2, 3])
        #expect(leader.raft.contacts.map(\.id) == [NodeID(2)])
        leader.clear()
        leader.tick(after: 60)
        #expect(leader.sends.map(\.to) == [2])
    }

    @Test func aRemovedNodeThatIsDownIsLetGoAfterAWhile() throws {
        var leader = try Bench.leader(membership([1, 2, 3]), heard: [2, 3])
        _ = leader.change(.remove(NodeID(3)))
        leader.settle(with: [2])
        for _ in 0..<140 {
            leader.tick(after: 40)
            leader.settle(with: [2])
        }
        #expect(leader.raft.isLeader)
        #expect(leader.raft.contacts.map(\.id) == [NodeID(2)])
    }

    @Test func aRemovedFollowerThatKnowsIsQuiet() throws {
        var node = Bench(3, try recovery(membership([1, 2, 3])))
        node.receive(
            .append(previousIndex: LogIndex(1), previousTerm: Term(1), commit: .zero, round: 1, entryCount: 1), term: 1,
            from: 1, entries: EntryBatch(membership([1, 2], outgoing: [1, 2, 3]), at: 2, term: 1))
        #expect(node.raft.standing == .outgoing)
        node.receive(
            .append(previousIndex: LogIndex(2), previousTerm: Term(1), commit: LogIndex(2), round: 2, entryCount: 1),
            term: 1, from: 1, entries: EntryBatch(membership([1, 2]), at: 3, term: 1))
        #expect(node.raft.standing == .outsider)
        node.persistAll()
        // The entry may not be committed: the others may need this node to lead them to it.
        node.tick()
        #expect(node.raft.currentRole == .preCandidate)
        #expect(node.sends.last?.to == 2)
        // Whoever hears the leader knows that it is.
        node.receive(.removed(index: LogIndex(3), indexTerm: Term(1)), term: 1, from: 2)
        #expect(node.committed == LogIndex(3))
        #expect(node.raft.currentRole == .follower)
        node.clear()
        for _ in 0..<4 { node.tick() }
        #expect(node.sends.isEmpty)
        #expect(node.raft.currentRole == .follower)
    }

    /// One voter is replaced by another, and goes down with the end of the joint membership on its disk alone. The other
    /// lacks that entry and needs its vote, which it does not get: it is led to the entry by the one that goes.
    @Test func whoGoesByAnEntryThatNobodyElseHasLeadsTheOthersToIt() throws {
        let joint = membership([2], outgoing: [1])
        func outgoing() throws -> Bench {
            var recovered = try recovery(joint)
            let entry = EntryBatch(membership([2]), at: 2, term: 1)
            try recovered.append(entry.headers[0], payload: entry.payload(at: 0))
            return Bench(1, recovered)
        }
        var one = try outgoing()
        var two = Bench(2, try recovery(joint))
        one.receive(.vote(lastIndex: LogIndex(1), lastTerm: Term(1), transfer: false), term: 2, from: 2)
        one.persistAll()
        #expect(one.sent(to: 2).last == .voteAnswer(granted: false))
        one = try outgoing()
        one.tick()
        #expect(one.sent(to: 2) == [.preVote(lastIndex: LogIndex(2), lastTerm: Term(1))])
        one.receive(.preVoteAnswer(granted: true), term: 2, from: 2)
        one.persistAll()
        // Its own vote is none of this membership's.
        #expect(one.raft.currentRole == .candidate)
        one.receive(.voteAnswer(granted: true), term: 2, from: 2)
        #expect(one.raft.isLeader)
        one.persistAll()
        #expect(one.committed == nil)
        for index in 2...3 as ClosedRange<UInt64> { one.carry(index, to: &two, from: 1) }
        #expect(one.committed == LogIndex(3))
        #expect(one.sent(to: 2).last == .timeoutNow)
        #expect(two.membership == membership([2]))
    }

    @Test func theWordThatItIsRemovedHoldsUntilItsLogReachesThere() throws {
        var node = Bench(3, try recovery(membership([1, 2, 3]), terms: [1, 1]))
        node.tick()
        #expect(node.raft.currentRole == .preCandidate)
        node.receive(.removed(index: LogIndex(5), indexTerm: Term(2)), term: 2, from: 1)
        #expect(node.raft.currentRole == .follower)
        #expect(node.raft.isToldRemoved)
        node.clear()
        for _ in 0..<4 { node.tick() }
        #expect(node.sends.isEmpty)
        // Older word than what it holds is none.
        node.receive(.removed(index: LogIndex(2), indexTerm: Term(1)), term: 2, from: 1)
        // It is added anew, hears a leader, and may campaign again.
        node.append(after: 3, 1, terms: [2, 2, 2], term: 2, from: 1)
        #expect(!node.raft.isToldRemoved)
        #expect(node.raft.removal == (LogIndex(5), Term(2)))
        node.persistAll()
        node.tick()
        #expect(node.raft.currentRole == .preCandidate)
    }

    @Test func nobodyIsToldThatItIsRemovedByOneWhoMayNotKnow() throws {
        func asked(_ membership: Membership, terms: [UInt64], commit: UInt64, by asker: UInt64, last: UInt64) throws
            -> [RaftMessage.Body]
        {
            var node = Bench(1, try recovery(membership, terms: terms, commit: commit))
            node.receive(.preVote(lastIndex: LogIndex(last), lastTerm: Term(1)), term: 1, from: asker)
            return node.sent(to: asker)
        }
        let removed = RaftMessage.Body.removed(index: LogIndex(1), indexTerm: Term(1))
        let refused = RaftMessage.Body.preVoteAnswer(granted: false)
        #expect(try asked(membership([1, 2]), terms: [], commit: 1, by: 3, last: 0) == [refused, removed])
        #expect(try asked(membership([1, 2]), terms: [1], commit: 2, by: 3, last: 1) == [refused, removed])
        // A member; a membership that may be rolled back; a joint one.
        #expect(try asked(membership([1, 2]), terms: [], commit: 1, by: 2, last: 0) == [refused])
        #expect(try asked(membership([1, 2]), terms: [], commit: 0, by: 3, last: 0) == [refused])
        #expect(try asked(membership([1, 2], outgoing: [1, 4]), terms: [], commit: 1, by: 3, last: 0) == [refused])
        // A node without a membership knows nothing.
        var joining = Bench(9, RaftRecovery(logMemoryBytes: 1 << 20))
        joining.receive(.preVote(lastIndex: .zero, lastTerm: .zero), term: 0, from: 3)
        #expect(joining.sent(to: 3) == [refused])
    }

    /// A node that was away would know the id by its former directory, and hear nothing from the new one.
    @Test func trap36_noIdIsUsedTwice() throws {
        var leader = try Bench.leader(membership([1, 2, 3], learners: [4]), heard: [2, 3, 4])
        #expect(leader.change(.remove(NodeID(4))) == .appended(LogIndex(3), Term(2)))
        leader.settle(with: [2, 3])
        var anew = newMember(4)
        anew.incarnation = Incarnation(4444)
        #expect(leader.change(.addLearner(anew)) == .refused(.idUsed(highest: NodeID(4))))
        anew.id = NodeID(5)
        #expect(leader.change(.addLearner(anew)) == .appended(LogIndex(4), Term(2)))
        // Whoever recovers it, or has it from a snapshot, knows that too.
        leader.settle(with: [2, 3])
        #expect(leader.change(.remove(NodeID(5))) == .appended(LogIndex(5), Term(2)))
        let recovered = try Membership(payload: leader.membership.encoded().span.bytes)
        #expect(recovered == leader.membership)
        #expect(recovered.highestID == NodeID(5) && recovered.members.map(\.id) == [1, 2, 3].map { NodeID($0) })
    }
}
