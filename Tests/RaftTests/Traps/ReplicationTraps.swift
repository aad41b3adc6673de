import LeaseholdBase
import Testing

@testable import Raft

/// Traps 11 to 19: replication and durability.
@Suite struct ReplicationTraps {
    @Test func trap11_aLateAppendCutsNothingThatAgrees() throws {
        var node = Bench(1, try recovery(membership([1, 2, 3])))
        node.append(after: 1, 1, terms: [2, 2, 2], commit: 4, term: 2, from: 2)
        node.persistAll()
        node.clear()
        // What was sent first arrives once more, and shorter.
        node.append(after: 1, 1, terms: [2], commit: 1, term: 2, from: 2)
        #expect(node.raft.lastIndex == LogIndex(4))
        #expect(node.persists.isEmpty)
        #expect(node.raft.commitIndex == LogIndex(4))
    }

    @Test func trap11_aRealConflictCutsFromThereAndNotBefore() throws {
        var node = Bench(1, try recovery(membership([1, 2, 3]), terms: [2, 2, 2]))
        node.append(after: 2, 2, terms: [2, 3], term: 3, from: 2)
        #expect(node.raft.log.termList == [1, 2, 2, 3])
        let persist = try #require(node.persists.first)
        #expect(persist.truncateAfter == LogIndex(3))
        #expect(persist.entries == LogIndex(4)..<LogIndex(5))
    }

    @Test func trap11_aConflictWithWhatIsCommittedIsDropped() throws {
        var node = Bench(1, try recovery(membership([1, 2, 3]), terms: [2, 2], commit: 3))
        node.append(after: 1, 1, terms: [3], term: 3, from: 2)
        node.append(after: 3, 3, terms: [3], term: 3, from: 2)
        #expect(node.raft.log.termList == [1, 2, 2])
        #expect(node.raft.droppedMessages == 2)
    }

    @Test func trap12_anIndexThatLeftMemoryIsNotTakenForAConflict() throws {
        var node = Bench(1, try recovery(membership([1, 2, 3]), terms: [2, 2, 2, 2], commit: 5, logMemoryBytes: 100))
        node.step(.applied(through: LogIndex(5)))
        #expect(node.raft.log.releasedIndex > LogIndex(3))
        node.append(after: 2, 2, terms: [2, 2, 2, 2], commit: 6, term: 3, from: 2)
        node.persistAll()
        #expect(node.raft.log.termList == [1, 2, 2, 2, 2, 2])
        #expect(node.sent(to: 2) == [.appendAnswer(.accepted(match: LogIndex(6)), round: 1)])
    }

    @Test func trap13_aHeartbeatCommitsOnlyWhatWasCompared() throws {
        // Index 3 is a former leader's; the new leader's commit index is 3 with another entry there.
        var node = Bench(1, try recovery(membership([1, 2, 3]), terms: [2, 2]))
        node.append(after: 2, 2, commit: 3, term: 3, from: 2)
        #expect(node.raft.commitIndex == LogIndex(2))
        node.append(after: 2, 2, terms: [3], commit: 3, round: 2, term: 3, from: 2)
        #expect(node.raft.commitIndex == LogIndex(3))
    }

    @Test func trap13_aHeartbeatTellsNoMoreThanThePeerIsKnownToHold() throws {
        var leader = Bench(1, try recovery(membership([1, 2, 3])))
        leader.elect(by: [2])
        leader.accept(2, term: 2, from: 2)
        #expect(leader.raft.commitIndex == LogIndex(2))
        leader.clear()
        leader.tick()
        func commit(to peer: UInt64) -> [LogIndex] {
            leader.sent(to: peer).compactMap {
                if case .append(_, _, let commit, _, 0) = $0 { commit } else { nil }
            }
        }
        #expect(commit(to: 2) == [LogIndex(2)])
        #expect(commit(to: 3) == [.zero])
    }

    /// Every order in which three answers can arrive, twice each, commits what sorting says, and nothing sooner.
    @Test func trap14_commitsFollowTheQuorumWhateverTheOrderOfAnswers() throws {
        var random = RandomSource(seed: 14)
        for _ in 0..<200 {
            var leader = Bench(1, try recovery(membership([1, 2, 3, 4, 5])))
            leader.elect(by: [2, 3])
            for _ in 0..<4 { _ = leader.propose() }
            leader.persistAll()
            var matches: [UInt64: UInt64] = [1: 6, 2: 0, 3: 0, 4: 0, 5: 0]
            for _ in 0..<12 {
                let peer = 2 + random.below(4)
                let match = random.below(7)
                leader.accept(match, term: 2, from: peer)
                matches[peer] = max(matches[peer] ?? 0, match)
                let expected = matches.values.sorted()[2]
                #expect(leader.raft.commitIndex == LogIndex(expected >= 2 ? expected : 0))
            }
        }
    }

    @Test func trap16_theTermOfAnIndexThatLeftMemoryIsStillCompared() throws {
        var recovered = try recovery(membership([1, 2, 3]), terms: [2, 2, 5, 5, 5], commit: 6, logMemoryBytes: 100)
        recovered.applied(through: LogIndex(6))
        var leader = Bench(1, recovered)
        #expect(leader.raft.log.releasedIndex > LogIndex(4))
        leader.elect(by: [2])
        // The peer has index 4 of another term; the search goes to the last index of term 2 by the terms on record.
        leader.receive(
            .appendAnswer(
                .rejected(previousIndex: LogIndex(6), hintIndex: LogIndex(4), hintTerm: Term(3)), round: 1),
            term: 6, from: 3)
        #expect(leader.effects.contains(.readBack(for: NodeID(3), from: LogIndex(4), maxBytes: 256 << 10)))
    }

    /// The follower writes entry 3 of term 2; before the disk is done a leader of term 3 replaces it. The completion of
    /// the first write says nothing of the entry that is there now.
    @Test func trap17_aCompletionIsNotTakenForEntriesRewrittenSince() throws {
        var node = Bench(1, try recovery(membership([1, 2, 3])))
        node.append(after: 1, 1, terms: [2, 2], term: 2, from: 2)
        let first = try #require(node.persists.last)
        node.append(after: 2, 2, terms: [3], term: 3, from: 3)
        let second = try #require(node.persists.last)
        #expect(second.truncateAfter == LogIndex(2))
        node.clear()
        node.step(.persisted(first.number, issuedIn: first.issuedIn))
        #expect(node.raft.durableIndex == LogIndex(2))
        #expect(node.sends.isEmpty)
        node.step(.persisted(second.number, issuedIn: second.issuedIn))
        #expect(node.raft.durableIndex == LogIndex(3))
        #expect(node.sent(to: 3) == [.appendAnswer(.accepted(match: LogIndex(3)), round: 1)])
    }

    @Test func trap17_aCompletionWithAnotherTermIsIgnored() throws {
        var node = Bench(1, try recovery(membership([1, 2, 3])))
        node.append(after: 1, 1, terms: [2], term: 2, from: 2)
        let persist = try #require(node.persists.last)
        node.step(.persisted(persist.number, issuedIn: Term(1)))
        node.step(.persisted(PersistNumber(9), issuedIn: Term(2)))
        #expect(node.raft.durableIndex == LogIndex(1))
        node.step(.persisted(persist.number, issuedIn: Term(2)))
        node.step(.persisted(persist.number, issuedIn: Term(2)))
        #expect(node.raft.durableIndex == LogIndex(2))
    }

    @Test(arguments: 1...10 as ClosedRange<UInt64>)
    func trap18_aFullWindowWhoseMessagesAreAllLostResumes(seed: UInt64) throws {
        let cluster = try Cluster(3, seed: seed) { ($0.windowMessages, $0.windowBytes) = (4, 4_000) }
        #expect(cluster.run(atMost: 3_000) { cluster.leader != nil })
        let leader = try #require(cluster.leader)
        cluster.run(500)
        cluster.faults.loss = 100
        for _ in 0..<20 { _ = cluster.propose(leader, [UInt8](repeating: 1, count: 100)) }
        cluster.run(100)
        #expect(cluster.raft(leader)?.commitIndex != cluster.raft(leader)?.lastIndex)
        cluster.faults.loss = 0
        let resumed = cluster.run(atMost: 300) {
            cluster.ids.allSatisfy { cluster.raft($0)?.commitIndex == cluster.raft(leader)?.lastIndex }
        }
        #expect(resumed)
        #expect(cluster.failures == [])
    }

    @Test func trap19_aNodeAloneCommitsNothingBeforeItsDiskHasIt() throws {
        var node = Bench(1, try recovery(membership([1])))
        node.tick()
        node.persistAll()
        node.persistAll()
        node.clear()
        _ = node.propose()
        #expect(node.committed == nil)
        node.tick()
        #expect(node.committed == nil)
        node.persistAll()
        #expect(node.committed == LogIndex(3))
    }
}
