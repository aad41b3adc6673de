import LeaseholdBase
import Raft
import Testing

@testable import Simulator

/// Every property can fail: each is shown something that contradicts it, and finds that; with the property switched off,
/// and with something that can happen, nothing is found.
@Suite struct PropertyTests {
    static let stories = DoctoredLogs.stories + DoctoredClaims.stories + DoctoredLeaders.stories
    static let contradictions = stories.filter { $0.property != nil }

    @Test(arguments: contradictions) func whatContradictsAPropertyIsFound(story: DoctoredStory) {
        var findings = Findings()
        story.tell(&findings)
        #expect(findings.violations.first?.property == story.property)
        #expect(findings.violations.allSatisfy { $0.property == story.property })
        #expect(findings.violations.allSatisfy { !$0.what.isEmpty && !$0.against.isEmpty && !$0.process.isEmpty })
    }

    @Test(arguments: contradictions) func aPropertySwitchedOffFindsNothing(story: DoctoredStory) {
        var findings = Findings(disabled: story.property.map { [$0] } ?? [])
        story.tell(&findings)
        #expect(findings.violations == [])
    }

    @Test(arguments: stories.filter { $0.property == nil }) func whatCanHappenIsNoViolation(story: DoctoredStory) {
        var findings = Findings()
        story.tell(&findings)
        #expect(findings.violations == [])
    }

    /// Those of history, membership, watches and waiting have tests of their own, or nothing that they apply to yet.
    @Test func everyPropertyThatIsLookedAtHereHasAContradiction() {
        let shown = Set(Self.contradictions.compactMap(\.property))
        #expect(shown == [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 18, 20, 23, 24])
    }

    @Test func aViolationSaysHowTheRunEnds() {
        func verdict(_ property: Int) -> Verdict {
            Violation(property, at: 0, event: 0, by: "node 1", what: "is", against: "is not").verdict
        }
        #expect(verdict(1) == .safety && verdict(12) == .safety && verdict(0) == .safety)
        #expect(verdict(17) == .linearizability && verdict(18) == .linearizability)
        #expect(verdict(16) == .liveness && verdict(22) == .liveness && verdict(23) == .liveness)
    }

    @Test func aRunWithoutWhatItMustHaveIsEmpty() {
        var plan = Plan(seed: 1)
        plan.trouble = 60_000
        plan.faults = (0..<40).map { Fault(number: $0, kind: .crash, at: 0, lasts: 1, target: .leader) }
        var figures = Figures()
        plan.profile = .swarm
        #expect(figures.lacking(in: plan) == ["elections", "tenures", "retries", "starts compared"])
        (figures.elections, figures.tenures, figures.retries, figures.recoveries) = (1, 100, 1, 1)
        #expect(figures.lacking(in: plan) == ["expiries", "refused stale tokens"])
        (figures.expiries, figures.staleWritesRefused) = (1, 1)
        #expect(figures.lacking(in: plan) == [])
        figures.retries = 0
        plan.faults = []
        #expect(figures.lacking(in: plan) == [])
        (figures.expiries, plan.trouble) = (0, 8_000)
        #expect(figures.lacking(in: plan) == [])
    }

    @Test func aRunHasSeenWhatItsProfileIsFor() {
        var plan = Plan(seed: 1)
        var figures = Figures()
        (figures.elections, figures.tenures) = (1, 60)
        #expect(
            figures.lacking(in: plan) == ["time in which terms were judged", "time in which claims had to end"])
        (figures.termsJudged, figures.delaysJudged) = (30_000, 1)
        #expect(figures.lacking(in: plan) == [])
        func faults(_ kind: FaultKind) -> [Fault] {
            (0..<10).map { Fault(number: $0, kind: kind, at: 0, lasts: 1, target: .leader) }
        }
        plan.faults = faults(.split)
        // Every second cut keeps what it does not let through.
        #expect(figures.lacking(in: plan) == [])
        plan.faults = faults(.syncError) + faults(.writeError) + faults(.rate) + faults(.split) + faults(.loss)
        #expect(figures.lacking(in: plan) == ["lost packets", "failures of disks", "clocks that mislead"])
        (figures.packetsLost, figures.diskFailures, figures.clocksMisled) = (1, 1, 1)
        #expect(figures.lacking(in: plan) == [])
    }

    @Test func manyRunsHaveSeenSomethingOfEverything() {
        var figures = Figures()
        figures.milliseconds = 1_000
        #expect(figures.lacking(overall: 10) == [])
        #expect(figures.lacking(overall: Figures.seedsAtLeast).count == 7)
        (figures.delaysJudged, figures.termsJudged, figures.recoveries, figures.diskFailures) = (100, 100, 1, 1)
        (figures.damageNoticed, figures.overlapsExplained, figures.staleWritesRefused) = (1, 1, 1)
        #expect(figures.lacking(overall: Figures.seedsAtLeast) == [])
    }

    @Test func expiriesOfWhichNoneWasJudgedAreTold() {
        var figures = Figures()
        #expect(!figures.hasJudgedNoExpiry)
        figures.expiries = 1
        #expect(figures.hasJudgedNoExpiry)
        figures.expiriesJudged = 1
        #expect(!figures.hasJudgedNoExpiry)
    }

    /// A claim that ends while a majority is well is judged once it had to be over, if a majority is well until then.
    @Test func onlyExpiriesThatHadToComeAreCounted() {
        var bench = ClaimBench()
        var findings = Findings()
        func judge(_ now: UInt64) {
            findings.now = now
            bench.ledger.judgeDelay(since: 1, logTimeThen: 0, bounds: .init(), &findings) { _ in 0 }
        }
        bench.grant(1, 0, &findings)
        bench.expire(1, 2, 2_000, &findings)
        judge(60_000_000_000)
        #expect(bench.ledger.expiries == 1 && bench.ledger.expiriesJudged == 0)
        bench.grant(3, 2_000, &findings)
        bench.expire(3, 4, 4_000, &findings)
        judge(2_000_000_000)
        #expect(bench.ledger.expiries == 2 && bench.ledger.expiriesJudged == 0)
        judge(60_000_000_000)
        #expect(bench.ledger.expiriesJudged == 1)
        bench.grant(5, 4_000, &findings)
        bench.expire(5, 6, 6_000, &findings)
        bench.ledger.stopJudgingDelay()
        judge(120_000_000_000)
        #expect(bench.ledger.expiries == 3 && bench.ledger.expiriesJudged == 1)
        #expect(findings.violations == [])
    }

    /// Elections of a time in which no majority was well are no excuse for claims that had to end afterwards.
    @Test func electionsCountFromWhenTheyWereSeen() {
        var times = ElectionTimes(samplePeriod: 100)
        times.saw(3, by: 1_000)
        times.saw(6, by: 2_000)
        times.saw(6, by: 3_000)
        #expect(times.count(since: 3_000) == 0 && times.count(since: 2_101) == 0)
        #expect(times.count(since: 2_100) == 3 && times.count(since: 0) == 6)
        times.saw(7, by: 4_000)
        #expect(times.count(since: 3_000) == 1)
    }

    @Test func aMajorityIsWellOnlyWhileAllOfItIs() {
        var health = MajorityHealth(nodes: 3)
        let all = [0b110, 0b101, 0b011]
        for tick in 0...30 as ClosedRange<UInt64> {
            health.sample(at: tick * 100_000_000, fit: 0b111, reaches: all, leader: 0)
        }
        #expect(health.wellSince == 0)
        // Node 2 is cut off from node 1 and reaches node 0: two majorities are well, and the third is not.
        health.sample(at: 3_100_000_000, fit: 0b111, reaches: [0b110, 0b001, 0b001], leader: 0)
        #expect(health.wellSince == 0)
        // Its leader is none of them.
        health.sample(at: 3_200_000_000, fit: 0b110, reaches: all, leader: 0)
        #expect(health.wellSince == nil)
        health.sample(at: 3_300_000_000, fit: 0b110, reaches: all, leader: 1)
        #expect(health.wellSince == 3_300_000_000)
        health.disturbed([2], at: 3_350_000_000)
        #expect(health.wellSince == 3_350_000_000)
        // What comes between two nodes strikes those that have both.
        health.disturbed([0], from: [1, 2], at: 3_360_000_000)
        #expect(health.wellSince == 3_350_000_000)
        health.disturbed([1], from: [0, 2], at: 3_370_000_000)
        #expect(health.wellSince == 3_370_000_000)
        // Nobody has looked for long: nothing is known of the time between.
        health.sample(at: 9_000_000_000, fit: 0b110, reaches: all, leader: 1)
        #expect(health.wellSince == 9_000_000_000)
    }
}
