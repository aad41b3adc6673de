internal import LeaseholdBase
internal import LeaseholdSystem

/// What a person sees of work on files that takes longer than a second: a line on a terminal, renewed now and then.
struct ProgressLine {
    private let what: String
    /// How many bytes there are to work through; nil when that is not known.
    private let total: Int?
    private let isWatched = StandardStream.error.isTerminal
    private let begun = SystemClocks.steady
    private var done = 0
    private var shown = SteadyTime.zero

    /// Nothing done yet.
    init(_ what: String, total: Int? = nil) {
        self.what = what
        self.total = total
    }

    /// So many more bytes are done.
    mutating func advance(_ bytes: Int) {
        done += bytes
        guard isWatched else { return }
        let now = SystemClocks.steady
        guard now - begun >= .seconds(1), now - shown >= .milliseconds(200) else { return }
        shown = now
        StandardStream.error.write("\r\u{1B}[K" + Self.text(what, done: done, total: total))
    }

    /// Clears the line.
    func end() {
        if isWatched, shown != .zero { StandardStream.error.write("\r\u{1B}[K") }
    }

    /// The line.
    static func text(_ what: String, done: Int, total: Int?) -> String {
        let mebibytes = "\(done >> 20)"
        guard let total, total > 0 else { return "\(what): \(mebibytes) MiB" }
        return "\(what): \(mebibytes) of \(total >> 20) MiB, \(min(100, done * 100 / total)) %"
    }
}
