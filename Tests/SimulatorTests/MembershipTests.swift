import LeaseholdBase
import LeaseholdClientCore
import LeaseholdReplica
import LeaseholdWire
import Raft
import Testing

@testable import Simulator

/// Snapshots and members in scripted clusters.
@Suite struct MembershipTests {
    private func world(_ nodes: Int, founders: Int, seed: UInt64 = 5) -> (World, SimulatedClient) {
        var plan = Plan(seed: seed)
        (plan.nodes, plan.founders, plan.core) = (nodes, founders, Array(0..<nodes))
        plan.snapshots?.logBytes = 8 << 10
        plan.disk.segmentBytes = 4 << 10
        let world = World(plan)
        world.startAll()
        let client = world.addClient()
        world.run(for: .seconds(5)) { world.leader != nil }
        return (world, client)
    }

    private func ask(_ change: MembershipChange?, _ client: SimulatedClient, _ world: World) throws {
        let change = try #require(change)
        let now = client.clockNow(world)
        client.inquired("change", .members) { core throws(SubmissionError) in
            try core.changeMembers(MemberRequest(change), timeout: .seconds(10), now: now)
        }
        world.scheduleTurn(client)
    }

    @Test func aNodeThatWasAwayComesBackByASnapshot() throws {
        let (world, _) = world(3, founders: 3)
        let away = try #require(world.nodes.first { $0 !== world.leader })
        world.crash(away, losingPower: false)
        let isReleased = { (world.leader?.replica?.raft.log.start.index ?? .zero) > LogIndex(60) }
        #expect(world.run(for: .seconds(60), until: isReleased))
        world.start(away)
        let hasInstalled = { (away.replica?.counters.snapshotsInstalled ?? 0) > 0 }
        #expect(world.run(for: .seconds(10), until: hasInstalled))
        #expect(world.run(for: .seconds(5)) { away.replica?.appliedIndex == world.checks.committed })
        #expect(world.violations == [])
    }

    @Test func aFollowerThatIsRemovedIsToldSoOnceThatIsCommitted() throws {
        let (world, client) = world(4, founders: 4)
        let follower = try #require(world.nodes.first { $0 !== world.leader })
        try ask(.remove(follower.id), client, world)
        #expect(world.run(for: .seconds(10)) { follower.replica?.marks.contains(.removed) == true })
        #expect(world.violations == [])
    }

    @Test func aNodeJoinsByASnapshotIsPromotedAndTheLeaderCanGo() throws {
        let (world, client) = world(4, founders: 3)
        let isReleased = { (world.leader?.replica?.raft.log.start.index ?? .zero) > LogIndex(60) }
        #expect(world.run(for: .seconds(60), until: isReleased))
        let joining = world.nodes[3]
        try ask(world.change(of: MemberChange(at: 0, client: 0, kind: .add, node: 3)), client, world)
        #expect(world.run(for: .seconds(10)) { joining.replica?.raft.standing == .learner })
        #expect((joining.replica?.counters.snapshotsInstalled ?? 0) == 1)
        try ask(.promote(NodeID(4)), client, world)
        #expect(world.run(for: .seconds(10)) { joining.replica?.raft.standing == .voter })

        // The others answer the leader that goes, though it is no member to them any more: it hands over at once.
        let leader = try #require(world.leader)
        let term = try #require(leader.replica?.raft.term)
        try ask(.remove(leader.id), client, world)
        let isReplaced = { world.leader != nil && world.leader !== leader }
        #expect(world.run(for: .milliseconds(400), until: isReplaced))
        #expect(world.leader?.replica?.raft.term == term.next && !world.isMember(leader))
        #expect(world.coverage.names.contains("raft.removedLeaderLeft"))
        world.run(for: .seconds(20))
        #expect(world.leader?.replica?.raft.term == term.next && world.violations == [])
    }
}

extension World {
    fileprivate var leader: SimulatedNode? { nodes.first { $0.replica?.isLeader == true } }
}
