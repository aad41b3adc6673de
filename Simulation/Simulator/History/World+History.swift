import LeaseMachine
import LeaseholdBase
import LeaseholdReplica

extension World {
    /// One state in so many entries of a node is compared with the model's.
    private static let entriesPerState: UInt64 = 128

    /// A node has applied more.
    func noteState(of node: SimulatedNode, _ replica: borrowing Replica, after before: LogIndex) {
        let applied = replica.appliedIndex
        guard applied.rawValue / Self.entriesPerState != before.rawValue / Self.entriesPerState else { return }
        let page = replica.machine.list(prefix: "", limit: Limits.leasesPerPage)
        states.append(LogJudge.State(label: node.label, page: page))
    }

    /// Judges what clients saw, twice: by the log, and by a search that knows no log.
    func judgeHistory() {
        let isRepeating = plan.faults.contains { $0.kind == .duplication || $0.kind == .replay }
        let byLog = LogJudge.judge(history, committedLog, states: states, isRepeating: isRepeating)
        for violation in byLog.violations.prefix(3) { findings.add(violation) }
        let linear = LinearJudge().judge(isRepeating ? history.withRefusalsInDoubt : history)
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
    fileprivate var withRefusalsInDoubt: History {
        var history = self
        for (number, operation) in operations.enumerated() where operation.result == .notDone {
            history.end(number, .unknown, at: operation.completed)
        }
        return history
    }
}
