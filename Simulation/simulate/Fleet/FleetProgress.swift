import Simulator

/// How far a fleet is, on one line of a terminal, or on a line now and then where nobody watches.
struct FleetProgress {
    private var shownAt = 0.0
    /// How often it is shown, in seconds.
    private let interval = Terminal.isWatched ? 0.25 : 30

    /// Shows it, if it is time to.
    mutating func show(_ tally: Tally, elapsed: Double, total: UInt64?, duration: Int?) {
        guard elapsed - shownAt >= interval else { return }
        shownAt = elapsed
        let line = Self.line(tally, elapsed: elapsed, total: total, duration: duration)
        if Terminal.isWatched { Terminal.progress(line) } else { Terminal.complain(line) }
    }

    /// The line.
    static func line(_ tally: Tally, elapsed: Double, total: UInt64?, duration: Int?) -> String {
        let done = tally.seeds
        let rate = Double(tally.figures.milliseconds) / 1_000 / max(elapsed, 0.001)
        var line =
            grouped(done) + (total.map { " of \(grouped($0))" } ?? "") + " seeds, \(tally.failures.count) failed, "
        line += "\(grouped(Int(rate))) simulated s/s"
        var left: [Double] = []
        if let total, done > 0 { left.append(elapsed / Double(done) * Double(total - min(total, UInt64(done)))) }
        if let duration { left.append(max(0, Double(duration) / 1_000 - elapsed)) }
        if let least = left.min(), least < 31_557_600 { line += ", \(span(least)) left" }
        return line
    }

    /// A length of time for people.
    static func span(_ seconds: Double) -> String {
        let whole = Int(seconds.rounded(.up))
        if whole < 60 { return "\(whole)s" }
        return whole < 3_600 ? "\(whole / 60)m\(whole % 60)s" : "\(whole / 3_600)h\(whole % 3_600 / 60)m"
    }
}
