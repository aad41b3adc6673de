import LeaseMachine
import LeaseholdBase
import Raft

/// What the committed log did to leases, entry by entry as each is first committed.
///
/// A machine is kept beside the world and applies every entry once: what it says happened is judged here against a record
/// of its own, and its digest is what every node must have at that index (property 6). Nothing is expired or granted anew
/// before the true end of what it replaces (12); tokens of a name rise and are the entry's index (13); renewals and
/// releases act on their claim, and what has ended stays so (15); a request is granted once (20); and what nobody renews
/// is over in time (16).
struct ClaimLedger {
    private var machine = LeaseMachine()
    private var output = ApplyOutput()
    /// Whether the machine met a command that it does not know.
    private var isLost = false
    /// Where a name is; never iterated.
    private var positions: [String: Int] = [:]
    private var names: [String] = []
    /// The tenure of each name that has not ended.
    private var current: [Tenure?] = []
    private var highestToken: [FencingToken] = []
    private var tenuresOf: [UInt64] = []
    /// The position of a claim's name, while it lives; never iterated.
    private var living: [UInt64: Int] = [:]
    /// Which tenure of its name each claim was; never iterated.
    private var numbers: [UInt64: UInt64] = [:]
    private var granted: Set<RequestID> = []
    /// Until when some node's clock was wrong: what began before may end at any time.
    var clocksWrongUntil: UInt64 = 0
    /// The log time of the last entry.
    private(set) var logTime: UInt64 = 0
    /// Tenures that ended because their time was over.
    private(set) var expiries: UInt64 = 0
    /// Those of them that had to end when they did, or a bounded while later: a majority was well until then.
    private(set) var expiriesJudged: UInt64 = 0
    /// By what claims are judged to end in time, while a majority is well.
    private var healthyTime: HealthyTime?
    /// Until when those had to end that have ended in the healthy time under way, and of which that is not over yet.
    private var limits: [UInt64] = []
    /// Tenures that began.
    private(set) var grants: UInt64 = 0

    /// How fast a leader's clock may run against true time: ρ, in parts per million.
    static let drift: UInt64 = 10_000

    init() {}

    /// How many tenures have not ended.
    var tenuresAlive: Int { living.count }

    /// The digest of the state behind the last entry, in 64 bits.
    var digest: UInt64 { Self.fold(machine.digest) }

    /// A digest in 64 bits.
    static func fold(_ digest: Digest) -> UInt64 {
        UInt64(truncatingIfNeeded: digest.rawValue >> 64) ^ mix(UInt64(truncatingIfNeeded: digest.rawValue))
    }

    /// Which tenure of its name a token belongs to, counted in the order of the log; nil when the log has none.
    func number(of token: FencingToken) -> UInt64? { numbers[token.rawValue] }

    /// The tenures that have not ended, in the order in which names were first seen.
    var alive: [(name: String, tenure: Tenure)] {
        current.indices.compactMap { place in current[place].map { (names[place], $0) } }
    }

    /// An entry is committed, for the first time anywhere, and was stamped at a point of true time.
    mutating func apply(
        _ header: EntryHeader, _ payload: RawSpan, stampedAt: UInt64, _ findings: inout Findings
    ) {
        guard !isLost, header.index > machine.appliedIndex else { return }
        #if PLANTED_BUGS
        machine.note(term: header.term, logTime: header.logTime)
        #endif
        let stamp = EntryStamp(index: header.index, logTime: header.logTime, wallTime: header.wallTime)
        let entry = Stamped(index: header.index, logTime: header.logTime.rawValue, at: stampedAt)
        logTime = max(logTime, entry.logTime)
        guard header.kind == .command else {
            machine.applyEmpty(at: stamp, into: &output)
            return take(entry, nil, &findings)
        }
        do throws(UnknownCommand) {
            try machine.apply(payload, at: stamp, into: &output)
        } catch {
            isLost = true
            return
        }
        let command = try? Command(decoding: payload)
        take(entry, command, &findings)
    }

    /// An entry as far as it is needed here.
    struct Stamped {
        var index: LogIndex
        var logTime: UInt64
        var at: UInt64
        var label: String { "entry \(index)" }
    }

    private mutating func take(_ entry: Stamped, _ command: Command?, _ findings: inout Findings) {
        for event in output.events {
            switch event.kind {
            case .granted:
                grant(event.claim, event.token, output.name(of: event), entry, command, &findings)
            case .ended(let reason): end(event.claim, reason, entry, command, &findings)
            case .updated: break
            }
        }
        guard case .renew(let items) = command else { return }
        let statuses = output.statuses
        for (item, status) in zip(items, statuses) { renew(item, status, entry, &findings) }
    }

    private mutating func position(_ name: String) -> Int {
        if let found = positions[name] { return found }
        positions[name] = names.count
        names.append(name)
        current.append(nil)
        highestToken.append(FencingToken(0))
        tenuresOf.append(0)
        return names.count - 1
    }

    mutating func grant(
        _ claim: ClaimID, _ token: FencingToken, _ name: String, _ entry: Stamped, _ command: Command?,
        _ findings: inout Findings
    ) {
        let place = position(name)
        grants += 1
        if token <= highestToken[place] {
            findings.add(
                13, by: entry.label, "grants \(name) with token \(token)",
                "token \(highestToken[place]) was given out before")
        }
        if token.rawValue != entry.index.rawValue {
            findings.add(13, by: entry.label, "grants \(name) with token \(token)", "the entry's index is its token")
        }
        if let other = current[place] {
            findings.add(
                12, by: entry.label, "grants \(name) to claim \(claim)",
                "claim \(other.claim) of it has not ended and lasts until \(seconds(other.deadline)) of log time")
        }
        highestToken[place] = max(highestToken[place], token)
        guard case .acquire(let head, let acquire) = command else {
            return findings.add(15, by: entry.label, "grants \(name) to claim \(claim)", "it asks for no lease")
        }
        if !granted.insert(head.request).inserted {
            findings.add(20, by: entry.label, "grants \(name) for request \(head.request)", "it was granted before")
        }
        let ttl = UInt64(max(0, acquire.ttl.rawValue))
        tenuresOf[place] += 1
        numbers[token.rawValue] = tenuresOf[place]
        current[place] = Tenure(
            claim: claim, token: token, name: place, request: head.request, ttl: ttl, deadline: entry.logTime + ttl,
            renewedAt: entry.at, number: tenuresOf[place])
        living[claim.rawValue] = place
    }

    mutating func renew(
        _ item: Renewal, _ status: ClaimStatus, _ entry: Stamped, _ findings: inout Findings
    ) {
        let place = living[item.claim.rawValue]
        let isNamed = place.map { item.name.isEmpty || names[$0] == item.name } ?? true
        switch status {
        case .holding:
            guard let place, let tenure = current[place], tenure.deadline > entry.logTime else {
                return findings.add(
                    15, by: entry.label, "renews claim \(item.claim)",
                    place == nil
                        ? "that claim has ended or never was"
                        : "its deadline was \(seconds(place.flatMap { current[$0]?.deadline } ?? 0)) of log time, and it is "
                            + seconds(entry.logTime))
            }
            guard isNamed else {
                return findings.add(
                    15, by: entry.label, "renews claim \(item.claim) of \(item.name)",
                    "that claim is of \(names[place])")
            }
            current[place]?.deadline = entry.logTime + tenure.ttl
            current[place]?.renewedAt = entry.at
        case .ended, .unknown:
            guard let place, let tenure = current[place], isNamed, item.principal.isEmpty else { return }
            findings.add(
                15, by: entry.label, "refuses to renew claim \(item.claim)",
                "it lives until \(seconds(tenure.deadline)) of log time, and it is \(seconds(entry.logTime))")
        case .waiting, .ending: break
        }
    }

    mutating func end(
        _ claim: ClaimID, _ reason: EndReason, _ entry: Stamped, _ command: Command?, _ findings: inout Findings
    ) {
        guard let place = living.removeValue(forKey: claim.rawValue), let tenure = current[place] else {
            return findings.add(15, by: entry.label, "ends claim \(claim)", "it has ended before or never was")
        }
        current[place] = nil
        switch reason {
        case .expired:
            expiries += 1
            if let healthyTime { limits.append(limit(of: tenure, in: healthyTime)) }
            expire(tenure, entry, &findings)
        case .released:
            if case .release(_, let released) = command, released.claim == claim,
                released.name.isEmpty || released.name == names[place]
            {
                return
            }
            findings.add(15, by: entry.label, "ends claim \(claim) as released", "it does not release that claim")
        case .cancelled:
            if case .cancel(_, let cancel) = command, cancel.target == tenure.request { return }
            findings.add(15, by: entry.label, "ends claim \(claim) as cancelled", "it does not undo that acquire")
        case .revoked, .broken, .handedOver, .restored: break
        }
    }

    private func expire(_ tenure: Tenure, _ entry: Stamped, _ findings: inout Findings) {
        if entry.logTime < tenure.deadline {
            findings.add(
                12, by: entry.label,
                "ends claim \(tenure.claim) of \(names[tenure.name]) at \(seconds(entry.logTime)) of log time",
                "its deadline is \(seconds(tenure.deadline))")
        }
        guard clocksWrongUntil == 0 || tenure.renewedAt > clocksWrongUntil else { return }
        let end = tenure.notOverBefore(drift: Self.drift)
        guard entry.at < end else { return }
        findings.add(
            12, by: entry.label, "ends claim \(tenure.claim) of \(names[tenure.name]), stamped at \(seconds(entry.at))",
            "it was granted or renewed at \(seconds(tenure.renewedAt)) for \(seconds(tenure.ttl)), so until \(seconds(end)) at least"
        )
    }

    // MARK: In time

    /// What nobody renews is over in time, while a majority is well, its clocks among it (property 16).
    ///
    /// From when a majority is well, or from the renewal if that is later, the log clock has to come to the deadline. Until
    /// there is a leader it stands still: that is given `settling`. Each change of leader makes the new one take up the
    /// clock at its last entry, at most one pulse back, and lets it stand for an election. Beyond that it runs, at most ρ
    /// too slow; the pulse that is then due is appended and committed within `slack`.
    ///
    /// - Parameters:
    ///   - since: From when on a majority has been well without a break, in true time.
    ///   - logTimeThen: The log time of the last committed entry at that time.
    ///   - changes: How often leaders were elected since a time.
    mutating func judgeDelay(
        since: UInt64, logTimeThen: UInt64, bounds: DelayBounds, _ findings: inout Findings,
        changes: (UInt64) -> UInt64
    ) {
        let time = HealthyTime(since: since, logTimeThen: logTimeThen, bounds: bounds)
        if healthyTime != time { limits.removeAll() }
        healthyTime = time
        let open = limits.count
        limits.removeAll { $0 < findings.now }
        expiriesJudged += UInt64(open - limits.count)
        for place in current.indices {
            guard let tenure = current[place] else { continue }
            let limit = limit(of: tenure, in: time)
            guard findings.now > limit else { continue }
            let changes = changes(max(since, tenure.renewedAt))
            let due = limit + changes * bounds.change
            guard findings.now > due else { continue }
            findings.add(
                16, by: "claim \(tenure.claim)", "still holds \(names[place])",
                "nobody renewed it since \(seconds(tenure.renewedAt)), its TTL is \(seconds(tenure.ttl)), a majority is "
                    + "well since \(seconds(since)) with \(changes) elections: it had to be over by \(seconds(due))")
        }
    }

    /// No majority is well any more: nothing has to end in time.
    mutating func stopJudgingDelay() {
        healthyTime = nil
        limits.removeAll()
    }

    /// Until when a tenure has to be over if nobody renews it, but for changes of leader.
    private func limit(of tenure: Tenure, in time: HealthyTime) -> UInt64 {
        let isRenewedSince = tenure.renewedAt >= time.since
        let start = isRenewedSince ? tenure.renewedAt : time.since
        let clock = isRenewedSince ? tenure.deadline - tenure.ttl : time.logTimeThen
        let left = tenure.deadline > clock ? tenure.deadline - clock : 0
        // By then there is a leader; whoever renewed later has met it.
        let settling = tenure.renewedAt >= time.since + time.bounds.settling ? 0 : time.bounds.settling
        return start + left + left / 1_000_000 * 2 * Self.drift + settling + time.bounds.slack
    }

    /// A time in which a majority is well without a break.
    private struct HealthyTime: Hashable {
        /// From when on, in true time.
        var since: UInt64
        /// The log time of the last committed entry at that time.
        var logTimeThen: UInt64
        var bounds: DelayBounds
    }

    /// How long things may take that are not log time, in nanoseconds.
    struct DelayBounds: Hashable {
        /// Until there is a leader, from when a majority is well.
        var settling: UInt64 = 6_000_000_000
        /// A change of leader: a pulse and an election.
        var change: UInt64 = 3_500_000_000
        /// From when a pulse is due until it is applied.
        var slack: UInt64 = 1_000_000_000
    }
}
