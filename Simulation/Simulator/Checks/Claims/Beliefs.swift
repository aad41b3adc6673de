import LeaseholdBase

/// What clients believe to hold, in true time, claim by claim.
///
/// Exclusion (property 11): of two claims of one name, the older is believed in no more when the newer is: by another client
/// or by the same. Tokens (property 13): those that clients are told of a name rise. All of it as far as the clocks of those
/// who believe, and of the nodes, can be relied on; of tokens the log tells too.
struct Beliefs {
    private struct Belief {
        var process: Int
        var label: String
        var token: FencingToken
        var since: UInt64
        var until: UInt64
        /// When it was last told.
        var toldAt: UInt64
    }

    /// In the order in which names were first seen.
    private var names: [String] = []
    /// By name: the beliefs that have not ended, or not been found to have.
    private var believed: [[Belief]] = []
    private var highestTold: [FencingToken] = []
    /// Whose clocks can be relied on: tokens alone protect whoever has a wrong one.
    var clocks = ClockTrust()
    /// Tenures that began.
    private(set) var tenures = 0
    /// Overlaps of two beliefs that a wrong clock explains.
    private(set) var overlapsExplained: UInt64 = 0

    private mutating func position(_ name: String) -> Int {
        if let found = names.firstIndex(of: name) { return found }
        names.append(name)
        believed.append([])
        highestTold.append(FencingToken(0))
        return names.count - 1
    }

    private func isTrusted(_ belief: Belief) -> Bool { clocks.isRight(belief.process, toldAt: belief.toldAt) }

    /// A client was told that it holds.
    mutating func begin(
        _ name: String, _ token: FencingToken, of process: Int, _ label: String, until: UInt64,
        _ findings: inout Findings
    ) {
        let now = findings.now
        let position = position(name)
        let belief = Belief(
            process: process, label: label, token: token, since: now, until: until, toldAt: now)
        if token <= highestTold[position], isTrusted(belief) {
            findings.add(
                13, by: label, "got token \(token) of \(name)", "\(highestTold[position]) was given before")
        }
        highestTold[position] = max(highestTold[position], token)
        believed[position].removeAll { $0.until <= now }
        believed[position].append(belief)
        judge(belief, position, "holds \(name) with token \(token)", &findings)
        tenures += 1
    }

    /// A client was told that it holds for longer.
    mutating func extend(
        _ name: String, _ token: FencingToken, of process: Int, _ label: String, until: UInt64,
        _ findings: inout Findings
    ) {
        let now = findings.now
        let position = position(name)
        var belief = Belief(process: process, label: label, token: token, since: now, until: until, toldAt: now)
        if let place = believed[position].firstIndex(where: { $0.process == process && $0.token == token }) {
            // What its clock says of an end that it knew is no news.
            let known = believed[position][place]
            belief.since = known.since
            if until <= known.until { belief.toldAt = known.toldAt }
            believed[position][place] = belief
        } else {
            believed[position].append(belief)
        }
        judge(belief, position, "extends \(name) with token \(token) until \(seconds(until))", &findings)
    }

    /// Compares a belief with all others of the name that reach beyond now: the older of two must be over.
    private mutating func judge(
        _ belief: Belief, _ position: Int, _ what: @autoclosure () -> String, _ findings: inout Findings
    ) {
        let now = findings.now
        guard belief.until > now else { return }
        for other in believed[position] where other.token != belief.token && other.until > now {
            let older = other.token < belief.token ? other : belief
            guard isTrusted(older) else {
                overlapsExplained += 1
                continue
            }
            findings.add(
                11, by: belief.label, what(), "\(other.label) believes in \(other.token) until \(seconds(other.until))")
        }
    }

    /// The token of the name's tenure, if its client has believed in it all the time between, and rightly so.
    func token(of name: String, believedFrom start: UInt64, to end: UInt64) -> FencingToken? {
        guard let position = names.firstIndex(of: name) else { return nil }
        return believed[position].last { $0.since <= start && $0.until > end && isTrusted($0) }?.token
    }

    /// Whether a client believes in a claim, and its clock and those of the nodes can be relied on.
    func isTrusted(_ name: String, _ token: FencingToken, of process: Int) -> Bool {
        guard let position = names.firstIndex(of: name) else { return false }
        return believed[position].contains { $0.process == process && $0.token == token && isTrusted($0) }
    }

    /// A client holds a claim no more.
    ///
    /// - Parameter isTakenAway: Whether the cluster has told it so while its own clock let it believe. What the cluster
    ///   ends it ends after its client has stopped believing (property 12).
    mutating func end(
        _ name: String, _ token: FencingToken, of process: Int, _ label: String, isTakenAway: Bool,
        _ findings: inout Findings
    ) {
        let position = position(name)
        let place = believed[position].firstIndex { $0.process == process && $0.token == token }
        let belief = place.map { believed[position].remove(at: $0) }
        guard isTakenAway, clocks.isRight(process, toldAt: belief?.toldAt ?? 0) else { return }
        findings.add(
            12, by: label, "is told that \(name) with token \(token) is over",
            "it believes until \(belief.map { seconds($0.until) } ?? "later")")
    }
}
