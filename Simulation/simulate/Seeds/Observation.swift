import Foundation
import LeaseholdBase
package import Simulator

/// A run and what a recorder saw of it, though the code under test may trap.
///
/// A child runs it first. When that comes to an end, the same is run here, with a recorder. When the child is gone, another
/// one tells in which event that happens, and what is run here ends before it.
package struct Observation {
    /// What the run came to; a trap is what contradicts property 0.
    package let report: Report
    /// What happened in it.
    package let recorder: TraceRecorder
    /// How it ended.
    package let outcome: Outcome

    /// Watches a run. Throws when nothing of it can be seen: it takes too long, or traps before its first event.
    package init(of job: Job, by supervisor: Supervisor) throws {
        var run = Run(job.expanded)
        let ending = try supervisor.run(job)
        if case .answered(let result) = ending {
            outcome = result.outcome
        } else {
            run.abort = try Self.abort(job, ending, supervisor)
            outcome = .crash
        }
        Interruption.unwatch()
        job.plant()
        recorder = TraceRecorder()
        report = run.run(recorder: recorder)
    }

    /// Runs it in a child; throws when that does not come to an end.
    static func rehearse(_ job: Job) throws(CommandFailure) {
        try reporting {
            let ending = try Supervisor(jobs: 1, timeout: 120_000).run(job)
            Interruption.unwatch()
            guard case .answered = ending else { throw failure(job, ending) }
        }
    }

    /// What is told of a run of which nothing can be seen.
    private static func failure(_ job: Job, _ ending: Ending) -> CommandFailure {
        var tally = Tally()
        tally.add(job, ending)
        return CommandFailure((tally.failures.first?.report ?? []).joined(separator: "\n"), tally.worst)
    }

    /// Before which event a run has to end that ends its process; further children find that out, and whether it suffices.
    private static func abort(_ job: Job, _ ending: Ending, _ supervisor: Supervisor) throws -> Run.Abort {
        guard case .crashed(let status, let words) = ending else { throw failure(job, ending) }
        var counted = job
        let path = FileManager.default.temporaryDirectory.path + "/simulate-\(getpid())-event"
        counted.eventFile = path
        defer { unlink(path) }
        _ = try supervisor.run(counted)
        guard let event = EventFile.read(path), event > 0 else { throw failure(job, ending) }
        let said = words.isEmpty ? "" : ": " + words.prefix(2).joined(separator: ", ")
        let abort = Run.Abort(event: event, what: "was \(status) in this event\(said)")
        var rehearsal = job
        rehearsal.abort = abort
        guard case .answered = try supervisor.run(rehearsal) else { throw failure(job, ending) }
        return abort
    }
}

/// The number of the event that a run is in, kept in a file so that it outlives the process.
enum EventFile {
    /// What keeps it up to date.
    static func writer(_ path: String) -> (UInt64) -> Void {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        return { event in
            var event = event
            _ = pwrite(descriptor, &event, 8, 0)
        }
    }

    static func read(_ path: String) -> UInt64? { HashFile.read(path)?.first }
}
