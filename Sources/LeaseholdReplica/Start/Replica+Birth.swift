internal import LeaseholdBase
internal import LeaseholdJournal
internal import LeaseholdWire
internal import Raft

extension Replica {
    /// A message about the birth of a cluster, from a node that has greeted.
    mutating func birthMessage(
        _ body: RawSpan, from sender: NodeIdentity, now: TimeReading
    ) throws(DecodingError) {
        let received = try BirthMessageCodec.decode(body)
        let (envelope, message) = (received.envelope, received.message)
        guard envelope.sender == sender, envelope.receiver.node == configuration.id,
            envelope.receiver.incarnation == .unknown || envelope.receiver.incarnation == identity.incarnation
        else {
            marks.hit(.misdirectedDropped)
            counters.peerMessagesMisdirected &+= 1
            return
        }
        if isBorn {
            // However old the cluster is: a listed directory that missed the birth is told of it.
            guard case .presence(_, let incarnation, _) = message, let payload = birthPayload else { return }
            let answer = Birth.answer(
                toPresenceOf: sender.node, incarnation, membership: raft.membership, birthPayload: payload)
            if case .born = answer { marks.hit(.birthTold) } else { marks.hit(.birthRefused) }
            sendBirth(to: sender.node, answer)
        } else if stopping == .running {
            var birthEffects: [BirthEffect] = []
            birth?.step(.received(from: sender.node, message), now: now, into: &birthEffects)
            perform(birthEffects, now: now)
        }
    }

    /// Time passes for a node that is not born.
    mutating func tendBirth(now: TimeReading) {
        tellAwaited(now: now.steady)
        var birthEffects: [BirthEffect] = []
        birth?.step(.tick, now: now, into: &birthEffects)
        perform(birthEffects, now: now)
    }

    /// Tells the operator which nodes listed have not shown themselves yet: some time after the start, and then now and
    /// then until the birth.
    private mutating func tellAwaited(now: SteadyTime) {
        guard let birth, stopping == .running else { return }
        if birthTellAt == .never { birthTellAt = now + ReplicaLimits.birthTellFirst }
        guard now >= birthTellAt else { return }
        birthTellAt = now + ReplicaLimits.birthTellInterval
        let awaited = birth.awaited.compactMap { id in configuration.listed.first { $0.id == id } }
        guard !awaited.isEmpty else { return }
        let words = awaited.map { "node \($0.id) at \($0.peerAddress)" }.joined(separator: ", ")
        log(.info, "awaiting", "the cluster is born when every node listed has shown itself; not yet: \(words)")
    }

    /// The birth entry is durable.
    mutating func birthStored(now: TimeReading) {
        birthPersist = nil
        // A node that is going down takes no part any more; its next start finds the entry.
        guard stopping == .running else { return }
        var birthEffects: [BirthEffect] = []
        birth?.step(.stored, now: now, into: &birthEffects)
        perform(birthEffects, now: now)
    }

    private mutating func perform(_ birthEffects: [BirthEffect], now: TimeReading) {
        for effect in birthEffects {
            switch effect {
            case .send(let node, let message): sendBirth(to: node, message)
            case .store(let entry): store(entry)
            case .born(let entry): begin(with: entry, now: now)
            case .refused(let node, .listsDiffer):
                log(.warning, "lists_differ", "node \(node) was started with another --cluster list")
            case .refused(let node, let refusal):
                let message =
                    "node \(node) belongs to a cluster that is born and "
                    + (refusal == .unknownMember ? "does not know this node" : "knows this node by another directory")
                    + "; an empty directory joins as a new member"
                marks.hit(.emptiedEnded)
                log(.error, "wrong_identity", message)
                end(.wrongIdentity(message))
            }
        }
    }

    private mutating func store(_ entry: BirthEntry) {
        let number = PersistNumber(1)
        birthPersist = number
        journal.learn(cluster: entry.membership.clusterID)
        journal.append(
            number: number, issuedIn: entry.header.term,
            hardState: (entry.hardState.term, entry.hardState.votedFor), truncateAfter: nil, commit: .zero)
        unsafe journal.appendEntry(entry.header, payload: entry.payload.span.bytes)
    }

    /// The cluster is born, as far as this node is concerned: consensus begins.
    private mutating func begin(with entry: BirthEntry, now: TimeReading) {
        var recovery = RaftRecovery(logMemoryBytes: configuration.logMemoryBytes)
        do throws(RecoveryError) { try recovery.birth(entry) } catch {
            preconditionFailure("a birth entry that this node made or checked is well-formed: \(error)")
        }
        raft = Raft(
            configuration: configuration.raft(incarnation: identity.incarnation), recovery: recovery,
            seed: random.next(), now: now)
        persistsBefore = 1
        birth = nil
        birthPayload = entry.payload
        log(.info, "born", "cluster \(entry.membership.clusterID) of \(entry.membership.voters.count) nodes")
        keepLinks()
        dropEarlyClients()
    }

    private mutating func sendBirth(to node: NodeID, _ message: BirthMessage) {
        guard let position = links.firstIndex(where: { $0.id == node }), let connection = links[position].openConnection
        else { return }
        links[position].hasSent = true
        let link = links[position]
        let envelope = PeerEnvelope(
            sender: identity, receiver: NodeIdentity(node: node, incarnation: link.incarnation))
        send(to: connection) { BirthMessageCodec.encodeFrame(message, envelope, into: &$0) }
    }
}
