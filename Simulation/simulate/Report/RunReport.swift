import LeaseholdBase
import Simulator

/// What one run came to, for people.
enum RunReport {
    /// The lines; a failure is run once more with a recorder, to tell what happened last.
    static func lines(_ report: Report, command: String) -> [String] {
        guard report.verdict == .passed else {
            let recorder = TraceRecorder()
            let again = Simulation.run(report.plan, recorder: recorder)
            let lines = FailureReport(again, events: recorder.events, command: command).lines
            return again.hash == report.hash
                ? lines : lines + ["  NOT THE SAME TWICE: see simulate verify-determinism \(report.plan.seed)"]
        }
        return ["seed \(report.plan.seed) profile \(report.plan.profile.rawValue) PASSED"] + figures(report.figures)
            + ["  hash \(hexadecimal(report.hash))"]
    }

    /// The figures, in lines.
    static func figures(_ figures: Figures) -> [String] {
        [
            "  simulated \(seconds(figures.milliseconds * 1_000_000)), \(grouped(figures.events)) events, "
                + "\(grouped(figures.packets)) packets of which \(grouped(figures.packetsLost)) were lost, "
                + "\(grouped(figures.faults)) faults",
            "  elections \(grouped(figures.elections)), entries \(grouped(figures.entries)), tenures "
                + "\(grouped(figures.tenures)), expiries \(grouped(figures.expiries)), writes "
                + "\(grouped(figures.writes)), stale writes refused \(grouped(figures.staleWritesRefused))",
            "  reads \(grouped(figures.reads)), retries \(grouped(figures.retries)), promises compared "
                + "\(grouped(figures.promisesCompared)), operations judged \(grouped(figures.operationsJudged)), "
                + "names undecided \(grouped(figures.namesUndecided))",
            "  memberships \(grouped(figures.memberships)), snapshots \(grouped(figures.snapshots)), compared \(grouped(figures.snapshotsCompared)), "
                + "backups restored \(grouped(figures.backups)), saved \(grouped(figures.saves))",
            "  starts compared \(grouped(figures.recoveries)), failures of disks \(grouped(figures.diskFailures)), damage "
                + "noticed \(grouped(figures.damageNoticed)), clocks misled \(grouped(figures.clocksMisled))",
            "  judged for \(seconds(figures.delaysJudged * 1_000_000)) whether claims end in time ("
                + "\(grouped(figures.expiriesJudged)) expiries), for "
                + "\(seconds(figures.termsJudged * 1_000_000)) whether terms stay",
        ]
    }
}
