import LeaseholdBase
import LeaseholdClientCore

/// A client's turns, in the order of the SDK's thread: what came is read, then the clock, then the core is told, and
/// what it asks for is carried out. The thread may stand still behind the clock's reading, and before it sends; work
/// under leases goes on meanwhile.
extension SimulatedClient {
    /// A turn as far as it has come.
    struct Turn {
        /// What came, while it has not been handed in.
        var inputs: [Input] = []
        /// The clock's reading.
        var now = SteadyTime.zero
        /// Where it stands, while it does.
        var place = Place.none
        /// How many of the core's effects were carried out since they were last taken.
        var position = 0

        enum Place {
            case none
            case afterReading
            case beforeSending
        }
    }

    func readTurn(_ world: World) {
        turn.inputs = inbox
        inbox.removeAll(keepingCapacity: true)
        turn.now = reading(at: world.now).steady
        let stumble = world.stumblePlace(of: self, among: 2)
        turn.place = stumble == 0 ? .afterReading : stumble == 1 ? .beforeSending : .none
        if turn.place == .afterReading { return stand(world) }
        takeTurn(world)
    }

    func goOnWithTurn(_ world: World) {
        isInTurn = false
        if turn.place == .afterReading {
            turn.place = .none
            return takeTurn(world)
        }
        turn.place = .none
        finishTurn(world)
    }

    private func stand(_ world: World) {
        isInTurn = true
        world.standStill(self, for: world.stumble(of: self))
    }

    private func takeTurn(_ world: World) {
        let now = turn.now
        for tenure in worked {
            core?.change { core in tenures.keepRenewing(tenure, &core, now: now) }
        }
        worked.removeAll(keepingCapacity: true)
        beginStop(world, now)
        for input in turn.inputs { handIn(input, world, now) }
        turn.inputs = []
        core?.tick(now: now)
        takeNews(world, now)
        act(world, now)
        sendMoreReleases(world, now)
        core?.endTurn(now: now)
        if turn.place == .beforeSending { return stand(world) }
        finishTurn(world)
    }

    private func finishTurn(_ world: World) {
        nameCalls(world)
        takeNews(world, turn.now)
        // What has ended only now makes room as well.
        if sendMoreReleases(world, turn.now) {
            takeNews(world, turn.now)
            world.scheduleTurn(self)
        }
        core?.effectsTaken()
        turn.position = 0
        endIfDone(world)
    }

    private func handIn(_ input: Input, _ world: World, _ now: SteadyTime) {
        switch input {
        case .dialed(let tag, let connection):
            guard let position = dials.firstIndex(where: { $0.tag == tag }) else {
                // Given up in the turn in which it came about.
                return world.close(from: place, connection)
            }
            let endpoint = dials.remove(at: position).endpoint
            connections.append((connection, endpoint, []))
            core?.connected(endpoint, connection, now: now)
        case .dialFailed(let tag):
            guard let position = dials.firstIndex(where: { $0.tag == tag }) else { return }
            core?.dialFailed(dials.remove(at: position).endpoint, now: now)
        case .received(let connection, let arrived):
            guard let position = connections.firstIndex(where: { $0.connection == connection }),
                let bytes = world.read(
                    place, connection, arrived, unconsumed: connections[position].unread.count)
            else { return }
            connections[position].unread.append(contentsOf: bytes)
            let waiting = connections[position].unread
            let consumed = unsafe core?.received(connection, waiting.span.bytes, now: now) ?? 0
            connections[position].unread.removeFirst(min(consumed, waiting.count))
        case .writable(let connection): world.writeMore(place, connection)
        case .closed(let connection):
            connections.removeAll { $0.connection == connection }
            core?.closed(connection, now: now)
        case .accepted, .disk, .stopAsked: break
        }
    }

    func takeNews(_ world: World, _ now: SteadyTime) {
        while let effects = core?.effects, turn.position < effects.count {
            let effect = effects[turn.position]
            turn.position += 1
            switch effect {
            case .dial(let endpoint, let address):
                lastTag += 1
                dials.append((lastTag, endpoint))
                world.dial(from: self, tag: lastTag, address: address)
            case .abandon(let endpoint):
                for dial in dials where dial.endpoint == endpoint { world.abandonDial(of: self, tag: dial.tag) }
                dials.removeAll { $0.endpoint == endpoint }
            case .send(let connection, let range):
                world.send(from: place, connection, core.map { Array($0.outgoing[range]) } ?? [])
            case .close(let connection):
                connections.removeAll { $0.connection == connection }
                world.close(from: place, connection)
            case .completed(let handle, let result): completed(handle, result, world)
            case .leaseChanged(let lease, let state): changed(lease, state, world)
            case .clusterChanged(let old, let new):
                world.violate(0, by: label, "goes over to cluster \(new)", "\(old) is the only one there is")
            }
        }
    }
}
