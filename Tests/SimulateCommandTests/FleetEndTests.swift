import Foundation
import Simulator
import Testing
import simulate

/// How fleets end, and what is said of it.
@Suite struct FleetEndTests {
    func summary(_ outcomes: [Outcome], interrupted: Bool) -> FleetSummary {
        var tally = Tally()
        for (place, outcome) in outcomes.enumerated() {
            let result = SeedResult(number: place, outcome: outcome)
            tally.add(Job(seed: UInt64(place), profile: .quiet), .answered(result))
        }
        return FleetSummary(tally, firstSeed: 0, seedsAsked: 1_200, elapsed: 1, interrupted: interrupted)
    }

    @Test func anInterruptedFleetHasNotPassed() {
        let summary = summary([.passed, .passed], interrupted: true)
        #expect(summary.outcome == .interrupted && summary.outcome.exitCode == 130)
        #expect(summary.lines.last == "INTERRUPTED after 2 of 1,200 seeds: 2 passed, 0 failed")
        #expect(JSONText.line(summary).contains("\"outcome\":\"interrupted\""))
    }

    @Test func whatFailedBeforeItWasInterruptedCounts() {
        let summary = summary([.passed, .safety], interrupted: true)
        #expect(summary.outcome == .safety)
        #expect(summary.lines.last == "INTERRUPTED after 2 of 1,200 seeds: 1 passed, 1 failed")
    }

    @Test func aFleetThatRanToItsEndSaysNothingOfThat() {
        let summary = summary([.passed], interrupted: false)
        #expect(summary.outcome == .passed && summary.lines.last == "1 passed, 0 failed")
    }

    @Test(
        arguments: [
            (0, UInt64.max, UInt64.max), (0, .max - 1, .max), (.max, .max, 1), (5, 14, 10),
        ] as [(UInt64, UInt64, UInt64)])
    func howManySeedsThereAreIsCountedWithoutATrap(first: UInt64, last: UInt64, total: UInt64) {
        let fleet = FleetRun(first: first, last: last, duration: nil, profiles: [.quiet], jobs: 1, timeout: 1)
        #expect(fleet.total == total)
    }

    @Test func whatCannotBeWrittenIsSaidWithItsReason() {
        let failure = #expect(throws: CommandFailure.self) { try ReplayFile.write(Plan(seed: 1), to: "/dev/full") }
        #expect(failure?.message == "cannot write /dev/full: No space left on device")
    }
}
