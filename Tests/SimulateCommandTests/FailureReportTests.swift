import Simulator
import Testing
import simulate

@Suite struct FailureReportTests {
    func report(property: Int, nodes: Int, events: Int) -> [String] {
        var plan = Plan(seed: 99)
        plan.nodes = nodes
        var report = Report(plan: plan)
        let long = String(repeating: "words without end ", count: 40)
        report.violations = [
            Violation(
                property, at: 12_345_678_901, event: 4_711, by: "client 2",
                what: "holds name-1 with token 17, \(long)", against: "client 1 believes in 16, \(long)")
        ]
        report.nodes = (1...nodes).map { "node \($0) follower \(long)" }
        report.activeFaults = (1...20).map { "#\($0) split \(long)" }
        let trace = (0..<events).map { index in
            TraceEvent(
                at: UInt64(index), event: UInt64(index), .client, place: nodes + index % 3, text: "says \(index)")
        }
        return FailureReport(report, events: trace, command: "simulate run 99").lines
    }

    @Test(arguments: [3, 5], [0, 5, 10_000]) func aReportFitsOnAScreen(nodes: Int, events: Int) {
        let lines = report(property: 11, nodes: nodes, events: events)
        #expect(lines.count <= 25)
        #expect(lines.allSatisfy { $0.count <= 110 })
        #expect(lines[0] == "seed 99 profile quiet FAILED: safety")
        #expect(lines[1] == "  property 11, exclusion in true time, at 12.345678 s, event 4711")
        #expect(lines[2].hasPrefix("  client 2 holds name-1 with token 17"))
        #expect(lines.contains { $0.hasPrefix("  but client 1 believes in 16") })
        #expect(lines.last == "  again with: simulate run 99")
        // Only those of whom the violation speaks, and the newest last.
        #expect(!lines.contains { $0.contains("client 3") })
        if events > 100 {
            #expect(lines[lines.count - 2].contains("says 9999") || lines[lines.count - 2].contains("says 9998"))
        }
    }

    @Test func aRunThatIsStuckOrEmptySaysWhatIsMissing() {
        var stuck = Report(plan: Plan(seed: 5))
        stuck.stuck = ["no leader within 20 s of healing"]
        #expect(FailureReport(stuck, events: [], command: "again").lines.contains("  no leader within 20 s of healing"))
        #expect(FailureReport(stuck, events: [], command: "again").lines[0].hasSuffix("FAILED: liveness"))
        let empty = Report(plan: Plan(seed: 5))
        #expect(empty.verdict == .empty && FailureReport.headline(empty).hasPrefix("too little happened: no elections"))
    }
}
