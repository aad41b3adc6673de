/// The properties by number, as the table of `Simulation/README.md` has them.
public enum Property {
    /// All of them, and what they are called in a report. Zero stands for the modules' own invariants.
    public static let all: [(number: Int, name: String)] = [
        (0, "an invariant of a module"),
        (1, "one leader a term"),
        (2, "one vote a term and node"),
        (3, "term, vote, commit and applied never go back"),
        (4, "log matching"),
        (5, "a new leader has every committed entry"),
        (6, "state machine safety"),
        (7, "a commit is on the disks of a quorum"),
        (8, "what is acknowledged is durable"),
        (9, "nothing acknowledged is missing after recovery"),
        (10, "no committed entry is lost"),
        (11, "exclusion in true time"),
        (12, "no expiry before its time"),
        (13, "tokens of a name rise"),
        (14, "a fenced resource takes no older token"),
        (15, "an ended claim is never revived"),
        (16, "an abandoned lease becomes free in its time"),
        (17, "linearizability"),
        (18, "reads see what was committed when asked"),
        (19, "watches are complete and in order"),
        (20, "one effect a request"),
        (21, "configurations intersect"),
        (22, "liveness after healing"),
        (23, "terms do not grow without bound"),
        (24, "every queue within its limit"),
        (25, "waiters in the order of their claims"),
        (26, "the run was not vacuous"),
        (27, "what is proved of clocks is true"),
        (28, "a leader whose clock is far off gives up"),
    ]

    /// What a property is called.
    public static func name(of number: Int) -> String {
        all.first { $0.number == number }?.name ?? "unnamed"
    }
}
