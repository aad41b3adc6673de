import LeaseMachine
public import LeaseholdBase
import LeaseholdReplica

/// One run of a plan: trouble, then healing, and everything that has to hold throughout and in the end.
public struct Run {
    /// What is run.
    public let plan: Plan
    /// How long each thing may take that has to happen after healing.
    public var patience: Nanoseconds = .seconds(20)

    /// Properties that are not looked at, by number: for showing that a check can fail.
    public var disabled: Set<Int> = []

    /// Where a run is ended that would end its process.
    public struct Abort: Codable, Hashable, Sendable {
        /// The event before which it is.
        public var event: UInt64
        /// What is told of it: `the run …`.
        public var what: String

        /// Joins the parts.
        public init(event: UInt64, what: String) { (self.event, self.what) = (event, what) }
    }

    /// Where it is ended early; nil: nowhere.
    public var abort: Abort?

    /// A run of a plan.
    public init(_ plan: Plan) { self.plan = plan }

    /// Runs it.
    ///
    /// - Parameter recorder: Gets everything that happens; a run with one is the same as without.
    public func run(recorder: TraceRecorder? = nil) -> Report { runWithHistory(recorder: recorder).report }

    /// Runs it, and answers what clients saw too.
    public func runWithHistory(recorder: TraceRecorder? = nil) -> (report: Report, history: History) {
        let world = World(plan)
        world.recorder = recorder
        world.findings = Findings(disabled: disabled)
        world.abort = abort
        world.startAll()
        for _ in 0..<plan.clients { world.addClient() }
        world.run(for: .milliseconds(Int64(plan.trouble)))
        var healing = Healing(world: world, patience: patience)
        if world.violations.isEmpty { healing.run() }
        if world.violations.isEmpty, healing.stuck.isEmpty { world.checks.finish(world) }
        if world.violations.isEmpty { world.judgeHistory() }
        let report = report(of: world, stuck: healing.stuck)
        world.end()
        return (report, world.history)
    }

    private func report(of world: World, stuck: [String]) -> Report {
        var report = Report(plan: plan)
        report.violations = world.violations
        report.stuck = stuck
        report.figures = world.sumUp()
        report.hash = world.traceHash
        report.coverage = world.coverage
        report.nodes = world.nodes.map(\.summary)
        report.activeFaults = world.activeFaults
        report.latest = Array(world.lines.suffix(8))
        return report
    }
}
