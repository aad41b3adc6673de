import LeaseholdBase
import LeaseholdWire
import Raft
import Simulator
import Testing

@testable import LeaseholdReplica

/// What a node says of the leader.
@Suite struct LeaderHintTests {
    private func leader(of world: World) throws -> Replica {
        world.startAll()
        world.run(for: .seconds(10)) { world.nodes.contains { $0.replica?.isLeader == true } }
        world.run(for: .seconds(1))
        let leaders = world.nodes.compactMap(\.replica).filter(\.isLeader)
        return try #require(leaders.first)
    }

    /// Whom a node names to a client that asks whether it lives.
    private func hint(of replica: inout Replica, now: TimeReading) throws -> LeaderHint {
        var ping: [UInt8] = []
        Ping(correlation: CorrelationID(7)).encodeFrame(into: &ping)
        let answer = replica.answer(.pong, to: ping, now: now)
        let pong = try #require(answer)
        return try Pong(decoding: pong.span.bytes).leader
    }

    @Test func aLeaderNamesItself() throws {
        var replica = try leader(of: World(Plan(seed: 31)))
        let now = TimeReading(steady: replica.deadline, wall: WallTime(0))
        let hint = try hint(of: &replica, now: now)
        #expect(hint.node == replica.identity.node && hint.term == replica.raft.term)
    }

    /// In one turn it hears of a newer term, and is asked: a hint that names it with that term would send clients that
    /// know better back to it.
    @Test func aLeaderThatHasJustHeardOfANewerTermNamesNobody() throws {
        var replica = try leader(of: World(Plan(seed: 31)))
        let now = TimeReading(steady: replica.deadline, wall: WallTime(0))
        var peer: (connection: ConnectionID, identity: NodeIdentity)?
        replica.sessions.forEach {
            if case .peer(let identity) = $0.role { peer = ($0.connection, identity) }
        }
        let (connection, sender) = try #require(peer)
        let term = Term(replica.raft.term.rawValue + 1)
        let message = RaftMessage(
            term: term,
            body: .vote(lastIndex: replica.raft.lastIndex, lastTerm: replica.raft.log.lastTerm, transfer: true))
        var bytes: [UInt8] = []
        RaftMessageCodec.encodeFrame(message, PeerEnvelope(sender: sender, receiver: replica.identity), into: &bytes)
        _ = replica.received(connection, bytes.span.bytes, now: now)
        #expect(replica.raft.term == term)
        #expect(try hint(of: &replica, now: now).node == nil)
    }
}
