/// Makes a failing plan smaller, as long as it goes on failing in the same way.
///
/// Draws are keyed, so what is left of a plan stays as it was when something else is taken out. First whole classes of
/// faults go, then single ones (delta debugging: halves, quarters, and so on), then what is left becomes shorter and
/// weaker, then there are fewer nodes, clients and names, then everything else becomes as quiet as it can, then the time
/// of trouble is cut. All of it again until nothing changes.
public struct Shrinker {
    /// Whether a plan still fails in the same way.
    public typealias Fails = (Plan) -> Bool

    private let fails: Fails
    private let isOver: () -> Bool
    private let progress: (_ step: String, _ plan: Plan, _ runs: Int) -> Void
    /// The smallest plan found so far.
    public private(set) var smallest: Plan
    /// How many plans were run.
    public private(set) var runs = 0
    private var refused: Set<Plan> = []

    /// A shrinker for a plan that fails.
    /// - Parameters:
    ///   - isOver: Whether there is no more time; the smallest plan so far is the result then.
    ///   - progress: Told of each step and whenever something smaller was found.
    ///   - fails: Runs a plan; must say yes for the plan itself.
    public init(
        _ plan: Plan, isOver: @escaping () -> Bool = { false },
        progress: @escaping (_ step: String, _ plan: Plan, _ runs: Int) -> Void = { _, _, _ in },
        fails: @escaping Fails
    ) {
        smallest = plan
        self.isOver = isOver
        self.progress = progress
        self.fails = fails
    }

    /// Makes it as small as it gets.
    /// - Parameter violatedAt: When the violation was seen, in milliseconds: what begins later does not matter.
    public mutating func shrink(violatedAt: Int? = nil) {
        if let violatedAt {
            step("faults after the violation") { plan in plan.faults.removeAll { $0.at > violatedAt } }
            step("time after the violation") { plan in plan.cut(to: violatedAt + 1) }
        }
        dropGroups()
        var before: Plan
        repeat {
            before = smallest
            dropFaults()
            soften()
            fewerNodes()
            fewerClients()
            fewerNames()
            quieten()
            cutTime()
        } while smallest != before && !isOver()
    }

    /// Tries one change; takes it when the plan still fails.
    @discardableResult
    private mutating func step(_ what: String, _ change: (inout Plan) -> Void) -> Bool {
        var candidate = smallest
        change(&candidate)
        guard candidate != smallest, !refused.contains(candidate), !isOver() else { return false }
        runs += 1
        progress(what, smallest, runs)
        guard fails(candidate) else {
            refused.insert(candidate)
            return false
        }
        smallest = candidate
        return true
    }

    private mutating func dropGroups() {
        var groups: [String] = []
        for kind in FaultKind.allCases where !groups.contains(kind.group) { groups.append(kind.group) }
        step("all faults") { $0.faults = [] }
        for group in groups { step("without \(group)") { $0.faults.removeAll { $0.kind.group == group } } }
    }

    /// Delta debugging (Zeller and Hildebrandt, 2002): takes out ever smaller pieces of the list.
    private mutating func dropFaults() {
        var size = (smallest.faults.count + 1) / 2
        while size >= 1, !smallest.faults.isEmpty {
            var start = 0
            var dropped = false
            while start < smallest.faults.count {
                let piece = start..<min(start + size, smallest.faults.count)
                if step("faults, \(size) at a time", { $0.faults.removeSubrange(piece) }) {
                    dropped = true
                } else {
                    start += size
                }
                if isOver() { return }
            }
            if !dropped || size > smallest.faults.count { size /= 2 }
        }
    }

    /// Each fault that is left becomes shorter, weaker, and strikes fewer.
    private mutating func soften() {
        for index in smallest.faults.indices {
            while smallest.faults[index].lasts > 1, step("shorter faults", { $0.faults[index].lasts /= 2 }) {}
            while abs(smallest.faults[index].strength) > 1, step("weaker faults", { $0.faults[index].strength /= 2 }) {}
            var place = 0
            while case .places(let places) = smallest.faults[index].target, places.count > 1, place < places.count {
                var fewer = places
                fewer.remove(at: place)
                if !step("narrower faults", { $0.faults[index].target = .places(fewer) }) { place += 1 }
            }
        }
    }

    private mutating func fewerNodes() {
        // Where some join later, who is there follows from what operators do.
        guard smallest.founders == nil else { return }
        for nodes in [1, 3] where nodes < smallest.nodes { if step("fewer nodes", { $0.keepNodes(nodes) }) { return } }
    }

    private mutating func fewerClients() {
        while smallest.clients > 1, step("fewer clients", { $0.keepClients($0.clients / 2) }) {}
        while smallest.clients > 0, step("fewer clients", { $0.keepClients($0.clients - 1) }) {}
    }

    private mutating func fewerNames() {
        while smallest.work.names > 1, step("fewer names", { $0.work.names /= 2 }) {}
        while smallest.work.names > 1, step("fewer names", { $0.work.names -= 1 }) {}
    }

    /// What a quiet run has instead.
    private mutating func quieten() {
        let quiet = Plan(seed: smallest.seed)
        step("the usual settings") { $0.changes = [] }
        var place = 0
        while place < smallest.members?.count ?? 0 {
            if !step("fewer changes of members", { $0.members?.remove(at: place) }) { place += 1 }
        }
        step("the usual snapshots") { $0.snapshots = nil }
        step("a quiet network") { $0.network = quiet.network }
        step("quiet disks") { $0.disk = quiet.disk }
        step("good clocks") { $0.clocks = quiet.clocks }
        step("quick processes") { plan in
            plan.process.turnDelayAtMost = quiet.process.turnDelayAtMost
            plan.process.stumblePerTenThousand = 0
            plan.process.stumble = 0
            plan.process.electionTimeout = quiet.process.electionTimeout
            plan.process.heartbeat = quiet.process.heartbeat
            plan.process.uncommittedBytes = quiet.process.uncommittedBytes
        }
        step("the usual work") { plan in
            let names = plan.work.names
            plan.work = quiet.work
            plan.work.names = names
        }
    }

    /// Looks for the shortest time of trouble by halving the distance.
    private mutating func cutTime() {
        if step("no time", { $0.cut(to: 0) }) { return }
        var (shortest, longest) = (0, smallest.trouble)
        while longest - shortest > max(1, longest / 50), !isOver() {
            let middle = (shortest + longest) / 2
            if step("less time", { $0.cut(to: middle) }) { longest = middle } else { shortest = middle }
        }
    }
}

extension Plan {
    /// Ends trouble earlier; what would begin later falls away.
    mutating func cut(to milliseconds: Int) {
        guard milliseconds < trouble else { return }
        trouble = max(0, milliseconds)
        faults.removeAll { $0.at >= milliseconds }
        changes.removeAll { $0.at >= milliseconds }
        members?.removeAll { $0.at >= milliseconds }
    }

    /// Leaves out the last clients.
    mutating func keepClients(_ count: Int) {
        clients = count
        changes.removeAll { $0.client >= count }
        members?.removeAll { $0.client >= count }
        let end = nodes + count
        keepPlaces { $0 < end ? $0 : nil }
    }

    /// Leaves out the last nodes; clients move up.
    mutating func keepNodes(_ count: Int) {
        let dropped = nodes - count
        let before = nodes
        nodes = count
        core = core.filter { $0 < count }
        if core.count <= count / 2 { core = Array(0..<count) }
        keepPlaces { $0 < count ? $0 : $0 < before ? nil : $0 - dropped }
    }

    /// Gives processes other places, or none; a fault that strikes nobody any more falls away.
    private mutating func keepPlaces(_ place: (Int) -> Int?) {
        var kept: [Fault] = []
        for var fault in faults {
            if case .places(let places) = fault.target {
                let left = places.compactMap(place)
                if left.isEmpty { continue }
                fault.target = .places(left)
            }
            if !fault.others.isEmpty {
                fault.others = fault.others.compactMap(place)
                // Empty would mean everybody.
                if fault.others.isEmpty { continue }
            }
            kept.append(fault)
        }
        faults = kept
    }
}
