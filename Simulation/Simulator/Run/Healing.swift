import LeaseMachine
import LeaseholdBase
import LeaseholdJournal
import LeaseholdReplica
import Raft

/// The second phase of a run: a majority is healed, everything else stays broken, and within bounded time there is a
/// leader, what clients ask for is done, every lease can be had, and the healed nodes agree (property 22).
struct Healing {
    let world: World
    let patience: Nanoseconds
    /// What did not happen in its time.
    private(set) var stuck: [String] = []

    init(world: World, patience: Nanoseconds) {
        self.world = world
        self.patience = patience
    }

    /// The nodes that are healed.
    private var healed: [SimulatedNode] { world.nodes.filter { world.core.contains($0.place) } }
    /// Those of them that belong to the cluster by now.
    private var core: [SimulatedNode] { healed.filter(world.isMember) }

    mutating func run() {
        world.heal()
        // A directory that was destroyed before the birth bars it, and an operator would begin anew. Behind it, a majority
        // has it on disks that nothing strikes, though nothing may have been committed yet.
        guard world.isBorn || world.atlas.entries.isEmpty else { return }
        let healed = healed
        // Who is on the way down may end first.
        wait("a node that was asked to stop, or whose disk failed, has not ended", for: .seconds(30)) {
            !healed.contains { $0.isUp && $0.isEnding }
        }
        wait("a client that was asked to end has not", for: .seconds(30)) { [world] in
            !world.clients.contains { $0.isUp && $0.isStopping }
        }
        for node in healed { world.start(node) }
        for client in world.clients { world.start(client) }
        // One whose disk hangs may lead on while nothing is to be written; what clients get done shows that it does not.
        wait("no leader") { [world] in world.nodes.contains { $0.running?.replica.isLeader == true } }
        guard stuck.isEmpty, world.violations.isEmpty else { return }
        if !Strain(world).run(), world.violations.isEmpty {
            stuck.append("clients got nothing done for \(Strain.lastPart), while a majority was well")
            stuck += StuckReport.lines(world)
        }
        for client in world.clients { client.isBusy = false }
        if let operating = world.clients.first {
            // What others still ask to be changed would come behind it.
            wait("changes of settings still wait") { [world] in !world.clients.contains(where: \.isChangingSettings) }
            operating.restoreSettings(world)
            wait("the settings are not changed back") { operating.hasRestored }
        }
        // Whoever's work stands still lets its lease run out, a TTL after that at the latest.
        let work = SimulatedClient.Workload(world.plan.work)
        let longest = patience + work.hold.upperBound + work.ttl.upperBound
        // What a journal could not get it asks for again, and there is room on mended disks.
        wait("a journal has no room", for: .seconds(40)) {
            healed.allSatisfy { $0.running?.inPlace { !$0.journal.isOutOfSpace } ?? true }
        }
        wait("clients still wait", for: longest) { [world] in world.clients.allSatisfy(\.isIdle) }
        runErrands()
        let core = core
        // A new leader may hold entries that nobody has applied yet.
        wait("a claim outlives its TTL") {
            core.allSatisfy {
                ($0.running?.replica.machine.claimCount ?? 1) == 0
                    && $0.running?.replica.appliedIndex == $0.running?.replica.raft.lastIndex
            }
        }
        takeEveryLease()
        saveAll()
        stopClients()
        wait("the nodes do not agree") { [world] in
            let first = core.first?.running
            guard let applied = first?.replica.appliedIndex, applied >= world.checks.committed else { return false }
            return core.allSatisfy {
                $0.running?.replica.appliedIndex == applied
                    && $0.running?.replica.machine.digest == first?.replica.machine.digest
            }
        }
        expectQuiet()
        guard world.violations.isEmpty else { return }
        for node in core {
            if let ending = node.ending { stuck.append("\(node.label) ended: \(ending)") }
            for violation in node.replica?.machine.violations() ?? [] { stuck.append("\(node.label): \(violation)") }
        }
    }

    /// Whether grants are refused for want of space, which nodes say of their own journals: those of the core, and of
    /// whoever leads. Everything else goes on.
    private var isLow: Bool {
        world.nodes.contains { node in
            guard let replica = node.replica, replica.journal.isDiskLow else { return false }
            return world.core.contains(node.place) || replica.isLeader
        }
    }

    /// Every client gets one of each thing done, all at once.
    private mutating func runErrands() {
        guard stuck.isEmpty, world.violations.isEmpty else { return }
        for client in world.clients { client.run(Errand(of: client.label, isGranted: !isLow), world) }
        wait("what clients ask for is not done", for: Errand.bound * Int64(Errand.Step.allCases.count + 1)) {
            [world] in world.clients.allSatisfy { $0.errand?.isOver ?? true }
        }
        // The budget of a journal may have been used up meanwhile.
        let isLowNow = isLow
        let failures = world.clients.compactMap { $0.errand?.failed(isLow: isLowNow) }
        guard let failure = failures.first else { return }
        stuck.append("\(failure), which was to be done within \(Errand.bound)")
        stuck += StuckReport.lines(world)
    }

    /// Every name can be had by somebody.
    private mutating func takeEveryLease() {
        guard let client = world.clients.first, stuck.isEmpty, world.violations.isEmpty else { return }
        guard !isLow else { return }
        let before = client.tally.granted
        let count = client.askForEveryName(world)
        wait("leases that nobody holds are not granted") { client.tally.granted >= before + count }
        wait("they are not given back") { client.isIdle }
    }

    /// The cluster can be saved.
    private mutating func saveAll() {
        guard let client = world.clients.first, stuck.isEmpty, world.violations.isEmpty, !isLow else { return }
        let before = client.tally.saves
        client.save(world, isOwed: true)
        let healing = self
        wait("the cluster is not saved", for: .seconds(60)) { client.tally.saves > before || healing.isLow }
    }

    /// Clients that are stopped leave nothing behind: the cluster answers all of their releases.
    private mutating func stopClients() {
        guard stuck.isEmpty, world.violations.isEmpty else { return }
        let clients = world.clients
        if !isLow {
            let before = clients.map(\.tally.granted)
            for client in clients { client.stay(world) }
            // It may become low meanwhile.
            let healing = self
            wait("leases of their own are not granted") {
                healing.isLow || !zip(clients, before).contains { $0.tally.granted == $1 }
            }
        }
        guard stuck.isEmpty, world.violations.isEmpty else { return }
        let failed = clients.map(\.tally.releasesFailed)
        for client in clients { client.stop(world) }
        wait("clients do not come to their end") { !clients.contains { $0.isUp } }
        for (client, before) in zip(clients, failed) where client.tally.releasesFailed > before {
            let why = client.lastReleaseFailure.map { ": \($0)" } ?? ""
            stuck.append("\(client.label) could not give back what it held when it was stopped\(why)")
        }
        let core = core
        wait("what stopped clients held is held still") {
            core.allSatisfy { ($0.running?.replica.machine.claimCount ?? 1) == 0 }
        }
    }

    /// Nothing is under way any more (property 24).
    private func expectQuiet() {
        guard stuck.isEmpty, world.violations.isEmpty else { return }
        // What is committed only now, by a new leader's first entry say, is to reach everybody too.
        let core = core
        let isQuiet = { [world] in
            world.inFlight.isEmpty && core.allSatisfy { $0.replica?.appliedIndex == world.checks.committed }
        }
        guard !world.run(for: patience, until: isQuiet), world.violations.isEmpty else { return }
        let flying = world.inFlight.isEmpty ? "nodes are apart" : world.inFlight.joined(separator: ", ")
        world.violate(24, by: "the cluster", flying, "nobody has asked for anything for \(patience)")
    }

    private mutating func wait(_ what: String, for time: Nanoseconds? = nil, _ condition: () -> Bool) {
        guard stuck.isEmpty, world.violations.isEmpty else { return }
        guard !world.run(for: time ?? patience, until: condition), world.violations.isEmpty else { return }
        stuck.append("\(what), for \(time ?? patience) after healing")
        stuck += StuckReport.lines(world)
    }
}
