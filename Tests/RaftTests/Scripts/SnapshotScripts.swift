import LeaseholdBase
import Testing

@testable import Raft

/// The sending side.
@Suite struct SnapshotSendingScripts {
    /// A leader of three with the entries up to 10, of which those up to 6 are compacted; peer 3 was not heard.
    private func compacted() throws -> Bench {
        var leader = try Bench.leader(membership([1, 2, 3]), heard: [2])
        for _ in 3...10 { _ = leader.propose() }
        leader.settle(with: [2])
        leader.compact(through: 6)
        #expect(leader.raft.log.start == LogPosition(index: LogIndex(6), term: Term(2)))
        leader.clear()
        return leader
    }

    private func refuse(_ leader: inout Bench, at previous: UInt64, hint: UInt64) {
        leader.receive(
            .appendAnswer(
                .rejected(previousIndex: LogIndex(previous), hintIndex: LogIndex(hint), hintTerm: Term(1)), round: 1),
            term: 2, from: 3)
    }

    @Test func aPeerThatNeedsWhatIsCompactedGetsASnapshotAndThenEntries() throws {
        var leader = try compacted()
        // A peer that is not heard gets none.
        leader.tick(after: 60)
        #expect(leader.snapshotsBegun == [])
        leader.clear()
        refuse(&leader, at: 1, hint: 1)
        #expect(leader.effects.contains(.sendSnapshot(to: NodeID(3), atLeast: LogIndex(6))))
        leader.clear()
        // Meanwhile it gets heartbeats, compared with the log's start, and no entries.
        _ = leader.propose()
        leader.tick(after: 60)
        #expect(
            leader.sent(to: 3) == [
                .append(
                    previousIndex: LogIndex(6), previousTerm: Term(2), commit: .zero,
                    round: leader.raft.role.leadership?.round ?? 0, entryCount: 0)
            ])
        // It refuses them, and is heard all the same.
        refuse(&leader, at: 6, hint: 1)
        #expect(leader.snapshotsBegun == [])
        leader.step(.snapshotProgressed(to: NodeID(3)))
        leader.clear()
        leader.accept(8, round: 1, term: 2, from: 3)
        #expect(leader.effects.contains(.stopSnapshot(to: NodeID(3))))
        #expect(leader.state(of: 3) == .replicate)
        #expect(
            leader.sent(to: 3) == [
                .append(
                    previousIndex: LogIndex(8), previousTerm: Term(2), commit: leader.raft.commitIndex,
                    round: leader.raft.role.leadership?.round ?? 0, entryCount: 3)
            ])
    }

    @Test func aPeerThatHasWhatTheLogBeginsBehindNeedsNone() throws {
        var leader = try compacted()
        leader.receive(
            .appendAnswer(.rejected(previousIndex: LogIndex(1), hintIndex: .zero, hintTerm: .zero), round: 1), term: 2,
            from: 3)
        #expect(leader.snapshotsBegun == [NodeID(3)])
        // What it said was of before; by now it has the entry, and says so to a heartbeat.
        leader.accept(6, round: 1, term: 2, from: 3)
        #expect(leader.state(of: 3) == .replicate)
        #expect(leader.effects.contains(.stopSnapshot(to: NodeID(3))))
    }

    @Test func theLeaderSearchesNoAgreementBeforeItsLogsStart() throws {
        var leader = Bench(1, try recovery(membership([1, 2, 3]), terms: [1, 1, 3, 3, 3], commit: 6))
        leader.elect(by: [2])
        leader.settle(with: [2])
        leader.compact(through: 5)
        // The peer has entries behind the start, of a term that the leader has nowhere behind it.
        leader.receive(
            .appendAnswer(.rejected(previousIndex: LogIndex(6), hintIndex: LogIndex(6), hintTerm: Term(2)), round: 1),
            term: 4, from: 3)
        #expect(leader.snapshotsBegun == [NodeID(3)])
    }

    @Test func aSnapshotThatFailsIsTriedAgainAfterAnElectionTimeout() throws {
        var leader = try compacted()
        refuse(&leader, at: 1, hint: 1)
        leader.clear()
        leader.step(.snapshotFailed(to: NodeID(3)))
        let failed = leader.time
        while leader.snapshotsBegun.isEmpty, leader.time < failed + 2_000 {
            leader.tick(after: 40)
            leader.settle(with: [2])
            refuse(&leader, at: 6, hint: 1)
        }
        #expect(leader.snapshotsBegun == [NodeID(3)])
        #expect(leader.time >= failed + 500)
        // A failure that nobody waits for is none.
        leader.accept(6, round: 1, term: 2, from: 3)
        leader.step(.snapshotFailed(to: NodeID(3)))
        leader.step(.snapshotFailed(to: NodeID(2)))
        leader.step(.snapshotFailed(to: NodeID(9)))
        #expect(leader.state(of: 3) == .replicate)
    }

    @Test func aSnapshotWithoutProgressIsAskedForAgain() throws {
        var leader = try compacted()
        refuse(&leader, at: 1, hint: 1)
        leader.clear()
        func wait(_ milliseconds: Int64) {
            let end = leader.time + milliseconds
            while leader.time < end {
                leader.tick(after: 40)
                leader.settle(with: [2])
                refuse(&leader, at: 6, hint: 1)
            }
        }
        wait(9_000)
        leader.step(.snapshotProgressed(to: NodeID(3)))
        wait(9_000)
        #expect(leader.snapshotsBegun == [])
        wait(1_200)
        #expect(leader.snapshotsBegun == [NodeID(3)])
    }

    @Test func aPeerThatGoesGetsNoSnapshot() throws {
        var leader = try compacted()
        refuse(&leader, at: 1, hint: 1)
        leader.clear()
        _ = leader.change(.remove(NodeID(3)))
        leader.settle(with: [2])
        #expect(leader.effects.contains(.stopSnapshot(to: NodeID(3))))
        #expect(leader.raft.contacts.map(\.id) == [NodeID(2)])
    }

    @Test func aLearnerThatComesByASnapshotIsPromotedLikeAnyOther() throws {
        var leader = try compacted()
        _ = leader.change(.addLearner(newMember(4)))
        leader.settle(with: [2])
        leader.receive(
            .appendAnswer(.rejected(previousIndex: LogIndex(11), hintIndex: .zero, hintTerm: .zero), round: 1), term: 2,
            from: 4)
        #expect(leader.snapshotsBegun == [NodeID(4)])
        #expect(leader.change(.promote(NodeID(4))) == .refused(.notCaughtUp(NodeID(4), entriesBehind: 11)))
        leader.accept(8, round: 1, term: 2, from: 4)
        leader.accept(11, round: 1, term: 2, from: 4)
        #expect(leader.change(.promote(NodeID(4))) == .appended(LogIndex(12), Term(2)))
    }

    @Test func trap37_whatIsNotAppliedOrNotDurableIsNotReleased() throws {
        var leader = try Bench.leader(membership([1, 2, 3]), heard: [2, 3])
        for _ in 3...10 { _ = leader.propose() }
        for peer in [2, 3] as [UInt64] { leader.accept(10, term: 2, from: peer) }
        #expect(leader.committed == LogIndex(10))
        leader.step(.applied(through: LogIndex(8)))
        leader.step(.compact(through: LogIndex(9)))
        #expect(leader.raft.log.start.index == LogIndex(2))
        leader.persistAll()
        leader.step(.compact(through: LogIndex(9)))
        #expect(leader.raft.log.start.index == LogIndex(8))
        // Backwards is nowhere.
        leader.step(.compact(through: LogIndex(3)))
        #expect(leader.raft.log.start.index == LogIndex(8))
    }

    @Test func whatASnapshotStandsForIsAskedAtAnAppliedEntry() throws {
        var leader = try Bench.leader(membership([1, 2, 3]), heard: [2, 3])
        leader.step(.applied(through: LogIndex(2)))
        #expect(
            leader.raft.snapshotPoint(at: LogIndex(2), logTime: LogTime(2))
                == snapshot(2, term: 2, membership([1, 2, 3]), since: 1))
        #expect(leader.raft.snapshotPoint(at: LogIndex(3), logTime: .zero) == nil)
        #expect(leader.raft.snapshotPoint(at: .zero, logTime: .zero) == nil)
    }
}

/// The receiving side.
@Suite struct SnapshotReceivingScripts {
    let three = membership([1, 2, 3])

    @Test func aSnapshotAheadOfTheLogTakesItsPlaceAndTheLogGoesOnBehindIt() throws {
        var node = Bench(3, RaftRecovery(logMemoryBytes: 1 << 20))
        node.append(after: 100, 5, commit: 0, round: 4, term: 6, from: 1)
        #expect(
            node.sent(to: 1) == [
                .appendAnswer(.rejected(previousIndex: LogIndex(100), hintIndex: .zero, hintTerm: .zero), round: 4)
            ])
        node.persistAll()
        node.clear()
        node.take(snapshot(100, term: 5, three), from: 1)
        #expect(node.installed == [LogIndex(100)])
        #expect(node.raft.commitIndex == LogIndex(100) && node.raft.lastIndex == LogIndex(100))
        #expect(node.raft.membership == three)
        #expect(node.persists.map(\.restartBehind) == [LogPosition(index: LogIndex(100), term: Term(5))])
        // A start would not begin with it before the journal has its mark.
        #expect(node.sent(to: 1) == [])
        node.persistAll()
        #expect(node.sent(to: 1) == [.appendAnswer(.accepted(match: LogIndex(100)), round: 4)])
        node.clear()
        node.append(after: 100, 5, terms: [6, 6], commit: 101, round: 5, term: 6, from: 1)
        #expect(node.committed == LogIndex(101))
        #expect(node.persists.map(\.entries) == [LogIndex(101)..<LogIndex(103)])
        node.persistAll()
        #expect(node.sent(to: 1).last == .appendAnswer(.accepted(match: LogIndex(102)), round: 5))
        // It leads from there, with a clock that goes on from the snapshot.
        #expect(node.raft.log.lastLogTime >= LogTime(0))
    }

    @Test func theClockOfALeaderGoesOnFromTheSnapshot() throws {
        var node = Bench(1, try recovery(three, terms: [2]))
        node.append(after: 2, 2, term: 3, from: 2)
        node.take(snapshot(1_000_000_000, term: 3, three), from: 2)
        node.persistAll()
        node.elect(by: [2])
        #expect(node.raft.header(at: node.raft.lastIndex)?.logTime ?? .zero >= LogTime(1_000_000_000))
    }

    @Test func theEntriesBehindASnapshotStayIfItsOwnIsAmongThem() throws {
        var node = Bench(3, try recovery(three, terms: [2, 2, 3, 3, 3]))
        node.append(after: 1, 1, term: 3, from: 1)
        node.persistAll()
        node.clear()
        node.take(snapshot(4, term: 3, three), from: 1)
        #expect(node.installed == [LogIndex(4)])
        #expect(node.raft.lastIndex == LogIndex(6))
        #expect((node.raft.commitIndex, node.raft.appliedIndex) == (LogIndex(4), LogIndex(4)))
        #expect(node.persists.isEmpty)
        #expect(node.sent(to: 1) == [.appendAnswer(.accepted(match: LogIndex(4)), round: 1)])
        node.compact(through: 4)
        #expect(node.raft.log.start == LogPosition(index: LogIndex(4), term: Term(3)))
    }

    @Test func theWholeLogGoesIfItHasAnotherEntryThere() throws {
        var node = Bench(3, try recovery(three, terms: [2, 2, 2, 2, 2]))
        node.append(after: 1, 1, term: 4, from: 1)
        node.take(snapshot(4, term: 3, three), from: 1)
        #expect(node.raft.lastIndex == LogIndex(4))
        #expect(node.raft.log.term(at: LogIndex(4)) == Term(3))
        #expect(node.raft.log.term(at: LogIndex(3)) == nil)
        #expect(node.persists.last?.restartBehind?.index == LogIndex(4))
    }

    @Test func aCandidateThatTakesASnapshotAsksNoLongerWithItsFormerLog() throws {
        var node = Bench(3, try recovery(three, terms: [2, 2, 2, 2, 2]))
        node.tick()
        node.receive(.preVoteAnswer(granted: true), term: 3, from: 2)
        node.persistAll()
        #expect(node.raft.currentRole == .candidate)
        node.take(snapshot(4, term: 1, three), from: 1)
        #expect(node.raft.currentRole == .follower)
        #expect(node.raft.votedFor == NodeID(3))
        node.receive(.voteAnswer(granted: true), term: 3, from: 2)
        #expect(node.raft.currentRole == .follower)
    }

    /// Leader 1 of term 4 has been replaced by one that never had its entries, and that has committed others since.
    @Test func aSnapshotOverridesWhatWasAgreedWithALeaderThatIsDeposed() throws {
        var node = Bench(3, try recovery(three))
        node.append(after: 1, 1, terms: [4, 4, 4, 4], term: 4, from: 1)
        node.persistAll()
        node.clear()
        node.take(snapshot(3, term: 2, three), from: 2)
        #expect(node.installed == [LogIndex(3)])
        #expect(node.raft.lastIndex == LogIndex(3))
        // Nothing of it is acknowledged to the deposed one, which may still speak.
        node.append(after: 5, 4, round: 2, term: 4, from: 1)
        node.append(after: 3, 4, round: 3, term: 4, from: 1)
        node.append(after: 1, 1, terms: [4, 4], round: 4, term: 4, from: 1)
        node.persistAll()
        #expect(
            node.sent(to: 1).allSatisfy { if case .appendAnswer(.accepted, _) = $0 { false } else { true } })
        node.append(after: 3, 2, terms: [5], round: 1, term: 5, from: 2)
        node.persistAll()
        #expect(node.sent(to: 2).last == .appendAnswer(.accepted(match: LogIndex(4)), round: 1))
    }

    @Test func aLeaderInstallsNothing() throws {
        var leader = try Bench.leader(three, heard: [2, 3])
        leader.take(snapshot(50, term: 2, three), from: 2)
        #expect(leader.installed == [])
        #expect(leader.raft.lastIndex == LogIndex(2))
    }

    @Test func entriesOnTheirWayToTheDiskProveNothingOfTheLogThatTookTheirPlace() throws {
        var node = Bench(3, try recovery(three))
        node.append(after: 1, 1, terms: [2, 2, 2], term: 2, from: 1)
        let former = try #require(node.persists.last)
        node.take(snapshot(100, term: 2, three), from: 1)
        node.append(after: 100, 2, terms: [2], term: 2, from: 1)
        node.step(.persisted(former.number, issuedIn: former.issuedIn))
        #expect(node.raft.durableIndex == LogIndex(100))
        // The journal gives nothing up before it knows that the log began anew.
        #expect(node.raft.releasableIndex == .zero)
        node.persistAll()
        #expect(node.raft.durableIndex == LogIndex(101))
        #expect(node.raft.releasableIndex == LogIndex(100))
    }

    @Test func trap12_appendsThatReachBackBeforeTheLogsStartAreTakenFromThereOn() throws {
        var node = Bench(3, try recovery(three))
        node.append(after: 1, 1, term: 2, from: 1)
        node.take(snapshot(10, term: 2, three), from: 1)
        node.persistAll()
        node.clear()
        node.append(after: 7, 2, terms: [2, 2, 2, 2, 2], commit: 11, round: 2, term: 2, from: 1)
        #expect(node.raft.lastIndex == LogIndex(12))
        #expect(node.committed == LogIndex(11))
        node.persistAll()
        #expect(node.sent(to: 1).last == .appendAnswer(.accepted(match: LogIndex(12)), round: 2))
        // All of it before: agreed, and nothing more.
        node.clear()
        node.append(after: 4, 1, terms: [1], round: 3, term: 2, from: 1)
        #expect(node.raft.lastIndex == LogIndex(12))
        #expect(node.sent(to: 1) == [.appendAnswer(.accepted(match: LogIndex(12)), round: 3)])
        // Another entry at the start itself is no leader's.
        node.append(after: 9, 1, terms: [1, 1], round: 4, term: 2, from: 1)
        #expect(node.raft.droppedMessages == 1)
    }
}
