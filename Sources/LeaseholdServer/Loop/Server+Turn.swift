internal import LeaseholdBase
internal import LeaseholdJournal
internal import LeaseholdReplica
internal import LeaseholdSystem

extension Server {
    /// Hands one event to the replica.
    mutating func handIn(_ event: LoopEvent, _ now: TimeReading) {
        switch event {
        case .accepted(let connection, let listener):
            replica.accepted(connection, on: listener == Tag.clients ? .client : .peer, now: now)
        case .connected(let connection):
            guard let node = takeDial(connection) else { return loop.abandon(connection) }
            replica.dialed(node, connection, now: now)
        case .dialFailed(let connection, _):
            if let node = takeDial(connection) { replica.dialFailed(node, now: now) }
        case .received(let connection):
            Self.feed(connection, from: &loop, to: &replica, now)
        case .closed(let connection, _): replica.closed(connection, now: now)
        case .ready(Tag.disk): disk.collect()
        case .ready(Tag.signals): takeSignals(now)
        case .ready: break
        }
    }

    /// Carries out what the replica asks for, in order, until it asks for nothing more.
    mutating func carryOut() {
        while true {
            for effect in replica.effects { carryOut(effect) }
            replica.drained()
            guard ending == nil, !disk.completions.isEmpty || !undialable.isEmpty else { return }
            // Read again: a sync may have blocked, and what follows from it must not bear an older stamp.
            let now = SystemClocks.now
            for node in undialable { replica.dialFailed(node, now: now) }
            undialable.removeAll(keepingCapacity: true)
            giveCompletions(now)
            replica.endTurn(now: now)
        }
    }

    private mutating func carryOut(_ effect: ReplicaEffect) {
        switch effect {
        case .send(let connection, let range):
            Self.queue(range, of: replica, for: connection, on: &loop)
        case .close(let connection): loop.close(connection)
        case .dial(let node, let address): dial(node, address)
        case .disk(let effect):
            // The followers' disks work while this one does.
            if disk.blocks(effect) { loop.flush() }
            Self.perform(effect, for: replica, on: &disk)
        case .log(let line): log.write(line)
        case .stop(let reason): ending = ending ?? reason
        }
    }

    /// Hands what the disk has done to the replica.
    mutating func giveCompletions(_ now: TimeReading) {
        guard !disk.completions.isEmpty else { return }
        for (completion, read) in disk.completions {
            if let read {
                Self.give(completion, read, of: disk.readBytes, to: &replica, now)
            } else {
                replica.diskCompleted(completion, now: now)
            }
        }
        disk.completions.removeAll(keepingCapacity: true)
        disk.readBytes.removeAll(keepingCapacity: true)
    }

    // Lending bytes of one part of the server to another: each part is named on its own, so that none is copied.

    private static func feed(
        _ connection: ConnectionID, from loop: inout ConnectionLoop, to replica: inout Replica, _ now: TimeReading
    ) {
        let consumed = replica.received(connection, loop.input(of: connection), now: now)
        loop.consume(consumed, of: connection)
    }

    private static func queue(
        _ range: Range<Int>, of replica: borrowing Replica, for connection: ConnectionID, on loop: inout ConnectionLoop
    ) {
        unsafe loop.send(replica.outgoing.span.bytes.extracting(range), to: connection)
    }

    private static func perform(_ effect: DiskEffect, for replica: borrowing Replica, on disk: inout DiskDriver) {
        if case .writeSnapshot = effect.operation {
            disk.perform(effect, batch: replica.journal.snapshotBytes)
        } else {
            disk.perform(effect, batch: replica.journal.batchBytes)
        }
    }

    private static func give(
        _ completion: DiskCompletion, _ read: Range<Int>, of bytes: [UInt8], to replica: inout Replica,
        _ now: TimeReading
    ) {
        unsafe replica.diskRead(completion, bytes: bytes.span.bytes.extracting(read), now: now)
    }

    private mutating func dial(_ node: NodeID, _ address: String) {
        let limits = ConnectionLimits(outputBytes: Self.peerOutputBytes)
        if let endpoint = Endpoint(address), let connection = loop.dial(endpoint, limits: limits) {
            dialing.append((connection, node))
        } else {
            // Told when all effects are carried out: what it leads to would be lost among those of this turn.
            undialable.append(node)
        }
    }

    private mutating func takeDial(_ connection: ConnectionID) -> NodeID? {
        guard let position = dialing.firstIndex(where: { $0.connection == connection }) else { return nil }
        return dialing.remove(at: position).node
    }

    /// The first request to end is graceful; a second one is not waited for.
    private mutating func takeSignals(_ now: TimeReading) {
        do throws(SystemError) {
            while try signals.next() != nil {
                stopsAsked += 1
                if stopsAsked == 1 {
                    loop.stopListening()
                    replica.stop(now: now)
                } else {
                    CurrentProcess.exit(0)
                }
            }
        } catch { log.write(LogLine(.warning, "signal", "\(error)")) }
    }
}
