import LeaseholdBase
import LeaseholdCommand
import LeaseholdSystem
import LeaseholdWire
import Testing

@Suite struct ClusterStatusTests {
    static func status(
        _ id: UInt64, _ role: NodeRole, term: UInt64 = 7, leader: UInt64? = 2, commit: UInt64 = 40,
        client: String? = nil, members: [UInt64] = [1, 2, 3]
    ) -> NodeStatus {
        NodeStatus(
            cluster: ClusterID(high: 1, low: 2), identity: NodeIdentity(node: NodeID(id), incarnation: Incarnation(9)),
            role: role, term: Term(term), leader: leader.map { NodeID($0) }, last: LogIndex(42),
            commit: LogIndex(commit), applied: LogIndex(commit), process: 4_711,
            clientAddress: client ?? "127.0.0.1:740\(id)", peerAddress: "127.0.0.1:750\(id)", digestHigh: 0xAB,
            digestLow: 0xCD, clock: .right, levels: CommandLevels(known: 2, inForce: 1),
            members: members.map {
                MemberStatus(
                    node: NodeID($0), votes: true, peerAddress: "127.0.0.1:750\($0)",
                    clientAddress: "127.0.0.1:740\($0)")
            })
    }

    @Test func everyMemberIsThereWithEveryKey() throws {
        let cluster = try #require(ClusterStatus([Self.status(2, .leader), Self.status(1, .follower, commit: 39)]))
        #expect(
            cluster.json.text == """
                {"cluster": "00000000000000010000000000000002", "nodes": [\
                {"id": 1, "role": "follower", "term": 7, "leader": 2, "last": 42, "commit": 39, "applied": 39, \
                "pid": 4711, "client_address": "127.0.0.1:7401", "peer_address": "127.0.0.1:7501", \
                "digest": "00000000000000ab00000000000000cd"}, \
                {"id": 2, "role": "leader", "term": 7, "leader": 2, "last": 42, "commit": 40, "applied": 40, \
                "pid": 4711, "client_address": "127.0.0.1:7402", "peer_address": "127.0.0.1:7502", \
                "digest": "00000000000000ab00000000000000cd"}, \
                {"id": 3, "role": "unreachable", "term": null, "leader": null, "last": null, "commit": null, \
                "applied": null, "pid": null, "client_address": "127.0.0.1:7403", "peer_address": "127.0.0.1:7503", \
                "digest": null}]}
                """)
        #expect(cluster.table.contains("unreachable"))
        #expect(cluster.table.contains("right  1/2"))
        #expect(cluster.leader == NodeID(2))
        #expect(cluster.following == 2)
        #expect(ClusterStatus([]) == nil)
    }

    /// Whoever knows more of what was committed knows who belongs to the cluster, whatever term others have got to.
    @Test func whoIsNoMemberAnyMoreIsLeftOut() throws {
        let cluster = try #require(
            ClusterStatus([
                Self.status(1, .candidate, term: 9, leader: nil, commit: 39, members: [1, 2, 3]),
                Self.status(2, .leader, commit: 40, members: [2, 3, 4]),
                Self.status(5, .follower, term: 0, leader: nil, commit: 0, members: []),
            ]))
        #expect(cluster.nodes.map(\.id) == [2, 3, 4].map { NodeID($0) } && cluster.leader == NodeID(2))
        let alone = try #require(ClusterStatus([Self.status(5, .follower, term: 0, leader: nil, members: [])]))
        #expect(alone.nodes.map(\.id) == [NodeID(5)])
    }

    @Test func aLeaderOfAnOlderTermIsNotTheLeader() throws {
        let cluster = try #require(
            ClusterStatus([
                Self.status(1, .leader, term: 5, leader: 1), Self.status(2, .leader, term: 6),
                Self.status(3, .candidate, term: 8, leader: nil),
            ]))
        #expect(cluster.leader == NodeID(2))
        #expect(cluster.following == 1)
    }
}
