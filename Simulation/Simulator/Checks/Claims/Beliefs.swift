import LeaseholdBase

/// What clients believe to hold, in true time.
///
/// Exclusion (property 11): the intervals in which clients believe that they hold one name never overlap. Tokens
/// (property 13): those that clients are told of a name rise. Both only as far as clocks can be relied on: the first is
/// switched off in runs with worse clocks, and the second judged there by the log alone.
struct Beliefs {
    private struct Belief {
        var process: Int
        var label: String
        var token: FencingToken
        var since: UInt64
        var until: UInt64
    }

    /// In the order in which names were first seen.
    private var names: [String] = []
    private var current: [Belief?] = []
    private var highestTold: [FencingToken] = []
    /// Whether beliefs can be relied on; no exclusion is promised to clients whose clocks are wrong, and tokens alone
    /// protect then.
    var areTrusted = true
    /// Tenures that began.
    private(set) var tenures = 0

    private mutating func position(_ name: String) -> Int {
        if let found = names.firstIndex(of: name) { return found }
        names.append(name)
        current.append(nil)
        highestTold.append(FencingToken(0))
        return names.count - 1
    }

    /// A client was told that it holds.
    mutating func begin(
        _ name: String, _ token: FencingToken, of process: Int, _ label: String, until: UInt64,
        _ findings: inout Findings
    ) {
        let now = findings.now
        let position = position(name)
        if areTrusted, let other = current[position], other.process != process, other.until > now {
            findings.add(
                11, by: label, "holds \(name) with token \(token)",
                "\(other.label) believes in \(other.token) until \(other.until)")
        }
        if areTrusted, token <= highestTold[position] {
            findings.add(
                13, by: label, "got token \(token) of \(name)", "\(highestTold[position]) was given before")
        }
        highestTold[position] = max(highestTold[position], token)
        current[position] = Belief(process: process, label: label, token: token, since: now, until: until)
        tenures += 1
    }

    /// A client was told that it holds for longer.
    mutating func extend(
        _ name: String, of process: Int, _ label: String, until: UInt64, _ findings: inout Findings
    ) {
        let now = findings.now
        let position = position(name)
        guard let own = current[position], own.process == process else {
            // Somebody else began meanwhile: this client must have lost its belief before.
            if areTrusted, let other = current[position], other.until > now, until > now {
                findings.add(
                    11, by: label, "extends \(name) until \(until)",
                    "\(other.label) believes in \(other.token) until \(other.until)")
            }
            return
        }
        current[position]?.until = until
    }

    /// The token of the name's tenure, if its client has believed in it all the time between.
    func token(of name: String, believedFrom start: UInt64, to end: UInt64) -> FencingToken? {
        guard let position = names.firstIndex(of: name), let belief = current[position] else { return nil }
        return belief.since <= start && belief.until > end ? belief.token : nil
    }

    /// A client holds no more.
    ///
    /// - Parameter isTakenAway: Whether the cluster has told it so while its own clock let it believe. What the cluster
    ///   ends it ends after its client has stopped believing (property 12).
    mutating func end(
        _ name: String, of process: Int, _ label: String, isTakenAway: Bool, _ findings: inout Findings
    ) {
        let position = position(name)
        if isTakenAway, areTrusted {
            findings.add(
                12, by: label, "is told that \(name) is over",
                "it believes until \(current[position]?.until.description ?? "later")")
        }
        if current[position]?.process == process { current[position] = nil }
    }
}
