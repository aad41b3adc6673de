/// What a page shows of a run: events made into bars, arrows and ticks. Times in microseconds of true time.
///
/// Rows of numbers instead of objects with names: a run has hundreds of thousands of them.
package struct Picture: Encodable, Sendable {
    package var seed: String
    package var profile: String
    package var verdict: String
    package var hash: String
    package var command: String
    /// How large it was, in one line, as `run` tells it.
    package var size: String
    /// What was violated or did not happen, in lines; empty when all is well.
    package var report: [String]
    /// The two facts that contradict each other, or what did not happen; empty when all is well.
    package var facts: [String] = []
    /// The violation in one line, and when it was.
    package var violation: String
    package var violationAt: Int?
    package var violationLanes: [Int] = []
    /// When the run ended.
    package var end: Int
    /// What each lane is called, nodes first.
    package var lanes: [String]
    package var nodes: Int
    /// The lease names, in the order in which somebody first believed in one.
    package var names: [String] = []
    /// Lane, from, to, why it ended: when a process was up.
    package var up: [[Int]] = []
    /// Lane, from, to: when it stood still.
    package var paused: [[Int]] = []
    /// Lane, from, to, role (an index of `roleNames`), term.
    package var roles: [[Int]] = []
    package var roleNames: [String] = []
    /// Lane, at, index.
    package var commits: [[Int]] = []
    /// From, to, sent, arrives (−1: lost), words.
    package var messages: [[Int]] = []
    /// Number, from, to, words, group, lanes…
    package var faults: [[Int]] = []
    package var groups: [String] = []
    /// Lane, name, token, from, to.
    package var beliefs: [[Int]] = []
    /// Name, from, to, one lane, the other lane: when two believed at once.
    package var overlaps: [[Int]] = []
    /// Lane, at, words, kind (0 the process's own, 1 for its operator, 2 its disk).
    package var notes: [[Int]] = []
    /// Texts, each once.
    package var words: [String] = []
    /// How many events are not shown, because there were too many.
    package var dropped = 0
}
