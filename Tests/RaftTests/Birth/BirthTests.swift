import LeaseholdBase
import Testing

@testable import Raft

@Suite struct BirthTests {
    @Test func threeEmptyNodesBecomeOneCluster() throws {
        let cluster = BirthCluster(3, seed: 1)
        cluster.startAll()
        cluster.run(1_000)
        #expect(cluster.clusters.count == 1)
        let entry = try #require(cluster.nodes[NodeID(3)]?.started)
        #expect(entry.membership.voters == [NodeID(1), NodeID(2), NodeID(3)])
        #expect(entry.membership.members.map(\.incarnation) == [1, 2, 3].map { incarnation($0) })
        #expect(entry.membership.clusterID != .unborn)
        #expect(cluster.ids.allSatisfy { cluster.nodes[$0]?.stored == entry })
        #expect(entry.header.index == LogIndex(1))
        #expect(entry.header.term == Term(1))
        #expect(entry.header.logTime == .zero)
    }

    @Test func aNodeAloneIsBornAtOnce() throws {
        let cluster = BirthCluster(1, seed: 1)
        cluster.startAll()
        cluster.run(10)
        let entry = try #require(cluster.nodes[NodeID(1)]?.started)
        var recovered = RaftRecovery(logMemoryBytes: 1 << 20)
        try recovered.birth(entry)
        var node = Bench(1, recovered)
        node.tick()
        node.persistAll()
        #expect(node.raft.isLeader)
        #expect(node.raft.membership == entry.membership)
    }

    @Test func nothingIsBornWhileOneIsMissing() {
        let cluster = BirthCluster(3, seed: 1)
        cluster.start(NodeID(1))
        cluster.start(NodeID(2))
        cluster.run(20_000)
        #expect(cluster.clusters.isEmpty)
        #expect(cluster.nodes[NodeID(1)]?.birth?.awaited == [NodeID(3)])
        cluster.start(NodeID(3))
        cluster.run(1_000)
        #expect(cluster.clusters.count == 1)
        #expect(cluster.ids.allSatisfy { cluster.nodes[$0]?.started != nil })
    }

    /// A crash between any two effects of any node, and a start after it: one cluster, and everybody in it.
    @Test func aCrashAtAnyPointAndAStartAfterItGiveOneCluster() {
        for victim in 1...3 as ClosedRange<UInt64> {
            for point in 0..<25 {
                let cluster = BirthCluster(3, seed: victim * 100 + UInt64(point))
                cluster.loss = UInt64(point % 3) * 15
                cluster.effectsUntilCrash[NodeID(victim)] = point
                cluster.startAll()
                for _ in 0..<10 {
                    cluster.run(100)
                    cluster.startAll()
                }
                cluster.loss = 0
                cluster.run(1_000)
                #expect(cluster.clusters.count == 1, "victim \(victim) at \(point)")
                #expect(cluster.ids.allSatisfy { cluster.nodes[$0]?.stored != nil }, "victim \(victim) at \(point)")
                #expect(cluster.ids.allSatisfy { cluster.nodes[$0]?.refusals == [] })
            }
        }
    }

    @Test func aNodeThatWasAwayForItsBirthGetsItLater() {
        let cluster = BirthCluster(3, seed: 5)
        cluster.startAll()
        // The third shows itself, and goes down before the birth is stored anywhere.
        while cluster.nodes[NodeID(1)]?.storing == nil { cluster.run(1) }
        cluster.crash(NodeID(3))
        cluster.run(1_000)
        #expect(cluster.nodes[NodeID(2)]?.stored != nil)
        #expect(cluster.nodes[NodeID(3)]?.stored == nil)
        // The first is gone for good: any that is born can tell.
        cluster.crash(NodeID(1))
        cluster.start(NodeID(3))
        cluster.run(500)
        #expect(cluster.nodes[NodeID(3)]?.started?.membership == cluster.nodes[NodeID(2)]?.stored?.membership)
    }

    @Test(arguments: [[1, 2], [2, 3], [1, 3]] as [[UInt64]])
    func trap36_twoWipedDirectoriesOfThreeNeverFormANewCluster(wiped: [UInt64]) {
        for seed in 1...10 as ClosedRange<UInt64> {
            let cluster = BirthCluster(3, seed: seed)
            cluster.startAll()
            cluster.run(1_000)
            let before = cluster.clusters
            #expect(before.count == 1)
            for id in cluster.ids { cluster.crash(id) }
            for id in wiped { cluster.wipe(NodeID(id)) }
            // The two alone wait; the third says why they cannot take part.
            for id in wiped { cluster.start(NodeID(id)) }
            cluster.run(5_000)
            #expect(wiped.allSatisfy { cluster.nodes[NodeID($0)]?.stored == nil })
            cluster.startAll()
            cluster.run(5_000)
            #expect(cluster.clusters == before)
            #expect(wiped.allSatisfy { cluster.nodes[NodeID($0)]?.refusals.first == .otherIncarnation })
        }
    }

    @Test func aDirectoryThatWasEmptiedWhileOthersWereAwaitedCountsAsItIsNow() throws {
        let cluster = BirthCluster(3, seed: 3)
        cluster.start(NodeID(1))
        cluster.start(NodeID(2))
        cluster.run(1_000)
        cluster.wipe(NodeID(2))
        cluster.run(100)
        cluster.start(NodeID(2))
        cluster.start(NodeID(3))
        cluster.run(2_000)
        #expect(cluster.clusters.count == 1)
        let entry = try #require(cluster.nodes[NodeID(1)]?.stored)
        #expect(entry.membership.member(NodeID(2))?.incarnation == cluster.nodes[NodeID(2)]?.incarnation)
        #expect(cluster.nodes[NodeID(2)]?.started != nil)
    }

    @Test func aPresenceMeantForAnotherDirectoryDoesNotCount() throws {
        let configuration = BirthConfiguration(id: NodeID(1), incarnation: Incarnation(11), listed: members([1, 2]))
        var birth = try #require(Birth(configuration: configuration, seed: 1, now: at(milliseconds: 0)))
        var effects: [BirthEffect] = []
        let list = [NodeID(1), NodeID(2)]
        func show(heard: UInt64, at time: Int64) {
            let presence = BirthMessage.presence(
                listed: list, incarnation: Incarnation(22), heard: Incarnation(heard))
            birth.step(.received(from: NodeID(2), presence), now: at(milliseconds: time), into: &effects)
        }
        func isStored() -> Bool { effects.contains { if case .store = $0 { true } else { false } } }
        show(heard: 0, at: 1)
        show(heard: 10, at: 2)
        #expect(!isStored())
        show(heard: 11, at: 3)
        #expect(isStored())
    }

    @Test func aPresenceCountsForAWhileOnly() throws {
        let configuration = BirthConfiguration(
            id: NodeID(1), incarnation: Incarnation(11), listed: members([1, 2, 3]))
        var birth = try #require(Birth(configuration: configuration, seed: 1, now: at(milliseconds: 0)))
        var effects: [BirthEffect] = []
        let list = [NodeID(1), NodeID(2), NodeID(3)]
        func show(_ id: UInt64, at time: Int64) {
            let presence = BirthMessage.presence(
                listed: list, incarnation: Incarnation(id), heard: Incarnation(11))
            birth.step(.received(from: NodeID(id), presence), now: at(milliseconds: time), into: &effects)
        }
        func isStored() -> Bool { effects.contains { if case .store = $0 { true } else { false } } }
        show(2, at: 1)
        show(3, at: 2_500)
        #expect(!isStored())
        show(2, at: 2_600)
        #expect(isStored())
    }

    @Test func differentListsNeverMakeACluster() {
        let cluster = BirthCluster(3, seed: 2)
        cluster.start(NodeID(1))
        cluster.start(NodeID(2), listed: [2, 3])
        cluster.start(NodeID(3))
        cluster.run(3_000)
        #expect(cluster.clusters.isEmpty)
        #expect(cluster.nodes[NodeID(2)]?.refusals.contains(.listsDiffer) == true)
        // Set right, they go on.
        cluster.crash(NodeID(2))
        cluster.startAll()
        cluster.run(3_000)
        #expect(cluster.clusters.count == 1)
    }

    @Test func aStrangerIsToldThatItIsNone() {
        let entry = BirthEntry(membership([1, 2, 3]))
        let answer = Birth.answer(
            toPresenceOf: NodeID(4), Incarnation(4), membership: entry.membership, birthPayload: entry.payload)
        #expect(answer == .refused(.unknownMember))
        func toThird(_ incarnation: Incarnation) -> BirthMessage {
            Birth.answer(
                toPresenceOf: NodeID(3), incarnation, membership: entry.membership, birthPayload: entry.payload)
        }
        #expect(toThird(Incarnation(999)) == .refused(.otherIncarnation))
        #expect(toThird(incarnation(3)) == .born(payload: entry.payload))
    }

    @Test func aListThatContradictsItselfIsNoBeginning() {
        func make(_ ids: [UInt64]) -> Birth? {
            Birth(
                configuration: BirthConfiguration(
                    id: NodeID(1), incarnation: Incarnation(1), listed: members(ids)), seed: 1, now: at(milliseconds: 0)
            )
        }
        #expect(make([1, 2]) != nil)
        #expect(make([2, 3]) == nil)
        #expect(make([1, 2, 2]) == nil)
        #expect(make([0, 1]) == nil)
        #expect(make([]) == nil)
    }

    @Test func whatIsNoMembershipIsNoBirth() throws {
        let configuration = BirthConfiguration(id: NodeID(2), incarnation: Incarnation(22), listed: members([1, 2]))
        var birth = try #require(Birth(configuration: configuration, seed: 1, now: at(milliseconds: 0)))
        var effects: [BirthEffect] = []
        birth.step(.received(from: NodeID(1), .born(payload: [1, 2, 3])), now: at(milliseconds: 1), into: &effects)
        #expect(effects.isEmpty)
        #expect(birth.deadline != .never)
    }
}
