/// What the numbers of a plan may be: a replay file may hold anything, and a plan within these ranges runs without a trap and
/// to an end. `Simulation/README.md` has them as a table.
extension Plan {
    /// How long trouble may last, when a fault or a change may begin, and how long a fault may last, in milliseconds: a day.
    public static let timeMost = 86_400_000

    /// What makes it one that cannot be run; nil when it can.
    public var complaint: String? {
        guard [1, 3, 5].contains(nodes) else { return "a cluster has 1, 3 or 5 nodes, not \(nodes)" }
        guard profile.isSupported else { return "profile \(profile.rawValue) is not supported yet" }
        if let complaint = figures.firstComplaint ?? spans.lazy.compactMap(\.complaint).first { return complaint }
        guard core.allSatisfy({ 0..<nodes ~= $0 }), Set(core).count == core.count, core.count > nodes / 2 else {
            return "the core \(core) is no majority of the nodes"
        }
        for (place, change) in changes.enumerated() {
            if let complaint = complaint(about: change) { return "changes[\(place)]: \(complaint)" }
        }
        guard Set(faults.map(\.number)).count == faults.count else { return "two faults have the same number" }
        for fault in faults {
            if let complaint = complaint(about: fault) { return "fault #\(fault.number): \(complaint)" }
        }
        return nil
    }

    /// The numbers that stand for themselves.
    private var figures: [Figure] {
        [
            Figure("format", format, 1...Plan.format), Figure("clients", clients, 0...64),
            Figure("trouble", trouble, 0...Plan.timeMost),
            Figure("network.tailPerTenThousand", network.tailPerTenThousand, 0...10_000),
            Figure("network.tail", network.tail, 0...10_000_000),
            Figure("network.fragmentsPerTenThousand", network.fragmentsPerTenThousand, 0...10_000),
            Figure("network.queueBytes", network.queueBytes, 4_096...1 << 30),
            Figure("network.systemBytes", network.systemBytes ?? 65_536, 1_024...1 << 30),
            Figure("disk.journalBytes", disk.journalBytes, 65_536...1 << 40),
            Figure("disk.segmentBytes", disk.segmentBytes, 4_096...1 << 26),
            Figure("disk.logMemoryBytes", disk.logMemoryBytes, 1...1 << 40),
            Figure("clocks.ratePartsPerMillion", clocks.ratePartsPerMillion, 0...900_000),
            Figure("process.turnDelayAtMost", process.turnDelayAtMost, 0...1_000_000),
            Figure("process.stumblePerTenThousand", process.stumblePerTenThousand, 0...10_000),
            Figure("process.stumble", process.stumble, 0...60_000),
            Figure("process.electionTimeout", process.electionTimeout, 10...60_000),
            Figure("process.heartbeat", process.heartbeat, 1...max(1, process.electionTimeout)),
            Figure("process.uncommittedBytes", process.uncommittedBytes, 1...1 << 40),
            Figure("work.names", work.names, 1...1_000),
        ]
    }

    /// Those that are the ends of a range.
    private var spans: [Span] {
        [
            Span("network.latency", network.latencyAtLeast, network.latencyAtMost, 1_000_000),
            Span("disk.time", disk.timeAtLeast, disk.timeAtMost, 1_000_000),
            Span("work.ttl", work.ttlAtLeast, work.ttlAtMost, 15_000),
            Span("work.hold", work.holdAtLeast, work.holdAtMost, 60_000),
            Span("work.rest", work.restAtLeast, work.restAtMost, 60_000),
        ]
    }

    private func complaint(about change: SettingsChange) -> String? {
        guard change.isKnown else { return "a setting is changed that there is not" }
        guard 0..<clients ~= change.client else {
            return clients == 0
                ? "client is \(change.client), and there are no clients"
                : Figure("client", change.client, 0...clients - 1).complaint
        }
        return Figure("at", change.at, 0...Plan.timeMost).complaint
    }

    private func complaint(about fault: Fault) -> String? {
        var figures = [
            Figure("number", fault.number, 1...1_000_000), Figure("at", fault.at, 0...Plan.timeMost),
            Figure("lasts", fault.lasts, 0...Plan.timeMost),
            Figure("strength of \(fault.kind.rawValue)", fault.strength, fault.kind.strengths),
        ]
        var concerned = fault.others
        switch fault.target {
        case .places(let places): concerned += places
        case .follower(let which): figures.append(Figure("follower", which, 0...4))
        case .leader: break
        }
        if let complaint = figures.firstComplaint { return complaint }
        return concerned.allSatisfy { 0..<nodes + clients ~= $0 } ? nil : "it concerns a process that there is not"
    }
}

extension FaultKind {
    /// How strong a fault of the kind may be, in the unit that the kind has.
    public var strengths: ClosedRange<Int> {
        switch self {
        case .loss, .duplication, .replay, .reordering, .corruption, .shortReads: 0...10_000
        case .delay, .slowness: 0...60_000
        case .flapping: 1...60_000
        case .powerLossAtWrite, .crashAtWrite: 1...1_000_000
        case .slowDisk: 1...1_000
        case .fullDisk: 0...1 << 40
        case .rate: -900_000...1_000_000
        case .wallJump: -1_000_000_000...1_000_000_000
        case .steadyJump: 0...1_000_000
        case .clog, .split, .oneWay, .bridge, .ring, .reset, .crash, .powerLoss, .gracefulStop, .pause, .suspension,
            .wipe, .stalledDisk, .writeError, .syncError, .readError, .rot, .misdirectedWrite, .lostWrite,
            .clientCrash, .clientPause, .clientSuspension:
            0...0
        }
    }
}

/// One number, and what it may be.
private struct Figure {
    let name: String
    let value: Int
    let range: ClosedRange<Int>

    init(_ name: String, _ value: Int, _ range: ClosedRange<Int>) {
        (self.name, self.value, self.range) = (name, value, range)
    }

    var complaint: String? {
        if range.contains(value) { return nil }
        let wanted =
            range.count == 1 ? "be \(range.lowerBound)" : "be within \(range.lowerBound) to \(range.upperBound)"
        return "\(name) is \(value), and must \(wanted)"
    }
}

extension [Figure] {
    fileprivate var firstComplaint: String? { lazy.compactMap(\.complaint).first }
}

/// Two numbers, of which the first is not greater than the second.
private struct Span {
    let name: String
    let least: Int
    let most: Int
    let limit: Int

    init(_ name: String, _ least: Int, _ most: Int, _ limit: Int) {
        (self.name, self.least, self.most, self.limit) = (name, least, most, limit)
    }

    var complaint: String? {
        if 0 <= least, least <= most, most <= limit { return nil }
        return "\(name)AtLeast is \(least) and \(name)AtMost \(most): they must be a range within 0 to \(limit)"
    }
}
