import LeaseMachine
import LeaseholdBase
import LeaseholdJournal
import LeaseholdReplica
import Raft

/// Everything that must hold over the whole cluster, looked at after every turn of a node, and some of it now and then.
///
/// The parts know nothing of the world: they take facts in and hand contradictions to ``Findings``. This one shows them
/// the facts.
struct ClusterChecks {
    private(set) var leaders = Leaders()
    private(set) var table: LogTable
    private(set) var ledger = CommitLedger()
    private(set) var lives: NodeLives
    private(set) var claims: ClaimLedger
    private(set) var health: MajorityHealth
    var snapshots = SnapshotLedger()
    private(set) var memberships: MembershipLedger
    /// Whether every node belongs to the cluster from the beginning to the end.
    let areAllMembers: Bool
    private var clocks: LeaderClocks
    private let nodes: Int
    private var handOvers: HandOvers
    private(set) var clockProofs: ClockProofs
    private(set) var oddLeaders = OddLeaders()
    private var livelock = Livelock()
    private var healthBegan: HealthBegan?
    private var electionTimes = ElectionTimes(samplePeriod: Self.samplePeriod)
    private var lastHealth: UInt64 = 0
    /// For how long a majority had been well for long enough that delays of claims (property 16) and the growth of terms
    /// (23) were judged, in nanoseconds.
    private(set) var timeJudged: (delays: UInt64, terms: UInt64) = (0, 0)
    private var sampledAt: UInt64 = 0
    private var samples: UInt64 = 0
    /// Commits whose entry was looked for on every disk.
    private(set) var commitsCompared: UInt64 = 0
    private var commits: UInt64 = 0
    /// One commit in so many is looked for on every disk.
    static let commitSampling: UInt64 = 61
    /// How often what is looked at now and then is, in nanoseconds of true time.
    static let samplePeriod: UInt64 = 100_000_000

    private struct HealthBegan {
        /// Which majority's time it is.
        var since: UInt64
        /// When it became the one that is judged by: later than that when the one before it broke. The rest is of then.
        var at: UInt64
        var logTime: UInt64
    }

    /// - Parameter plan: What is run: it says how many nodes there are.
    init(_ plan: Plan) {
        nodes = plan.nodes
        table = LogTable(nodes: plan.nodes)
        lives = NodeLives(nodes: plan.nodes, founders: plan.founders)
        memberships = MembershipLedger(nodes: plan.nodes)
        areAllMembers = plan.members == nil && plan.founders == nil
        claims = ClaimLedger()
        health = MajorityHealth(nodes: plan.nodes)
        clockProofs = ClockProofs(nodes: plan.nodes)
        handOvers = HandOvers(
            nodes: plan.nodes, electionTimeout: .milliseconds(Int64(plan.process.electionTimeout)))
        clocks = LeaderClocks(nodes: plan.nodes, heartbeat: .milliseconds(Int64(plan.process.heartbeat)))
    }

    /// The greatest index that any node has known to be committed.
    var committed: LogIndex { ledger.last }
    /// How many terms had a leader.
    var elections: Int { leaders.count }

    /// The digest of the state behind a committed entry, made odd; nil while nobody has told.
    func digestCommitted(at index: LogIndex) -> UInt64? { ledger.digest(at: index) }

    /// An operator has asked for a change after which another node may lead.
    mutating func leaderAsked() { livelock.leadersAsked += 1 }

    /// Whether every node was seen with a log: until then, each directory is needed for the birth of the cluster.
    var areBorn: Bool { lives.areBorn }

    /// A node has been started, and has read its disk.
    mutating func began(_ node: SimulatedNode, _ world: World) {
        guard let replica = node.replica else { return }
        let log = replica.raft.log
        lives.began(
            NodeFacts(of: node, replica), node.label, start: log.start.index, termAt: { log.term(at: $0) },
            &world.findings)
    }

    /// A node's directory is gone.
    mutating func emptied(_ node: SimulatedNode) { lives.emptied(node.place) }

    /// Something struck these places, or came between them and others.
    mutating func disturbed(_ places: [Int], from others: [Int]? = nil, at now: UInt64) {
        health.disturbed(places, from: others, at: now)
        oddLeaders.disturbed(places, nodes: nodes)
    }

    /// Some node's clock was wrong until then, or is: the greatest time there is.
    mutating func clocksAreWrong(until time: UInt64) {
        table.clocksWrongUntil = time
        claims.clocksWrongUntil = time
    }

    /// A node sends an append.
    func appends(_ term: Term, _ node: SimulatedNode, _ world: World) {
        leaders.appends(term, node.id, node.label, &world.findings)
    }

    /// A node has taken a turn.
    mutating func look(at node: SimulatedNode, _ world: World) {
        if let running = node.running { look(at: &running.replica, of: node, world) }
        if world.now >= sampledAt + Self.samplePeriod { sample(world) }
    }

    mutating func look(at replica: inout Replica, of node: SimulatedNode, _ world: World) {
        for broken in replica.violations() { world.violate(0, by: node.label, broken, "") }
        let facts = NodeFacts(of: node, replica)
        let before = lives.facts(of: node.place)
        lives.look(facts, node.label, &world.findings)
        handOvers.look(replica, life: node.life, of: node.place, node.label, &world.findings)
        clocks.look(LeaderClock(of: replica, life: node.life), of: node.place, node.label, &world.findings)
        clockProofs.look(
            replica.clockEvidence, of: node.place, node.label,
            clocks: { $0 < world.nodes.count ? world.nodes[$0].clock : nil }, &world.findings)
        table.follow(
            node.place, life: node.life, node.label, replica.raft.log, commit: facts.commit, &world.findings)
        func termAt(_ index: LogIndex) -> Term? { replica.raft.log.term(at: index) }
        if facts.isLeader, leaders.leads(facts.term, node.id, node.label, &world.findings) {
            ledger.leads(facts.term, node.label, &table, termAt: termAt, &world.findings)
            let deciding = memberships.deciding(node.place, now: replica.raft.membershipInLog)
            let votes = QuorumImages.votes(for: node.id, in: facts.term, by: deciding, world)
            if !votes.holds {
                ElectionRule.judge(facts.term, votes: votes.count, of: votes.of, by: node.label, &world.findings)
            }
        }
        if let snapshot = replica.journal.snapshot { snapshots.counts(snapshot, node.label, &world.findings) }
        let isNew = before.life != facts.life
        if facts.isLeader, facts.commit > (isNew ? .zero : before.commit) {
            let deciding = memberships.deciding(node.place, now: replica.raft.membershipInLog)
            judgeCommit(facts, termAt(facts.commit), node, by: deciding, world)
        }
        if isNew || facts.commit != before.commit { commit(facts, node, world, termAt: termAt) }
        if isNew || facts.applied != before.applied {
            world.noteState(of: node, replica, after: isNew ? .zero : before.applied)
            ledger.applied(
                through: facts.applied, ClaimLedger.fold(replica.machine.digest), by: node.label, &table,
                termAt: termAt,
                &world.findings)
        }
        memberships.look(replica.raft, node.place, last: ledger.last, node.label, &world.findings)
        world.note(facts.term.rawValue ^ facts.commit.rawValue << 20 ^ facts.applied.rawValue << 40)
    }

    // MARK: Commits

    /// A leader calls an entry committed (property 7). What nodes say of their disks is asked at each commit, the disks
    /// themselves now and then, and when the nodes that are up do not suffice.
    private mutating func judgeCommit(
        _ facts: NodeFacts, _ term: Term?, _ node: SimulatedNode, by deciding: [Membership], _ world: World
    ) {
        CommitRule.judge(facts.commit, term, leaderTerm: facts.term, by: node.label, &world.findings)
        guard let term else { return }
        commits += 1
        let isSampled = commits % Self.commitSampling == 0
        if !isSampled {
            let holding = deciding.judge { id in
                // The leader itself is being looked at.
                if id == node.id { return facts.durableIndex >= facts.commit }
                return world.node(id)?.holds(facts.commit, term) ?? false
            }
            if holding.holds { return }
        }
        commitsCompared += 1
        let holding = QuorumImages.holding(facts.commit, term, by: deciding, world)
        if holding.holds { return }
        CommitRule.judge(
            facts.commit, term, holding: holding.count, of: holding.of, by: node.label, &world.findings)
    }

    /// Whatever is committed for the first time is shown to the claims, in order.
    private mutating func commit(
        _ facts: NodeFacts, _ node: SimulatedNode, _ world: World, termAt: (LogIndex) -> Term?
    ) {
        var fresh: [(LogIndex, Term)] = []
        ledger.committed(
            through: facts.commit, in: facts.term, by: node.label, &table, termAt: termAt, &world.findings
        ) { fresh.append(($0, $1)) }
        for (index, term) in fresh {
            guard let entry = table.take(index, term) else {
                world.committedLog.applied(through: index, at: world.now)
                continue
            }
            unsafe world.committedLog.note(entry.header, payload: entry.payload.span.bytes, at: world.now)
            if entry.header.kind == .membership {
                unsafe memberships.committed(entry.payload.span.bytes, at: index, &world.findings)
            }
            unsafe claims.apply(
                entry.header, entry.payload.span.bytes, stampedAt: entry.mark.bornAt, &world.findings)
            ledger.expect(claims.digest, at: index)
        }
    }

    // MARK: Now and then

    private mutating func sample(_ world: World) {
        sampledAt = world.now
        samples += 1
        sampleHealth(world)
        let node = world.nodes[Int(samples % UInt64(world.nodes.count))]
        if let replica = node.replica {
            let gauges = Bounds.gauges(of: replica) + world.gauges(ofConnectionsOf: node)
            for gauge in gauges { Bounds.judge(gauge, of: node.label, &world.findings) }
            if samples % 8 == 0 {
                for broken in replica.machine.violations() { world.violate(6, by: node.label, broken, "") }
            }
        }
        if !world.clients.isEmpty {
            let client = world.clients[Int(samples % UInt64(world.clients.count))]
            if let core = client.core {
                let gauges = Bounds.gauges(of: core) + world.gauges(ofConnectionsOf: client)
                for gauge in gauges { Bounds.judge(gauge, of: client.label, &world.findings) }
            }
        }
    }

    private mutating func sampleHealth(_ world: World) {
        let picture = world.picture
        health.sample(
            at: world.now, fit: picture.fit, reaches: picture.reaches, leader: picture.leader, groups: picture.groups)
        oddLeaders.sample(world.oddLeader, &world.findings)
        livelock.sample(wellSince: health.wellSince, newest: picture.newestTerm, &world.findings)
        let passed = min(world.now - lastHealth, MajorityHealth.longestGap)
        lastHealth = world.now
        electionTimes.saw(leaders.count, by: world.now)
        guard let since = health.wellSince else {
            healthBegan = nil
            claims.stopJudgingDelay()
            return
        }
        if world.now >= since + Livelock.settling { timeJudged.terms += passed }
        if healthBegan?.since != since {
            healthBegan = HealthBegan(
                since: since, at: world.now, logTime: claims.logTime)
        }
        guard let began = healthBegan else { return }
        let bounds = ClaimLedger.DelayBounds()
        if claims.tenuresAlive > 0, world.now >= began.at + bounds.settling { timeJudged.delays += passed }
        let elections = electionTimes
        claims.judgeDelay(since: began.at, logTimeThen: began.logTime, bounds: bounds, &world.findings) {
            elections.count(since: $0)
        }
    }

    // MARK: The end

    /// After healing, when all is quiet: every node of the core holds everything that was ever committed (property 10), and
    /// nothing is over its limit (24).
    mutating func finish(_ world: World) {
        let understood = world.nodes.map(\.knownLevel).min() ?? 1
        if world.core.count == world.nodes.count, world.plan.founders == nil, understood > claims.level {
            world.violate(
                22, by: "the cluster", "has commands of level \(claims.level) in the end",
                "every node understands level \(understood)")
        }
        for node in world.nodes where world.core.contains(node.place) && world.isMember(node) {
            guard let replica = node.replica else { continue }
            if replica.appliedIndex < ledger.last {
                world.violate(
                    10, by: node.label, "has applied \(replica.appliedIndex) in the end", "\(ledger.last) was committed"
                )
            }
            let log = replica.raft.log
            if let mark = table.mark(at: ledger.last, log.term(at: ledger.last)), mark.chain != 0,
                ledger.chain(at: ledger.last) != 0, mark.chain != ledger.chain(at: ledger.last)
            {
                world.violate(
                    10, by: node.label, "ends with another entry at or below \(ledger.last)",
                    "an entry of term \(ledger.term(at: ledger.last) ?? .zero) was committed there")
            }
            for gauge in Bounds.gauges(of: replica) { Bounds.judge(gauge, of: node.label, &world.findings) }
            for broken in replica.machine.violations() { world.violate(6, by: node.label, broken, "") }
        }
    }
}

extension SimulatedNode {
    /// Whether the node says that an entry is durable on its disk.
    fileprivate func holds(_ index: LogIndex, _ term: Term) -> Bool {
        guard let durable = running?.replica.raft.durableIndex, durable >= index else { return false }
        guard let log = running?.replica.raft.log else { return false }
        return index < log.start.index || log.term(at: index) == term
    }
}
