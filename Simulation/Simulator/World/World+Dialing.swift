import LeaseholdBase
import LeaseholdReplica

/// How connections come about, as a kernel does it: a packet asks for one, asks again after one second and after three
/// when nothing answers, and whoever asked waits so long and no longer.
extension World {
    /// When the packet that asks is sent again, after the first time, in nanoseconds.
    private static var retries: [UInt64] { [1_000_000_000, 3_000_000_000] }
    /// How many connections a kernel takes in for a process that stands still: few, so that there are too many at times.
    private static var backlog: Int { 8 }

    /// A process asks for a connection.
    func dial(from process: SimulatedProcess, tag: UInt64, address: String) {
        let number = network.dials.add(
            process: process.place, life: process.life, tag: tag, address: address, at: now)
        let path = network.path(from: process.place, to: process.place)
        let delay = packetDelay(process.place, process.place, network.number(path), PathState())
        queue.schedule(.dial(number, attempt: 0), at: now + delay)
        let limit = process.reading(at: now).steady + ConnectionTimes.dial
        queue.schedule(.dialTimeout(number), at: process.clock.trueTime(of: limit, after: now))
    }

    /// A process waits no longer for a connection; if it comes about nevertheless, the kernel ends it.
    func abandonDial(of process: SimulatedProcess, tag: UInt64) {
        network.dials.settle(of: process.place, tag: tag)
    }

    /// A dial, and who waits for it, if somebody does.
    private func pending(_ number: Int) -> (dial: DialTable.Dial, dialler: SimulatedProcess)? {
        guard let dial = network.dials[number] else { return nil }
        let process = processes[dial.process]
        return process.isUp && process.life == dial.life ? (dial, process) : nil
    }

    func dialArrives(_ number: Int, attempt: Int) {
        guard let (dial, dialler) = pending(number) else { return }
        guard let listener = network.listeners.first(where: { $0.address == dial.address }) else {
            return queue.schedule(.dialTimeout(number), at: now)
        }
        let server = processes[listener.process]
        let (forth, back) = (
            network.path(from: dialler.place, to: server.place), network.path(from: server.place, to: dialler.place)
        )
        let clog = max(network.paths[forth].cloggedUntil, network.paths[back].cloggedUntil)
        if clog > now { return queue.schedule(.dial(number, attempt: attempt), at: clog) }
        let isLost =
            dialler.isDeaf || server.isDeaf || isLostOnce(forth, dialler.place, server.place)
            || isLostOnce(back, server.place, dialler.place) || isFull(server)
        if isLost {
            guard attempt < Self.retries.count else { return }
            return queue.schedule(.dial(number, attempt: attempt + 1), at: dial.began + Self.retries[attempt])
        }
        let delay = packetDelay(server.place, dialler.place, network.number(back), network.paths[back])
        guard server.isUp, server.isListening else {
            // The machine is there, and nobody listens.
            return queue.schedule(.dialTimeout(number), at: now + delay)
        }
        let link = connect(dialler, server, ConnectionFlow(limits: limits(listener.kind)))
        deliver(.accepted(network.links[link].sides[1].connection, listener.kind), to: server)
        network.links[link].sides[0].lastArrival = now + delay
        queue.schedule(.dialAnswer(link: link, dial: number), at: now + delay)
    }

    private func isLostOnce(_ path: Int, _ from: Int, _ to: Int) -> Bool {
        let state = network.paths[path]
        return state.blocks > 0
            || state.loss > 0 && draws.below(10_000, .loss, from, to, network.number(path)) < state.loss
    }

    /// Whether a process that stands still has left as many connections untaken as its kernel keeps.
    private func isFull(_ server: SimulatedProcess) -> Bool {
        guard server.isStopped(at: now) else { return false }
        return server.inbox.count { if case .accepted = $0 { true } else { false } } >= Self.backlog
    }

    private func connect(_ dialler: SimulatedProcess, _ server: SimulatedProcess, _ flow: ConnectionFlow) -> Int {
        let link = network.links.count
        network.links.append(SimulatedLink(sides: []))
        let accepted = network.attach(process: server.place, link: link, side: 1)
        let dialed = network.attach(process: dialler.place, link: link, side: 0)
        network.links[link].sides = [
            .init(process: dialler.place, life: dialler.life, connection: dialed, isOpen: true, flow: flow),
            .init(process: server.place, life: server.life, connection: accepted, isOpen: true, flow: flow),
        ]
        return link
    }

    /// The answer to a dial arrives; a connection that has ended before is one that the process did not get.
    func dialAnswered(_ link: Int, _ number: Int) {
        let side = network.links[link].sides[0]
        let process = processes[side.process]
        if process.isDeaf, process.life == side.life {
            return queue.schedule(.dialAnswer(link: link, dial: number), at: now + 200_000_000)
        }
        guard let (dial, _) = pending(number) else {
            // Nobody waits for it any more: its kernel ends it.
            if side.isOpen { close(from: side.process, side.connection) }
            return
        }
        guard side.isOpen else { return dialFails(number) }
        network.dials.settle(number)
        deliver(.dialed(tag: dial.tag, side.connection), to: process)
    }

    /// A dial has come to nothing: refused, or not answered for as long as the driver waits.
    func dialFails(_ number: Int) {
        guard let (dial, process) = pending(number) else { return }
        network.dials.settle(number)
        deliver(.dialFailed(tag: dial.tag), to: process)
    }
}
