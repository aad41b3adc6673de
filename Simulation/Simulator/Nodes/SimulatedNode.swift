import LeaseMachine
public import LeaseholdBase
import LeaseholdJournal
public import LeaseholdReplica
import Raft

/// A node's process: the production replica over a simulated disk, driven in turns like the server's loop.
public final class SimulatedNode: SimulatedProcess {
    /// The node's id.
    public let id: NodeID
    /// Its data directory.
    public internal(set) var disk: SimulatedDisk
    /// The node itself, while it runs.
    public var replica: Replica? { running?.replica }
    /// The same, to be looked at and worked on in place.
    var running: RunningReplica?
    /// Why it does not run, when it ended by itself or could not start.
    public internal(set) var ending: String?
    /// Whether its operator has asked it to end.
    var isAskedToStop = false
    /// Whether it is about to end: it was asked to, its next sync fails, or its journal has failed.
    public var isEnding: Bool {
        isAskedToStop || disk.failsNextSync || running?.inPlace { $0.journal.failure != nil } ?? false
    }
    /// Whether it may refuse to run, as one whose directory was taken away or damaged has to.
    public var mayRefuse = false
    /// What its disk held each time when its directory was emptied.
    var imagesLost: [DurableImage] = []
    let listed: [ListedNode]
    /// Bytes received and not consumed, by connection.
    private var unread: [Unread] = []
    var driver = NodeDriver()
    /// When its disk last made a batch durable, and when its latest turn began, on its own clock.
    var syncedAt = SteadyTime.never
    private var turnBeganAt = SteadyTime.zero

    private struct Unread {
        var connection: ConnectionID
        var bytes: [UInt8]
    }

    init(place: Int, listed: [ListedNode], clock: SimulatedClock, disk: SimulatedDisk) {
        self.disk = disk
        self.listed = listed
        id = listed[place].id
        super.init(place: place, label: "node \(listed[place].id)", clock: clock)
    }

    override var deadline: SteadyTime { running?.inPlace { $0.deadline } ?? .never }

    override func unconsumed(_ connection: ConnectionID) -> Int {
        unread.first { $0.connection == connection }?.bytes.count ?? 0
    }

    /// How it stands, in one line.
    public var summary: String {
        guard let replica else { return "\(label) is down\(ending.map { ": \($0)" } ?? "")" }
        let raft = replica.raft
        return "\(label) \(raft.currentRole) term \(raft.term) leader \(raft.leader?.description ?? "none") "
            + "last \(raft.lastIndex) commit \(raft.commitIndex) applied \(replica.appliedIndex) claims "
            + "\(replica.machine.claimCount) due \(replica.machine.nextDue.map { seconds($0) } ?? "never") log time "
            + seconds(replica.appliedLogTime)
    }

    func open(_ world: World) {
        unread = []
        ending = nil
        isAskedToStop = false
        isInTurn = false
        syncedAt = .never
        var configuration = ReplicaConfiguration(id: id, listed: listed)
        configuration.journalBytesMax = UInt64(world.plan.disk.journalBytes)
        configuration.segmentBytes = world.plan.disk.segmentBytes
        configuration.logMemoryBytes = world.plan.disk.logMemoryBytes
        configuration.uncommittedBytes = world.plan.process.uncommittedBytes
        configuration.electionTimeout = .milliseconds(Int64(world.plan.process.electionTimeout))
        configuration.heartbeat = .milliseconds(Int64(world.plan.process.heartbeat))
        driver = NodeDriver(electionTimeout: configuration.electionTimeout, now: world.now)
        // Asked for before: a start that does not notice may write over it.
        let damage = world.atlas.toBeNoticed(by: place, on: disk)
        do throws(JournalError) {
            let replica = try Replica.open(
                configuration, disk: &disk, seed: world.draws.bits(.seed, place, lifeKey),
                now: reading(at: world.now))
            running = RunningReplica(replica)
            world.checks.began(self, world)
            if let damage {
                world.violate(
                    9, by: label, "starts",
                    "\(damage.kind.rawValue) has destroyed what was acknowledged, in \(damage.file) at \(damage.ranges)"
                )
            }
        } catch {
            isUp = false
            ending = error.description
            world.coverageOfEnded.add(error)
            if disk.isCrashDue {
                if disk.isPowerLossDue { world.losePower(self) } else { disk.processEnded() }
                startAgain(world)
            } else if case .disk = error, disk.hasFailed || disk.hasRefusedSpace {
                disk.processEnded()
                world.figures.diskFailures += 1
                startAgain(world)
            } else if world.atlas.explains(error, of: place) {
                world.figures.damageNoticed += 1
            } else {
                // An emptied directory is as good as a new one: it is the others who refuse the node.
                world.violate(9, by: label, "does not start: \(error.description)", "nothing destroyed its disk")
            }
        }
    }

    /// Whoever looks after it starts it again, whether or not the fault is over by then.
    private func startAgain(_ world: World) {
        world.after(.seconds(1)) { [unowned world] in if self.downHolds == 0 { world.start(self) } }
    }

    func close() {
        running = nil
        unread = []
        driver = NodeDriver()
        isInTurn = false
    }

    /// Whether nothing has been written for so long that the journal must have proved its last batch, and nothing stood in
    /// the way of that.
    func isAtRest(_ world: World) -> Bool {
        guard isUp, !isInTurn, !isEnding, let running, running.replica.raft.persistsInFlight == 0 else { return false }
        guard !disk.hasRefusedSpace, disk.faults.capacityBytes == nil, driver.batchBusyUntil < world.now else {
            return false
        }
        let slack = UInt64(10_000_000)
        guard disk.faults.stalledUntil + slack < world.now, stoppedUntil + slack < world.now else { return false }
        return syncedAt < .never && turnBeganAt >= syncedAt + .milliseconds(100)
    }

    // MARK: A turn

    override func beginTurn(_ world: World) {
        let inputs = inbox
        inbox.removeAll(keepingCapacity: true)
        // Read after the bytes were there: a stamp is never older than what it is for.
        let now = reading(at: world.now)
        turnBeganAt = now.steady
        #if PLANTED_BUGS
        if planted(.stampFromFirstReading), let first = firstReading {
            for input in inputs { handIn(input, first, world) }
            giveCompletions(first)
            return endTurn(first, world)
        }
        #endif
        for input in inputs { handIn(input, now, world) }
        // What the disk's threads have done comes behind everything else of the turn.
        giveCompletions(now)
        endTurn(now, world)
    }

    /// Ends the replica's turn and begins to carry out what it asks for.
    private func endTurn(_ now: TimeReading, _ world: World) {
        running?.replica.endTurn(now: now)
        world.checks.look(at: self, world)
        driver.position = 0
        driver.stumbleAt = world.stumblePlace(of: self, among: running?.inPlace { $0.effects.count } ?? 0)
        isInTurn = true
        goOn(world)
    }

    override func goOn(_ world: World) {
        if let effect = driver.blockedBy {
            let until = disk.standsStillUntil(effect)
            guard until <= world.now else { return world.standStill(self, for: until - world.now + 1_000) }
            driver.blockedBy = nil
            complete(effect, world)
            guard isUp else { return }
        }
        while let effects = running?.replica.effects, driver.position < effects.count {
            if driver.stumbleAt == driver.position {
                driver.stumbleAt = nil
                return world.standStill(self, for: world.stumble(of: self))
            }
            let effect = effects[driver.position]
            driver.position += 1
            carryOut(effect, world)
            guard isUp, driver.blockedBy == nil else { return }
        }
        running?.replica.drained()
        if ending == nil, !driver.completions.isEmpty {
            // Read again: a sync may have blocked, and what follows from it must not bear an older stamp.
            let now = reading(at: world.now)
            giveCompletions(now)
            return endTurn(now, world)
        }
        flush(world)
        isInTurn = false
        if ending != nil { world.crash(self, losingPower: false) }
    }

    private func handIn(_ input: Input, _ now: TimeReading, _ world: World) {
        switch input {
        case .accepted(let connection, let kind):
            unread.append(Unread(connection: connection, bytes: []))
            running?.replica.accepted(connection, on: kind, now: now)
        case .dialed(let tag, let connection):
            unread.append(Unread(connection: connection, bytes: []))
            running?.replica.dialed(NodeID(tag), connection, now: now)
        case .dialFailed(let tag): running?.replica.dialFailed(NodeID(tag), now: now)
        case .received(let connection, let bytes): receive(connection, bytes, now, world)
        case .writable(let connection): world.writeMore(place, connection)
        case .closed(let connection):
            unread.removeAll { $0.connection == connection }
            running?.replica.closed(connection, now: now)
        case .stopAsked:
            isListening = false
            running?.replica.stop(now: now)
        case .disk(let completion):
            if completion.number == driver.syncOnThread {
                driver.syncOnThread = nil
                driver.placement.syncTook(now.steady - driver.syncBegan)
            }
            driver.completions.append((completion, nil))
        }
    }

    private func receive(_ connection: ConnectionID, _ arrived: [UInt8], _ now: TimeReading, _ world: World) {
        guard let position = unread.firstIndex(where: { $0.connection == connection }),
            let bytes = world.read(place, connection, arrived, unconsumed: unread[position].bytes.count)
        else { return }
        if unread[position].bytes.isEmpty {
            let consumed = unsafe running?.replica.received(connection, bytes.span.bytes, now: now) ?? 0
            if consumed < bytes.count { unread[position].bytes = Array(bytes[min(consumed, bytes.count)...]) }
            return
        }
        unread[position].bytes.append(contentsOf: bytes)
        let waiting = unread[position].bytes
        let consumed = unsafe running?.replica.received(connection, waiting.span.bytes, now: now) ?? 0
        unread[position].bytes.removeFirst(min(consumed, waiting.count))
    }

    private func giveCompletions(_ now: TimeReading) {
        for (completion, read) in driver.completions {
            if let read {
                unsafe running?.replica.diskRead(completion, bytes: read.span.bytes, now: now)
            } else {
                running?.replica.diskCompleted(completion, now: now)
            }
        }
        driver.completions.removeAll(keepingCapacity: true)
    }

    // MARK: Effects

    private func carryOut(_ effect: ReplicaEffect, _ world: World) {
        switch effect {
        case .send(let connection, let range):
            let bytes = running.map { Array($0.replica.outgoing[range]) } ?? []
            world.promises.look(at: bytes, from: self, world)
            driver.queue(bytes, for: connection)
        case .close(let connection):
            if let bytes = driver.take(connection) { world.send(from: place, connection, bytes) }
            unread.removeAll { $0.connection == connection }
            world.close(from: place, connection)
        case .dial(let node, let address): world.dial(from: self, tag: node.rawValue, address: address)
        case .disk(let effect): give(effect, world)
        case .log(let line): world.tell(self, line)
        case .stop(let reason):
            ending = ending ?? "\(reason)"
            judge(reason, world)
        }
    }

    /// Writes each connection that has something queued, once.
    func flush(_ world: World) {
        for packet in driver.packets { world.send(from: place, packet.connection, packet.bytes) }
        driver.packets.removeAll(keepingCapacity: true)
    }

    /// A node ends by itself for a reason that is there, and for no other.
    private func judge(_ reason: StopReason, _ world: World) {
        switch reason {
        case .asked where isAskedToStop: break
        case .diskFailed where disk.hasFailed:
            world.figures.diskFailures += 1
            startAgain(world)
        case .wrongIdentity where mayRefuse: break
        case .journalCorrupt(let words) where world.atlas.explains(words, of: place): world.figures.damageNoticed += 1
        default: world.violate(0, by: label, "ended by itself: \(reason)", "there is no such reason")
        }
    }
}
