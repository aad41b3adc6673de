import LeaseholdBase
import Raft
import Testing

/// Two clocks and a network between them: true time is the own clock's.
private struct Pair {
    var comparison = ClockComparison(driftPartsPerMillion: 10_000)
    var time: UInt64 = 1_000_000_000
    /// The other clock's gain, in parts per million.
    var gain: Int64
    var random = RandomSource(seed: 4)

    /// What the other clock has gained by jumps, and lost by standing still.
    var shift: Int64 = 0

    /// One exchange: each way takes up to so many nanoseconds.
    mutating func exchange(upTo delay: UInt64) {
        let sent = time
        time += random.below(delay)
        let gained = Int64(time) / 1_000_000 * gain
        let reading = UInt64(Int64(time) + gained + shift)
        time += random.below(delay)
        comparison.note(sent: SteadyTime(sent), reading: SteadyTime(reading), received: SteadyTime(time))
    }

    /// Exchanges for a while, one every 50 ms; every verdict there was.
    mutating func run(seconds: UInt64, upTo delay: UInt64) -> Set<ClockComparison.Verdict> {
        var verdicts: Set<ClockComparison.Verdict> = []
        let end = time + seconds * 1_000_000_000
        while time < end {
            exchange(upTo: delay)
            verdicts.insert(comparison.verdict)
            time += 50_000_000
        }
        return verdicts
    }
}

@Suite struct ClockComparisonTests {
    @Test(arguments: [-15_000, -9_000, 0, 9_000, 15_000] as [Int64])
    func clocksThatDifferLittleAgreeOverAnyNetwork(gain: Int64) {
        for delay in [100_000, 1_000_000, 100_000_000, 2_000_000_000] as [UInt64] {
            var pair = Pair(gain: gain)
            let verdicts = pair.run(seconds: 300, upTo: delay)
            #expect(verdicts.isSubset(of: [.unknown, .agrees]), "within \(delay) ns")
            if delay <= 1_000_000 { #expect(pair.comparison.verdict == .agrees) }
        }
    }

    @Test func aClockThatGainsTooMuchIsAhead() {
        var pair = Pair(gain: 25_000)
        #expect(!pair.run(seconds: 10, upTo: 1_000_000).contains(.behind))
        #expect(pair.comparison.verdict == .ahead)
    }

    @Test func aClockThatLosesTooMuchIsBehind() {
        var pair = Pair(gain: -25_000)
        #expect(!pair.run(seconds: 10, upTo: 1_000_000).contains(.ahead))
        #expect(pair.comparison.verdict == .behind)
    }

    /// A machine that is suspended together with its clock loses time once, and that is no rate.
    @Test(arguments: [-5_000, -600, 700, 20_000] as [Int64])
    func aClockThatStoodStillOrJumpedOnceIsNotTakenToRunApart(milliseconds: Int64) {
        var pair = Pair(gain: 0)
        pair.shift = 30_000_000_000
        _ = pair.run(seconds: 5, upTo: 1_000_000)
        for _ in 0..<20 {
            pair.shift += milliseconds * 1_000_000
            if milliseconds < 0 { pair.time += UInt64(-milliseconds) * 1_000_000 }
            let verdicts = pair.run(seconds: 4, upTo: 1_000_000)
            #expect(verdicts.isSubset(of: [.agrees, .unknown]))
        }
        #expect(pair.comparison.verdict == .agrees)
    }

    @Test func whatIsProvedOnceIsEvidenceAndNoVerdict() {
        var comparison = ClockComparison(driftPartsPerMillion: 10_000)
        let second: UInt64 = 1_000_000_000
        comparison.note(sent: SteadyTime(second), reading: SteadyTime(0), received: SteadyTime(second + 5))
        for place in 1...3 as ClosedRange<UInt64> {
            let sent = second + place * 2 * second
            comparison.note(sent: SteadyTime(sent), reading: SteadyTime(place * second), received: SteadyTime(sent + 5))
            #expect(comparison.evidence?.verdict == .behind)
            #expect(comparison.evidence?.to == SteadyTime(sent))
            #expect(comparison.verdict == (place < 3 ? .unknown : .behind))
        }
        // One agreement is enough to take it back.
        comparison.note(
            sent: SteadyTime(9 * second), reading: SteadyTime(5 * second), received: SteadyTime(9 * second + 5))
        #expect(comparison.verdict == .agrees && comparison.evidence == nil)
    }

    @Test func whatCanNotBeProvedAnyMoreIsNotHeldOnTo() {
        var pair = Pair(gain: 50_000)
        _ = pair.run(seconds: 20, upTo: 1_000_000)
        #expect(pair.comparison.verdict == .ahead)
        // It may have been set right by now: over such a network nobody can tell.
        pair.gain = 21_000
        pair.shift = Int64(pair.time) / 1_000_000 * 29_000
        _ = pair.run(seconds: 120, upTo: 2_000_000_000)
        #expect(pair.comparison.verdict == .unknown)
    }

    @Test func aSlowNetworkTakesLonger() {
        var pair = Pair(gain: 40_000)
        #expect(pair.run(seconds: 2, upTo: 200_000_000) == [.unknown])
        _ = pair.run(seconds: 90, upTo: 200_000_000)
        #expect(pair.comparison.verdict == .ahead)
    }

    @Test func aClockThatWasSetRightAgreesAgain() {
        var pair = Pair(gain: 50_000)
        _ = pair.run(seconds: 60, upTo: 1_000_000)
        #expect(pair.comparison.verdict == .ahead)
        pair.gain = 0
        // Its reading is lower than the last one was: that begins anew.
        _ = pair.run(seconds: 120, upTo: 1_000_000)
        #expect(pair.comparison.verdict == .agrees)
    }

    @Test func aLostConnectionBeginsAnew() {
        var pair = Pair(gain: 50_000)
        _ = pair.run(seconds: 60, upTo: 1_000_000)
        pair.comparison.forget()
        #expect(pair.comparison.verdict == .unknown)
    }

    @Test func readingsOfAnySizeDoNotTrap() {
        var comparison = ClockComparison(driftPartsPerMillion: 5_000_000)
        let values: [UInt64] = [0, 1, .max / 2, .max - 1, .max]
        for sent in values {
            for reading in values {
                for received in values {
                    comparison.note(
                        sent: SteadyTime(sent), reading: SteadyTime(reading), received: SteadyTime(received))
                }
            }
        }
        #expect(ClockComparison(driftPartsPerMillion: 0).verdict == .unknown)
    }
}
