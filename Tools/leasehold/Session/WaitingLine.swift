internal import LeaseholdBase
internal import LeaseholdSystem

/// What a person sees of a wait for more than a second: a line on a terminal, renewed now and then.
struct WaitingLine {
    private static var interval: Nanoseconds { .milliseconds(200) }

    private let isWatched = StandardStream.error.isTerminal
    private let begun = SystemClocks.steady
    private var isShown = false
    /// When the line is to be shown next; never where nobody looks.
    private(set) var due: SteadyTime

    /// The wait begins.
    init() { due = isWatched ? begun + .seconds(1) : .never }

    /// Shows what is waited for, if that is due.
    mutating func show(_ what: () -> String) {
        let now = SystemClocks.steady
        guard now >= due else { return }
        (due, isShown) = (now + Self.interval, true)
        StandardStream.error.write("\r\u{1B}[K\(printable(what())), \((now - begun).milliseconds / 1_000)s")
    }

    /// Clears the line.
    func end() {
        if isShown { StandardStream.error.write("\r\u{1B}[K") }
    }
}
