import Foundation
import LeaseholdBase
import Simulator

/// The child's side: takes jobs from standard input, one a line, and answers each on standard output.
///
/// Which one it begins is on standard error before it runs: a trap ends a process without a word more.
enum SeedRunner {
    /// The argument that makes a process such a child.
    static let word = "run-seeds-for-parent"

    /// Serves until there are no more jobs; the exit status.
    static func serve() -> Int32 {
        let decoder = JSONDecoder()
        while let line = readLine() {
            guard let job = try? decoder.decode(Job.self, from: Data(line.utf8)) else {
                Terminal.complain("simulate: a job that cannot be read: \(line)")
                return Outcome.usageExitCode
            }
            Terminal.complain("\(job.title)")
            guard let answer = try? JSONEncoder().encode(carryOut(job)) else { return Outcome.usageExitCode }
            Terminal.say(String(decoding: answer, as: UTF8.self))
        }
        return 0
    }

    private static func carryOut(_ job: Job) -> SeedResult {
        job.plant()
        let began = ContinuousClock.now
        let cpuBegan = clock()
        let plan = job.expanded
        let isWatched = job.hashes != nil || job.eventFile != nil
        let recorder = isWatched ? TraceRecorder(limit: 0, keepsHashes: job.hashes != nil) : nil
        recorder?.beforeEvent = job.eventFile.map(EventFile.writer)
        var run = Run(plan)
        run.abort = job.abort
        let report = run.run(recorder: recorder)
        var result = SeedResult(number: job.number, outcome: Outcome(report.verdict))
        let took = began.duration(to: .now)
        result.micros = Int(took.components.seconds) * 1_000_000 + Int(took.components.attoseconds / 1_000_000_000_000)
        result.cpuMicros = Int(clock() - cpuBegan)
        result.property = report.violations.first?.property
        result.violatedAt = report.violations.first?.at
        result.headline = FailureReport.headline(report)
        result.figures = report.figures
        result.hash = report.hash
        result.coverage = report.coverage
        if result.outcome != .passed, job.plan == nil { result.plan = plan }
        if job.isTold { result.report = RunReport.lines(report, command: job.command) }
        if job.isVerbose {
            result.report =
                JSONText.pretty(plan).split(separator: "\n").map(String.init) + report.nodes + report.latest
                + result.report
        }
        if let path = job.hashes, let hashes = recorder?.hashes { HashFile.write(hashes, to: path) }
        return result
    }
}
