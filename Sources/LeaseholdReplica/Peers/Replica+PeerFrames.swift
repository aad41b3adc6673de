internal import LeaseholdBase
internal import LeaseholdJournal
internal import LeaseholdWire
internal import Raft

extension Replica {
    /// A node that dialed this one says who it is.
    mutating func peerHello(_ body: RawSpan, _ session: Session, now: TimeReading) throws(DecodingError) {
        let hello = try PeerHello(decoding: body)
        guard hello.protocols.common(with: .current) != nil else {
            let reason = ProtocolRange.current.refusal(of: hello.protocols, "peer")
            return refuse(session.connection, .protocolUnsupported, reason)
        }
        let objection = objection(to: hello)
        if objection == nil || objection?.0 == .levelUnsupported, !learnLevels(of: hello) { return }
        if let (code, message) = objection {
            if code == .levelUnsupported { marks.hit(.tooOldRefused) }
            if code == .wrongNode { marks.hit(.incarnationRefused) }
            if code == .diskRolledBack { marks.hit(.rolledBackRefused) }
            // A node that was stuck may read a greeting after a later one of the same directory. That is no news of its
            // disk; if it were, the other would say so as it ends.
            let isOvertaken = code == .diskRolledBack && hasGreeted(hello.sender)
            if !isOvertaken, let passedOver = refusals.mayTell(of: hello.sender.node, code, now: now.steady) {
                let count = PeerRefusals.words(passedOver)
                log(.warning, "peer_refused", "node \(hello.sender.node): \(message)\(count)")
            }
            return refuse(session.connection, code, message)
        }
        noteBatch(hello)
        sessions.update(session.connection) {
            $0.role = .peer(hello.sender)
            $0.features = hello.features
        }
        noteAddress(of: hello)
        meet(hello, on: session.connection)
        let answer = PeerHello(
            protocols: ProtocolRange(oldest: 1, newest: 1), cluster: cluster, sender: identity, receiver: hello.sender,
            newestSyncedBatch: journal.newestSyncedBatch, peerAddress: ownAddresses.peer,
            clientAddress: ownAddresses.client, levels: levels)
        send(to: session.connection) { answer.encodeFrame(answering: true, into: &$0) }
    }

    /// A node that this one dialed says who it is: messages may go.
    mutating func peerHelloAnswer(
        _ body: RawSpan, from node: NodeID, _ session: Session, now: TimeReading
    ) throws(DecodingError) {
        let hello = try PeerHello(decoding: body)
        guard let position = links.firstIndex(where: { $0.id == node }), links[position].uses(session.connection) else {
            return drop(session.connection)
        }
        if hello.sender.node == node, objection(to: hello) == nil {
            guard learnLevels(of: hello) else { return }
            noteBatch(hello)
            links[position].opened(
                session.connection, tellsClock: hello.features.contains(.clockReadings), now: now.steady)
            if !isBorn || hello.cluster != .unborn { links[position].incarnation = hello.sender.incarnation }
        } else if hello.sender.node == node, let (code, message) = objection(to: hello), code == .levelUnsupported {
            _ = learnLevels(of: hello)
            links[position].lost(now: now.steady, random: &random)
            refuse(session.connection, code, message)
        } else {
            links[position].lost(now: now.steady, random: &random)
            refuse(session.connection, .wrongNode, "another node answers at this address than was meant")
        }
    }

    /// A node asks for a sign of life on the connection that it keeps to this one, and gets its own frame back, with what
    /// the clock here reads.
    mutating func peerPing(_ body: RawSpan, _ session: Session, now: TimeReading) throws(DecodingError) {
        var ping = try PeerPing(decoding: body)
        ping.reading = session.features.contains(.clockReadings) ? now.steady : nil
        send(to: session.connection) { ping.encodeFrame(into: &$0) }
    }

    /// What speaks against talking to a node that says so of itself.
    private func objection(to hello: PeerHello) -> (ConnectionErrorCode, String)? {
        if hello.receiver.node != configuration.id {
            return (.wrongNode, "node \(hello.receiver.node) was meant, and this is node \(configuration.id)")
        }
        if hello.cluster != .unborn, cluster != .unborn, hello.cluster != cluster {
            return (.wrongCluster, "this node belongs to cluster \(cluster), not to \(hello.cluster)")
        }
        if hello.receiver.incarnation != .unknown, hello.receiver.incarnation != identity.incarnation {
            return (.wrongNode, "another data directory of node \(configuration.id) was meant")
        }
        if isBorn, let member = raft.membership.member(hello.sender.node),
            member.incarnation != hello.sender.incarnation
        {
            return (
                .wrongNode,
                "the cluster knows node \(member.id) by another data directory; an emptied one joins as a new member"
            )
        }
        if isBorn, let reason = objection(toLevel: hello.levels.known, of: hello.sender.node) {
            return (.levelUnsupported, reason)
        }
        let seen = batchesSeen.first { $0.identity == hello.sender }
        if let seen, seen.batch > hello.newestSyncedBatch {
            return (
                .diskRolledBack,
                "the data directory of node \(hello.sender.node) is older than it was: it ends at batch "
                    + "\(hello.newestSyncedBatch) and had shown \(seen.batch)"
            )
        }
        return nil
    }

    /// Whether that very directory's node has a connection here on which it has greeted.
    private func hasGreeted(_ sender: NodeIdentity) -> Bool {
        var found = false
        sessions.forEach { if case .peer(sender) = $0.role { found = true } }
        return found
    }

    private mutating func noteBatch(_ hello: PeerHello) {
        if let position = batchesSeen.firstIndex(where: { $0.identity == hello.sender }) {
            batchesSeen[position].batch = max(batchesSeen[position].batch, hello.newestSyncedBatch)
        } else {
            if batchesSeen.count >= Membership.memberLimit { batchesSeen.removeFirst() }
            batchesSeen.append(BatchSeen(identity: hello.sender, batch: hello.newestSyncedBatch))
        }
    }

    /// The node that this one dialed does not want to talk, and says why.
    mutating func peerRefused(
        _ body: RawSpan, by node: NodeID, _ session: Session, now: TimeReading
    ) throws(DecodingError) {
        let error = try ConnectionErrorMessage(decoding: body)
        guard let position = links.firstIndex(where: { $0.id == node }), links[position].uses(session.connection) else {
            return drop(session.connection)
        }
        links[position].lost(now: now.steady, random: &random)
        drop(session.connection)
        switch error.code {
        case .diskRolledBack where journal.newestSyncedBatch > links[position].shownBatch:
            // Two greetings overtook one another on their ways: what the other has seen may be what was shown since.
            marks.hit(.overtakenGreetingForgiven)
        case .diskRolledBack:
            log(.error, "disk_rolled_back", error.message)
            end(.wrongIdentity(error.message))
        case .levelUnsupported: endAsTooOld("node \(node) refuses this one: \(error.message)")
        case .wrongNode where !isBorn, .wrongCluster where !isBorn:
            // An empty directory that meets a cluster which knows this node otherwise would forget its promises.
            marks.hit(.emptiedEnded)
            let message = "node \(node) refuses this empty data directory: \(error.message)"
            log(.error, "wrong_identity", message)
            end(.wrongIdentity(message))
        case .wrongCluster: foreign(position, error.message)
        default:
            guard let passedOver = refusalsHeard.mayTell(of: node, error.code, now: now.steady) else { return }
            log(.warning, "peer_refuses", "node \(node): \(error.message)\(PeerRefusals.words(passedOver))")
        }
    }

    /// A node at another member's address belongs to another cluster.
    ///
    /// When so many do that the rest is no quorum, it is this directory that is where it does not belong, and the node
    /// ends. One stray node at a member's address must not end the healthy ones; nor may emptied directories, which
    /// belong to no cluster and object to the directory that is meant, not to this one.
    private mutating func foreign(_ position: Int, _ reason: String) {
        let message = "node \(links[position].id): \(reason)"
        if !links[position].isForeign { log(.warning, "peer_refuses", message) }
        links[position].isForeign = true
        let canServe = raft.membership.isQuorum { voter in !links.contains { $0.id == voter && $0.isForeign } }
        guard !canServe else { return }
        log(.error, "wrong_identity", message)
        end(.wrongIdentity("this data directory is in another cluster than most of its members: \(message)"))
    }

    /// Consensus, from a node that has greeted.
    mutating func raftMessage(
        _ body: RawSpan, from sender: NodeIdentity, now: TimeReading
    ) throws(DecodingError) {
        let received = try RaftMessageCodec.decode(body, into: &incomingEntries)
        guard isBorn, isMeant(received.envelope, from: sender) else {
            marks.hit(.misdirectedDropped)
            counters.peerMessagesMisdirected &+= 1
            return
        }
        if sender.node == raft.leader { leaderHeard = now.steady }
        let entries = incomingEntries
        raft.step(.received(from: sender.node, received.message, entries), now: now, into: &raftEffects)
    }

    /// Whether a message is for this very directory, and from the directory that the membership knows, if it knows one.
    ///
    /// An unknown sender is no reason to drop: a lagging node must accept a leader that it does not know yet (trap 34).
    func isMeant(_ envelope: PeerEnvelope, from sender: NodeIdentity) -> Bool {
        guard envelope.sender == sender, envelope.receiver == identity else { return false }
        guard let member = raft.membership.member(sender.node) else { return true }
        return member.incarnation == sender.incarnation
    }
}
