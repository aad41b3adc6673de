import LeaseholdBase
import Raft
import Testing

@testable import LeaseholdReplica

@Suite struct PeerLinkTests {
    private let connection = ConnectionID(slot: 1, generation: 1)

    private func openLink(tellsClock: Bool = false) -> PeerLink {
        var link = PeerLink(
            id: NodeID(2), address: "127.0.0.1:1", incarnation: Incarnation(3), driftPartsPerMillion: 10_000)
        link.opened(connection, tellsClock: tellsClock, now: SteadyTime(0))
        return link
    }

    @Test func aLinkThatSwallowsWhatIsSentIsGivenUp() {
        var link = openLink()
        link.hasSent = true
        #expect(link.due == SteadyTime(0) + ReplicaLimits.linkProbe)
        guard case .probe(connection) = link.need(now: link.due) else {
            Issue.record("a link that messages went over is not asked for a sign of life")
            return
        }
        link.probed = (link.due, CorrelationID(1))
        let end = link.due
        guard case .nothing = link.need(now: end - Nanoseconds(1)) else {
            Issue.record("the answer had more time")
            return
        }
        guard case .giveUp(connection) = link.need(now: end) else {
            Issue.record("a link without a sign of life is kept")
            return
        }
    }

    @Test func aNodeThatTellsItsClockIsAskedThoughNothingElseGoes() {
        let link = openLink(tellsClock: true)
        #expect(link.due == SteadyTime(0) + ReplicaLimits.linkProbe)
        guard case .probe(connection) = link.need(now: link.due) else {
            Issue.record("a clock is not asked for")
            return
        }
    }

    @Test func whatWasProvedOfAClockIsForgottenWithTheConnection() {
        var link = openLink(tellsClock: true)
        let second: UInt64 = 1_000_000_000
        for turn in 0...3 as ClosedRange<UInt64> {
            let sent = turn * 2 * second
            link.clock.note(
                sent: SteadyTime(sent), reading: SteadyTime(turn * second), received: SteadyTime(sent + 1))
        }
        #expect(link.clock.verdict == .behind)
        var random = RandomSource(seed: 1)
        link.lost(now: SteadyTime(20 * second), random: &random)
        #expect(link.clock.verdict == .unknown)
    }

    @Test func aLinkOverWhichNothingGoesIsLeftInPeace() {
        let link = openLink()
        #expect(link.due == .never)
        guard case .nothing = link.need(now: SteadyTime(.max)) else {
            Issue.record("an idle link was disturbed")
            return
        }
    }
}
