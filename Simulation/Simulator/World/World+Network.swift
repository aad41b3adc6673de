import LeaseholdBase
import LeaseholdReplica

extension World {
    /// Whether anything passes from one process to another.
    func isBlocked(from: Int, to: Int) -> Bool {
        !network.blocked.isEmpty && network.blocked.contains(.init(from: from, to: to))
    }

    func packetDelay() -> UInt64 {
        var delay = networkRandom.duration(in: configuration.latency)
        if configuration.tailPerMille > 0, networkRandom.chance(configuration.tailPerMille, in: 1_000) {
            delay = delay + networkRandom.duration(in: .zero...configuration.tail)
        }
        return UInt64(delay.rawValue)
    }

    /// A process writes on a connection.
    func send(from process: Int, _ connection: ConnectionID, _ bytes: [UInt8]) {
        guard let (link, side) = network.find(process, connection) else { return }
        let toward = 1 - side
        packets += 1
        if isBlocked(from: process, to: network.links[link].sides[toward].process)
            || configuration.lossPerTenThousand > 0
                && networkRandom.chance(configuration.lossPerTenThousand, in: 10_000)
        {
            packetsLost += 1
            return
        }
        var arrival = now + packetDelay()
        if !configuration.reorders { arrival = max(arrival, network.links[link].sides[toward].lastArrival) }
        network.links[link].sides[toward].lastArrival = arrival
        queue.schedule(.arrival(link: link, toward: toward, bytes), at: arrival)
        if configuration.duplicatesPerTenThousand > 0,
            networkRandom.chance(configuration.duplicatesPerTenThousand, in: 10_000)
        {
            queue.schedule(.arrival(link: link, toward: toward, bytes), at: arrival + packetDelay())
        }
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
        let arrival = max(now + packetDelay(), network.links[link].sides[toward].lastArrival)
        queue.schedule(.ended(link: link, toward: toward), at: arrival)
    }

    /// A process asks for a connection.
    func dial(from process: SimulatedProcess, tag: UInt64, address: String) {
        queue.schedule(
            .dial(from: process.place, life: process.life, tag: tag, address: address), at: now + packetDelay())
    }

    func dialArrives(from: Int, life: Int, tag: UInt64, address: String) {
        let target = network.listeners.first { $0.address == address }
        let failure = Happening.dialFailure(from, life: life, tag: tag)
        guard let target, !isBlocked(from: from, to: target.process), !isBlocked(from: target.process, to: from) else {
            queue.schedule(failure, at: now + 1_000_000_000)
            return
        }
        let server = processes[target.process]
        guard server.isUp else {
            queue.schedule(failure, at: now + packetDelay())
            return
        }
        guard processes[from].isUp, processes[from].life == life else { return }
        let link = network.links.count
        network.links.append(SimulatedLink(sides: []))
        let accepted = network.attach(process: target.process, life: server.life, link: link, side: 1)
        let dialed = network.attach(process: from, life: life, link: link, side: 0)
        network.links[link].sides = [
            .init(process: from, life: life, connection: dialed, isOpen: true),
            .init(process: target.process, life: server.life, connection: accepted, isOpen: true),
        ]
        deliver(.accepted(accepted, target.kind), to: server)
        let arrival = now + packetDelay()
        network.links[link].sides[0].lastArrival = arrival
        queue.schedule(.dialAnswer(link: link, tag: tag), at: arrival)
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
}
