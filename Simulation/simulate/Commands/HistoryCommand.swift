import LeaseholdBase
import Simulator

extension Command {
    static let history = Command(
        "history", parameters: ["SEED"],
        flags: [.profile, .time, .value("output", "FILE", "write it there instead of to standard output")],
        summary: "Runs one seed, and writes what its clients saw as lines of JSON for anybody's checker.",
        details: """
            One object a line, whole numbers and names only, times in nanoseconds of true time; Simulation/README.md states
            the members. The exit status is 0 when the history was written, whatever the run came to.
            """,
        examples: ["simulate history 42 -o /tmp/42.jsonl", "simulate history 42 --profile clocks | head -3"]
    ) { arguments throws(CommandFailure) in
        let job = try Job(arguments)
        if let path = arguments.text("output") { try TextFile.expectWritable(path) }
        Terminal.complain(job.title)
        // A trap would end this process, and say nothing that can be used.
        try Observation.rehearse(job)
        let (report, history) = Run(job.expanded).runWithHistory()
        Terminal.complain("\(report.verdict.rawValue): \(history.operations.count) calls")
        if let path = arguments.text("output") {
            try TextFile.write(history.lines(), to: path)
        } else {
            Terminal.write(history.lines())
        }
        return 0
    }

    static let check = Command(
        "check", parameters: ["FILE"],
        flags: [.value("steps", "N", "give a name up after so many steps of the search (default 100000)")],
        summary: "Searches for an order in which what a history tells could have happened.",
        details: """
            Lease by lease, without any index of the log. Exit status 0: there is an order; 12: there is none, and the first
            call that fits in nowhere is told; 15: not decided within the steps; 16: there are no calls.
            """,
        examples: ["simulate history 42 -o /tmp/42.jsonl && simulate check /tmp/42.jsonl"]
    ) { arguments throws(CommandFailure) in
        let path = arguments.words[0]
        let data = try TextFile.read(path)
        let history: History
        do throws(HistoryError) { history = try History(lines: Array(data)) } catch {
            throw CommandFailure("\(path) is damaged or no history: \(error)")
        }
        guard !history.operations.isEmpty else {
            Terminal.say("nothing to check: \(path) has no calls")
            return Outcome.empty.exitCode
        }
        var judge = LinearJudge()
        judge.stepsMax = try arguments.integer("steps", in: 1...1_000_000_000) ?? judge.stepsMax
        let judgement = judge.judge(history)
        for violation in judgement.violations { Terminal.say("\(violation)") }
        for name in judgement.undecided { Terminal.say("\(name): not decided within \(judge.stepsMax) steps") }
        let verdict =
            !judgement.violations.isEmpty
            ? "NOT LINEARIZABLE" : judgement.undecided.isEmpty ? "linearizable" : "UNDECIDED"
        Terminal.say(
            "\(verdict): \(history.operations.count) calls, \(judgement.callsJudged) of them put in order, in "
                + "\(judgement.steps) steps")
        if !judgement.violations.isEmpty { return Outcome.linearizability.exitCode }
        return judgement.undecided.isEmpty ? 0 : Outcome.timeout.exitCode
    }
}
