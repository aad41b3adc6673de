public import LeaseholdBase
import LeaseholdWire

/// What the driver reports of connections.
extension ClientCore {
    /// The dial has led to a connection. One that nobody waits for any more is closed.
    public mutating func connected(_ endpoint: EndpointID, _ connection: ConnectionID, now: SteadyTime) {
        advance(now)
        guard let index = position(endpoint) else {
            effects.append(.close(connection))
            return
        }
        endpoints[index].link = .greeting(connection, since: clock)
        let start = outgoing.count
        let named = endpoints[index].asksWhose ? ClusterID.unborn : cluster
        ClientHello(cluster: named, instance: instance).encodeFrame(into: &outgoing)
        sent(from: start, to: index, connection)
    }

    /// The dial has failed.
    public mutating func dialFailed(_ endpoint: EndpointID, now: SteadyTime) {
        advance(now)
        guard let index = position(endpoint) else { return }
        disconnected(index, now: clock)
    }

    /// The connection has ended; whatever was under way on it will not be answered.
    public mutating func closed(_ connection: ConnectionID, now: SteadyTime) {
        advance(now)
        guard let index = endpoints.firstIndex(where: { $0.connection == connection }) else { return }
        disconnected(index, now: clock)
    }

    /// Which dial the endpoint is in.
    func dialID(_ index: Int) -> EndpointID { EndpointID(slot: UInt32(index), dial: endpoints[index].dial) }

    private func position(_ endpoint: EndpointID) -> Int? {
        let index = Int(endpoint.slot)
        guard index < endpoints.count, endpoints[index].dial == endpoint.dial,
            case .dialing = endpoints[index].link
        else { return nil }
        return index
    }

    /// Connects, unless a connection is being made or there is one.
    mutating func dial(_ index: Int, now: SteadyTime) {
        guard endpoints[index].isIdle else { return }
        endpoints[index].dial &+= 1
        endpoints[index].link = .dialing(since: now)
        effects.append(.dial(dialID(index), address: endpoints[index].address))
    }

    /// Ends a connection or a dial from this side.
    mutating func drop(_ index: Int, now: SteadyTime) {
        if let connection = endpoints[index].connection {
            effects.append(.close(connection))
        } else if case .dialing = endpoints[index].link {
            effects.append(.abandon(dialID(index)))
        }
        disconnected(index, now: now)
    }

    /// The endpoint has no connection any more: tries on it are lost, and it is dialed again after a random while.
    mutating func disconnected(_ index: Int, now: SteadyTime) {
        let connection = endpoints[index].connection
        let wasOpen = endpoints[index].openConnection != nil
        endpoints[index].link = .idle
        if !wasOpen { endpoints[index].standing = .unreachable(at: clock) }
        endpoints[index].dial &+= 1
        endpoints[index].leads = false
        endpoints[index].ping = nil
        endpoints[index].lastSend = -1
        endpoints[index].dialFailures += 1
        var backoff = configuration.dialBackoff
        // A connection is never waited for longer than a renewal may wait for its next try.
        if let ttl = shortestTTL { backoff.longest = Swift.min(backoff.longest, ttl / 10) }
        endpoints[index].dialNotBefore =
            now + backoff.delay(afterFailures: endpoints[index].dialFailures, &random)
        if leader == index { leader = nil }
        if let connection, lost(connection, now: now) { endpoints[index].breaker.failed(now: now, &random) }
        if !wasOpen { refusePinned(to: index) }
    }

    /// Every try on the connection has lost its answer. True when there was one that is waited for.
    private mutating func lost(_ connection: ConnectionID, now: SteadyTime) -> Bool {
        var isWaitedFor = false
        for index in slots.indices where slots[index].phase != .free {
            let newest = slots[index].open.last?.connection == connection
            let before = slots[index].open.count
            slots[index].open.removeAll { $0.connection == connection }
            slots[index].lost += before - slots[index].open.count
            guard newest else { continue }
            marks.hit(.attemptLost)
            switch slots[index].phase {
            case .inFlight:
                isWaitedFor = true
                retry(index, now: now)
            case .listening: free(index)
            case .free, .ready, .delayed: break
            }
        }
        return isWaitedFor
    }

    /// Those who asked for this node alone are told that it cannot be reached.
    private mutating func refusePinned(to endpoint: Int) {
        for index in slots.indices where slots[index].phase != .free && slots[index].pinned == endpoint {
            finish(index, unanswered: .unreachable(lastConnectionError))
        }
    }

    /// Notes that the bytes from an offset on are for a connection; bytes behind one another become one send.
    mutating func sent(from start: Int, to index: Int, _ connection: ConnectionID) {
        let last = endpoints[index].lastSend
        if last >= 0, last < effects.count, case .send(connection, let range) = effects[last], range.upperBound == start
        {
            effects[last] = .send(connection, range.lowerBound..<outgoing.count)
        } else {
            endpoints[index].lastSend = effects.count
            effects.append(.send(connection, start..<outgoing.count))
        }
    }
}
