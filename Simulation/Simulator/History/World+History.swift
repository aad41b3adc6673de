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

    /// Judges what clients saw, twice: by the log, and by a search that knows no log.
    func judgeHistory() {
        let doubtful = history.refusedAndRepeated(repeats)
        let byLog = LogJudge.judge(history, committedLog, states: states, settings: settingsRead, doubtful: doubtful)
        for violation in byLog.violations.prefix(3) { findings.add(violation) }
        let linear = LinearJudge().judge(history.doubting(doubtful))
        for violation in linear.violations.prefix(3) { findings.add(violation) }
        figures.operationsJudged += UInt64(byLog.answersCompared + linear.callsJudged)
        if let gap = byLog.gap {
            violate(26, by: "the judge by log", "has not seen entry \(gap)", "every committed entry is shown to it")
        }
        figures.namesUndecided += UInt64(linear.undecided.count)
    }
}

extension History {
    /// Calls that were refused, and of which a packet was delivered twice by the network: no stream does that, and "not done"
    /// is a guess where one does.
    fileprivate func refusedAndRepeated(_ repeats: [(client: Int, sentAt: UInt64)]) -> Set<Int> {
        guard !repeats.isEmpty else { return [] }
        let times = Dictionary(grouping: repeats, by: \.client).mapValues { $0.map(\.sentAt).sorted() }
        var found: Set<Int> = []
        for (number, operation) in operations.enumerated() where operation.result == .notDone {
            guard let sent = times[operation.client] else { continue }
            // The first that was sent since the call was made.
            var (low, high) = (0, sent.count)
            while low < high {
                let middle = (low + high) / 2
                if sent[middle] < operation.invoked { low = middle + 1 } else { high = middle }
            }
            if low < sent.count, sent[low] <= operation.completed { found.insert(number) }
        }
        return found
    }

    /// The same, where of some calls nothing is known.
    fileprivate func doubting(_ doubtful: Set<Int>) -> History {
        var history = self
        for number in doubtful.sorted() { history.end(number, .unknown, at: operations[number].completed) }
        return history
    }
}
