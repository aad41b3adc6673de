import LeaseholdBase
import LeaseholdReplica
import LeaseholdWire
import Raft
import Testing

@Suite struct MemberTests {
    private let second = Member(
        id: NodeID(2), peerAddress: "127.0.0.1:3", clientAddress: "127.0.0.1:4", incarnation: Incarnation(77))

    private func ask(_ node: inout LoneNode, _ change: MembershipChange) throws -> LoneNode.Answer? {
        var body: [UInt8] = []
        MemberRequest(change).encode(into: &body)
        return try node.ask(.changeMembers, body)
    }

    private func members(_ answer: LoneNode.Answer?) throws -> [MemberList.Item] {
        let answer = try #require(answer)
        #expect(answer.head.kind == .members)
        return try MemberList(decoding: answer.body.span.bytes).members
    }

    private func refusal(_ answer: LoneNode.Answer?) throws -> RefusalCode {
        let answer = try #require(answer)
        #expect(answer.head.kind == .refused)
        return try Refusal(decoding: answer.body.span.bytes).code
    }

    @Test func aLearnerIsTakenInAndReachedAtOnceAndAskingAgainDoesNoHarm() throws {
        var node = try LoneNode()
        #expect(try members(node.ask(.members, [])).map(\.member.id) == [NodeID(1)])
        let list = try members(ask(&node, .addLearner(second)))
        #expect(list.map(\.member) == [list[0].member, second] && list.map(\.votes) == [true, false])
        #expect(node.replica.linksKept == 1)
        let last = node.replica.raft.lastIndex
        #expect(try members(ask(&node, .addLearner(second))) == list && node.replica.raft.lastIndex == last)
        #expect(try members(ask(&node, .remove(NodeID(2)))).count == 1)
        // Whoever leads has nothing to say to it any more once it has had the time to hear of it.
        for _ in 0..<700 {
            node.time += 10_000_000
            node.turn()
        }
        #expect(node.replica.linksKept == 0)
    }

    @Test func whatCannotBeIsRefusedWithAReason() throws {
        var node = try LoneNode()
        _ = try members(ask(&node, .addLearner(second)))
        #expect(try refusal(ask(&node, .promote(NodeID(2)))) == .notCaughtUp)
        #expect(try refusal(ask(&node, .promote(NodeID(9)))) == .memberUnknown)
        #expect(try refusal(ask(&node, .remove(NodeID(1)))) == .losesQuorum)
        var other = second
        other.incarnation = Incarnation(78)
        #expect(try refusal(ask(&node, .addLearner(other))) == .memberRefused)
        #expect(try refusal(node.ask(.changeMembers, [9, 9])) == .malformed)
        #expect(node.replica.isLeader && node.replica.raft.membership.voters == [NodeID(1)])
    }

    @Test func aMemberThatMovedIsReachedThereFromThenOn() throws {
        var node = try LoneNode()
        _ = try members(ask(&node, .addLearner(second)))
        let list = try members(
            ask(&node, .setAddresses(NodeID(2), peer: "127.0.0.1:5", client: "127.0.0.1:6")))
        #expect(list.last?.member.peerAddress == "127.0.0.1:5")
    }
}
