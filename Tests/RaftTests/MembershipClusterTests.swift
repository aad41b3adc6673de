import LeaseholdBase
import Testing

@testable import Raft

extension Cluster {
    /// Wishes one change or another of whoever leads.
    func changeSomething() throws -> MembershipResult? {
        guard let leader, let membership = raft(leader)?.membership else { return nil }
        let learner = anyOf(membership.learners)
        let voter = anyOf(membership.voters)
        let change: MembershipChange
        switch draw(12) {
        case 0, 1, 2:
            var fresh = ids.first { $0 > membership.highestID }
            if fresh == nil, ids.count < 12 { fresh = try addNode() }
            guard let fresh else { return nil }
            change = .addLearner(newMember(fresh.rawValue))
        case 3, 4, 5:
            guard let learner, membership.voters.count < 5 else { return nil }
            change = .promote(learner)
        case 6, 7:
            guard let voter, membership.voters.count > 2 else { return nil }
            change = .remove(draw(3) == 0 ? leader : voter)
        case 8, 9:
            guard let learner, let voter else { return nil }
            change = .replace(draw(3) == 0 ? leader : voter, with: learner)
        case 10:
            guard let learner else { return nil }
            change = .remove(learner)
        default:
            guard let voter else { return nil }
            change = .setAddresses(voter, peer: "a:\(draw(1 << 40))", client: "b:\(draw(1 << 40))")
        }
        let result = nodes[leader]?.raft?.proposeChange(change, isForced: draw(8) == 0, now: now)
        endTurn(leader)
        return result
    }

    /// Makes a change with work going on; whether it is over within ten seconds.
    func achieve(_ change: MembershipChange) -> Bool {
        var asked: LogIndex?
        for _ in 0..<2_000 where failures.isEmpty {
            run(5)
            guard let leader, let raft = raft(leader) else { continue }
            work(1)
            if let asked {
                if raft.commitIndex > asked, raft.changeUnderWay == nil { return true }
                continue
            }
            let result = nodes[leader]?.raft?.proposeChange(change, now: now)
            endTurn(leader)
            if case .appended(let index, _) = result { asked = index }
        }
        return false
    }
}

@Suite struct MembershipClusterTests {
    @Test func whateverHappensMeanwhileTheMembersChangeAndNothingIsLost() throws {
        var changes = 0
        var joints = 0
        var marks = MarkSet<RaftMark>()
        for seed in 1...100 as ClosedRange<UInt64> {
            let cluster = try Cluster(
                [1, 2, 3, 5][Int(seed % 4)], spares: 2, seed: seed, logMemoryBytes: seed % 2 == 0 ? 1 << 20 : 4_000
            ) {
                if seed % 5 != 0 { ($0.electionTimeout, $0.heartbeat) = (.milliseconds(60), .milliseconds(6)) }
                if seed % 4 == 1 { ($0.windowMessages, $0.appendBytes) = (2, 500) }
            }
            try cluster.storm {
                if cluster.draw(2) == 0, case .appended = try cluster.changeSomething() { changes += 1 }
            }
            let isHealed = try cluster.converge()
            #expect(cluster.failures == [], "seed \(seed)")
            #expect(isHealed, "seed \(seed)\n\(cluster.report)")
            joints += cluster.judge.joints
            for id in cluster.ids { if let raft = cluster.raft(id) { marks.formUnion(raft.marks) } }
            if !cluster.failures.isEmpty || !isHealed { break }
        }
        #expect(changes > 300)
        #expect(joints > 100)
        let wanted: [RaftMark] = [
            .jointBegun, .jointLeft, .membersChanged, .changeRefused, .promotionTooEarly, .quorumLossRefused,
            .membershipRolledBack, .removedLeaderLeft, .departureHeard, .removedNodeTold, .quietAsRemoved,
        ]
        #expect(wanted.filter { !marks.contains($0) } == [])
    }

    /// Three to five to three, and then each of the original three replaced, with work going on.
    @Test func aClusterOutlivesAllItsFirstMembers() throws {
        for seed in 1...3 as ClosedRange<UInt64> {
            let cluster = try Cluster(3, spares: 5, seed: seed)
            func ids(_ values: [UInt64]) -> [NodeID] { values.map { NodeID($0) } }
            let plan: [MembershipChange] = [
                .addLearner(newMember(4)), .addLearner(newMember(5)), .reshape(promote: ids([4, 5]), remove: []),
                .reshape(promote: [], remove: ids([4, 5])), .addLearner(newMember(6)),
                .replace(NodeID(1), with: NodeID(6)), .addLearner(newMember(7)), .addLearner(newMember(8)),
                .replace(NodeID(2), with: NodeID(7)), .replace(NodeID(3), with: NodeID(8)),
            ]
            for change in plan { #expect(cluster.achieve(change), "\(change), seed \(seed)\n\(cluster.report)") }
            cluster.run(2_000)
            #expect(cluster.judge.membership?.voters == ids([6, 7, 8]))
            #expect(cluster.failures == [])
            // Nobody ever waited for an election: who went handed over.
            #expect(cluster.elections <= 5)
        }
    }

    @Test func aRemovedNodeThatWasAwayComesBackAndDisturbsNobody() throws {
        for seed in 1...4 as ClosedRange<UInt64> {
            let cluster = try Cluster(3, seed: seed)
            #expect(cluster.run(atMost: 3_000) { cluster.leader != nil })
            cluster.run(100)
            let leader = try #require(cluster.leader)
            let away = try #require(cluster.ids.first { $0 != leader })
            cluster.partition([away])
            cluster.run(300)
            #expect(cluster.achieve(.remove(away)))
            // Longer than a leader tells who is away.
            cluster.run(10_000)
            let (elections, term) = (cluster.elections, cluster.raft(leader)?.term)
            cluster.cut = []
            cluster.run(5_000)
            #expect((cluster.elections, cluster.leader) == (elections, leader))
            #expect(cluster.raft(leader)?.term == term)
            #expect(cluster.raft(away)?.isToldRemoved == true)
            #expect(cluster.raft(away)?.currentRole == .follower)
            #expect(cluster.failures == [])
        }
    }
}
