import LeaseholdBase
import Raft
import Testing

@testable import Simulator

/// What the checks of clocks find in proofs and leaders that are made up.
@Suite struct ClockCheckTests {
    private let second: UInt64 = 1_000_000_000

    /// A clock that runs at a rate for so many seconds, and right after that.
    private func clock(rate: Int64, untilSecond end: UInt64) -> SimulatedClock {
        var clock = SimulatedClock(rate: 0, showing: 7)
        clock.run(at: rate, from: second)
        clock.run(at: nil, from: end * second)
        return clock
    }

    /// What is found of a proof that two nodes' clocks ran so from one second of the first one's to another.
    private func found(
        _ gain: Int64, from: UInt64, to: UInt64, own: SimulatedClock, theirs: SimulatedClock
    ) -> [Int] {
        var comparison = ClockComparison(driftPartsPerMillion: 10_000)
        // A proof of the wanted kind, whatever the clocks did.
        func exchange(_ time: UInt64, _ reading: UInt64) {
            comparison.note(sent: SteadyTime(time), reading: SteadyTime(reading), received: SteadyTime(time))
        }
        let (first, last) = (own.steady(at: from * second), own.steady(at: to * second))
        exchange(first, 0)
        exchange(last, UInt64(Int64(last - first) / 100 * (100 + gain)))
        guard let evidence = comparison.evidence else { return [] }
        var findings = Findings()
        findings.now = 100 * second
        var proofs = ClockProofs(nodes: 3)
        for _ in 0..<2 {
            proofs.look([(NodeID(2), evidence)], of: 0, "node 1", clocks: { $0 == 0 ? own : theirs }, &findings)
        }
        #expect(proofs.compared == 1)
        return findings.violations.map(\.property)
    }

    @Test func aProofThatIsTrueIsPassedOver() {
        let right = clock(rate: 0, untilSecond: 90)
        #expect(found(5, from: 10, to: 20, own: right, theirs: clock(rate: 50_000, untilSecond: 90)) == [])
        #expect(found(-5, from: 10, to: 20, own: right, theirs: clock(rate: -50_000, untilSecond: 90)) == [])
        #expect(found(5, from: 10, to: 20, own: clock(rate: -50_000, untilSecond: 90), theirs: right) == [])
    }

    @Test func aProofThatIsNotTrueIsFound() {
        let right = clock(rate: 0, untilSecond: 90)
        #expect(found(5, from: 10, to: 20, own: right, theirs: right) == [27])
        #expect(found(-5, from: 10, to: 20, own: right, theirs: right) == [27])
        // It was wrong once, and is right by now.
        #expect(found(5, from: 30, to: 40, own: right, theirs: clock(rate: 50_000, untilSecond: 20)) == [27])
        // The other direction.
        #expect(found(-5, from: 10, to: 20, own: right, theirs: clock(rate: 50_000, untilSecond: 90)) == [27])
    }

    @Test func aClockThatStoodStillDidAdvanceByLess() {
        var stopped = SimulatedClock(rate: 0, showing: 7)
        stopped.stop(at: 12 * second)
        stopped.goOn(at: 15 * second)
        let right = clock(rate: 0, untilSecond: 90)
        #expect(found(-5, from: 10, to: 20, own: right, theirs: stopped) == [])
        #expect(found(-5, from: 20, to: 30, own: right, theirs: stopped) == [27])
        #expect(found(5, from: 10, to: 20, own: stopped, theirs: right) == [])
    }

    @Test func aClockShowsWhatItHasShown() {
        var clock = SimulatedClock(rate: 500_000, showing: 0)
        clock.stop(at: 2 * second)
        clock.goOn(at: 4 * second)
        clock.jump(by: 10 * second, at: 6 * second)
        #expect([1, 2, 3, 4, 5, 6, 8].map { clock.steady(at: $0 * second) / second } == [1, 3, 3, 3, 4, 16, 19])
        #expect(clock.firstTime(of: SteadyTime(3 * second), until: 9 * second) == 2 * second)
        #expect(clock.lastTime(of: SteadyTime(3 * second), until: 9 * second) == 4 * second)
        #expect(clock.firstTime(of: SteadyTime(10 * second), until: 9 * second) == 6 * second)
        #expect(clock.lastTime(of: SteadyTime(10 * second), until: 9 * second) == 6 * second - 1)
    }

    @Test func aLeaderThatLeadsOnIsFoundAndOneThatIsDisturbedBeginsAnew() {
        var (leaders, findings) = (OddLeaders(), Findings())
        func watch(_ leader: Int?, seconds: UInt64) {
            for _ in 0..<seconds {
                findings.now += second
                leaders.sample(leader.map { ($0, "node \($0 + 1)") }, &findings)
            }
        }
        watch(0, seconds: 20)
        leaders.disturbed([0], nodes: 3)
        leaders.disturbed([5], nodes: 3)
        watch(0, seconds: 20)
        watch(1, seconds: 20)
        watch(nil, seconds: 1)
        watch(1, seconds: 20)
        #expect(findings.isEmpty && leaders.timeJudged == 19 * second)
        watch(1, seconds: 2)
        #expect(findings.violations.map(\.property) == [28])
    }
}
