import Foundation
import LeaseholdBase
import Simulator

/// Runs simulated clusters from seeds: `simulate run SEED` and `simulate fleet --seeds A..B`.
@main
enum Main {
    static func main() {
        let words = Array(CommandLine.arguments.dropFirst())
        switch words.first {
        case "run":
            guard words.count == 2, let seed = UInt64(words[1]) else { fail("usage: simulate run SEED") }
            exit(run(seed, isTold: true) ? 0 : 10)
        case "fleet":
            guard words.count == 3, words[1] == "--seeds", let seeds = range(words[2]) else {
                fail("usage: simulate fleet --seeds A..B")
            }
            fleet(seeds)
        default: fail("usage: simulate run SEED | simulate fleet --seeds A..B")
        }
    }

    private static func fail(_ message: String) -> Never {
        FileHandle.standardError.write(Data((message + "\n").utf8))
        exit(1)
    }

    private static func range(_ text: String) -> ClosedRange<UInt64>? {
        let ends = text.components(separatedBy: "..")
        guard ends.count == 2, let first = UInt64(ends[0]), let last = UInt64(ends[1]), first <= last else {
            return nil
        }
        return first...last
    }

    private static func turmoil(_ seed: UInt64) -> Turmoil {
        var turmoil = Turmoil(seed: seed)
        turmoil.nodes = seed % 4 == 0 ? 5 : 3
        return turmoil
    }

    private static func run(_ seed: UInt64, isTold: Bool) -> Bool {
        let report = turmoil(seed).run()
        let passed = report.violations.isEmpty && report.stuck.isEmpty
        if isTold || !passed {
            print("seed \(seed) \(passed ? "PASSED" : "FAILED")")
            for violation in report.violations { print("  violated: \(violation)") }
            for stuck in report.stuck { print("  stuck: \(stuck)") }
            print(
                "  elections \(report.elections) tenures \(report.tenures) writes \(report.writes) events \(report.events)"
            )
            print("  hash \(hexadecimal(report.traceHash))")
            if !passed { for line in report.lines.suffix(12) { print("  \(line)") } }
            if !passed { print("  again with: simulate run \(seed)") }
        }
        return passed
    }

    private static func fleet(_ seeds: ClosedRange<UInt64>) {
        let began = Date()
        var failed: [UInt64] = []
        for seed in seeds {
            if !run(seed, isTold: false) { failed.append(seed) }
            let done = seed - seeds.lowerBound + 1
            if done % 25 == 0, isatty(2) == 1 {
                FileHandle.standardError.write(
                    Data("\r\(done) of \(seeds.count) seeds, \(failed.count) failed".utf8))
            }
        }
        if isatty(2) == 1 { FileHandle.standardError.write(Data("\r\u{1B}[K".utf8)) }
        let seconds = Date().timeIntervalSince(began)
        let count = seeds.count
        print(
            "\(count - failed.count) passed, \(failed.count) failed; \(Int(Double(count) / max(seconds, 0.001) * 3600)) "
                + "seeds an hour")
        exit(failed.isEmpty ? 0 : 10)
    }
}
