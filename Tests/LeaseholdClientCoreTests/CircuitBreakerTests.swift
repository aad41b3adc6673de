import LeaseholdBase
import Testing

@testable import LeaseholdClientCore

@Suite struct CircuitBreakerTests {
    private func time(_ milliseconds: UInt64) -> SteadyTime { SteadyTime(milliseconds * 1_000_000) }

    /// One that three failures have opened, and when it admits the next.
    private func opened() throws -> (CircuitBreaker, SteadyTime) {
        var breaker = CircuitBreaker()
        var random = RandomSource(seed: 1)
        for _ in 1...CircuitBreaker.threshold {
            #expect(breaker.wouldAdmit(now: time(1)))
            breaker.failed(now: time(1), &random)
        }
        let until = try #require(breaker.admitsAt)
        return (breaker, until)
    }

    @Test func threeFailuresOpenItAndAnAnswerClosesIt() throws {
        var (breaker, until) = try opened()
        #expect(!breaker.wouldAdmit(now: time(2)) && breaker.wouldAdmit(now: until))
        breaker.succeeded()
        #expect(breaker.wouldAdmit(now: time(2)) && breaker.admitsAt == nil)
    }

    @Test func oneAtATimeTriesWhetherItIsWell() throws {
        var (breaker, until) = try opened()
        let (first, second) = (
            breaker.admit(now: until, waiting: .seconds(1)), breaker.admit(now: until, waiting: .seconds(1))
        )
        #expect(first && !second)
        var random = RandomSource(seed: 2)
        breaker.failed(now: until, &random)
        #expect(!breaker.wouldAdmit(now: until))
    }

    /// The one that tries may be given up, or lose its connection, without a word: the next one tries then.
    @Test func aTryOfWhichNothingIsHeardHoldsNobodyUpForLong() throws {
        var (breaker, until) = try opened()
        let isAdmitted = breaker.admit(now: until, waiting: .seconds(1))
        #expect(isAdmitted && breaker.admitsAt == until + .seconds(1))
        #expect(!breaker.wouldAdmit(now: until + .milliseconds(999)))
        let isNextAdmitted = breaker.admit(now: until + .seconds(1), waiting: .seconds(1))
        #expect(isNextAdmitted)
    }
}
