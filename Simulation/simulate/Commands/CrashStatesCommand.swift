import Foundation
import Simulator

extension Command {
    static let crashStates = Command(
        "crash-states",
        flags: [
            .value("workload", "NAME", "one of those of --list (default all)"),
            .present("list", "the workloads, and what each is about"), .json,
        ],
        summary: "Recovers every state that a crash may leave of a small journal, at every write of its life.",
        details:
            "After each effect on the disk, every subset and tearing of what is not durable is recovered, and recovery\n"
            + "itself is interrupted at each of its calls until no new states appear. A write is kept, lost, cut at every\n"
            + "eighth byte, and split into eight parts (at sectors and records) of which every subset is kept.",
        examples: ["simulate crash-states", "simulate crash-states --workload truncation"]
    ) { arguments throws(CommandFailure) in
        if arguments.has("list") {
            Terminal.write(indented(CrashWorkload.all.map { ($0.name, $0.about) }))
            return 0
        }
        var workloads = CrashWorkload.all
        if let name = arguments.text("workload") {
            workloads = workloads.filter { $0.name == name }
            if workloads.isEmpty {
                let hint =
                    nearest(to: name, among: CrashWorkload.all.map(\.name)).map { "did you mean \($0)?" }
                    ?? "--list tells which there are"
                throw CommandFailure("there is no workload '\(name)'; \(hint)")
            }
        }
        return enumerate(workloads, isJSON: arguments.has("json"))
    }

    private static func enumerate(_ workloads: [CrashWorkload], isJSON: Bool) -> Int32 {
        let began = Date()
        Interruption.watch()
        var reports: [CrashStates.Report] = []
        for workload in workloads where !Interruption.hasCome {
            let report = CrashStates.run(workload, isOver: { Interruption.hasCome }) { report in
                Terminal.progress("\(workload.name): write point \(report.points), \(grouped(report.states)) states")
            }
            Terminal.endProgress()
            reports.append(report)
            if !isJSON { tell(report) }
        }
        let seconds = max(Date().timeIntervalSince(began), 0.001)
        let states = reports.reduce(0) { $0 + $1.states }
        let violations = reports.flatMap(\.violations)
        if isJSON {
            Terminal.say(JSONText.pretty(CrashStatesSummary(reports, interrupted: Interruption.hasCome)))
        } else {
            Terminal.say(
                "\(!violations.isEmpty ? "FAILED" : Interruption.hasCome ? "INTERRUPTED" : "PASSED"): \(grouped(states)) states at "
                    + "\(grouped(reports.reduce(0) { $0 + $1.points })) write points, "
                    + "\(grouped(reports.reduce(0) { $0 + $1.recoveries })) recoveries in "
                    + "\(Int(seconds.rounded())) s, \(grouped(Int(Double(states) / seconds))) states a second, "
                    + "\(violations.count) violations")
        }
        if !violations.isEmpty { return Outcome.safety.exitCode }
        return Interruption.hasCome ? Outcome.interrupted.exitCode : 0
    }

    private static func tell(_ report: CrashStates.Report) {
        Terminal.say(
            "\(!report.violations.isEmpty ? "FAILED" : report.isCutShort ? "cut   " : "ok    ") \(report.workload): \(report.points) write points, "
                + "\(grouped(report.states)) states, \(grouped(report.distinct)) different, recovery interrupted up to "
                + "\(report.depth) times in a row"
                + (report.limited == 0
                    ? "" : "; ended at \(grouped(CrashStates.limit)) states at \(report.limited) write points"))
        for violation in report.violations { Terminal.say("  violated: \(violation)") }
    }
}

/// The same for scripts.
private struct CrashStatesSummary: Encodable {
    struct Workload: Encodable {
        var name: String
        var points: Int
        var states: Int
        var distinct: Int
        var recoveries: Int
        var depth: Int
        var limited: Int
        var cutShort: Bool
        var violations: [String]
    }
    var workloads: [Workload]
    var limit = CrashStates.limit
    var interrupted: Bool

    init(_ reports: [CrashStates.Report], interrupted: Bool) {
        self.interrupted = interrupted
        workloads = reports.map {
            Workload(
                name: $0.workload, points: $0.points, states: $0.states, distinct: $0.distinct,
                recoveries: $0.recoveries, depth: $0.depth, limited: $0.limited, cutShort: $0.isCutShort,
                violations: $0.violations)
        }
    }
}
