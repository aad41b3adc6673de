import LeaseholdBase
import Testing

@testable import Raft

/// Interactions of a leader and its followers, told message by message.
@Suite struct ReplicationScripts {
    /// A follower with another history is found out in one message a term, not one an entry.
    ///
    ///     index      1 2 3 4 5 6 7 8
    ///     leader     1 2 2 2 5 5 5 6
    ///     follower   1 2 2 3 3 3 3
    @Test func aConflictIsFoundByIndexAndTerm() throws {
        var leader = Bench(1, try recovery(membership([1, 2, 3]), terms: [2, 2, 2, 5, 5, 5]))
        var follower = Bench(2, try recovery(membership([1, 2, 3]), terms: [2, 2, 3, 3, 3, 3], term: 4))
        leader.elect(by: [3])
        #expect(leader.raft.term == Term(6))
        var exchanges = 0
        while follower.raft.log.termList != leader.raft.log.termList, exchanges < 10 {
            if leader.sends.isEmpty { leader.tick() }
            deliver(from: &leader, 1, to: &follower, 2)
            follower.persistAll()
            deliver(from: &follower, 2, to: &leader, 1)
            exchanges += 1
        }
        #expect(follower.raft.log.termList == [1, 2, 2, 2, 5, 5, 5, 6])
        #expect(exchanges <= 4)
        #expect(leader.raft.commitIndex == LogIndex(8))
    }

    /// Whatever the two histories, the search ends, and takes no more messages than there are terms.
    @Test func theSearchForTheAgreementEndsWhateverTheHistories() throws {
        var random = RandomSource(seed: 9)
        func history(_ shared: [UInt64], _ terms: [UInt64]) -> [UInt64] {
            var all = shared
            for term in terms { all += [UInt64](repeating: term, count: Int(random.below(6))) }
            return all
        }
        for round in 0..<150 {
            let shared = [UInt64](repeating: 2, count: Int(random.below(4)))
            let ahead = history(shared, [3, 5, 7, 9])
            let behind = history(shared, [4, 6, 8])
            var leader = Bench(1, try recovery(membership([1, 2, 3]), terms: ahead, term: 10))
            var follower = Bench(2, try recovery(membership([1, 2, 3]), terms: behind, term: 10))
            leader.elect(by: [3])
            var exchanges = 0
            while follower.raft.log.termList != leader.raft.log.termList, exchanges < 20 {
                if leader.sends.isEmpty { leader.tick() }
                deliver(from: &leader, 1, to: &follower, 2)
                follower.persistAll()
                deliver(from: &follower, 2, to: &leader, 1)
                exchanges += 1
            }
            #expect(follower.raft.log.termList == leader.raft.log.termList, "round \(round)")
            #expect(exchanges <= 9, "round \(round)")
        }
    }

    @Test func aProbedPeerGetsOneMessageAtATimeAndThenAPipeline() throws {
        var leader = Bench(1, try recovery(membership([1, 2, 3]))) {
            ($0.windowMessages, $0.appendEntries) = (3, 1)
        }
        leader.elect(by: [3])
        for _ in 0..<6 { _ = leader.propose() }
        #expect(leader.sent(to: 2).isEmpty)
        leader.accept(1, round: 1, term: 2, from: 2)
        func entries() -> [LogIndex] {
            leader.sent(to: 2).compactMap {
                if case .append(let previous, _, _, _, 1) = $0 { previous.next } else { nil }
            }
        }
        #expect(entries() == [LogIndex(3), LogIndex(4), LogIndex(5)])
        leader.accept(4, round: 1, term: 2, from: 2)
        #expect(entries() == (3...7).map { LogIndex($0) })
    }

    @Test func theWindowIsBoundedInBytesToo() throws {
        var leader = Bench(1, try recovery(membership([1, 2, 3]))) {
            ($0.windowBytes, $0.appendEntries) = (1_000, 1)
        }
        leader.elect(by: [3])
        leader.accept(2, round: 1, term: 2, from: 2)
        for _ in 0..<8 { _ = leader.propose([UInt8](repeating: 1, count: 400)) }
        #expect(leader.sent(to: 2).count == 3)
    }

    @Test func proposalsAreRefusedWhenTooMuchIsUncommitted() throws {
        var leader = Bench(1, try recovery(membership([1, 2, 3]))) { $0.uncommittedBytes = 1_000 }
        leader.elect(by: [2])
        leader.accept(2, round: 1, term: 2, from: 2)
        let payload = [UInt8](repeating: 1, count: 600)
        #expect(leader.propose(payload) == .appended(LogIndex(3), Term(2)))
        #expect(leader.propose(payload) == .full)
        leader.accept(3, round: 1, term: 2, from: 2)
        leader.persistAll()
        #expect(leader.propose(payload) == .appended(LogIndex(4), Term(2)))
    }

    @Test func whatALeaderTakesOnStaysWithinItsLimit() throws {
        var leader = Bench(1, try recovery(membership([1, 2, 3]))) { $0.uncommittedBytes = 1_000 }
        leader.elect(by: [2])
        var taken = 0
        while leader.propose([UInt8](repeating: 1, count: 50)) != .full { taken += 1 }
        #expect(taken > 2 && leader.raft.bytesTakenOn > 500)
        #expect(leader.raft.bytesTakenOn <= leader.raft.bytesTakenOnLimit)
    }

    @Test func allProposalsOfATurnGoAsOneMessageAPeerAndOneRequestToTheDisk() throws {
        var leader = Bench(1, try recovery(membership([1, 2, 3])))
        leader.elect(by: [2, 3])
        for peer in [2, 3] as [UInt64] { leader.accept(2, round: 1, term: 2, from: peer) }
        leader.clear()
        for _ in 0..<50 { _ = leader.propose(endTurn: false) }
        leader.endTurn()
        #expect(leader.sends.map(\.to) == [2, 3])
        #expect(leader.persists.map(\.entries) == [LogIndex(3)..<LogIndex(53)])
        // The messages come before the request, so that a disk that blocks delays nobody.
        if case .persist = leader.effects.last {} else { Issue.record("the last effect is no persist") }
    }

    @Test func entriesThatLeftMemoryAreReadBack() throws {
        var recovered = try recovery(
            membership([1, 2, 3]), terms: [2, 2, 2, 2, 2], commit: 6, logMemoryBytes: 100)
        recovered.applied(through: LogIndex(6))
        var leader = Bench(1, recovered)
        leader.elect(by: [3])
        leader.receive(
            .appendAnswer(.rejected(previousIndex: LogIndex(6), hintIndex: LogIndex(2), hintTerm: Term(2)), round: 1),
            term: 3, from: 2)
        #expect(leader.effects.contains(.readBack(for: NodeID(2), from: LogIndex(3), maxBytes: 256 << 10)))
        leader.clear()
        leader.endTurn()
        #expect(leader.effects.isEmpty)
        leader.step(
            .entriesRead(for: NodeID(2), from: LogIndex(3), EntryBatch(after: 2, terms: [2, 2])), endTurn: false)
        guard case .send(let to, let message, let first, let source) = leader.effects.first else {
            Issue.record("nothing was sent")
            return
        }
        #expect((to, first, source) == (NodeID(2), LogIndex(3), .readBack))
        #expect(
            message.body
                == .append(
                    previousIndex: LogIndex(2), previousTerm: Term(2), commit: LogIndex(6), round: 1, entryCount: 2))
        // What could not be read is asked for again in the next round and not before.
        leader.accept(4, round: 1, term: 3, from: 2)
        leader.clear()
        leader.step(.entriesRead(for: NodeID(2), from: LogIndex(5), EntryBatch()))
        leader.endTurn()
        #expect(leader.effects.isEmpty)
        leader.tick()
        #expect(leader.effects.contains(.readBack(for: NodeID(2), from: LogIndex(5), maxBytes: 256 << 10)))
    }

    @Test func lateAndRepeatedAnswersChangeNothing() throws {
        var leader = Bench(1, try recovery(membership([1, 2, 3])))
        leader.elect(by: [3])
        leader.accept(2, round: 1, term: 2, from: 2)
        for _ in 0..<3 { _ = leader.propose() }
        leader.accept(5, round: 1, term: 2, from: 2)
        leader.clear()
        leader.accept(2, round: 1, term: 2, from: 2)
        leader.receive(
            .appendAnswer(.rejected(previousIndex: LogIndex(4), hintIndex: .zero, hintTerm: .zero), round: 0), term: 2,
            from: 2)
        #expect(leader.raft.role.leadership?.peers[0].match == LogIndex(5))
        #expect(leader.raft.role.leadership?.peers[0].next == LogIndex(6))
        #expect(leader.raft.role.leadership?.peers[0].state == .replicate)
        #expect(leader.sends.isEmpty)
        // An answer of an earlier term is no answer.
        leader.accept(5, round: 1, term: 1, from: 3)
        #expect(leader.raft.role.leadership?.peers[1].match == .zero)
    }

    /// Whatever a broken peer sends: dropped or answered, never trapped on.
    @Test func numbersThatNoPeerSendsAreDropped() throws {
        let extremes: [UInt64] = [0, 1, 2, 3, UInt64(Int64.max), .max - 1, .max]
        for leads in [false, true] {
            for first in extremes {
                for second in extremes {
                    for third in extremes {
                        var node = Bench(1, try recovery(membership([1, 2, 3]), terms: [2, 2]))
                        if leads { node.elect(by: [2]) }
                        let term = node.raft.term.rawValue
                        node.receive(
                            .append(
                                previousIndex: LogIndex(first), previousTerm: Term(second), commit: LogIndex(third),
                                round: .max, entryCount: 1), term: max(term, second), from: 2,
                            entries: EntryBatch(after: first == .max ? 0 : first, terms: [second]))
                        node.receive(
                            .append(
                                previousIndex: LogIndex(first), previousTerm: Term(second), commit: LogIndex(third),
                                round: .max, entryCount: Int.min), term: term, from: 2)
                        node.receive(
                            .appendAnswer(.accepted(match: LogIndex(first)), round: second), term: term, from: 2)
                        node.receive(
                            .appendAnswer(
                                .rejected(
                                    previousIndex: LogIndex(first), hintIndex: LogIndex(second), hintTerm: Term(third)),
                                round: 0), term: term, from: 3)
                        node.receive(
                            .vote(lastIndex: LogIndex(first), lastTerm: Term(second), transfer: true), term: third,
                            from: 2)
                        node.tick()
                        node.persistAll()
                        node.tick()
                        #expect(node.raft.term <= Term(.max))
                    }
                }
            }
        }
    }

    /// Carries what one has to say to the other.
    private func deliver(from sender: inout Bench, _ from: UInt64, to receiver: inout Bench, _ to: UInt64) {
        let waiting = sender.effects
        sender.effects.removeAll { if case .send = $0 { true } else { false } }
        for case .send(let target, let message, let first, _) in waiting where target == NodeID(to) {
            var batch = EntryBatch()
            if case .append(_, _, _, _, let count) = message.body {
                for position in 0..<count {
                    let index = first + UInt64(position)
                    if let header = sender.raft.header(at: index) {
                        batch.append(header, payload: sender.raft.payload(at: index))
                    }
                }
            }
            receiver.step(.received(from: NodeID(from), message, batch))
        }
    }
}
