import LeaseholdBase
import LeaseholdWire
import Testing

@Suite struct BeliefRuleTests {
    @Test func theEndIsCountedFromTheSendingAndRoundedDown() {
        let rule = BeliefRule()
        // 15 s · 0.99 / 1.01 − 10 ms
        #expect(rule.end(sent: SteadyTime(1_000), validFor: .seconds(15)) == SteadyTime(1_000 + 14_692_970_297))
        #expect(rule.end(sent: SteadyTime(7), validFor: .milliseconds(10)) == SteadyTime(7))
        #expect(rule.end(sent: SteadyTime(7), validFor: .zero) == SteadyTime(7))
        #expect(rule.end(sent: SteadyTime(7), validFor: Nanoseconds(-5)) == SteadyTime(7))
        #expect(rule.end(sent: SteadyTime(7), validFor: .max) > SteadyTime(7))
    }

    /// Whatever the two clocks do within ρ, the client's belief is over before the cluster's deadline.
    @Test func withinTheDriftABeliefEndsBeforeTheDeadline() {
        var random = RandomSource(seed: 11)
        for _ in 0..<2_000 {
            let drift = UInt32(random.below(50_000))
            let rule = BeliefRule(driftPartsPerMillion: drift, margin: .zero)
            let validFor = Nanoseconds(Int64(random.below(86_400_000_000_000)) + 1)
            let held = (rule.end(sent: SteadyTime.zero, validFor: validFor) - SteadyTime.zero).rawValue
            // In true time: the client's clock runs at 1 − ρ, so that its wait takes held / (1 − ρ); the cluster's runs
            // at 1 + ρ, so that its deadline comes after validFor / (1 + ρ).
            let client = Double(held) / (1 - Double(drift) / 1e6)
            let cluster = Double(validFor.rawValue) / (1 + Double(drift) / 1e6)
            #expect(client <= cluster * (1 + 1e-12))
        }
    }

    @Test func aClientMayOnlyBeStricter() {
        let told = BeliefRule(driftPartsPerMillion: 10_000, margin: .milliseconds(10))
        let own = BeliefRule(driftPartsPerMillion: 20_000, margin: .milliseconds(1))
        #expect(told.strictest(with: own) == BeliefRule(driftPartsPerMillion: 20_000, margin: .milliseconds(10)))
    }
}
