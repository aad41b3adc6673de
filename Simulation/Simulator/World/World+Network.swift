import LeaseholdBase
import LeaseholdReplica

extension World {
    /// Whether nothing passes from one process to another.
    func isBlocked(from: Int, to: Int) -> Bool { network.paths[network.path(from: from, to: to)].blocks > 0 }

    /// How long a packet of a path is under way.
    private func packetDelay(_ from: Int, _ to: Int, _ count: UInt64, _ state: PathState) -> UInt64 {
        let plan = plan.network
        let width = UInt64(max(0, plan.latencyAtMost - plan.latencyAtLeast)) * 1_000 + 1
        var delay = UInt64(plan.latencyAtLeast) * 1_000 + draws.below(width, .latency, from, to, count)
        if plan.tailPerTenThousand > 0 || state.delay > 0 {
            let draw = draws.bits(.tail, from, to, count)
            if draw % 10_000 < UInt64(plan.tailPerTenThousand) {
                delay += draw >> 32 % (UInt64(plan.tail) * 1_000 + 1)
            }
            if state.delay > 0 { delay += mix(draw) % state.delay }
        }
        return delay
    }

    /// A process writes on a connection, which it stands still before for so long.
    func send(from process: Int, _ connection: ConnectionID, _ bytes: [UInt8]) {
        guard let (link, side) = network.find(process, connection) else { return }
        let toward = 1 - side
        let other = network.links[link].sides[toward].process
        let path = network.path(from: process, to: other)
        let (count, state) = (network.number(path), network.paths[path])
        figures.packets += 1
        let isLost =
            state.blocks > 0
            || state.loss > 0 && draws.below(10_000, .loss, process, other, count) < state.loss
        if isLost {
            figures.packetsLost += 1
            record(.lost, process, other) { PacketNames.names(in: bytes) }
            return
        }
        var sent = bytes
        if state.corruption > 0, draws.below(10_000, .corruption, process, other, count) < state.corruption {
            damage(&sent, draws.bits(.corruption, process, other, count))
        }
        var arrival = max(now, state.cloggedUntil) + packetDelay(process, other, count, state)
        let overtakes =
            state.reordering > 0 && draws.below(10_000, .reordering, process, other, count) < state.reordering
        if !overtakes {
            arrival = max(arrival, network.links[link].sides[toward].lastArrival)
            network.links[link].sides[toward].lastArrival = arrival
        }
        record(.sent, process, other, arrival - now) { PacketNames.names(in: bytes) }
        postPieces(link, toward, sent, at: arrival, isInOrder: !overtakes, process, other, count)
        if state.duplication > 0, draws.below(10_000, .duplication, process, other, count) < state.duplication {
            post(link, toward, sent, at: arrival + packetDelay(process, other, count &+ 1 << 40, state))
        }
        if repeatsPackets { repeatOld(link, toward, sent, state, draws.bits(.replay, process, other, count)) }
        // One write is taken whole, however large.
        if network.links[link].sides[toward].underWay - sent.count > plan.network.queueBytes { breakLink(link) }
    }

    /// A reader sees bytes as they come: now and then half a frame.
    private func postPieces(
        _ link: Int, _ toward: Int, _ bytes: [UInt8], at arrival: UInt64, isInOrder: Bool, _ from: Int, _ to: Int,
        _ count: UInt64
    ) {
        let probability = UInt64(plan.network.fragmentsPerTenThousand)
        let draw = probability > 0 && isInOrder && bytes.count > 1 ? draws.bits(.fragment, from, to, count) : .max
        guard draw % 10_000 < probability, draw != .max else { return post(link, toward, bytes, at: arrival) }
        let cut = 1 + Int(draw >> 20 % UInt64(bytes.count - 1))
        let rest = arrival + draw >> 44 % 2_000_000
        post(link, toward, Array(bytes[..<cut]), at: arrival)
        post(link, toward, Array(bytes[cut...]), at: rest)
        network.links[link].sides[toward].lastArrival = rest
    }

    private func post(_ link: Int, _ toward: Int, _ bytes: [UInt8], at arrival: UInt64) {
        network.links[link].sides[toward].underWay += bytes.count
        queue.schedule(.arrival(link: link, toward: toward, bytes), at: arrival)
    }

    /// Turns one to three bits over.
    private func damage(_ bytes: inout [UInt8], _ draw: UInt64) {
        guard !bytes.isEmpty else { return }
        var draw = draw
        for _ in 0...(draw % 3) {
            draw = mix(draw)
            bytes[Int(draw >> 8) % bytes.count] ^= 1 << UInt8(draw & 7)
        }
    }

    /// Sends a packet of earlier once more, one of a moment ago or one of maybe an earlier leadership, and keeps others for
    /// later.
    private func repeatOld(_ link: Int, _ toward: Int, _ bytes: [UInt8], _ state: PathState, _ draw: UInt64) {
        let side = network.links[link].sides[toward]
        if draw % 10_000 < state.replay, !side.old.isEmpty {
            let old = draw >> 31 & 1 == 0 ? side.old : side.ancient
            post(link, toward, old, at: side.lastArrival + draw >> 32 % 50_000_000)
        }
        if side.old.isEmpty || draw >> 20 % 16 == 0 { network.links[link].sides[toward].old = bytes }
        if side.ancient.isEmpty || draw >> 20 % 512 == 0 { network.links[link].sides[toward].ancient = bytes }
    }

    /// Too much waits on a connection: the sender gives it up, as the real loop does, and the system tells both ends.
    private func breakLink(_ link: Int) {
        for side in 0...1 { queue.schedule(.ended(link: link, toward: side), at: now + 1) }
    }

    /// A process ends a connection; the other side learns of it behind what was sent.
    func close(from process: Int, _ connection: ConnectionID) {
        guard let (link, side) = network.find(process, connection) else { return }
        network.detach(process, connection)
        network.links[link].sides[side].isOpen = false
        tellEnd(link, toward: 1 - side)
    }

    private func tellEnd(_ link: Int, toward: Int) {
        let from = network.links[link].sides[1 - toward].process
        let to = network.links[link].sides[toward].process
        // While nothing passes, an end is not seen either: half-open connections, as behind a real partition.
        guard network.links[link].sides[toward].isOpen, !isBlocked(from: from, to: to) else { return }
        let path = network.path(from: from, to: to)
        let delay = packetDelay(from, to, network.number(path), network.paths[path])
        let arrival = max(now + delay, network.links[link].sides[toward].lastArrival)
        queue.schedule(.ended(link: link, toward: toward), at: arrival)
    }

    /// A process asks for a connection.
    func dial(from process: SimulatedProcess, tag: UInt64, address: String) {
        let path = network.path(from: process.place, to: process.place)
        let delay = packetDelay(process.place, process.place, network.number(path), PathState())
        queue.schedule(.dial(from: process.place, life: process.life, tag: tag, address: address), at: now + delay)
    }

    func dialArrives(from: Int, life: Int, tag: UInt64, address: String) {
        let target = network.listeners.first { $0.address == address }
        let failure = Happening.dialFailure(from, life: life, tag: tag)
        guard let target, !isBlocked(from: from, to: target.process), !isBlocked(from: target.process, to: from) else {
            queue.schedule(failure, at: now + 1_000_000_000)
            return
        }
        let server = processes[target.process]
        let path = network.path(from: target.process, to: from)
        let delay = packetDelay(target.process, from, network.number(path), network.paths[path])
        guard server.isUp else {
            queue.schedule(failure, at: now + delay)
            return
        }
        guard processes[from].isUp, processes[from].life == life else { return }
        let link = network.links.count
        network.links.append(SimulatedLink(sides: []))
        let accepted = network.attach(process: target.process, link: link, side: 1)
        let dialed = network.attach(process: from, link: link, side: 0)
        network.links[link].sides = [
            .init(process: from, life: life, connection: dialed, isOpen: true),
            .init(process: target.process, life: server.life, connection: accepted, isOpen: true),
        ]
        deliver(.accepted(accepted, target.kind), to: server)
        network.links[link].sides[0].lastArrival = now + delay
        queue.schedule(.dialAnswer(link: link, tag: tag), at: now + delay)
    }

    /// The answer to a dial arrives; a connection that has ended before is one that the process did not get. Every dial
    /// has an answer, as the kernel gives one.
    func dialAnswered(_ link: Int, tag: UInt64) {
        let side = network.links[link].sides[0]
        guard !side.isOpen else { return arrive(link, toward: 0) { .dialed(tag: tag, $0) } }
        let process = processes[side.process]
        guard process.isUp, process.life == side.life else { return }
        deliver(.dialFailed(tag: tag), to: process)
    }

    /// A packet arrives.
    func packetArrives(_ link: Int, toward: Int, _ bytes: [UInt8]) {
        network.links[link].sides[toward].underWay -= bytes.count
        arrive(link, toward: toward) { .received($0, bytes) }
    }

    /// The other side of a link takes what arrived, if it is still there.
    func arrive(_ link: Int, toward: Int, _ input: (ConnectionID) -> Input) {
        let side = network.links[link].sides[toward]
        let process = processes[side.process]
        guard side.isOpen, process.isUp, process.life == side.life else {
            // A real network answers for the missing end: the sender learns that its connection is gone.
            if network.links[link].sides[1 - toward].isOpen { tellEnd(link, toward: 1 - toward) }
            return
        }
        deliver(input(side.connection), to: process)
    }

    func endArrives(_ link: Int, toward: Int) {
        let side = network.links[link].sides[toward]
        guard side.isOpen else { return }
        network.links[link].sides[toward].isOpen = false
        let process = processes[side.process]
        guard process.isUp, process.life == side.life else { return }
        network.detach(side.process, side.connection)
        deliver(.closed(side.connection), to: process)
    }

    /// A process is gone: all its connections end.
    func endConnections(of process: Int) {
        for slot in network.slots[process].indices {
            guard let entry = network.slots[process][slot] else { continue }
            network.slots[process][slot] = nil
            network.links[entry.link].sides[entry.side].isOpen = false
            tellEnd(entry.link, toward: 1 - entry.side)
        }
    }

    /// All connections of a process break under it; every second far end is not told.
    func resetConnections(of process: Int) {
        for slot in network.slots[process].indices {
            guard let entry = network.slots[process][slot] else { continue }
            queue.schedule(.ended(link: entry.link, toward: entry.side), at: now)
            if slot % 2 == 0 { queue.schedule(.ended(link: entry.link, toward: 1 - entry.side), at: now + 1_000_000) }
        }
    }
}
