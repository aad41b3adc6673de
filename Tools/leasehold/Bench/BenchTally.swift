package import LeaseholdBase

/// What came of the operations of a benchmark.
package struct BenchTally: Sendable {
    /// Operations that were acknowledged.
    package private(set) var operations = 0
    /// Answers other than success, after all tries.
    package private(set) var errors = 0
    /// Operations without a known outcome: neither acknowledged nor failed.
    package private(set) var unknown = 0
    /// How long those took that were acknowledged.
    package private(set) var latencies = LatencyHistogram()
    /// The longest time in which nothing was acknowledged.
    package private(set) var longestGap = Nanoseconds.zero
    /// What the first error said.
    package private(set) var firstError: CommandFailure?
    private var began = SteadyTime.zero
    private var newest = SteadyTime.zero

    /// Nothing measured yet.
    package init() {}

    /// The time that counts begins.
    package mutating func begin(at now: SteadyTime) {
        began = now
        newest = now
    }

    /// So many operations were acknowledged by one answer.
    package mutating func acknowledged(_ count: Int, began: SteadyTime, at now: SteadyTime) {
        operations += count
        latencies.record(now - began)
        let gap: Nanoseconds = now - newest
        if gap > longestGap { longestGap = gap }
        newest = now
    }

    /// So many operations were answered otherwise.
    package mutating func failed(_ count: Int, _ failure: @autoclosure () -> CommandFailure) {
        errors += count
        if firstError == nil { firstError = failure() }
    }

    /// So many operations may or may not have been done.
    package mutating func lost(_ count: Int) { unknown += count }

    /// From the beginning to the last acknowledgement.
    package var length: Nanoseconds { newest - began }

    /// The form for scripts; `gaps` are what a failover is measured by.
    package func report(_ plan: BenchPlan, gaps: LatencyHistogram? = nil) -> BenchReport {
        let measured = gaps ?? latencies
        let seconds = length.rawValue
        // Operations in a second, in thousandths.
        let rate = seconds > 0 ? Double(operations) * 1e12 / Double(seconds) : 0
        return BenchReport(
            workload: plan.workload, connections: plan.connections, depth: plan.depth, operations: operations,
            errors: errors, unknown: unknown, thousandthsOfSeconds: length.milliseconds,
            thousandthsPerSecond: Int64(rate), p50: measured.quantile(thousandths: 500),
            p99: measured.quantile(thousandths: 990), p999: measured.quantile(thousandths: 999),
            longestGap: gaps?.longest ?? longestGap)
    }
}

/// A benchmark's result.
package struct BenchReport: Sendable {
    let workload: BenchPlan.Workload
    let connections: Int
    let depth: Int
    let operations: Int
    let errors: Int
    let unknown: Int
    let thousandthsOfSeconds: Int64
    let thousandthsPerSecond: Int64
    let p50: Nanoseconds?
    let p99: Nanoseconds?
    let p999: Nanoseconds?
    let longestGap: Nanoseconds

    /// The form for scripts.
    package var json: JSON {
        .object([
            ("workload", .string(workload.rawValue)), ("connections", .count(connections)), ("depth", .count(depth)),
            ("ops", .count(operations)), ("errors", .count(errors)), ("unknown", .count(unknown)),
            ("seconds", .thousandths(thousandthsOfSeconds)), ("per_s", .thousandths(thousandthsPerSecond)),
            ("p50_us", Self.microseconds(p50)), ("p99_us", Self.microseconds(p99)),
            ("p999_us", Self.microseconds(p999)), ("gap_ms_max", .count(longestGap.milliseconds)),
        ])
    }

    private static func microseconds(_ time: Nanoseconds?) -> JSON {
        guard let time else { return .null }
        return .count(time.rawValue / 1_000)
    }

    /// The form for people.
    package var table: String {
        func words(_ time: Nanoseconds?) -> String { time.map { "\($0.rawValue / 1_000)us" } ?? "" }
        let what = workload == .failover ? "gap" : "latency"
        return describe([
            ("workload", workload.rawValue), ("connections", "\(connections)"), ("depth", "\(depth)"),
            ("ops", "\(operations)"), ("errors", "\(errors)"), ("unknown", "\(unknown)"),
            ("seconds", JSON.thousandths(thousandthsOfSeconds).text),
            ("per second", "\(thousandthsPerSecond / 1_000)"), ("\(what) p50", words(p50)),
            ("\(what) p99", words(p99)), ("\(what) p99.9", words(p999)),
            ("longest gap", "\(longestGap.milliseconds)ms"),
        ])
    }
}
