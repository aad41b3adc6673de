public import LeaseholdBase
import LeaseholdWire

/// Finding the leader: by what nodes say of it, and by asking them.
extension ClientCore {
    /// A node says who leads. Of two that disagree the one with the higher term is right; a node that says so of
    /// itself is believed until it refuses.
    mutating func hinted(_ hint: LeaderHint, by index: Int) {
        searchLater(index)
        guard let node = hint.node else {
            endpoints[index].leads = false
            if leader == index { leader = nil }
            return
        }
        // Nobody leads any more in an older term than one that had a leader: a node that was stopped and goes on may
        // not know it yet.
        if hint.term >= leaderTerm, node == endpoints[index].node { return follow(index, hint.term) }
        endpoints[index].leads = false
        if leader == index { leader = nil }
        if hint.term < leaderTerm { marks.hit(.oldHintIgnored) }
        guard hint.term >= leaderTerm, let other = endpoint(of: node, at: hint.clientAddress), mayBeAsked(other)
        else { return }
        marks.hit(.hintFollowed)
        follow(other, hint.term)
    }

    private mutating func follow(_ index: Int, _ term: Term) {
        if let leader, leader != index { endpoints[leader].leads = false }
        leader = index
        leaderTerm = term
        endpoints[index].leads = true
        searchFailures = 0
    }

    /// Whether a hint to the endpoint is worth following: a node may name a leader that is gone for as long as it has
    /// not noticed.
    private func mayBeAsked(_ index: Int) -> Bool {
        switch endpoints[index].link {
        case .open, .greeting, .dialing: true
        case .idle: clock >= endpoints[index].dialNotBefore
        }
    }

    /// The endpoint of a node: that under its id, or under its address, or a new one in the place of one that was
    /// learnt and is not in use.
    private mutating func endpoint(of node: NodeID, at address: String) -> Int? {
        if let known = endpoints.firstIndex(where: { $0.node == node && $0.openConnection != nil }) { return known }
        return address.isEmpty ? endpoints.firstIndex { $0.node == node } : endpoint(at: address)
    }

    /// The endpoint at an address, or nil when there is no room for it.
    mutating func endpoint(at address: String) -> Int? {
        if let known = endpoints.firstIndex(where: { $0.address == address }) { return known }
        if endpoints.count < ClientLimits.endpoints {
            endpoints.append(Endpoint(address: address, learnt: true))
            return endpoints.count - 1
        }
        for index in endpoints.indices where endpoints[index].learnt && endpoints[index].isIdle && !isPinned(index) {
            let dial = endpoints[index].dial
            endpoints[index] = Endpoint(address: address, learnt: true)
            endpoints[index].dial = dial &+ 1
            return index
        }
        return nil
    }

    /// Where nodes are known to be reached: what was configured and what was learnt.
    public var knownAddresses: [String] { endpoints.map(\.address) }

    /// Who leads, as far as it was told and is connected to it.
    public var knownLeader: NodeID? { leader.flatMap { endpoints[$0].node } }

    private func isPinned(_ endpoint: Int) -> Bool {
        slots.contains { $0.phase != .free && $0.pinned == endpoint }
    }

    /// A try at an endpoint was not answered in time. One that has said anything since is merely slow with that one.
    mutating func unanswered(_ attempt: Attempt, now: SteadyTime) {
        let index = attempt.endpoint
        guard endpoints[index].openConnection == attempt.connection, endpoints[index].heardAt <= attempt.sent
        else { return }
        marks.hit(.attemptTimedOut)
        endpoints[index].breaker.failed(now: now, &random)
        if endpoints[index].breaker.admitsAt != nil { marks.hit(.breakerOpened) }
        endpoints[index].leads = false
        if leader == index {
            leader = nil
            endpoints[index].pingNotBefore = now
        }
    }

    var hasWork: Bool {
        slotCount > 0 || leaseCount > 0 || configuration.connectsEagerly || isConsideringSuccessor
    }

    /// Keeps the connections that are wanted: to the leader, or, while none is known, to one node after the other.
    mutating func steer(now: SteadyTime) {
        guard hasWork else { return }
        for index in endpoints.indices {
            if let since = endpoints[index].connectingSince, now - since >= configuration.dialTimeout {
                marks.hit(.dialTimedOut)
                drop(index, now: now)
            }
            if let ping = endpoints[index].ping, now - ping.sent >= configuration.dialTimeout * 3 {
                marks.hit(.pingTimedOut)
                drop(index, now: now)
            }
        }
        dialPinned(now: now)
        guard let leader else { return search(now: now) }
        if endpoints[leader].isIdle {
            guard now >= endpoints[leader].dialNotBefore else { return search(now: now) }
            dial(leader, now: now)
        } else if let since = endpoints[leader].connectingSince, now - since >= configuration.hedgeDelay {
            marks.hit(.hedgeDialed)
            search(now: now)
        }
    }

    private mutating func dialPinned(now: SteadyTime) {
        for index in slots.indices where slots[index].phase == .ready && slots[index].pinned >= 0 {
            dial(slots[index].pinned, now: now)
        }
    }

    private mutating func search(now: SteadyTime) {
        var isConnecting = false
        for index in endpoints.indices {
            if let since = endpoints[index].connectingSince, now - since < configuration.hedgeDelay {
                isConnecting = true
            }
            if let connection = endpoints[index].openConnection, endpoints[index].ping == nil,
                now >= endpoints[index].pingNotBefore
            {
                let correlation = nextCorrelation(ClientCore.pingSlot)
                let start = outgoing.count
                Ping(correlation: CorrelationID(correlation)).encodeFrame(into: &outgoing)
                sent(from: start, to: index, connection)
                endpoints[index].ping = Endpoint.OpenPing(correlation: correlation, sent: now)
            }
        }
        guard !isConnecting, !endpoints.isEmpty else { return }
        for step in endpoints.indices {
            let index = (searchCursor + step) % endpoints.count
            guard endpoints[index].isIdle, now >= endpoints[index].dialNotBefore else { continue }
            searchCursor = index + 1
            return dial(index, now: now)
        }
    }

    /// The node is asked again for the leader after a random while.
    private mutating func searchLater(_ index: Int) {
        searchFailures += 1
        let wait = configuration.searchBackoff.delay(afterFailures: searchFailures, &random)
        endpoints[index].pingNotBefore = clock + Swift.max(wait, .milliseconds(1))
    }

    /// When something is due of endpoints.
    var endpointTimer: SteadyTime {
        guard hasWork else { return .never }
        var timer = SteadyTime.never
        let isSearching = leader.map { endpoints[$0].openConnection == nil } ?? true
        let isConnecting = endpoints.contains { endpoint in
            endpoint.connectingSince.map { clock - $0 < configuration.hedgeDelay } ?? false
        }
        for endpoint in endpoints {
            if let since = endpoint.connectingSince {
                timer = Swift.min(timer, since + configuration.dialTimeout)
                let hedge = since + configuration.hedgeDelay
                if isSearching, hedge > clock { timer = Swift.min(timer, hedge) }
            }
            if let ping = endpoint.ping { timer = Swift.min(timer, ping.sent + configuration.dialTimeout * 3) }
            if isSearching {
                if endpoint.isIdle, !isConnecting {
                    timer = Swift.min(timer, Swift.max(endpoint.dialNotBefore, laterThanNow))
                }
                if endpoint.openConnection != nil, endpoint.ping == nil {
                    timer = Swift.min(timer, Swift.max(endpoint.pingNotBefore, laterThanNow))
                }
            } else if let admits = endpoint.breaker.admitsAt, !ready.isEmpty {
                timer = Swift.min(timer, Swift.max(admits, laterThanNow))
            }
        }
        return timer
    }

    /// What could have been done in this turn was: a timer that asks for the same moment again would never sleep.
    private var laterThanNow: SteadyTime { clock + .milliseconds(1) }
}
