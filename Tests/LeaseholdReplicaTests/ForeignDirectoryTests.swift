import LeaseholdBase
import LeaseholdJournal
import LeaseholdReplica
import LeaseholdWire
import Simulator
import Testing

/// Data directories in a cluster that they do not belong to.
@Suite struct ForeignDirectoryTests {
    private static let now = TimeReading(steady: SteadyTime(1_000_000_000), wall: WallTime(1))

    /// A node of a born cluster of three, as it starts: it dials the two others.
    private func starting() throws -> Replica {
        let world = World(Plan(seed: 3))
        world.startAll()
        world.run(for: .seconds(10)) { world.nodes.allSatisfy { $0.replica?.appliedIndex ?? .zero >= LogIndex(2) } }
        var disk = world.nodes[0].disk
        let configuration = try #require(world.nodes[0].replica?.configuration)
        var replica = try Replica.open(configuration, disk: &disk, seed: 1, now: Self.now)
        replica.endTurn(now: Self.now)
        return replica
    }

    /// The node that is dialed refuses with a code; why the replica ends, if it does.
    private func refuse(_ node: UInt64, _ code: ConnectionErrorCode, _ replica: inout Replica) -> StopReason? {
        let connection = ConnectionID(slot: Int(node), generation: 1)
        replica.drained()
        replica.dialed(NodeID(node), connection, now: Self.now)
        var bytes: [UInt8] = []
        ConnectionErrorMessage(code: code, message: "go away").encodeFrame(into: &bytes)
        _ = replica.received(connection, bytes.span.bytes, now: Self.now)
        for effect in replica.effects {
            if case .stop(let reason) = effect { return reason }
        }
        return nil
    }

    @Test func aNodeThatMeetsAnotherClusterInPlaceOfItsQuorumEnds() throws {
        var replica = try starting()
        #expect(refuse(2, .wrongCluster, &replica) == nil, "one stray node at a member's address ends nobody")
        guard case .wrongIdentity = refuse(3, .wrongCluster, &replica) else {
            Issue.record("it goes on among strangers")
            return
        }
    }

    @Test func emptiedDirectoriesDoNotEndTheNodeThatKeptItsOwn() throws {
        var replica = try starting()
        #expect(refuse(2, .wrongNode, &replica) == nil)
        #expect(refuse(3, .wrongNode, &replica) == nil)
    }

    @Test func aDirectoryWhoseClusterIsElsewhereIsRefused() throws {
        var node = try LoneNode()
        var configuration = node.replica.configuration
        configuration.listed = [
            ListedNode(id: NodeID(1), peerAddress: "127.0.0.1:3", clientAddress: "127.0.0.1:4")
        ]
        #expect {
            _ = try Replica.open(configuration, disk: &node.disk, seed: 8, now: node.now)
        } throws: { error in
            (error as? JournalError)?.code == "wrong_identity"
        }
        // The same place in other words is the same place.
        configuration.listed[0].peerAddress = "localhost:1"
        _ = try Replica.open(configuration, disk: &node.disk, seed: 8, now: node.now)
    }
}
