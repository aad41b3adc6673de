import LeaseMachine
public import LeaseholdBase
import LeaseholdJournal
public import LeaseholdReplica
import Raft

/// A node's process: the production replica over a simulated disk.
public final class SimulatedNode: SimulatedProcess {
    /// The node's id.
    public let id: NodeID
    /// Its data directory.
    public internal(set) var disk = SimulatedDisk()
    /// The node itself, while it runs.
    public internal(set) var replica: Replica?
    /// Why it does not run, when it ended by itself or could not start.
    public internal(set) var ending: String?
    /// Whether its operator has asked it to end.
    var isAskedToStop = false
    /// Whether it is about to end: it was asked to, or its next sync fails.
    public var isEnding: Bool { isAskedToStop || disk.failsNextSync }
    /// Whether it may refuse to run, as one whose directory was taken away has to.
    public var mayRefuse = false
    let listed: [ListedNode]
    /// Bytes received and not consumed, by connection slot.
    private var unread: [(connection: ConnectionID, bytes: [UInt8])] = []
    /// When the disk is done with what it was given: it does one thing at a time.
    private var diskBusyUntil: UInt64 = 0

    init(place: Int, listed: [ListedNode], drift: Int64, clockBase: UInt64) {
        self.listed = listed
        id = listed[place].id
        super.init(place: place, label: "node \(listed[place].id)", drift: drift, clockBase: clockBase)
    }

    override var deadline: SteadyTime { replica?.deadline ?? .never }

    /// How it stands, in one line.
    public var summary: String {
        guard let replica else { return "\(label) is down \(ending ?? "")" }
        let raft = replica.raft
        return "\(label) \(raft.currentRole) term \(raft.term) leader \(raft.leader?.description ?? "none") "
            + "last \(raft.lastIndex) commit \(raft.commitIndex) applied \(replica.appliedIndex) claims "
            + "\(replica.machine.claimCount) due \(replica.machine.nextDue?.description ?? "never") log time "
            + "\(replica.appliedLogTime)"
    }

    func open(_ world: World) {
        unread = []
        ending = nil
        isAskedToStop = false
        diskBusyUntil = world.now
        var configuration = ReplicaConfiguration(id: id, listed: listed)
        configuration.journalBytesMax = world.configuration.journalBytes
        configuration.logMemoryBytes = world.configuration.logMemoryBytes
        do throws(JournalError) {
            replica = try Replica.open(
                configuration, disk: &disk, seed: world.seedRandom.next(), now: reading(at: world.now))
        } catch {
            isUp = false
            ending = error.description
            if case .disk = error, disk.hasFailed || disk.hasRefusedSpace {
                // Whoever looks after it tries again.
                disk.processEnded()
                world.after(.seconds(1)) { [unowned world] in world.start(self) }
            } else if !mayRefuse {
                world.violate(9, by: label, "does not start: \(error.description)", "nothing destroyed its disk")
            }
        }
    }

    override func takeTurn(_ world: World) {
        let inputs = inbox
        inbox.removeAll(keepingCapacity: true)
        let now = reading(at: world.now)
        for input in inputs { handIn(input, now) }
        replica?.endTurn(now: now)
        world.checks.look(at: self, world)
        carryOut(world)
    }

    private func handIn(_ input: Input, _ now: TimeReading) {
        switch input {
        case .accepted(let connection, let kind):
            unread.append((connection, []))
            replica?.accepted(connection, on: kind, now: now)
        case .dialed(let tag, let connection):
            unread.append((connection, []))
            replica?.dialed(NodeID(tag), connection, now: now)
        case .dialFailed(let tag): replica?.dialFailed(NodeID(tag), now: now)
        case .received(let connection, let bytes):
            guard let position = unread.firstIndex(where: { $0.connection == connection }) else { return }
            unread[position].bytes.append(contentsOf: bytes)
            let waiting = unread[position].bytes
            let consumed = unsafe replica?.received(connection, waiting.span.bytes, now: now) ?? 0
            unread[position].bytes.removeFirst(min(consumed, waiting.count))
        case .closed(let connection):
            unread.removeAll { $0.connection == connection }
            replica?.closed(connection, now: now)
        case .stopAsked: replica?.stop(now: now)
        case .disk(let completion, let isRead, let bytes):
            if isRead {
                unsafe replica?.diskRead(completion, bytes: bytes.span.bytes, now: now)
            } else {
                replica?.diskCompleted(completion, now: now)
            }
        }
    }

    private func carryOut(_ world: World) {
        guard let effects = replica?.effects else { return }
        // What one turn writes on one connection is one packet, as the real loop writes it.
        var packets: [(connection: ConnectionID, bytes: [UInt8])] = []
        for effect in effects {
            switch effect {
            case .send(let connection, let range):
                let bytes = replica.map { Array($0.outgoing[range]) } ?? []
                world.promises.look(at: bytes, from: self, world)
                if let position = packets.firstIndex(where: { $0.connection == connection }) {
                    packets[position].bytes.append(contentsOf: bytes)
                } else {
                    packets.append((connection, bytes))
                }
            case .close(let connection):
                if let position = packets.firstIndex(where: { $0.connection == connection }) {
                    world.send(from: place, connection, packets[position].bytes)
                    packets.remove(at: position)
                }
                unread.removeAll { $0.connection == connection }
                world.close(from: place, connection)
            case .dial(let node, let address): world.dial(from: self, tag: node.rawValue, address: address)
            case .disk(let effect): give(effect, world)
            case .log(let line): world.tell(self, line)
            case .stop(let reason):
                ending = "\(reason)"
                judge(reason, world)
            }
        }
        for packet in packets { world.send(from: place, packet.connection, packet.bytes) }
        replica?.drained()
        if ending != nil { world.crash(self, losingPower: false) }
    }

    /// A node ends by itself for a reason that is there, and for no other.
    private func judge(_ reason: StopReason, _ world: World) {
        switch reason {
        case .asked where isAskedToStop: break
        case .diskFailed where disk.hasFailed: break
        case .wrongIdentity where mayRefuse: break
        default: world.violate(0, by: label, "ended by itself: \(reason)", "there is no such reason")
        }
    }

    private func give(_ effect: DiskEffect, _ world: World) {
        var bytes: [UInt8] = []
        if case .write(_, _, let range) = effect.operation, let replica {
            bytes = unsafe replica.journal.batchBytes.extracting(range).withUnsafeBytes { unsafe Array($0) }
        }
        let time = UInt64(world.diskRandom.duration(in: world.configuration.diskTime).rawValue)
        diskBusyUntil = max(diskBusyUntil, world.now) + time
        world.queue.schedule(.disk(place, life: life, effect, bytes), at: diskBusyUntil)
    }

    func diskDone(_ effect: DiskEffect, _ bytes: [UInt8], _ world: World) {
        let (completion, read) = disk.perform(effect, bytes: bytes)
        var isRead = false
        if case .read = effect.operation { isRead = true }
        world.deliver(.disk(completion, isRead: isRead, read), to: self)
    }
}
