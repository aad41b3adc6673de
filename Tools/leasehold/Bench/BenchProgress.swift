internal import LeaseholdBase
internal import LeaseholdSystem

/// What a person sees while a benchmark runs: a line on a terminal, renewed every second.
struct BenchProgress: Sendable {
    private var shown = (at: SteadyTime.zero, operations: 0)
    private let isWatched = StandardStream.error.isTerminal

    /// Shows how far it is, when a second has passed since the last time.
    mutating func show(_ tally: BenchTally, at now: SteadyTime) {
        guard isWatched else { return }
        if shown.at == .zero { shown.at = now }
        let passed: Nanoseconds = now - shown.at
        guard passed >= .seconds(1) else { return }
        let rate = Int64(tally.operations - shown.operations) * 1_000 / max(1, passed.milliseconds)
        StandardStream.error.write(
            "\r\u{1B}[K\(tally.operations) operations, \(rate)/s, \(tally.errors) errors, \(tally.unknown) unknown")
        shown = (now, tally.operations)
    }

    /// Clears the line, and says what went wrong first.
    func end(_ tally: BenchTally) {
        if isWatched, shown.at != .zero { StandardStream.error.write("\r\u{1B}[K") }
        guard let failure = tally.firstError else { return }
        StandardStream.error.write(
            "leasehold: first error: \(printable(failure.message)) (\(failure.code.rawValue))\n")
    }
}
