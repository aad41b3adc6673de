internal import CLeaseholdSystem
public import LeaseholdBase

/// Connections that we open.
extension ConnectionLoop {
    /// Begins to open a connection; `connected` or `dialFailed` is told by a later wait. Nil when the loop is full.
    ///
    /// A name is looked up anew each time, so that a node which moved is found where it is now.
    public mutating func dial(
        _ endpoint: Endpoint, limits: ConnectionLimits = ConnectionLimits()
    ) -> ConnectionID? {
        guard !table.isFull else { return nil }
        let slot = table.take()
        table[slot].begin(.resolving, descriptor: -1, listener: -1, limits: limits)
        table[slot].dial = Connection.Dial(endpoint: endpoint)
        let id = table.id(at: slot)
        setDeadline(id, in: dialTimeout)
        if let address = endpoint.numericAddress {
            table[slot].dial?.addresses = [address]
            connectLater(slot)
        } else if !askResolver(endpoint, id) {
            give(slot)
            deferred.append(.dialFailed(id, .unresolvable))
        }
        return id
    }

    private mutating func askResolver(_ endpoint: Endpoint, _ id: ConnectionID) -> Bool {
        do throws(SystemError) {
            if resolver == nil {
                let made = try Resolver()
                try poller.add(made.wakeUp.number, .readable, data: Source.resolver)
                resolver = made
            }
            return resolver?.ask(endpoint, for: id) ?? false
        } catch { return false }
    }

    mutating func takeAddresses(_ events: inout [LoopEvent]) {
        guard let resolver else { return }
        for answer in resolver.takeAnswers() {
            guard let slot = table.slot(of: answer.id), table[slot].phase == .resolving else { continue }
            switch answer.result {
            case .success(let addresses):
                table[slot].dial?.addresses = addresses
                connect(slot, after: nil, &events)
            case .failure(let error):
                lastResolutionError = error
                give(slot)
                events.append(.dialFailed(answer.id, .unresolvable))
            }
        }
    }

    private mutating func connectLater(_ slot: Int) {
        var events: [LoopEvent] = []
        swap(&events, &deferred)
        connect(slot, after: nil, &events)
        swap(&events, &deferred)
    }

    /// Tries the next address; when there is none left, the last failure stands.
    private mutating func connect(_ slot: Int, after failure: SystemError?, _ events: inout [LoopEvent]) {
        var failure = failure
        if table[slot].descriptor >= 0 {
            _ = leasehold_close(table[slot].descriptor)
            table[slot].descriptor = -1
        }
        while var address = nextAddress(slot) {
            var isPending: Int32 = 0
            do throws(SystemError) {
                let number = try perform(.connect) { unsafe leasehold_connect(&address.raw, &isPending) }
                table[slot].descriptor = number
                table[slot].phase = isPending == 0 ? .open : .connecting
                if let refused = watch(slot) { throw refused }
                if isPending == 0 { opened(slot, &events) }
                return
            } catch {
                failure = error
                if table[slot].descriptor >= 0 { _ = leasehold_close(table[slot].descriptor) }
                table[slot].descriptor = -1
            }
        }
        let id = table.id(at: slot)
        give(slot)
        events.append(.dialFailed(id, failure.map { .failed($0) } ?? .unresolvable))
    }

    private mutating func nextAddress(_ slot: Int) -> SocketAddress? {
        guard let dial = table[slot].dial, dial.next < dial.addresses.count else { return nil }
        table[slot].dial?.next += 1
        return dial.addresses[dial.next]
    }

    private mutating func opened(_ slot: Int, _ events: inout [LoopEvent]) {
        table[slot].dial = nil
        events.append(.connected(table.id(at: slot)))
    }

    mutating func finishConnecting(_ slot: Int, _ events: inout [LoopEvent]) {
        do throws(SystemError) {
            _ = try perform(.connect) { leasehold_connect_result(table[slot].descriptor) }
        } catch {
            connect(slot, after: error, &events)
            return
        }
        table[slot].phase = .open
        opened(slot, &events)
        updateInterest(slot)
    }
}
