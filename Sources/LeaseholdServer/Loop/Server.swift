internal import LeaseholdBase
internal import LeaseholdJournal
internal import LeaseholdReplica
internal import LeaseholdSystem

/// A node's process: sockets, files and clocks around one ``Replica``.
///
/// One thread owns connections and replica and works in turns: wait, read each ready connection once, read the clock,
/// hand everything in, end the turn, carry out the effects, write each connection once. Nothing is decided here.
public struct Server: ~Copyable {
    var loop: ConnectionLoop
    var replica: Replica
    var disk: DiskDriver
    let signals: SignalQueue
    let lock: DirectoryLock
    /// Connections being dialled, and for which node.
    var dialing: [(connection: ConnectionID, node: NodeID)] = []
    /// Nodes whose dials have failed before they began.
    var undialable: [NodeID] = []
    var ending: StopReason?
    var stopsAsked = 0
    let log = LogWriter()

    /// Tags of what the loop watches.
    enum Tag {
        static let clients = 0
        static let peers = 1
        static let disk = 2
        static let signals = 3
    }

    /// Connections that a node's table holds: clients, some turned away, and peers.
    static let connectionsMax = ReplicaLimits.clientConnections + 256
    /// What may wait to be sent to another node: its whole window of appends.
    static let peerOutputBytes = 32 << 20

    /// Runs a node until it ends; returns when it was asked to.
    public static func run(_ configuration: ServerConfiguration) throws(ServerError) {
        var server = try open(configuration)
        try server.turnUntilEnd()
    }

    private init(
        _ loop: consuming ConnectionLoop, _ replica: consuming Replica, _ disk: DiskDriver,
        _ signals: consuming SignalQueue, _ lock: consuming DirectoryLock
    ) {
        self.loop = loop
        self.replica = replica
        self.disk = disk
        self.signals = signals
        self.lock = lock
    }

    private static func open(_ configuration: ServerConfiguration) throws(ServerError) -> Server {
        let lock = try lock(configuration.directory)
        // Opened before the journal is read: a port that is taken is told at once.
        let clientDoor = try door(at: configuration.clientEndpoint)
        let peerDoor = try door(at: configuration.peerEndpoint)
        let replica = try recover(configuration)
        do throws(SystemError) {
            let disk = try DiskDriver(
                configuration.directory, electionTimeout: configuration.replica.electionTimeout)
            let signals = try SignalQueue([.terminate, .interrupt])
            var loop = try ConnectionLoop(connectionsMax: connectionsMax)
            try loop.listen(clientDoor, tag: Tag.clients)
            try loop.listen(
                peerDoor, tag: Tag.peers, limits: ConnectionLimits(outputBytes: peerOutputBytes), connectionsMax: 128)
            try loop.watch(disk.wakeUp, tag: Tag.disk)
            try loop.watch(signals, tag: Tag.signals)
            let server = Server(loop, replica, disk, signals, lock)
            server.log.write(
                LogLine(
                    .info, "serving",
                    "node \(configuration.replica.id) clients \(configuration.clientEndpoint) peers "
                        + "\(configuration.peerEndpoint) data \(configuration.directory)"))
            return server
        } catch { throw .inputOutput("\(error)") }
    }

    private static func recover(_ configuration: ServerConfiguration) throws(ServerError) -> Replica {
        var directory = DataDirectory(configuration.directory)
        do throws(JournalError) {
            return try Replica.open(
                configuration.replica, disk: &directory, seed: try seed(), now: SystemClocks.now)
        } catch { throw ServerError(error) }
    }

    /// The directory, made if it is not there, for this process alone.
    private static func lock(_ directory: String) throws(ServerError) -> DirectoryLock {
        SignalQueue.ignoreBrokenPipes()
        _ = CurrentProcess.raiseDescriptorLimit()
        do throws(SystemError) { try FileSystem.makeDirectory(directory) } catch {
            throw .inputOutput("\(directory): \(error)")
        }
        do throws(DirectoryLockError) { return try DirectoryLock(directory) } catch {
            if case .taken = error { throw .directoryLocked(error.description) }
            throw .inputOutput(error.description)
        }
    }

    private static func seed() throws(JournalError) -> UInt64 {
        do throws(SystemError) { return try SystemRandom.next() } catch {
            throw .disk(DiskError(error), call: "getrandom", file: "")
        }
    }

    private static func door(at endpoint: Endpoint) throws(ServerError) -> Listener {
        do throws(ListenError) { return try Listener(at: endpoint) } catch {
            if case .addressInUse = error { throw .addressInUse(error.description) }
            throw .inputOutput(error.description)
        }
    }

    private mutating func turnUntilEnd() throws(ServerError) {
        var events: [LoopEvent] = []
        // The first turn dials the others; nothing has happened yet.
        replica.endTurn(now: SystemClocks.now)
        carryOut()
        while ending == nil {
            do throws(SystemError) { try loop.wait(until: replica.deadline, into: &events) } catch {
                throw .inputOutput("\(error)")
            }
            // Read after the bytes: a stamp is never older than what it is for.
            let now = SystemClocks.now
            for event in events { handIn(event, now) }
            giveCompletions(now)
            replica.endTurn(now: now)
            carryOut()
        }
        loop.flush()
        try finish()
    }

    /// What the end means for the caller.
    private func finish() throws(ServerError) {
        switch ending {
        case nil, .asked: return
        case .wrongIdentity(let message): throw .wrongIdentity(message)
        case .diskFailed(let message): throw .inputOutput(message)
        case .journalCorrupt(let message): throw .journalCorrupt(message)
        case .tooOld(let message): throw .notSupported(message)
        }
    }
}
