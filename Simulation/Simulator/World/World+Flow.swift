import LeaseholdBase
import LeaseholdReplica

/// What processes write and read on connections: as much as the systems of both ends take, and as ``ConnectionFlow`` lets
/// them, which decides for the real loop too.
extension World {
    /// What the systems of both ends keep of one direction of a connection, in bytes: whoever does not read fills it.
    var systemBytes: Int { plan.network.systemBytes ?? 64 << 10 }

    /// What a connection at a listener may hold of a process's memory.
    func limits(_ kind: ListenerKind) -> ConnectionLimits {
        let bytes = plan.network.queueBytes
        // The largest page of a list fits.
        return ConnectionLimits(outputBytes: kind == .peer ? bytes : max(16 << 10, bytes / 64))
    }

    /// A process writes on a connection.
    func send(from process: Int, _ connection: ConnectionID, _ bytes: [UInt8]) {
        guard let (link, own) = network.find(process, connection) else { return }
        let side = network.links[link].sides[own]
        guard side.flow.admits(bytes.count, behind: side.output.count) else {
            // The other side does not read: both lose the connection.
            figures.overflows += 1
            queue.schedule(.ended(link: link, toward: own), at: now + 1)
            return tellEnd(link, toward: 1 - own)
        }
        if side.output.isEmpty, bytes.count <= room(link, 1 - own) { return transmit(link, 1 - own, bytes) }
        network.links[link].sides[own].output.append(contentsOf: bytes)
        if !side.flow.isBlocked { write(link, own) }
    }

    /// A process's system takes bytes on a connection again.
    func writeMore(_ process: Int, _ connection: ConnectionID) {
        guard let (link, own) = network.find(process, connection) else { return }
        network.links[link].sides[own].flow.unblock()
        write(link, own)
    }

    /// Writes once what is queued, as much of it as is taken.
    private func write(_ link: Int, _ own: Int) {
        let side = network.links[link].sides[own]
        let count = min(room(link, 1 - own), side.output.count)
        if count > 0 {
            network.links[link].sides[own].output.removeFirst(count)
            transmit(link, 1 - own, Array(side.output[..<count]))
        }
        let left = side.output.count - count
        if left > 0 { figures.shortWrites += 1 }
        network.links[link].sides[own].flow.wrote(leaving: left)
        // What was not read while too much waited to be sent.
        if side.flow.isHeldBack, !network.links[link].sides[own].flow.isHeldBack, !side.untaken.isEmpty {
            deliver(.received(side.connection, []), to: processes[side.process])
        }
    }

    /// How many bytes the systems take toward a side.
    private func room(_ link: Int, _ toward: Int) -> Int {
        let side = network.links[link].sides[toward]
        return max(0, systemBytes - side.underWay - side.arrived)
    }

    /// A process turns to what has arrived on a connection; it takes all of it, or nothing while it does not read.
    func read(_ process: Int, _ connection: ConnectionID, _ bytes: [UInt8], unconsumed: Int) -> [UInt8]? {
        guard let (link, own) = network.find(process, connection) else { return bytes }
        let side = network.links[link].sides[own]
        guard side.flow.reads(unconsumed: unconsumed) else {
            network.links[link].sides[own].untaken.append(contentsOf: bytes)
            return nil
        }
        let taken = side.untaken.isEmpty ? bytes : side.untaken + bytes
        network.links[link].sides[own].untaken = []
        network.links[link].sides[own].arrived -= taken.count
        makeRoom(link, toward: own)
        return taken
    }

    /// Bytes toward a side have gone: whoever could not write to it hears that it can, a packet's way later.
    func makeRoom(_ link: Int, toward: Int) {
        let (from, to) = (network.links[link].sides[toward].process, network.links[link].sides[1 - toward].process)
        let other = network.links[link].sides[1 - toward]
        guard other.flow.isBlocked, !other.isWoken, other.isOpen, room(link, toward) >= systemBytes / 2 else { return }
        network.links[link].sides[1 - toward].isWoken = true
        let path = network.path(from: from, to: to)
        let delay = packetDelay(from, to, network.number(path), network.paths[path])
        queue.schedule(.writable(link: link, side: 1 - toward), at: now + delay)
    }

    /// A process hears that it can write again.
    func becomesWritable(_ link: Int, _ own: Int) {
        network.links[link].sides[own].isWoken = false
        let side = network.links[link].sides[own]
        let process = processes[side.process]
        guard side.isOpen, process.isUp, process.life == side.life else { return }
        deliver(.writable(side.connection), to: process)
    }
}
