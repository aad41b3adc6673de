internal import LeaseholdBase
internal import LeaseholdJournal
internal import LeaseholdWire
internal import Raft

/// Snapshots for peers that the log cannot feed any more. Each gets one piece at a time.
extension Replica {
    /// Consensus wants a snapshot sent: it goes on where it broke off, or begins.
    mutating func sendSnapshot(to node: NodeID, now: TimeReading) {
        guard let id = journal.snapshot?.id, raft.isLeader else {
            return raft.step(.snapshotFailed(to: node), now: now, into: &raftEffects)
        }
        if let place = outgoingSnapshots.firstIndex(where: { $0.node == node }) {
            outgoingSnapshots[place].replace(by: id, now: now.steady)
            outgoingSnapshots[place].hurry(now: now.steady)
        } else {
            marks.hit(.snapshotSendingBegun)
            log(.info, "snapshot_sending", "to node \(node): \(id)")
            outgoingSnapshots.append(OutgoingSnapshot(to: node, id, now: now.steady))
        }
    }

    /// Consensus wants it no more.
    mutating func stopSnapshot(to node: NodeID) { outgoingSnapshots.removeAll { $0.node == node } }

    /// Reads the pieces that are due.
    mutating func tendOutgoingSnapshots(now: TimeReading) {
        guard raft.isLeader else { return outgoingSnapshots.removeAll() }
        // Backwards, for one that is given up is removed.
        for place in outgoingSnapshots.indices.reversed() where outgoingSnapshots[place].nextAt <= now.steady {
            guard outgoingSnapshots[place].isForsaken(now: now.steady) else {
                readPiece(place, now: now)
                continue
            }
            let node = outgoingSnapshots[place].node
            marks.hit(.snapshotSendingGivenUp)
            log(
                .warning, "snapshot_not_taken",
                "node \(node) has taken nothing of the snapshot for \(OutgoingSnapshot.patience)")
            giveUpSending(to: node, now: now)
        }
    }

    /// When a piece is due.
    var outgoingSnapshotsDue: SteadyTime {
        var due = SteadyTime.never
        for outgoing in outgoingSnapshots { due = min(due, outgoing.nextAt) }
        return due
    }

    private mutating func readPiece(_ place: Int, now: TimeReading) {
        let node = outgoingSnapshots[place].node
        guard let id = journal.snapshot?.id, let link = links.first(where: { $0.id == node }),
            link.openConnection != nil
        else { return outgoingSnapshots[place].wait(until: now.steady + configuration.heartbeat) }
        outgoingSnapshots[place].replace(by: id, now: now.steady)
        let offset = outgoingSnapshots[place].offset
        guard offset < id.byteCount else {
            // It has all and installs it. Asked now and then: it may have lost all, too.
            outgoingSnapshots[place].sent(0, now: now.steady, patience: configuration.electionTimeout)
            return send(RawSpan(), at: offset, of: SnapshotReference(id), over: link)
        }
        outgoingSnapshots[place].beginReading()
        let isReading = journal.readSnapshot(
            for: .peer(node), id, from: offset, count: configuration.snapshotPieceBytes, into: &diskEffects)
        if !isReading { outgoingSnapshots[place].wait(until: now.steady + configuration.heartbeat) }
    }

    /// A piece was read, or not.
    mutating func snapshotPieceRead(_ completion: DiskCompletion, bytes: RawSpan, now: TimeReading) {
        switch journal.snapshotReadCompleted(completion, bytes: bytes) {
        case .piece(.peer(let node), let id, let offset):
            guard let place = place(of: node, id), outgoingSnapshots[place].offset == offset else { return }
            guard let link = links.first(where: { $0.id == node }), link.openConnection != nil else {
                return outgoingSnapshots[place].wait(until: now.steady + configuration.heartbeat)
            }
            outgoingSnapshots[place].sent(bytes.byteCount, now: now.steady, patience: configuration.electionTimeout)
            send(bytes, at: offset, of: SnapshotReference(id), over: link)
        case .gone(.peer(let node), _):
            marks.hit(.snapshotReplacedWhileSent)
            if let place = outgoingSnapshots.firstIndex(where: { $0.node == node }) {
                outgoingSnapshots[place].wait(until: now.steady)
            }
        case .failed(.peer(let node), let error):
            // The log behind it is whole, and so is the state: another snapshot mends it.
            log(.error, error.code, error.description)
            taking.doubtful = journal.snapshot?.id
            giveUpSending(to: node, now: now)
        case .piece(.client, let id, let offset): downloadRead(bytes, at: offset, of: id, now: now)
        case .gone(.client, _): downloadGone("another snapshot counts by now")
        case .failed(.client, let error):
            log(.error, error.code, error.description)
            taking.doubtful = downloads.reading?.id
            downloadGone("its file cannot be read on this node")
        case .unknown: break
        }
    }

    private func place(of node: NodeID, _ id: SnapshotID) -> Int? {
        outgoingSnapshots.firstIndex { $0.node == node && $0.id == id && $0.stage == .reading }
    }

    private mutating func send(
        _ bytes: RawSpan, at offset: Int, of reference: SnapshotReference, over link: PeerLink
    ) {
        guard let connection = link.openConnection else { return }
        noteSending(to: link.id)
        let envelope = PeerEnvelope(
            sender: identity, receiver: NodeIdentity(node: link.id, incarnation: link.incarnation))
        let start = outgoing.count
        SnapshotMessageCodec.encodeFrame(
            piece: bytes, at: offset, of: reference, term: raft.term, envelope, into: &outgoing)
        effects.append(.send(connection, start..<outgoing.count))
    }

    /// The peer has answered a piece.
    mutating func snapshotReply(
        _ reply: SnapshotReply, to reference: SnapshotReference, from node: NodeID, now: TimeReading
    ) {
        guard raft.isLeader,
            let place = outgoingSnapshots.firstIndex(where: { $0.node == node && $0.reference == reference })
        else { return }
        switch reply {
        case .next(let offset): goOn(place, from: offset, now: now)
        case .complete: goOn(place, from: reference.byteCount, now: now)
        case .busy: outgoingSnapshots[place].wait(until: now.steady + configuration.heartbeat * 2)
        case .notNeeded: giveUpSending(to: node, now: now)
        case .refused:
            log(.warning, "snapshot_refused", "node \(node) finds \(reference.id) damaged; taking another")
            taking.doubtful = journal.snapshot?.id
            giveUpSending(to: node, now: now)
        }
    }

    private mutating func goOn(_ place: Int, from offset: Int, now: TimeReading) {
        let isMore = outgoingSnapshots[place].answered(
            offset, now: now.steady, bytesPerSecond: snapshotShareOfRate,
            pause: configuration.heartbeat)
        if offset == outgoingSnapshots[place].id.byteCount {
            outgoingSnapshots[place].wait(until: now.steady + configuration.electionTimeout)
        }
        guard isMore || offset == outgoingSnapshots[place].id.byteCount else { return }
        raft.step(.snapshotProgressed(to: outgoingSnapshots[place].node), now: now, into: &raftEffects)
    }

    private mutating func giveUpSending(to node: NodeID, now: TimeReading) {
        stopSnapshot(to: node)
        raft.step(.snapshotFailed(to: node), now: now, into: &raftEffects)
    }
}
