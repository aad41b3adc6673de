internal import LeaseMachine
internal import LeaseholdBase
internal import LeaseholdJournal
internal import LeaseholdWire
internal import Raft

/// A snapshot from the leader, and how it takes the place of the state.
extension Replica {
    /// A message about a snapshot, from a node that has greeted.
    mutating func snapshotMessage(
        _ body: RawSpan, from sender: NodeIdentity, now: TimeReading
    ) throws(DecodingError) {
        let received = try SnapshotMessageCodec.decode(body)
        guard isBorn, stopping == .running, isMeant(received.envelope, from: sender) else {
            marks.hit(.misdirectedDropped)
            counters.peerMessagesMisdirected &+= 1
            return
        }
        guard received.term == raft.term else { return }
        switch received.content {
        case .piece(let offset, let bytes):
            // Of the leader that is followed, and of nobody else: it alone is told what became of it.
            guard raft.leader == sender.node, sender.node != configuration.id else { return }
            let (id, content) = (received.reference.id, body.extracting(bytes))
            let reply = take(content, at: offset, of: id, from: sender.node, now: now)
            answer(reply, to: received.reference, for: sender.node)
        case .reply(let reply): snapshotReply(reply, to: received.reference, from: sender.node, now: now)
        }
    }

    private mutating func answer(_ reply: SnapshotReply, to reference: SnapshotReference, for node: NodeID) {
        guard let link = links.first(where: { $0.id == node }), let connection = link.openConnection else {
            return marks.hit(.sentWithoutLink)
        }
        noteSending(to: node)
        let envelope = PeerEnvelope(
            sender: identity, receiver: NodeIdentity(node: node, incarnation: link.incarnation))
        let (start, term) = (outgoing.count, raft.term)
        SnapshotMessageCodec.encodeFrame(reply, to: reference, term: term, envelope, into: &outgoing)
        effects.append(.send(connection, start..<outgoing.count))
    }

    /// Takes a piece: into the journal, which writes it aside, and into a state beside the one that is served from.
    private mutating func take(
        _ bytes: RawSpan, at offset: Int, of id: SnapshotID, from sender: NodeID, now: TimeReading
    ) -> SnapshotReply {
        guard isWanted(id) else {
            marks.hit(.snapshotNotNeeded)
            return .notNeeded
        }
        // The leader is to take another.
        guard id != unloadable else { return .refused }
        // A snapshot of what is about to be replaced is of no use; nor is to begin another while this one comes, which
        // would be in its way again and again.
        giveUpTaking()
        taking.receiptHeard = now.steady
        taking.notBefore = max(taking.notBefore, now.steady + configuration.electionTimeout * 2)
        switch journal.receiveSnapshot(id, from: offset, bytes: bytes, now: now.steady, into: &diskEffects) {
        case .next(let next):
            if next == offset + bytes.byteCount, let flaw = load(bytes, at: offset, of: id, from: sender) {
                return refuse(id, flaw)
            }
            guard next == incomingSnapshot?.taken ?? 0 else {
                // What is on the disk and what is loaded have parted ways: from the beginning.
                journal.abandonSnapshot(into: &diskEffects)
                incomingSnapshot = nil
                return .busy
            }
            return .next(offset: next)
        case .complete:
            if let flaw = load(bytes, at: offset, of: id, from: sender) { return refuse(id, flaw) }
            return .complete
        case .notNeeded: return .notNeeded
        case .busy: return .busy
        case .refused(let error):
            incomingSnapshot = nil
            log(.warning, error.code, "node \(raft.leader?.description ?? "?") sends \(id): \(error)")
            return .refused
        }
    }

    /// Whether a snapshot has something that this node does not know to be committed and does not hold.
    private func isWanted(_ id: SnapshotID) -> Bool {
        id.lastIndex > raft.commitIndex && raft.log.term(at: id.lastIndex) != id.lastTerm
    }

    /// Loads a piece, if it is the next one.
    private mutating func load(
        _ bytes: RawSpan, at offset: Int, of id: SnapshotID, from sender: NodeID
    ) -> IncomingSnapshot.Flaw? {
        if incomingSnapshot?.id != id {
            marks.hit(.snapshotReceivingBegun)
            incomingSnapshot = IncomingSnapshot(
                id, from: sender, hashSeed: random.next(), knownLevel: configuration.knownLevel)
        }
        incomingSnapshot?.sender = sender
        guard incomingSnapshot?.taken == offset, bytes.byteCount > 0 else { return nil }
        do throws(IncomingSnapshot.Flaw) { try incomingSnapshot?.take(bytes) } catch { return error }
        return nil
    }

    private mutating func refuse(_ id: SnapshotID, _ flaw: IncomingSnapshot.Flaw) -> SnapshotReply {
        incomingSnapshot = nil
        journal.abandonSnapshot(into: &diskEffects)
        tell(flaw, of: id)
        return .refused
    }

    private mutating func tell(_ flaw: IncomingSnapshot.Flaw, of id: SnapshotID) {
        if flaw.isOfLaterProgram {
            // It would come again and again, and what this node has is no state to go on with.
            endAsTooOld("the cluster's state is of a later version: \(flaw.description)")
        } else {
            log(.error, flaw.code, "the snapshot \(id) cannot be loaded: \(flaw.description)")
        }
    }

    /// A snapshot is durable under its name: consensus says whether it is still wanted.
    mutating func received(_ snapshot: InstalledSnapshot, now: TimeReading) {
        // What was committed in this turn is applied first: its entries may go with the log (trap 38).
        settle(now: now)
        guard let incoming = incomingSnapshot.take(), incoming.id == snapshot.id, isWanted(snapshot.id),
            stopping == .running
        else {
            marks.hit(.snapshotDiscarded)
            return journal.discardReceived(into: &diskEffects)
        }
        do throws(IncomingSnapshot.Flaw) {
            let sender = incoming.sender
            let (state, header, point) = try incoming.finish()
            arrived = ArrivedSnapshot(machine: state, header: header)
            raft.step(.snapshotReceived(from: sender, point), now: now, into: &raftEffects)
            settle(now: now)
        } catch {
            unloadable = snapshot.id
            tell(error, of: snapshot.id)
        }
        guard arrived != nil || raft.commitIndex < snapshot.id.lastIndex else { return }
        marks.hit(.snapshotDiscarded)
        arrived = nil
        journal.discardReceived(into: &diskEffects)
    }

    /// The state of a snapshot takes the place of the one that there was, between two entries: nothing is half applied
    /// (trap 38). Nobody waits for what was applied before: this node leads nothing.
    mutating func install(_ point: SnapshotPoint, now: TimeReading) {
        guard var state = arrived.take() else {
            preconditionFailure("consensus installs what has just arrived")
        }
        state.machine.keepMarks(of: machine)
        #if PLANTED_BUGS
        state.machine.mistaken.begin(at: configuration.id)
        #endif
        giveUpTaking()
        machine = state.machine
        (appliedIndex, appliedLogTime) = (point.index, point.logTime)
        if !state.header.birth.isEmpty { birthPayload = state.header.birth }
        marks.hit(.snapshotInstalled)
        counters.snapshotsInstalled &+= 1
        log(.info, "snapshot_installed", "the state is now that of entry \(point.index)")
        keepLinks()
    }
}
