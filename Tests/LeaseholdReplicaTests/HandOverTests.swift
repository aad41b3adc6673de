import LeaseholdBase
import LeaseholdReplica
import LeaseholdWire
import Testing

@Suite struct HandOverTests {
    @Test(arguments: [nil, NodeID(7)]) func aHandOverToNobodyIsRefusedAndTheNodeLeadsOn(target: NodeID?) throws {
        var node = try LoneNode()
        var body: [UInt8] = []
        TransferRequest(target: target).encode(into: &body)
        let answer = try #require(try node.ask(.transfer, body))
        #expect(answer.head.kind == .refused)
        #expect(try Refusal(decoding: answer.body.span.bytes).code == .memberUnknown)
        #expect(node.replica.isLeader)
    }

    @Test func aHandOverToTheLeaderItselfIsDone() throws {
        var node = try LoneNode()
        var body: [UInt8] = []
        TransferRequest(target: NodeID(1)).encode(into: &body)
        let answer = try #require(try node.ask(.transfer, body))
        #expect(answer.head.kind == .transferred)
        #expect(try LeaderHint(decoding: answer.body.span.bytes).node == NodeID(1))
    }

    @Test func aHandOverThatCannotBeReadIsRefusedAndTheConnectionStays() throws {
        var node = try LoneNode()
        let answer = try #require(try node.ask(.transfer, [1, 2, 3]))
        #expect(answer.head.kind == .refused)
        #expect(try Refusal(decoding: answer.body.span.bytes).code == .malformed)
        #expect(try node.acquire("jobs/a", sequence: 1) != nil)
    }
}
