package import Simulator

/// Where plans come from and how they are run.
package enum Simulation {
    /// Draws the plan of a seed; with a time of trouble of its own, faults are drawn for that time.
    package static func plan(profile: Profile, seed: UInt64, trouble: Int? = nil) -> Plan {
        Plan(profile: profile, seed: seed, trouble: trouble)
    }

    /// Runs a plan.
    package static func run(_ plan: Plan, recorder: TraceRecorder? = nil) -> Report {
        Run(plan).run(recorder: recorder)
    }
}
