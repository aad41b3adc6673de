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
        node.isGreeted(by: NodeIdentity(node: NodeID(9), incarnation: Incarnation(77)), over: Self.connection)
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

    /// The lines of refusals that greetings which show these batches leave, each over a connection of its own.
    private func refusals(of greetings: [UInt64], closing: Bool) throws -> (lines: Int, refused: UInt64) {
        var node = try LoneNode()
        node.replica.drained()
        var lines = 0
        for (place, batch) in greetings.enumerated() {
            let connection = ConnectionID(slot: 7 + place, generation: 1)
            node.isGreeted(
                by: NodeIdentity(node: NodeID(9), incarnation: Incarnation(77)), over: connection,
                newestSyncedBatch: batch)
            for effect in node.replica.effects {
                if case .log(let line) = effect, line.event == "peer_refused" { lines += 1 }
            }
            node.replica.drained()
            if closing { node.replica.closed(connection, now: node.now) }
        }
        return (lines, node.replica.counters.connectionsRefused)
    }

    @Test func aGreetingReadBehindALaterOneIsRefusedAndNoNews() throws {
        let overtaken = try refusals(of: [20, 10], closing: false)
        #expect(overtaken.lines == 0 && overtaken.refused == 1)
        let rolledBack = try refusals(of: [20, 10], closing: true)
        #expect(rolledBack.lines == 1 && rolledBack.refused == 1)
    }
}
