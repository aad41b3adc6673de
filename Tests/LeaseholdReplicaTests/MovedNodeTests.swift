import LeaseholdBase
import LeaseholdJournal
import LeaseholdWire
import Raft
import Testing

@testable import LeaseholdReplica

/// Members that are started at other addresses than the cluster knows.
@Suite struct MovedNodeTests {
    private let second = Member(
        id: NodeID(2), peerAddress: "127.0.0.1:3", clientAddress: "127.0.0.1:4", incarnation: Incarnation(77))

    private func change(_ change: MembershipChange, of node: inout LoneNode) throws -> [Member] {
        var body: [UInt8] = []
        MemberRequest(change).encode(into: &body)
        let answer = try #require(try node.ask(.changeMembers, body))
        #expect(answer.head.kind == .members)
        return try MemberList(decoding: answer.body.span.bytes).members.map(\.member)
    }

    private func status(_ node: inout LoneNode) throws -> NodeStatus {
        let answer = try #require(try node.ask(.status, []))
        return try NodeStatus(decoding: answer.body.span.bytes)
    }

    /// The greeting with which a node begins a connection to the second one.
    private func greeting(of node: inout LoneNode) throws -> PeerHello {
        let connection = ConnectionID(slot: 8, generation: 1)
        node.replica.drained()
        node.replica.dialed(NodeID(2), connection, now: node.now)
        for effect in node.replica.effects {
            guard case .send(connection, let range) = effect else { continue }
            let sent = Array(node.replica.outgoing[range])
            guard case .frame(_, let body, _) = FrameParser.next(in: sent.span.bytes) else { continue }
            return try PeerHello(decoding: sent.span.bytes.extracting(body))
        }
        throw DecodingError.invalid
    }

    @Test(arguments: [true, false]) func whereANodeListensNowIsWhatItTells(joins: Bool) throws {
        var node = try LoneNode()
        _ = try change(.addLearner(second), of: &node)
        var configuration = node.replica.configuration
        configuration.joins = joins
        let new = ListedNode(id: NodeID(1), peerAddress: "127.0.0.1:5", clientAddress: "127.0.0.1:6")
        let there = ListedNode(id: NodeID(2), peerAddress: "127.0.0.1:3", clientAddress: "127.0.0.1:4")
        configuration.listed = joins ? [new] : [new, there]
        node.replica = try Replica.open(configuration, disk: &node.disk, seed: 8, now: node.now)
        for _ in 0..<400 where !(node.replica.isLeader && node.replica.raft.hasCommittedInTerm) {
            node.time += 10_000_000
            node.turn()
        }
        node.greet()
        let told = try status(&node)
        #expect(told.peerAddress == "127.0.0.1:5" && told.clientAddress == "127.0.0.1:6")
        #expect(told.members.first?.clientAddress == "127.0.0.1:2", "the membership is as it was")
        let hello = try greeting(of: &node)
        #expect(hello.peerAddress == "127.0.0.1:5" && hello.clientAddress == "127.0.0.1:6")
        let move = MembershipChange.setAddresses(NodeID(1), peer: told.peerAddress, client: told.clientAddress)
        let members = try change(move, of: &node)
        #expect(members.first?.peerAddress == "127.0.0.1:5" && members.first?.clientAddress == "127.0.0.1:6")
    }

    @Test func clientsAreSentWhereAMovedLeaderWasMet() {
        let connection = ConnectionID(slot: 1, generation: 1)
        var link = PeerLink(
            id: NodeID(2), address: "127.0.0.1:3", incarnation: Incarnation(77), driftPartsPerMillion: 10_000)
        link.told = ("127.0.0.1:5", "127.0.0.1:6")
        for dialled in ["127.0.0.1:3", "127.0.0.1:5"] {
            link.dialled = dialled
            link.opened(connection, tellsClock: false, now: SteadyTime(0))
            #expect(link.provedClientAddress == (dialled == "127.0.0.1:5" ? "127.0.0.1:6" : nil))
        }
        var random = RandomSource(seed: 1)
        link.lost(now: SteadyTime(1), random: &random)
        #expect(link.provedClientAddress == nil)
    }

    /// Where a node dials the second one for a while in which no dial succeeds.
    private func dials(of node: inout LoneNode) -> Set<String> {
        // One may be under way.
        node.replica.dialFailed(NodeID(2), now: node.now)
        node.dials = []
        var failed = 0
        for _ in 0..<100 {
            node.time += 10_000_000
            node.turn()
            guard node.dials.count > failed else { continue }
            failed = node.dials.count
            node.replica.dialFailed(NodeID(2), now: node.now)
        }
        return Set(node.dials.map(\.address))
    }

    @Test func aMemberThatMovedIsHeardAndReachedBeforeTheMembershipSaysSo() throws {
        var node = try LoneNode()
        _ = try change(.addLearner(second), of: &node)
        #expect(dials(of: &node) == ["127.0.0.1:3"])
        node.isGreeted(
            by: NodeIdentity(node: NodeID(2), incarnation: Incarnation(77)),
            over: ConnectionID(slot: 7, generation: 1), at: ("127.0.0.1:5", "127.0.0.1:6"))
        #expect(node.replica.counters.connectionsRefused == 0)
        #expect(dials(of: &node) == ["127.0.0.1:3", "127.0.0.1:5"])
        #expect(node.replica.raft.membership.member(NodeID(2)) == second)
        _ = try change(.setAddresses(NodeID(2), peer: "127.0.0.1:5", client: "127.0.0.1:6"), of: &node)
        #expect(dials(of: &node) == ["127.0.0.1:5"])
    }
}
