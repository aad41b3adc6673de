import LeaseholdBase
import LeaseholdJournal
import LeaseholdReplica
import LeaseholdWire
import Raft
import Testing

/// Nodes that greet and are no members.
@Suite struct StrangerTests {
    private static let connection = ConnectionID(slot: 7, generation: 1)

    /// A node to which a link is kept for as long as the stranger that greeted is there.
    private func met() throws -> LoneNode {
        var node = try LoneNode()
        let hello = PeerHello(
            cluster: node.replica.raft.membership.clusterID,
            sender: NodeIdentity(node: NodeID(9), incarnation: Incarnation(77)),
            receiver: NodeIdentity(node: NodeID(1), incarnation: node.replica.journal.identity.incarnation),
            newestSyncedBatch: 1, peerAddress: "127.0.0.1:3", clientAddress: "127.0.0.1:4")
        var frame: [UInt8] = []
        hello.encodeFrame(answering: false, into: &frame)
        node.replica.accepted(Self.connection, on: .peer, now: node.now)
        _ = node.replica.received(Self.connection, frame.span.bytes, now: node.now)
        node.turn()
        #expect(node.replica.linksKept == 1)
        return node
    }

    @Test func aStrangerWhoseFrameDoesNotEndIsForgotten() throws {
        var node = try met()
        _ = node.replica.received(Self.connection, [1, 2, 3].span.bytes, now: node.now)
        for _ in 0..<14 {
            node.time += 1_000_000_000
            node.turn()
        }
        #expect(node.replica.linksKept == 0)
    }

    @Test func aStrangerWhoIsRefusedIsForgotten() throws {
        var node = try met()
        var greeting: [UInt8] = []
        ClientHello(instance: ClientInstance(9)).encodeFrame(into: &greeting)
        _ = node.replica.received(Self.connection, greeting.span.bytes, now: node.now)
        node.turn()
        #expect(node.replica.linksKept == 0)
    }
}
