import LeaseholdBase
import Testing

@testable import Simulator

@Suite struct ClockTests {
    @Test func aClockRunsAtItsRateAndNeverBack() {
        var clock = SimulatedClock(rate: 10_000, showing: 5)
        #expect(clock.reading(at: 1_000_000_000).steady == SteadyTime(1_010_000_005))
        clock.run(at: -500_000, from: 1_000_000_000)
        #expect(clock.reading(at: 1_000_000_000).steady == SteadyTime(1_010_000_005))
        #expect(clock.reading(at: 2_000_000_000).steady == SteadyTime(1_510_000_005))
        clock.jump(by: 7, at: 2_000_000_000)
        clock.run(at: nil, from: 2_000_000_000)
        #expect(clock.reading(at: 3_000_000_000).steady == SteadyTime(2_520_000_012))
    }

    @Test func aReadingComesNoEarlierThanToldAndNoLater() {
        for rate in [-400_000, -9_999, -1, 0, 1, 9_999, 900_000] as [Int64] {
            let clock = SimulatedClock(rate: rate, showing: 1 << 50)
            let wanted = SteadyTime(1 << 50 + 123_456_789)
            let at = clock.trueTime(of: wanted, after: 17)
            #expect(clock.reading(at: at).steady >= wanted)
            #expect(clock.reading(at: at - 2).steady < wanted)
        }
    }

    /// A disturbance that begins or ends while the machine is suspended does not stop the clock for good.
    @Test func aRateThatEndsInASuspensionIsForgotten() {
        var clock = SimulatedClock(rate: 0, showing: 0)
        clock.stop(at: 100)
        clock.run(at: 500_000, from: 150)
        #expect(clock.reading(at: 200).steady == SteadyTime(100))
        #expect(clock.trueTime(of: SteadyTime(101), after: 200) == .max)
        clock.run(at: nil, from: 250)
        clock.goOn(at: 300)
        #expect(clock.reading(at: 400).steady == SteadyTime(200))
    }
}
