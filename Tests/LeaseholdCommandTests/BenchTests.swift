import LeaseholdBase
import LeaseholdCommand
import Testing

@Suite struct LatencyHistogramTests {
    @Test func everyLengthIsToldWithinAHundredth() throws {
        var length: Int64 = 1
        while length < 30_000_000_000_000 {
            var histogram = LatencyHistogram()
            histogram.record(Nanoseconds(length))
            // A longer one, so that the greatest does not stand for the bucket.
            histogram.record(Nanoseconds(length * 4))
            let median = try #require(histogram.quantile(thousandths: 500)).rawValue
            #expect(median >= length && median - length <= length / 100, "\(length) is told as \(median)")
            length = length * 9 / 8 + 1
        }
    }

    @Test func quantilesAreThoseOfTheNearestRank() {
        var histogram = LatencyHistogram()
        #expect(histogram.quantile(thousandths: 500) == nil)
        for length in 1...100 as ClosedRange<Int64> { histogram.record(Nanoseconds(length)) }
        #expect(histogram.quantile(thousandths: 500) == Nanoseconds(50))
        #expect(histogram.quantile(thousandths: 990) == Nanoseconds(99))
        #expect(histogram.quantile(thousandths: 999) == Nanoseconds(100))
        #expect(histogram.quantile(thousandths: 0) == Nanoseconds(1))
        #expect(histogram.count == 100)
    }

    @Test func whatIsOutsideIsCountedAtTheEnds() {
        var histogram = LatencyHistogram()
        histogram.record(Nanoseconds(-5))
        histogram.record(.max)
        #expect(histogram.count == 2)
        #expect(histogram.longest == .max)
        #expect(histogram.quantile(thousandths: 500) == .zero)
    }
}

@Suite struct BenchReportTests {
    static let plan = BenchPlan(.acquire, prefix: "p/")

    @Test func aReportHasEveryKey() {
        var tally = BenchTally()
        tally.begin(at: SteadyTime(1_000_000_000))
        tally.acknowledged(1, began: SteadyTime(1_000_000_000), at: SteadyTime(1_000_100_000))
        tally.acknowledged(2, began: SteadyTime(1_000_100_000), at: SteadyTime(3_000_000_000))
        tally.failed(3, CommandFailure(.held, "first"))
        tally.failed(1, CommandFailure(.held, "second"))
        tally.lost(2)
        #expect(tally.firstError?.message == "first")
        #expect(
            tally.report(Self.plan).json.text
                == #"{"workload": "acquire", "connections": 64, "depth": 1, "ops": 3, "errors": 4, "unknown": 2, "#
                + #""seconds": 2.0, "per_s": 1.5, "p50_us": 100, "p99_us": 1999900, "p999_us": 1999900, "#
                + #""gap_ms_max": 1999}"#)
    }

    @Test func nothingMeasuredIsNull() {
        let text = BenchTally().report(Self.plan).json.text
        #expect(text.hasSuffix(#""per_s": 0.0, "p50_us": null, "p99_us": null, "p999_us": null, "gap_ms_max": 0}"#))
    }

    @Test func aFailoverIsMeasuredByItsGaps() {
        var gaps = LatencyHistogram()
        gaps.record(.milliseconds(40))
        gaps.record(.milliseconds(90))
        let text = BenchTally().report(BenchPlan(.failover, prefix: ""), gaps: gaps).json.text
        #expect(text.contains(#""p99_us": 90000, "p999_us": 90000, "gap_ms_max": 90}"#))
    }

    @Test func aCountAloneSetsNoTime() throws {
        func plan(_ line: String) throws(CommandFailure) -> BenchPlan {
            let bench = Command.all.first { $0.name == "bench" }
            return try BenchPlan(Arguments(line.split(separator: " ").map(String.init), flags: bench?.flags ?? []))
        }
        #expect(try plan("--workload acquire").length == .seconds(5))
        #expect(try plan("--workload acquire --count 7").length == nil)
        #expect(try plan("--workload acquire --count 7 --seconds 2").length == .seconds(2))
        #expect(try plan("--workload read --connections 8 --depth 4").lanes == 32)
        #expect(try plan("--workload read --prefix x").prefix == "x")
        #expect(try plan("--workload read").prefix != plan("--workload read").prefix)
        for line in ["", "--workload aquire", "--workload read --depth 0", "--workload read --ttl 5"] {
            #expect(throws: CommandFailure.self) { try plan(line) }
        }
    }

    @Test func namesAreOfOneLengthAndInTheirOrder() {
        #expect(Self.plan.name(0) == "p/000000000000")
        #expect(Self.plan.name(1_234_567) == "p/000001234567")
        #expect(BenchPlan(.acquire, prefix: "é").name(9).utf8.count == 14)
    }
}
