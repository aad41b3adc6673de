import LeaseholdBase
import LeaseholdReplica

/// What arrives, what waits until it can, and how connections end.
extension World {
    /// A packet arrives.
    func packetArrives(_ link: Int, toward: Int, _ bytes: [UInt8]) {
        network.links[link].sides[toward].underWay -= bytes.count
        // What a machine does not take in its peer's system keeps, and sends again.
        if processes[network.links[link].sides[toward].process].isDeaf { return hold(bytes, link, toward) }
        if arrive(link, toward: toward, { .received($0, bytes) }) {
            network.links[link].sides[toward].arrived += bytes.count
        } else {
            makeRoom(link, toward: toward)
        }
    }

    /// The other side of a link takes what arrived, if it is still there; answers whether it does.
    private func arrive(_ link: Int, toward: Int, _ input: (ConnectionID) -> Input) -> Bool {
        let side = network.links[link].sides[toward]
        let process = processes[side.process]
        guard side.isOpen, process.isUp, process.life == side.life else {
            // The machine answers for the missing end: the sender learns that its connection is gone.
            if network.links[link].sides[1 - toward].isOpen { tellEnd(link, toward: 1 - toward) }
            return false
        }
        deliver(input(side.connection), to: process)
        return true
    }

    // MARK: What waits

    /// The sender's system keeps what does not get through, and sends it again (TCP retransmits).
    func hold(_ bytes: [UInt8], _ link: Int, _ toward: Int) {
        wait(link, toward)
        network.links[link].sides[toward].held.append(bytes)
        network.links[link].sides[toward].underWay += bytes.count
    }

    private func wait(_ link: Int, _ toward: Int) {
        guard !network.links[link].sides[toward].isWaiting else { return }
        network.links[link].sides[toward].isWaiting = true
        network.links[link].sides[toward].waitingSince = now
        network.waiting.append((link, toward))
    }

    /// Sends what waited and may pass now. A system that was not answered asks ever more seldom, so what waited for long
    /// comes late; and one time in four it has given the connection up, and the other end is not told.
    func releaseWaiting() {
        guard !network.waiting.isEmpty else { return }
        let waiting = network.waiting
        network.waiting = []
        for (link, toward) in waiting {
            let side = network.links[link].sides[toward]
            let from = network.links[link].sides[1 - toward].process
            guard !isBlocked(from: from, to: side.process), !processes[from].isDeaf, !processes[side.process].isDeaf
            else {
                network.waiting.append((link, toward))
                continue
            }
            release(link, toward, side, from)
        }
    }

    private func release(_ link: Int, _ toward: Int, _ side: SimulatedLink.Side, _ from: Int) {
        network.links[link].sides[toward].forgetWaiting()
        let count = network.number(network.path(from: from, to: side.process))
        let draw = draws.bits(.retransmission, from, side.process, count)
        let waited = now - side.waitingSince
        if waited > 3_000_000_000, draw % 4 == 0 {
            return queue.schedule(.ended(link: link, toward: 1 - toward), at: now + 1)
        }
        var arrival = max(now + 100_000 + draw >> 8 % (min(waited, 3_000_000_000) + 1), side.lastArrival)
        for bytes in side.held {
            post(link, toward, bytes, at: arrival)
            arrival += 1_000
        }
        network.links[link].sides[toward].lastArrival = arrival
        if side.endWaits { queue.schedule(.ended(link: link, toward: toward), at: arrival) }
    }

    /// What a machine without power had still to send nobody sends.
    private func forgetWaiting(from process: Int) {
        for (link, toward) in network.waiting where network.links[link].sides[1 - toward].process == process {
            network.links[link].sides[toward].forgetWaiting()
        }
        let links = network.links
        network.waiting.removeAll { !links[$0.link].sides[$0.toward].isWaiting }
    }

    // MARK: The end

    /// A process ends a connection; the other side learns of it behind what was sent.
    func close(from process: Int, _ connection: ConnectionID) {
        guard let (link, side) = network.find(process, connection) else { return }
        // The loop lingers until all is written.
        let rest = network.links[link].sides[side].output
        network.links[link].sides[side].output = []
        if !rest.isEmpty { transmit(link, 1 - side, rest) }
        network.detach(process, connection)
        network.end(link, side)
        tellEnd(link, toward: 1 - side)
    }

    /// Tells a side that its connection has ended, as far as news from the other side reach it.
    func tellEnd(_ link: Int, toward: Int) {
        let from = network.links[link].sides[1 - toward].process
        let to = network.links[link].sides[toward].process
        guard network.links[link].sides[toward].isOpen else { return }
        let path = network.path(from: from, to: to)
        let state = network.paths[path]
        // Where packets are lost, an end is not seen either: half-open connections, as behind a real partition.
        guard state.losing == 0 else { return }
        if state.blocks > 0 || !network.links[link].sides[toward].held.isEmpty {
            wait(link, toward)
            network.links[link].sides[toward].endWaits = true
            return
        }
        let arrival = now + packetDelay(from, to, network.number(path), state)
        queue.schedule(
            .ended(link: link, toward: toward),
            at: max(arrival, state.cloggedUntil, network.links[link].sides[toward].lastArrival))
    }

    func endArrives(_ link: Int, toward: Int) {
        let side = network.links[link].sides[toward]
        guard side.isOpen else { return }
        let process = processes[side.process]
        if process.isDeaf {
            wait(link, toward)
            network.links[link].sides[toward].endWaits = true
            return
        }
        network.end(link, toward)
        guard process.isUp, process.life == side.life else { return }
        network.detach(side.process, side.connection)
        deliver(.closed(side.connection), to: process)
    }

    /// A process is gone, and all its connections with it. Its machine tells the other sides, if it still can.
    func endConnections(of process: Int, isTold: Bool) {
        network.dials.settle(of: process)
        for slot in network.slots[process].indices {
            guard let entry = network.slots[process][slot] else { continue }
            network.slots[process][slot] = nil
            network.end(entry.link, entry.side)
            if isTold { tellEnd(entry.link, toward: 1 - entry.side) }
        }
        if !isTold { forgetWaiting(from: process) }
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
