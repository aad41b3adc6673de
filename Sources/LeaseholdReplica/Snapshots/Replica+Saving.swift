internal import LeaseholdBase
internal import LeaseholdJournal
internal import LeaseholdWire
internal import Raft

/// The snapshot that counts, for clients that save it: named when it is of what they ask for or behind it, taken if there
/// is none such, and read to them piece by piece, under one throttle with what goes to other nodes.
///
/// Any node may be asked. Who has asked the leader first how far the log was committed, and gets a snapshot that is no
/// older, has everything that was acknowledged before: the node that serves need not know that anybody leads.
extension Replica {
    /// A client wants to save a snapshot, or more of it.
    mutating func snapshot(_ body: RawSpan, _ waiter: Waiter, now: TimeReading) {
        let request: SnapshotRequest
        do throws(DecodingError) { request = try SnapshotRequest(decoding: body) } catch {
            let code: RefusalCode = error == .unknown ? .notSupported : .malformed
            return answer(waiter, refusal: Refusal(code, message: "the request cannot be read"))
        }
        guard stopping == .running else { return answer(waiter, refusal: Refusal(.shuttingDown, retryAfter: retry)) }
        // Whether an operator asks is to be judged here once there are rights.
        switch request {
        case .begin(let index): beginDownload(atLeast: index, waiter, now: now)
        case .piece(let reference, let offset, let count):
            wantPiece(SnapshotDownloads.Wish(waiter: waiter, id: reference.id, offset: offset, count: count), now: now)
        }
    }

    private mutating func beginDownload(atLeast index: LogIndex, _ waiter: Waiter, now: TimeReading) {
        guard appliedIndex >= index else {
            let message = "this node has applied \(appliedIndex) of \(index)"
            return answer(waiter, refusal: Refusal(.notReady, retryAfter: retry, message: message))
        }
        let newest = journal.readableSnapshot?.id
        var isRecent = newest.map { $0.lastIndex >= index } ?? false
        #if PLANTED_BUGS
        if planted(.saveFromStaleSnapshot) { isRecent = newest != nil }
        #endif
        // One whose bytes were found damaged is not offered: another is being made of what is in memory.
        guard isRecent, let id = newest, id != taking.doubtful else {
            return wantSnapshot(index, waiter, now: now)
        }
        guard downloads.admit(waiter.connection, now: now.steady) else { return answerTooManyDownloads(waiter) }
        marks.hit(.downloadBegun)
        let head = answerHead(waiter, .snapshot)
        send(to: waiter.connection) { SnapshotAnswer.encodeFrame(begun: SnapshotReference(id), head, into: &$0) }
    }

    /// Has one taken. Who asks comes back for it, so that nothing is kept here but that somebody wants one.
    private mutating func wantSnapshot(_ index: LogIndex, _ waiter: Waiter, now: TimeReading) {
        if journal.isDiskLow, taking.isResting {
            journal.wantSpace()
            let message = "there is no space for another snapshot"
            return answer(waiter, refusal: Refusal(.diskLow, retryAfter: .seconds(1), message: message))
        }
        marks.hit(.snapshotWanted)
        taking.want(index, now: now.steady)
        let message = "a snapshot of entry \(index) is being taken"
        // The one before is to count first, by a mark in the next batch; and in the place of one that cannot be read none can
        // be without an entry behind it. Where nothing happens a leader has to see to one, and a follower may be too long in
        // coming to it.
        let waits = journal.awaitsMark || isSnapshotDoubtful && appliedIndex <= journal.snapshot?.id.lastIndex ?? .zero
        if waits, raft.isLeader, pulseInFlight == nil,
            case .appended(let pulse, _) = raft.propose(.empty, payload: RawSpan(), now: now)
        {
            counters.pulses &+= 1
            pulseInFlight = pulse
        }
        let code: RefusalCode = waits && !raft.isLeader ? .notReady : .snapshotUnderWay
        let retryAfter = SnapshotTaking.askAgainAfter
        answer(waiter, refusal: Refusal(code, retryAfter: retryAfter, message: message))
    }

    private mutating func answerTooManyDownloads(_ waiter: Waiter) {
        marks.hit(.downloadRefused)
        let message = "\(SnapshotDownloads.clientsMax) others save its snapshot now"
        answer(waiter, refusal: Refusal(.overloaded, retryAfter: .seconds(1), message: message))
    }

    private mutating func wantPiece(_ wish: SnapshotDownloads.Wish, now: TimeReading) {
        guard journal.snapshot?.id == wish.id || journal.readableSnapshot?.id == wish.id else {
            return answerGone(wish.waiter, "another snapshot counts by now")
        }
        guard downloads.admit(wish.waiter.connection, now: now.steady), downloads.add(wish) else {
            return answerTooManyDownloads(wish.waiter)
        }
    }

    private mutating func answerGone(_ waiter: Waiter, _ message: String) {
        marks.hit(.downloadGone)
        answer(waiter, refusal: Refusal(.snapshotGone, message: message))
    }

    /// Reads the next piece, if it is due.
    mutating func tendDownloads(now: TimeReading) {
        guard downloads.isDue(now: now.steady), let wish = downloads.beginReading() else { return }
        let count = min(wish.count, WireLimits.snapshotPieceBytes)
        guard journal.readSnapshot(for: .client, wish.id, from: wish.offset, count: count, into: &diskEffects) else {
            return downloadGone("another snapshot counts by now")
        }
    }

    /// The piece that was read for a client is there.
    mutating func downloadRead(_ bytes: RawSpan, at offset: Int, of id: SnapshotID, now: TimeReading) {
        let spacing = Int64(bytes.byteCount) * 1_000_000_000 / Int64(max(1, snapshotShareOfRate))
        guard let wish = downloads.endReading(next: now.steady + Nanoseconds(spacing)) else { return }
        let head = answerHead(wish.waiter, .snapshot)
        let start = outgoing.count
        SnapshotAnswer.encodeFrame(piece: bytes, at: offset, of: SnapshotReference(id), head, into: &outgoing)
        effects.append(.send(wish.waiter.connection, start..<outgoing.count))
        // Who asks for it again is counted anew.
        if offset + bytes.byteCount == id.byteCount { downloads.forget(wish.waiter.connection) }
    }

    /// The piece that was to be read for a client is not to be had.
    mutating func downloadGone(_ message: String) {
        guard let wish = downloads.endReading() else { return }
        answerGone(wish.waiter, message)
    }

    /// How many bytes of snapshots may go in a second to each of those, nodes and clients, that get one.
    var snapshotShareOfRate: Int {
        let sharers = outgoingSnapshots.count + (downloads.isActive(now: turnEnded) ? 1 : 0)
        return max(1, configuration.snapshotBytesPerSecond / max(1, sharers))
    }
}
