import LeaseholdBase
package import Simulator

/// Where plans come from and how they are run.
package enum Simulation {
    /// Draws the plan of a seed; with a time of trouble of its own, faults that would begin behind it fall away.
    package static func plan(profile: Profile, seed: UInt64, trouble: Int? = nil) -> Plan {
        var plan = Plan(seed: seed)
        plan.profile = profile
        plan.nodes = seed % 4 == 0 ? 5 : 3
        plan.core = Array(0..<plan.nodes)
        plan.trouble = 30_000
        if let trouble {
            plan.trouble = trouble
            plan.faults.removeAll { $0.at >= trouble }
        }
        return plan
    }

    /// Runs a plan.
    package static func run(_ plan: Plan, recorder: TraceRecorder? = nil) -> Report {
        var turmoil = Turmoil(seed: plan.seed)
        turmoil.nodes = plan.nodes
        turmoil.trouble = .milliseconds(Int64(plan.trouble))
        if plan.profile == .quiet { turmoil.faults = [] }
        let old = turmoil.run()
        var report = Report(plan: plan)
        report.violations = old.violations
        report.stuck = old.stuck
        report.figures.elections = UInt64(old.elections)
        report.figures.tenures = UInt64(old.tenures)
        report.figures.writes = UInt64(old.writes)
        report.figures.events = old.events
        report.figures.milliseconds = UInt64(plan.trouble)
        report.hash = old.traceHash
        report.latest = old.lines
        return report
    }
}
