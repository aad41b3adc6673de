import LeaseholdBase

/// Terms do not grow without bound while a majority is well (property 23): a majority that hears one another has a leader,
/// keeps it, and refuses the votes of those who do not hear it.
///
/// In the first ten seconds of such a time anything may happen: nodes start, find one another, settle on a leader. After
/// that a term more is granted at once, and another for each five seconds, for the sake of those who come back with a
/// greater term of their own and of connections that end. Nodes that campaign without asking first (trap 9) make more than
/// one a second. Who is asked to hand over, or to go, costs a term as well.
struct Livelock {
    /// How many changes operators have asked for after which another node may lead.
    var leadersAsked: UInt64 = 0

    private var since: UInt64?
    private var termThen: Term?
    private var askedThen: UInt64 = 0
    /// How long a majority has to have been well until terms are counted.
    static let settling: UInt64 = 10_000_000_000
    /// One more term is granted for each so many nanoseconds.
    static let pace: UInt64 = 5_000_000_000

    /// How things stand: since when a majority has been well, and the greatest term that any node is in.
    mutating func sample(wellSince: UInt64?, newest: Term, _ findings: inout Findings) {
        guard let wellSince, findings.now >= wellSince + Self.settling else {
            termThen = nil
            return
        }
        guard since == wellSince, let before = termThen else {
            (since, askedThen) = (wellSince, leadersAsked)
            // That of the birth is nobody's election.
            termThen = max(newest, Term(1))
            return
        }
        let passed = findings.now - wellSince - Self.settling
        let granted = 1 + passed / Self.pace + leadersAsked - askedThen
        guard newest.rawValue > before.rawValue + granted else { return }
        let healthy = (findings.now - wellSince) / 1_000_000
        findings.add(
            23, by: "the cluster", "has come from term \(before) to \(newest) in \(passed / 1_000_000) ms",
            "a majority has been well for \(healthy) ms: \(granted) terms are granted")
        termThen = newest
    }
}
