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

    /// One exchange: each way takes up to so many nanoseconds.
    mutating func exchange(upTo delay: UInt64) {
        let sent = time
        time += random.below(delay)
        let gained = Int64(time) / 1_000_000 * gain
        let reading = UInt64(Int64(time) + gained)
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
