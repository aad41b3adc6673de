import LeaseholdBase
import LeaseholdReplica
import Simulator
import Testing

/// What the operator of a cluster that is not born is told.
@Suite struct AwaitedNodesTests {
    @Test func nodesThatHaveNotShownThemselvesAreToldNowAndThen() throws {
        let listed = (1...3 as ClosedRange<UInt64>).map {
            ListedNode(id: NodeID($0), peerAddress: "127.0.0.1:\($0)", clientAddress: "127.0.0.1:1\($0)")
        }
        func time(_ tenth: UInt64) -> TimeReading {
            TimeReading(steady: SteadyTime(1_000_000_000 + tenth * 100_000_000), wall: WallTime(1))
        }
        var disk = SimulatedDisk()
        var replica = try Replica.open(
            ReplicaConfiguration(id: NodeID(1), listed: listed), disk: &disk, seed: 7, now: time(0))
        var told: [UInt64] = []
        for tenth in 0..<300 as Range<UInt64> {
            replica.endTurn(now: time(tenth))
            for effect in replica.effects {
                guard case .log(let line) = effect, line.event == "awaiting" else { continue }
                told.append(tenth)
                #expect(line.message.hasSuffix("not yet: node 2 at 127.0.0.1:2, node 3 at 127.0.0.1:3"))
            }
            replica.drained()
        }
        #expect(told == [20, 120, 220])
    }
}
