import LeaseholdBase
import LeaseholdReplica
import LeaseholdWire
import Testing

/// What an operator is told of neighbours that are refused.
@Suite struct PeerRefusalsTests {
    @Test func aNeighbourThatDialsAgainAndAgainIsToldOfNowAndThen() {
        var refusals = PeerRefusals()
        var lines: [UInt64] = []
        for third in 0..<300 {
            let now = SteadyTime(1_000_000_000) + .milliseconds(333) * Int64(third)
            if let passedOver = refusals.mayTell(of: NodeID(4), .wrongCluster, now: now) { lines.append(passedOver) }
        }
        // A hundred seconds: at once, and every thirty.
        #expect(lines == [0, 90, 90, 90])
    }

    @Test func anotherNodeAndAnotherReasonAreToldAtOnce() {
        var refusals = PeerRefusals()
        let now = SteadyTime(1)
        #expect(refusals.mayTell(of: NodeID(4), .wrongCluster, now: now) == 0)
        #expect(refusals.mayTell(of: NodeID(4), .wrongNode, now: now) == 0)
        #expect(refusals.mayTell(of: NodeID(5), .wrongCluster, now: now) == 0)
        #expect(refusals.mayTell(of: NodeID(5), .wrongCluster, now: now) == nil)
    }

    @Test func noMoreAreRememberedThanAFew() {
        var refusals = PeerRefusals()
        for node in 0...UInt64(PeerRefusals.remembered) {
            #expect(refusals.mayTell(of: NodeID(node), .wrongCluster, now: SteadyTime(1)) == 0)
        }
        #expect(refusals.mayTell(of: NodeID(0), .wrongCluster, now: SteadyTime(2)) == 0)
        #expect(refusals.mayTell(of: NodeID(16), .wrongCluster, now: SteadyTime(2)) == nil)
    }

    /// One that was told of again a moment ago is not the one to be forgotten, though it was the first of all.
    @Test func whoeverWasToldOfLongestAgoIsForgottenFirst() {
        var refusals = PeerRefusals()
        for node in 0..<UInt64(PeerRefusals.remembered) {
            #expect(refusals.mayTell(of: NodeID(node), .wrongCluster, now: SteadyTime(1)) == 0)
        }
        let later = SteadyTime(1) + PeerRefusals.interval
        #expect(refusals.mayTell(of: NodeID(0), .wrongCluster, now: later) == 0)
        #expect(refusals.mayTell(of: NodeID(99), .wrongCluster, now: later) == 0)
        // The newcomer took the place of node 1.
        #expect(refusals.mayTell(of: NodeID(0), .wrongCluster, now: later) == nil)
        #expect(refusals.mayTell(of: NodeID(2), .wrongCluster, now: later) == 0)
        #expect(refusals.mayTell(of: NodeID(1), .wrongCluster, now: later) == 0)
    }
}
