import LeaseholdBase
import LeaseholdReplica

extension World {
    /// Whether nothing passes from one process to another.
    func isBlocked(from: Int, to: Int) -> Bool { network.paths[network.path(from: from, to: to)].blocks > 0 }

    /// How long a packet of a path is under way.
    func packetDelay(_ from: Int, _ to: Int, _ count: UInt64, _ state: PathState) -> UInt64 {
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

    /// A packet goes from one side of a link to the other.
    func transmit(_ link: Int, _ toward: Int, _ bytes: [UInt8]) {
        let process = network.links[link].sides[1 - toward].process
        let other = network.links[link].sides[toward].process
        let path = network.path(from: process, to: other)
        let (count, state) = (network.number(path), network.paths[path])
        figures.packets += 1
        let isLost =
            state.losing > 0
            || state.blocks == 0 && state.loss > 0 && draws.below(10_000, .loss, process, other, count) < state.loss
        if isLost {
            figures.packetsLost += 1
            record(.lost, process, other) { PacketNames.names(in: bytes) }
            return
        }
        if state.blocks > 0 || !network.links[link].sides[toward].held.isEmpty {
            return hold(bytes, link, toward)
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
            repeated(from: process, sentAt: now)
        }
        if repeatsPackets { repeatOld(link, toward, sent, state, draws.bits(.replay, process, other, count)) }
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

    func post(_ link: Int, _ toward: Int, _ bytes: [UInt8], at arrival: UInt64) {
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
        if draw % 10_000 < state.replay, !side.old.bytes.isEmpty {
            let old = draw >> 31 & 1 == 0 ? side.old : side.ancient
            post(link, toward, old.bytes, at: side.lastArrival + draw >> 32 % 50_000_000)
            repeated(from: network.links[link].sides[1 - toward].process, sentAt: old.sentAt)
        }
        if side.old.bytes.isEmpty || draw >> 20 % 16 == 0 { network.links[link].sides[toward].old = (bytes, now) }
        if side.ancient.bytes.isEmpty || draw >> 20 % 512 == 0 {
            network.links[link].sides[toward].ancient = (bytes, now)
        }
    }

    /// A packet of a process arrives once more, which no stream does: a try that was refused may be done after its client
    /// was told that nothing was.
    private func repeated(from process: Int, sentAt: UInt64) {
        guard process >= nodes.count else { return }
        repeats.append((client: process - nodes.count + 1, sentAt: sentAt))
    }
}
