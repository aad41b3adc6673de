import Simulator
import Testing
import simulate

@Suite struct FleetCoverageTests {
    /// Enough of everything that a fleet is asked for.
    private static let ample: Figures = {
        var figures = Figures()
        (figures.milliseconds, figures.delaysJudged, figures.termsJudged) = (1_000, 500, 500)
        (figures.recoveries, figures.diskFailures, figures.damageNoticed) = (1, 1, 1)
        (figures.overlapsExplained, figures.staleWritesRefused) = (1, 1)
        return figures
    }()

    /// A fleet of passed seeds that together hit this.
    private func tally(of seeds: Int, profiles: [Profile], _ coverage: Coverage) -> Tally {
        var tally = Tally()
        for seed in 0..<seeds {
            var result = SeedResult(number: seed, outcome: .passed)
            // Each seed hits a part: what counts is the union.
            if seed == 0 {
                result.coverage = coverage
                result.figures = Self.ample
            }
            tally.add(Job(seed: UInt64(seed), profile: profiles[seed % profiles.count]), .answered(result))
        }
        return tally
    }

    @Test func aFleetWithAMarkThatNoSeedHitIsEmpty() {
        var coverage = Coverage.everything
        coverage.journal = 0
        #expect(tally(of: 2_000, profiles: Profile.supported, .everything).outcome == .passed)
        #expect(tally(of: 2_000, profiles: Profile.supported, coverage).outcome == .empty)
        #expect(tally(of: 100, profiles: Profile.supported, coverage).outcome == .passed)
        #expect(tally(of: 2_000, profiles: [.quiet], coverage).outcome == .passed)
    }

    /// Whatever its seeds and profiles: so many claims that ran out and of which none was judged show nothing.
    @Test func aFleetWhoseExpiriesWereNotJudgedIsEmpty() {
        for (expiries, judged) in [(99, 0), (100, 0), (100, 1)] as [(UInt64, UInt64)] {
            var tally = Tally()
            var result = SeedResult(number: 1, outcome: .passed)
            (result.figures.expiries, result.figures.expiriesJudged) = (expiries, judged)
            tally.add(Job(seed: 1, profile: .clocks), .answered(result))
            #expect(tally.outcome == (expiries == 100 && judged == 0 ? .empty : .passed))
        }
    }

    @Test func aWorseOutcomeIsToldFirst() {
        var tally = tally(of: 2_000, profiles: Profile.supported, Coverage())
        tally.add(Job(seed: 1, profile: .swarm), .answered(SeedResult(number: 301, outcome: .safety)))
        #expect(tally.outcome == .safety)
    }
}
