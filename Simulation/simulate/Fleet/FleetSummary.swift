import Simulator

/// What a fleet came to, for people and for scripts.
package struct FleetSummary: Encodable {
    struct ProfileCount: Encodable {
        var profile: Profile
        var ran: Int
        var passed: Int
    }

    struct Count: Encodable {
        var outcome: Outcome
        var seeds: Int
    }

    /// How it ended.
    package private(set) var outcome: Outcome
    /// Whether it was ended by Ctrl-C.
    var interrupted: Bool
    var firstSeed: UInt64
    /// How many seeds there were to run, if their number was given.
    var seedsAsked: UInt64?
    var seeds: Int
    var passed: Int
    var failed: Int
    var outcomes: [Count]
    var profiles: [ProfileCount]
    var verified: Int
    var seconds: Double
    var simulatedYears: Double
    var simulatedSecondsPerSecond: Int
    var eventsPerSecond: Int
    var seedsPerHour: Int
    var seedsPerCPUHour: Int
    var figures: Figures
    var marksExpected: Int
    var marksNeverHit: [String]
    var marks: String
    var lacking: [String]
    var failures: [Tally.Failure]

    /// Adds up.
    package init(
        _ tally: Tally, firstSeed: UInt64, seedsAsked: UInt64? = nil, elapsed: Double, interrupted: Bool = false
    ) {
        // What was not run to the end has not passed, and need not have seen everything.
        outcome = !interrupted ? tally.outcome : tally.worst == .passed ? .interrupted : tally.worst
        (self.interrupted, self.firstSeed, self.seedsAsked) = (interrupted, firstSeed, seedsAsked)
        seeds = tally.seeds
        passed = tally.count(.passed)
        failed = tally.failures.count
        outcomes = Outcome.allCases.map { Count(outcome: $0, seeds: tally.count($0)) }.filter { $0.seeds > 0 }
        profiles = zip(Profile.allCases, tally.profiles).filter { $0.1.ran > 0 }.map {
            ProfileCount(profile: $0.0, ran: $0.1.ran, passed: $0.1.passed)
        }
        verified = tally.verified
        let elapsed = max(elapsed, 0.001)
        let simulated = Double(tally.figures.milliseconds) / 1_000
        let cpuHours = max(Double(tally.cpuMicros) / 3_600_000_000, 1e-9)
        seconds = (elapsed * 1_000).rounded() / 1_000
        simulatedYears = simulated / 31_557_600
        simulatedSecondsPerSecond = Int(simulated / elapsed)
        eventsPerSecond = Int(Double(tally.figures.events) / elapsed)
        seedsPerHour = Int(Double(tally.seeds) / elapsed * 3_600)
        seedsPerCPUHour = Int(Double(tally.seeds) / cpuHours)
        figures = tally.figures
        let coverage = CoverageVerdict(tally.coverage)
        (marksExpected, marksNeverHit, marks) = (coverage.expected, coverage.never, coverage.line)
        lacking = tally.lacking
        failures = tally.failures
    }

    /// For people.
    package var lines: [String] {
        var lines: [String] = []
        for failure in failures.prefix(FleetRun.reportsMost) where !failure.report.isEmpty {
            lines += failure.report + [""]
        }
        if !failures.isEmpty {
            lines.append("Failed:")
            for failure in failures.prefix(200) {
                lines.append(
                    clipped("  \(failure.outcome.rawValue), seed \(failure.seed): \(failure.headline)", to: 160))
                lines.append(
                    "    \(failure.command)"
                        + (failure.replayFile.map { "  or  simulate replay \(shellQuoted($0))" } ?? ""))
            }
            if failures.count > 200 { lines.append("  and \(failures.count - 200) more") }
            lines.append("")
        }
        let byOutcome = outcomes.map { "\($0.seeds) \($0.outcome.rawValue)" }.joined(separator: ", ")
        lines.append("seeds       \(grouped(seeds)) from \(firstSeed): \(byOutcome.isEmpty ? "none" : byOutcome)")
        let byProfile = profiles.map { "\($0.profile.rawValue) \($0.passed)/\($0.ran)" }.joined(separator: ", ")
        lines.append("profiles    \(byProfile)")
        if verified > 0 { lines.append("run twice   \(grouped(verified)) seeds, in two processes each") }
        lines.append(
            "simulated   \(Self.span(years: simulatedYears)) in \(FleetProgress.span(seconds)): "
                + "\(grouped(simulatedSecondsPerSecond)) s/s, \(grouped(figures.events)) events, "
                + "\(grouped(eventsPerSecond)) events/s")
        lines.append("speed       \(grouped(seedsPerHour)) seeds an hour, \(grouped(seedsPerCPUHour)) a CPU-hour")
        lines.append(
            "trouble     \(grouped(figures.faults)) faults, \(grouped(figures.packetsLost)) of "
                + "\(grouped(figures.packets)) packets lost, \(grouped(figures.shortWrites)) short writes, "
                + "\(grouped(figures.overflows)) overflows, \(grouped(figures.elections)) elections")
        lines.append(
            "work        \(grouped(figures.entries)) entries, \(grouped(figures.tenures)) tenures, "
                + "\(grouped(figures.expiries)) expiries, \(grouped(figures.writes)) writes, "
                + "\(grouped(figures.staleWritesRefused)) stale tokens refused, \(grouped(figures.retries)) retries")
        lines.append(
            "checks      \(grouped(figures.promisesCompared)) promises compared with disks, "
                + "\(grouped(figures.operationsJudged)) operations judged, "
                + "\(grouped(figures.namesUndecided)) names undecided")
        lines.append(
            "            \(grouped(figures.recoveries)) starts compared, \(grouped(figures.diskFailures)) failures of disks, "
                + "\(grouped(figures.damageNoticed)) of damage noticed, \(grouped(figures.clocksMisled)) clocks misled, "
                + "\(grouped(figures.overlapsExplained)) overlaps of beliefs for that")
        lines.append(
            "            claims in time for \(grouped(figures.delaysJudged / 1_000)) s, "
                + "\(grouped(figures.expiriesJudged)) expiries judged, steady terms for "
                + "\(grouped(figures.termsJudged / 1_000)) s, of \(grouped(figures.milliseconds / 1_000)) s, "
                + "slowest call after healing \(grouped(figures.slowestErrand)) ms")
        if figures.hasJudgedNoExpiry {
            lines.append("            NO EXPIRY WAS JUDGED: nothing shows that claims end in time")
        }
        lines.append("marks       \(marks)")
        if outcome == .empty, failures.isEmpty {
            lines.append("            FAILED: so many seeds have to see " + lacking.joined(separator: ", "))
        }
        let cutShort =
            interrupted
            ? "INTERRUPTED after \(grouped(seeds))\(seedsAsked.map { " of \(grouped($0))" } ?? "") seeds: " : ""
        lines.append("\(cutShort)\(passed) passed, \(failed) failed")
        return lines
    }

    /// A long time for people.
    static func span(years: Double) -> String {
        let (name, number) =
            years >= 0.1 ? ("years", years) : years * 365.25 >= 1 ? ("days", years * 365.25) : ("hours", years * 8_766)
        let hundredths = Int((number * 100).rounded())
        return "\(grouped(hundredths / 100)).\(hundredths % 100 < 10 ? "0" : "")\(hundredths % 100) \(name)"
    }
}
