import Simulator

/// How far a fleet is, on one line of a terminal.
struct FleetProgress {
    private var shownAt = -1.0

    /// Shows it, a few times a second.
    mutating func show(_ tally: Tally, elapsed: Double, total: UInt64?, duration: Int?) {
        guard elapsed - shownAt >= 0.25 else { return }
        shownAt = elapsed
        Terminal.progress(Self.line(tally, elapsed: elapsed, total: total, duration: duration))
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
        if let least = left.min() { line += ", \(span(least)) left" }
        return line
    }

    /// A length of time for people.
    static func span(_ seconds: Double) -> String {
        let whole = Int(seconds.rounded(.up))
        if whole < 60 { return "\(whole)s" }
        return whole < 3_600 ? "\(whole / 60)m\(whole % 60)s" : "\(whole / 3_600)h\(whole % 3_600 / 60)m"
    }
}
