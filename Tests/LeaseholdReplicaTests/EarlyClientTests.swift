import LeaseholdBase
import LeaseholdJournal
import LeaseholdReplica
import LeaseholdWire
import Simulator
import Testing

/// Clients that greet a node before its cluster is born.
@Suite struct EarlyClientTests {
    /// Begins a cluster of one, and looks at it before each of the disk's completions.
    private func begin(watching look: (borrowing Replica, TimeReading) throws -> Void) throws {
        var disk = SimulatedDisk()
        var time: UInt64 = 1_000_000_000
        let listed = ListedNode(id: NodeID(1), peerAddress: "127.0.0.1:1", clientAddress: "127.0.0.1:2")
        var replica = try Replica.open(
            ReplicaConfiguration(id: NodeID(1), listed: [listed]), disk: &disk, seed: 7,
            now: TimeReading(steady: SteadyTime(time), wall: WallTime(1)))
        replica.accepted(early, on: .client, now: TimeReading(steady: SteadyTime(time), wall: WallTime(1)))
        var hello: [UInt8] = []
        ClientHello(instance: ClientInstance(3)).encodeFrame(into: &hello)
        _ = replica.received(early, hello.span.bytes, now: TimeReading(steady: SteadyTime(time), wall: WallTime(1)))
        for _ in 0..<400 where !replica.isLeader {
            time += 10_000_000
            let now = TimeReading(steady: SteadyTime(time), wall: WallTime(1))
            replica.endTurn(now: now)
            try look(replica, now)
            var completions: [DiskCompletion] = []
            for effect in replica.effects {
                guard case .disk(let effect) = effect else { continue }
                var bytes: [UInt8] = []
                if case .write(_, _, let range) = effect.operation {
                    bytes.append(bytes: replica.journal.batchBytes.extracting(range))
                }
                completions.append(disk.perform(effect, bytes: bytes).0)
            }
            replica.drained()
            for completion in completions {
                replica.diskCompleted(completion, now: now)
                try look(replica, now)
            }
        }
        #expect(replica.isLeader)
    }

    private let early = ConnectionID(slot: 4, generation: 1)

    @Test func noClientIsToldOfAClusterThatAPowerLossMayUndo() throws {
        var told: [ClusterID] = []
        try begin { replica, now in
            var copy = copy replica
            let isBorn = copy.isBorn
            let body = copy.answer(.welcome, to: [], now: now)
            let welcome = try #require(body)
            let cluster = try Welcome(decoding: welcome.span.bytes).cluster
            #expect((cluster == .unborn) == !isBorn)
            told.append(cluster)
        }
        #expect(told.first == .unborn && told.last != .unborn)
    }

    @Test func whoGreetedBeforeTheBirthGreetsAgain() throws {
        var closed = 0
        try begin { replica, _ in
            for case .close(early) in replica.effects {
                #expect(replica.isBorn)
                closed += 1
            }
        }
        #expect(closed >= 1)
    }
}
