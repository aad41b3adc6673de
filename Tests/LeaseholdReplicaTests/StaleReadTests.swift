import LeaseholdBase
import LeaseholdReplica
import LeaseholdWire
import Raft
import Simulator
import Testing

/// A stale read tells how long its node may have been behind.
@Suite struct StaleReadTests {
    /// Asks a node at a time of the test's own, as the first thing that it hears at that time.
    private func silence(of replica: inout Replica, at time: UInt64) throws -> Nanoseconds? {
        let now = TimeReading(steady: SteadyTime(time), wall: WallTime(time))
        var request: [UInt8] = []
        var body: [UInt8] = []
        GetRequest.encode(name: "a", stale: true, into: &body)
        let head = ClientRequestHead(correlation: CorrelationID(1), remaining: .seconds(1), operation: .get)
        _ = head.encodeFrame(body: body.span.bytes, into: &request)
        guard let answer = replica.answer(.answer, to: request, now: now) else { return nil }
        return try LeaseAnswer(decoding: ClientAnswerView(decoding: answer.span.bytes).body).preface.silence
    }

    private func confirmed(_ replica: Replica) -> UInt64? {
        replica.raft.confirmedAt(now: TimeReading(steady: .zero, wall: WallTime(0)))?.rawValue
    }

    @Test func aLeaderThatWasStoppedTellsForHowLongItMayHaveBeenBehind() throws {
        let world = World(Plan(seed: 21))
        world.startAll()
        world.run(for: .seconds(10)) { world.nodes.contains { $0.replica?.isLeader == true } }
        world.run(for: .seconds(1))
        let leader = try #require(world.nodes.first { $0.replica?.isLeader == true })
        var replica = try #require(leader.replica)
        let confirmed = try #require(self.confirmed(replica))
        // At work, a quorum has answered within the last heartbeats.
        #expect(try #require(try silence(of: &replica, at: confirmed + 60_000_000)) == .milliseconds(60))
        // Stopped for four seconds: it is asked before it has seen that it leads no more, and again behind that.
        var stopped = try #require(leader.replica)
        let late = confirmed + 4_000_000_000
        #expect(try #require(try silence(of: &stopped, at: late)) == .seconds(4))
        stopped.endTurn(now: TimeReading(steady: SteadyTime(late), wall: WallTime(late)))
        #expect(!stopped.isLeader)
        #expect(try #require(try silence(of: &stopped, at: late + 1_000_000)) == .milliseconds(4_001))
    }

    @Test func aNodeThatAsksForVotesDoesNotHearALeaderByThat() throws {
        let world = World(Plan(seed: 22))
        world.startAll()
        world.run(for: .seconds(10)) { world.nodes.contains { $0.replica?.isLeader == true } }
        world.run(for: .seconds(1))
        let follower = try #require(world.nodes.first { $0.replica?.isLeader == false })
        world.cut([Int(follower.id.rawValue) - 1], Array(0..<3))
        world.run(for: .seconds(8))
        var replica = try #require(follower.replica)
        let told = try #require(try silence(of: &replica, at: replica.deadline.rawValue))
        #expect(told >= .seconds(7), "a node cut off for 8 s says \(told)")
    }

    @Test func aClusterOfOneIsNeverBehind() throws {
        var node = try LoneNode()
        #expect(try #require(try silence(of: &node.replica, at: node.time + 60_000_000_000)) == .zero)
    }
}
