import LeaseMachine
import LeaseholdBase
import LeaseholdReplica

extension World {
    /// One state in so many entries of a node is compared with the model's.
    private static let entriesPerState: UInt64 = 128

    /// A node has applied more. Its state is kept now and then, and wherever an entry has left something undone that was due:
    /// which of it was done, no answer may ever tell.
    func noteState(of node: SimulatedNode, _ replica: borrowing Replica, after before: LogIndex) {
        let applied = replica.appliedIndex
        let isCutShort = replica.machine.nextDue.map { $0 <= replica.machine.logTime } ?? false
        guard isCutShort || applied.rawValue / Self.entriesPerState != before.rawValue / Self.entriesPerState else {
            return
        }
        let page = replica.machine.list(prefix: "", limit: Limits.leasesPerPage)
        states.append(LogJudge.State(label: node.label, page: page))
    }

    /// Whatever is asked from this time on is delivered once at most, in true time.
    private var repeatedUntil: UInt64 {
        let ends = plan.faults.filter { $0.kind == .duplication || $0.kind == .replay }.map {
            // One of the leader may have waited for a leader.
            min($0.at + $0.lasts + 2_000, plan.trouble)
        }
        return ends.max().map { UInt64(max(0, $0) + 1) * 1_000_000 } ?? 0
    }

    /// Judges what clients saw, twice: by the log, and by a search that knows no log.
    func judgeHistory() {
        let repeating = repeatedUntil
        let byLog = LogJudge.judge(
            history, committedLog, states: states, settings: settingsRead, repeatedUntil: repeating)
        for violation in byLog.violations.prefix(3) { findings.add(violation) }
        let linear = LinearJudge().judge(history.doubtingRefusals(before: repeating))
        for violation in linear.violations.prefix(3) { findings.add(violation) }
        figures.operationsJudged += UInt64(byLog.answersCompared + linear.callsJudged)
        if let gap = byLog.gap {
            violate(26, by: "the judge by log", "has not seen entry \(gap)", "every committed entry is shown to it")
        }
        figures.namesUndecided += UInt64(linear.undecided.count)
    }
}

extension History {
    /// The same, where a try that was refused may have come again and been done: no stream repeats a packet, and a network
    /// that does makes "not done" a guess.
    fileprivate func doubtingRefusals(before time: UInt64) -> History {
        var history = self
        for (number, operation) in operations.enumerated()
        where operation.result == .notDone && operation.invoked < time {
            history.end(number, .unknown, at: operation.completed)
        }
        return history
    }
}
