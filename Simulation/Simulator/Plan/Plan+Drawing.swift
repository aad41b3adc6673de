import LeaseholdBase

extension Plan {
    /// The plan of a seed: what it is about is told, everything else is drawn.
    ///
    /// - Parameter trouble: For how long things go wrong, in milliseconds; drawn when it is not told.
    public init(profile: Profile, seed: UInt64, trouble: Int? = nil) {
        self.init(seed: seed)
        self.profile = profile
        var random = draws.source(.plan)
        nodes = random.chance(1, in: 40) ? 1 : random.chance(1, in: 4) ? 5 : 3
        clients = random.integer(in: 2...8)
        let drawn =
            switch profile {
            case .smoke: 8_000
            case .quiet: 60_000
            default: random.chance(1, in: 8) ? random.integer(in: 60_000...180_000) : 60_000
            }
        self.trouble = trouble ?? drawn
        core = Self.drawCore(nodes, &random)
        if profile == .membership { drawMembers() }
        drawWork(&random)
        guard profile != .quiet else { return }
        drawShape(&random)
        drawSnapshots()
        if founders == nil, members == nil, draws.below(4, .plan, 90) == 0 { upgrade = 2 }
        // Settings and timeouts have draws of their own.
        var operators = draws.source(.plan, 1)
        drawChanges(&operators)
        drawTimeouts(&operators)
        rules = drawRules(&random)
        faults = rules.flatMap { schedule($0) } + drawLastingRates()
        faults.sort { ($0.at, $0.kind.rawValue) < ($1.at, $1.kind.rawValue) }
        for position in faults.indices { faults[position].number = position + 1 }
    }

    /// A majority, or in half of the runs everybody.
    private static func drawCore(_ nodes: Int, _ random: inout RandomSource) -> [Int] {
        var places = Array(0..<nodes)
        guard random.chance(1, in: 2) else { return places }
        let size = nodes / 2 + 1
        while places.count > size { places.remove(at: Int(random.below(UInt64(places.count)))) }
        return places
    }

    private mutating func drawWork(_ random: inout RandomSource) {
        work.names = random.integer(in: 1...6)
        if random.chance(1, in: 3) { work.ttlAtMost = random.integer(in: 600...12_000) }
        if random.chance(1, in: 3) { work.restAtMost = random.integer(in: 20...2_000) }
        if random.chance(1, in: 3) { work.holdAtMost = random.integer(in: 50...15_000) }
    }

    /// How network, disks, clocks and processes are between faults.
    private mutating func drawShape(_ random: inout RandomSource) {
        if random.chance(1, in: 3) {
            network.latencyAtLeast = random.integer(in: 20...2_000)
            network.latencyAtMost = network.latencyAtLeast * random.integer(in: 1...10)
        }
        network.tailPerTenThousand = random.chance(1, in: 2) ? 0 : random.integer(in: 1...300)
        network.tail = random.integer(in: 1_000...200_000)
        if random.chance(1, in: 2) { network.fragmentsPerTenThousand = random.integer(in: 1...3_000) }
        if random.chance(1, in: 4) { network.queueBytes = 1 << random.integer(in: 18...21) }
        if draws.below(3, .plan, 88) == 0 { network.systemBytes = 2_048 << Int(draws.below(4, .plan, 89)) }
        disk.timeAtMost = disk.timeAtLeast + (random.chance(1, in: 2) ? 400 : random.integer(in: 100...30_000))
        // Small enough, now and then, that entries are read back and segments rolled over.
        disk.logMemoryBytes = 2_048 << random.integer(in: 0...7)
        if random.chance(1, in: 16) { disk.journalBytes = 512 << 10 }
        disk.segmentBytes = 1 << random.integer(in: 12...17)
        clocks.ratePartsPerMillion = random.chance(1, in: 4) ? 0 : random.integer(in: 1...9_000)
        process.turnDelayAtMost = random.chance(1, in: 2) ? 20 : random.integer(in: 1...2_000)
        if random.chance(1, in: 2) {
            // Long ones are seldom: else a process would do nothing else.
            process.stumble = random.integer(in: 1...1_500)
            process.stumblePerTenThousand = random.integer(in: 1...max(2, 2_000 / process.stumble))
        }
    }

    /// How nodes take and send snapshots: in one run of eight none.
    private mutating func drawSnapshots() {
        var random = draws.source(.plan, 2)
        guard !random.chance(1, in: 8) else { return snapshots = nil }
        var drawn = SnapshotPlan()
        drawn.logBytes = 1 << random.integer(in: 12...17)
        drawn.age = random.integer(in: 500...60_000)
        if random.chance(1, in: 2) { drawn.tailBytes = 1 << random.integer(in: 10...16) }
        drawn.shareBytes = 1 << random.integer(in: 7...14)
        drawn.stepBytes = 1 << random.integer(in: 9...15)
        drawn.pieceBytes = 1 << random.integer(in: 7...15)
        drawn.bytesPerSecond = 1 << random.integer(in: 14...24)
        snapshots = drawn
    }

    private func drawRules(_ random: inout RandomSource) -> [FaultRule] {
        let often = random.integer(in: 3...25)
        var rules: [FaultRule] = []
        for kind in FaultKind.allCases {
            // Drawn for every kind, so that a new rule about one leaves the others as they are.
            let (isOn, bad) = (random.chance(1, in: 2), random.integer(in: 1...10))
            guard isOn, isPossible(kind) else { continue }
            rules.append(.usual(kind).scaled(often: often, bad: bad))
        }
        return rules
    }

    /// Whether a kind of fault belongs to the profile and can happen to this cluster.
    private func isPossible(_ kind: FaultKind) -> Bool {
        if kind.breaksBeliefs { return profile == .clocks }
        switch kind {
        case .bridge: if nodes < 3 { return false }
        // Of three nodes each reaches both others in a ring.
        case .ring: if nodes < 5 { return false }
        case .split, .oneWay, .flapping: if nodes < 2 { return false }
        case .wipe, .rot, .misdirectedWrite, .lostWrite: if core.count == nodes { return false }
        default: break
        }
        switch profile {
        case .clocks: return kind.group != "disks" || kind == .stalledDisk
        case .disks: return ["disks", "crashes", "clients"].contains(kind.group)
        default: return true
        }
    }

    /// The faults that a rule brings about, each kind from draws of its own.
    private func schedule(_ rule: FaultRule) -> [Fault] {
        let place = FaultKind.allCases.firstIndex(of: rule.kind) ?? 0
        var random = draws.source(.schedule, place)
        var faults: [Fault] = []
        var free = 0
        for second in 0..<trouble / 1_000 {
            // As many draws for a second without a fault as for one with it.
            let (strikes, offset) = (random.below(1_000), random.integer(in: 0...999))
            var own = random.fork()
            let at = second * 1_000 + offset
            guard strikes < UInt64(rule.perThousandSeconds), at >= free else { continue }
            let lasts = Self.skewed(rule.lastsAtLeast...max(rule.lastsAtLeast, rule.lastsAtMost), &own)
            let strength = own.integer(in: rule.strengthAtLeast...max(rule.strengthAtLeast, rule.strengthAtMost))
            var fault = Fault(
                number: 0, kind: rule.kind, at: at, lasts: lasts, target: .leader, strength: strength)
            aim(&fault, &own)
            if rule.kind == .stalledDisk { faults += hiccup(&fault, &own) }
            faults.append(fault)
            free = at + lasts + rule.cooldown
        }
        return faults
    }

    /// In every second run about clocks, that of a node runs far too fast or too slow for so long that the others must see it.
    private func drawLastingRates() -> [Fault] {
        var random = draws.source(.plan, 3)
        guard profile == .clocks, nodes >= 3, trouble >= 30_000, random.chance(1, in: 2) else { return [] }
        let strength = random.integer(in: 150_000...600_000)
        var fault = Fault(
            number: 0, kind: .rate, at: random.integer(in: 3_000...trouble - 20_000),
            lasts: random.integer(in: 15_000...45_000), target: .leader,
            strength: random.chance(1, in: 2) ? strength : -strength)
        if random.chance(1, in: 3) { fault.target = .places([random.integer(in: 0...nodes - 1)]) }
        return [fault]
    }

    /// Half of the disks that hang do so for about as long as a leader waits for its disk before it hands over, or gives
    /// up, and were slow for some seconds before: the loop leaves a slow disk to a thread, and sees what it does.
    private func hiccup(_ fault: inout Fault, _ random: inout RandomSource) -> [Fault] {
        let (isShort, lasts, before) = (
            random.chance(1, in: 2), random.integer(in: 200...900), random.integer(in: 1_000...4_000)
        )
        guard isShort else { return [] }
        fault.lasts = lasts * process.electionTimeout / 500
        var slow = fault
        slow.kind = .slowDisk
        slow.at = max(0, fault.at - before)
        slow.lasts = fault.at + fault.lasts - slow.at
        slow.strength = random.integer(in: 50...200)
        return [slow]
    }

    /// Short ones are more frequent than long ones.
    private static func skewed(_ range: ClosedRange<Int>, _ random: inout RandomSource) -> Int {
        let width = range.upperBound - range.lowerBound
        return range.lowerBound + random.integer(in: 0...max(0, random.integer(in: 0...width)))
    }

    private func aim(_ fault: inout Fault, _ random: inout RandomSource) {
        let everyone = Array(0..<nodes + clients)
        switch fault.kind.group {
        case "packets":
            fault.target = .places(random.chance(1, in: 2) ? everyone : [random.integer(in: 0...nodes - 1)])
            if case .places(let places) = fault.target, places.count == everyone.count { fault.others = everyone }
        case "clients": fault.target = .places([nodes + random.integer(in: 0...clients - 1)])
        case "clocks": fault.target = .places([random.integer(in: 0...nodes + clients - 1)])
        default: aimAtNodes(&fault, &random)
        }
    }

    private func aimAtNodes(_ fault: inout Fault, _ random: inout RandomSource) {
        let one = random.integer(in: 0...nodes - 1)
        switch fault.kind {
        case .split, .flapping, .clog:
            let size = nodes < 3 ? 1 : random.integer(in: 1...nodes - 1)
            var left = [Int](), right = [Int]()
            for node in 0..<nodes {
                if (node - one + nodes) % nodes < size { left.append(node) } else { right.append(node) }
            }
            for client in nodes..<nodes + clients {
                switch random.below(3) {
                case 0: left.append(client)
                case 1: right.append(client)
                default: break
                }
            }
            fault.target = .places(left)
            fault.others = right
        case .oneWay:
            if random.chance(1, in: 2) { fault.target = .places([one]) }
            if random.chance(1, in: 2) { fault.others = [(one + 1) % nodes] }
        case .bridge:
            fault.target = .places([one])
            fault.others = [(one + 1 + random.integer(in: 0...nodes - 2)) % nodes]
        case .ring: fault.target = .places([0])
        case .wipe, .rot, .misdirectedWrite, .lostWrite:
            let lost = (0..<nodes).filter { !core.contains($0) }
            fault.target = .places([lost.isEmpty ? one : lost[one % lost.count]])
        default:
            switch random.below(5) {
            case 0, 1: fault.target = .leader
            case 2: fault.target = .follower(one)
            default: fault.target = .places([one])
            }
        }
    }
}
