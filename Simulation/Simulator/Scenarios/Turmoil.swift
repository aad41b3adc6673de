import LeaseMachine
public import LeaseholdBase
import LeaseholdReplica

/// A world in trouble for some time, then healed: what must hold holds throughout, and afterwards everything works again.
public struct Turmoil: Sendable {
    /// What may go wrong.
    public struct Faults: OptionSet, Sendable {
        /// The bits.
        public let rawValue: Int
        /// Wraps bits.
        public init(rawValue: Int) { self.rawValue = rawValue }
        /// Packets are lost, doubled and late.
        public static let packets = Faults(rawValue: 1)
        /// Nodes crash, some with their unsynced writes, and come back.
        public static let crashes = Faults(rawValue: 2)
        /// Groups of nodes are cut off.
        public static let cuts = Faults(rawValue: 4)
        /// Processes are stopped while their clocks run on.
        public static let pauses = Faults(rawValue: 8)
        /// Clients die without giving anything back.
        public static let clients = Faults(rawValue: 16)
        /// Nodes are asked to end, and started again.
        public static let stops = Faults(rawValue: 32)
        /// Syncs fail.
        public static let disks = Faults(rawValue: 64)
        /// All of them.
        public static let all: Faults = [.packets, .crashes, .cuts, .pauses, .clients, .stops, .disks]
    }

    /// What a run came to.
    public struct Report: Sendable {
        /// What contradicts a property; empty when nothing does.
        public var violations: [Violation]
        /// What did not happen after healing though it should have.
        public var stuck: [String]
        /// Leaders elected, tenures begun, writes to fenced resources.
        public var elections: Int
        /// Tenures begun.
        public var tenures: Int
        /// Writes that the fenced resources took.
        public var writes: Int
        /// Things that happened.
        public var events: UInt64
        /// A hash over all of it.
        public var traceHash: UInt64
        /// The latest lines that nodes wrote for their operators.
        public var lines: [String]
    }

    /// From which everything random follows.
    public var seed: UInt64
    /// How many nodes there are.
    public var nodes = 3
    /// How many clients there are.
    public var clients = 4
    /// What may go wrong.
    public var faults: Faults = .all
    /// For how long it goes on.
    public var trouble: Nanoseconds = .seconds(30)

    /// A run of three nodes and four clients with all faults.
    public init(seed: UInt64) { self.seed = seed }

    /// Runs it.
    public func run() -> Report {
        var random = RandomSource(seed: seed ^ 0x5EED)
        var configuration = WorldConfiguration(seed: seed)
        configuration.nodes = nodes
        if faults.contains(.packets) {
            configuration.lossPerTenThousand = random.below(300)
            configuration.duplicatesPerTenThousand = random.below(200)
            configuration.tailPerMille = random.below(30)
            configuration.tail = .milliseconds(Int64(random.below(400)))
            configuration.reorders = random.chance(1, in: 3)
        }
        configuration.diskTime = .microseconds(50)...(.microseconds(Int64(200 + random.below(8_000))))
        // Small enough, now and then, that entries are read back and segments rolled over.
        configuration.logMemoryBytes = 2_048 << Int(random.below(8))
        configuration.journalBytes = random.chance(1, in: 2) ? 512 << 10 : 1 << 20
        configuration.clockDriftPartsPerMillion = random.below(9_000)
        let world = World(configuration)
        world.startAll()
        for _ in 0..<clients { world.addClient() }
        let end = UInt64(trouble.rawValue)
        while world.now < end, world.violations.isEmpty {
            world.run(for: random.duration(in: .milliseconds(20)...(.seconds(2))))
            strike(world, &random)
        }
        let stuck = world.violations.isEmpty ? heal(world) : []
        let activity = world.activity
        world.end()
        return Report(
            violations: world.violations, stuck: stuck, elections: activity.elections, tenures: activity.tenures,
            writes: activity.writes, events: world.events, traceHash: world.traceHash, lines: world.lines)
    }

    /// One thing goes wrong, or one is mended.
    private func strike(_ world: World, _ random: inout RandomSource) {
        switch random.below(10) {
        case 0 where faults.contains(.crashes), 1 where faults.contains(.crashes):
            let node = world.nodes[Int(random.below(UInt64(nodes)))]
            world.crash(node, losingPower: random.chance(2, in: 3))
            let pause = random.duration(in: .milliseconds(1)...(.seconds(5)))
            world.after(pause) { world.start(node) }
        case 2 where faults.contains(.cuts):
            let one = [Int(random.below(UInt64(nodes)))]
            let others = (0..<world.processCount).filter { $0 != one[0] && ($0 < nodes || random.chance(1, in: 2)) }
            world.cut(one, others)
            world.after(random.duration(in: .milliseconds(50)...(.seconds(6)))) { world.cut(one, others, false) }
        case 3 where faults.contains(.cuts) && nodes > 2:
            // A bridge: two nodes that do not see each other and both see the rest (trap 9).
            let first = Int(random.below(UInt64(nodes)))
            let second = (first + 1) % nodes
            world.cut([first], [second])
            world.after(random.duration(in: .milliseconds(50)...(.seconds(6)))) { world.cut([first], [second], false) }
        case 4 where faults.contains(.pauses):
            let node = world.nodes[Int(random.below(UInt64(nodes)))]
            world.pause(node, for: random.duration(in: .milliseconds(20)...(.seconds(4))))
        case 5 where faults.contains(.pauses):
            let client = world.clients[Int(random.below(UInt64(clients)))]
            world.pause(client, for: random.duration(in: .milliseconds(20)...(.seconds(4))))
        case 6 where faults.contains(.clients):
            let client = world.clients[Int(random.below(UInt64(clients)))]
            world.crash(client)
            world.after(random.duration(in: .milliseconds(1)...(.seconds(3)))) { world.start(client) }
        case 7 where faults.contains(.stops):
            let node = world.nodes[Int(random.below(UInt64(nodes)))]
            world.stopGracefully(node)
            startWhenDown(node, world)
        case 8 where faults.contains(.disks):
            let node = world.nodes[Int(random.below(UInt64(nodes)))]
            node.disk.failsNextSync = true
            let losesPower = random.chance(1, in: 2)
            startWhenDown(node, world, losingPower: losesPower)
        default: break
        }
    }

    /// Starts a node some time after it has ended.
    private func startWhenDown(_ node: SimulatedNode, _ world: World, losingPower: Bool = false) {
        world.after(.seconds(1)) { [unowned world] in
            guard !node.isUp else {
                if node.isEnding { startWhenDown(node, world, losingPower: losingPower) }
                return
            }
            if losingPower { world.losePower(node) }
            world.start(node)
        }
    }

    /// Ends all trouble; then there must be a leader, clients must come to rest, and all nodes must agree.
    private func heal(_ world: World) -> [String] {
        world.mend()
        world.run(for: .seconds(30)) { !world.nodes.contains { $0.isUp && $0.isEnding } }
        for node in world.nodes { world.start(node) }
        for client in world.clients {
            client.isBusy = false
            world.start(client)
        }
        var stuck: [String] = []
        func wait(_ what: String, _ condition: () -> Bool) {
            guard stuck.isEmpty, world.violations.isEmpty else { return }
            guard !world.run(for: .seconds(20), until: condition), world.violations.isEmpty else { return }
            stuck.append(what)
            for node in world.nodes { stuck.append(node.summary) }
        }
        wait("no leader within 20 s of healing") { world.nodes.contains { $0.replica?.isLeader == true } }
        wait("clients still wait 20 s after healing") { world.clients.allSatisfy(\.isIdle) }
        wait("a claim outlived its TTL by 20 s") {
            world.nodes.allSatisfy { ($0.replica?.machine.claimCount ?? 1) == 0 }
        }
        wait("the nodes do not agree 20 s after healing") {
            let first = world.nodes[0].replica
            return world.nodes.allSatisfy {
                $0.replica?.appliedIndex == first?.appliedIndex && $0.replica?.machine.digest == first?.machine.digest
            }
        }
        for node in world.nodes { if let ending = node.ending { stuck.append("\(node.label) ended: \(ending)") } }
        for node in world.nodes {
            for violation in node.replica?.machine.violations() ?? [] { stuck.append("\(node.label): \(violation)") }
        }
        return stuck
    }
}
