public import LeaseholdBase
internal import LeaseholdJournal
internal import LeaseholdWire
internal import Raft

extension Replica {
    /// A dial succeeded.
    public mutating func dialed(_ node: NodeID, _ connection: ConnectionID, now: TimeReading) {
        guard let position = links.firstIndex(where: { $0.id == node }), case .dialing = links[position].state else {
            effects.append(.close(connection))
            return
        }
        links[position].state = .greeting(connection, since: now.steady)
        links[position].shownBatch = journal.newestSyncedBatch
        sessions.insert(Session(connection: connection, role: .link(node), since: now.steady))
        let hello = PeerHello(
            cluster: cluster, sender: identity,
            // Before the birth a directory may be emptied and begun anew: whichever is there is meant.
            receiver: NodeIdentity(node: node, incarnation: isBorn ? links[position].incarnation : .unknown),
            newestSyncedBatch: journal.newestSyncedBatch, peerAddress: ownAddresses.peer,
            clientAddress: ownAddresses.client, levels: levels)
        send(to: connection) { hello.encodeFrame(answering: false, into: &$0) }
    }

    /// A dial failed: refused, unreachable or timed out.
    public mutating func dialFailed(_ node: NodeID, now: TimeReading) {
        guard let position = links.firstIndex(where: { $0.id == node }) else { return }
        links[position].lost(now: now.steady, random: &random)
        connectionLost(to: node, now: now)
    }

    /// The link that this node kept is gone.
    mutating func linkLost(_ node: NodeID, _ connection: ConnectionID, now: TimeReading) {
        guard let position = links.firstIndex(where: { $0.id == node }), links[position].uses(connection) else {
            return
        }
        links[position].lost(now: now.steady, random: &random)
        connectionLost(to: node, now: now)
    }

    /// A closed or refused connection: if it was to the leader, a hint that the leader is gone.
    mutating func connectionLost(to node: NodeID, now: TimeReading) {
        guard isBorn else { return }
        raft.step(.connectionLost(node), now: now, into: &raftEffects)
    }

    /// Where this node is reached: as its operator said at this start. Who belongs to the cluster is what the directory
    /// knows; where this process listens it cannot know, and what the membership says is as old as the last move.
    var ownAddresses: (peer: String, client: String) {
        if let listed = configuration.listed.first(where: { $0.id == configuration.id }) {
            return (listed.peerAddress, listed.clientAddress)
        }
        if let member = raft.membership.member(configuration.id) { return (member.peerAddress, member.clientAddress) }
        return ("", "")
    }

    /// Tells the operator of a member that is reached elsewhere than the cluster knows.
    mutating func noteMove() {
        let own = ownAddresses
        guard let member = raft.membership.member(configuration.id),
            (member.peerAddress, member.clientAddress) != (own.peer, own.client)
        else { return }
        let message =
            "the cluster knows this node at peers \(member.peerAddress) clients \(member.clientAddress), and it was started "
            + "for peers \(own.peer) clients \(own.client)"
        if configuration.joins {
            log(.info, "moved", "\(message); it asks the cluster to know it there")
        } else {
            log(.warning, "moved", "\(message); leasehold member add \(own.client) tells the cluster")
        }
    }

    /// Something goes out to a node: its link is to show that it lives.
    mutating func noteSending(to node: NodeID) {
        if let position = links.firstIndex(where: { $0.id == node }) { links[position].hasSent = true }
    }

    /// Dials what is due, and gives up greetings that nobody answered.
    mutating func tendLinks(now: TimeReading) {
        guard stopping == .running || isHandingOver else { return }
        for position in links.indices {
            switch links[position].state {
            case .idle(let until) where until <= now.steady:
                links[position].state = .dialing
                links[position].dialled = links[position].dialAddress
                effects.append(.dial(links[position].id, address: links[position].dialled))
            case .greeting(let connection, let since) where since + ReplicaLimits.handshakeTime <= now.steady:
                marks.hit(.silentGreetingEnded)
                links[position].lost(now: now.steady, random: &random)
                drop(connection)
            case .idle, .dialing, .greeting: break
            case .open: tendOpenLink(position, now: now)
            }
        }
    }

    private var isHandingOver: Bool {
        if case .handingOver = stopping { return true }
        return false
    }

    private mutating func tendOpenLink(_ position: Int, now: TimeReading) {
        switch links[position].need(now: now.steady) {
        case .nothing: break
        case .probe(let connection):
            probesSent += 1
            let correlation = CorrelationID(probesSent)
            links[position].hasSent = false
            links[position].probed = (now.steady, correlation)
            links[position].nextProbe = now.steady + ReplicaLimits.linkProbe
            send(to: connection) { PeerPing(correlation: correlation).encodeFrame(into: &$0) }
        case .giveUp(let connection):
            marks.hit(.silentLinkEnded)
            log(.warning, "link_silent", "node \(links[position].id) does not answer; connecting anew")
            links[position].lost(now: now.steady, random: &random)
            drop(connection)
        }
    }

    /// The other side of a link gives the sign of life that it was asked for.
    ///
    /// What its clock read goes with the question that it answers, and with no other: both were sent by the own clock's
    /// time before it was read, and received after.
    mutating func linkAnswered(
        _ body: RawSpan, by node: NodeID, _ connection: ConnectionID, now: TimeReading
    ) throws(DecodingError) {
        let answer = try PeerPing(decoding: body)
        guard let position = links.firstIndex(where: { $0.id == node }), links[position].uses(connection) else {
            return
        }
        if let probed = links[position].probed, probed.correlation == answer.correlation, let reading = answer.reading {
            links[position].clock.note(sent: probed.at, reading: reading, received: now.steady)
        }
        links[position].probed = nil
    }

    /// When a link wants attention next.
    var linksDue: SteadyTime {
        var due = SteadyTime.never
        for link in links { due = min(due, link.due) }
        return due
    }
}
