import LeaseholdBase

extension Leadership {
    /// What the leader's messages say of the node besides its log.
    struct Sending {
        let term: Term
        let commitIndex: LogIndex
        let now: SteadyTime
        let configuration: RaftConfiguration
    }

    /// Sends to each peer what its window has room for, and in a new round an empty message to those that got nothing.
    ///
    /// The empty message stands behind the last one sent: a peer that has not got that one refuses it, and so a stall
    /// in which every message was lost ends with the next heartbeat, whatever the window (trap 18).
    mutating func sendAppends(
        _ sending: Sending, isRound: Bool, from log: RaftLog, marking marks: inout MarkSet<RaftMark>,
        into effects: inout [RaftEffect]
    ) {
        for position in peers.indices {
            if isRound { peers[position].isReadBackBarred = false }
            if peers[position].next <= log.start.index {
                sendSnapshot(to: position, sending, isRound: isRound, log: log, marking: &marks, into: &effects)
            }
            let hasSent = sendEntries(to: position, sending, from: log, marking: &marks, into: &effects)
            if isRound, !hasSent {
                // What is compacted has no terms: a peer that is behind it is compared with the log's start.
                let last = max(peers[position].next.previous, log.start.index)
                sendAppend(to: position, behind: last, through: last, source: .log, sending, log: log, into: &effects)
            }
        }
    }

    /// Sends a peer its next entries until its window is full or it has them all; answers whether anything was sent.
    private mutating func sendEntries(
        to position: Int, _ sending: Sending, from log: RaftLog, marking marks: inout MarkSet<RaftMark>,
        into effects: inout [RaftEffect]
    ) -> Bool {
        let configuration = sending.configuration
        var hasSent = false
        while peers[position].next <= log.lastIndex, peers[position].next > log.start.index {
            let window = (messages: configuration.windowMessages, bytes: configuration.windowBytes)
            guard peers[position].hasRoom(messages: window.messages, bytes: window.bytes) else {
                if peers[position].state == .replicate, peers[position].readingBack == nil { marks.hit(.windowFull) }
                break
            }
            let next = peers[position].next
            guard next > log.releasedIndex else {
                guard !peers[position].isReadBackBarred else { break }
                marks.hit(.readBackBegun)
                peers[position].readingBack = next
                effects.append(.readBack(for: peers[position].id, from: next, maxBytes: configuration.appendBytes))
                break
            }
            let (last, bytes) = log.lastIndex(
                from: next, fitting: configuration.appendBytes, entries: configuration.appendEntries)
            sendAppend(
                to: position, behind: next.previous, through: last, source: .log, sending, log: log, into: &effects)
            peers[position].sent(through: last, bytes: bytes)
            hasSent = true
        }
        return hasSent
    }

    /// Entries were read back for a peer: they go to it if they are still what it needs next, and still in the log.
    mutating func sendReadBack(
        _ entries: EntryBatch, from first: LogIndex, to position: Int, _ sending: Sending, log: RaftLog,
        marking marks: inout MarkSet<RaftMark>, into effects: inout [RaftEffect]
    ) {
        guard peers[position].readingBack == first else { return }
        peers[position].readingBack = nil
        var last = first.previous
        var count = 0
        for header in entries.headers {
            guard header.index == last.next, log.term(at: header.index) == header.term else { break }
            last = header.index
            count += 1
        }
        guard count > 0, peers[position].next == first, first > log.start.index else {
            peers[position].isReadBackBarred = true
            return
        }
        marks.hit(.readBackSent)
        sendAppend(
            to: position, behind: first.previous, through: last, source: .readBack, sending, log: log, into: &effects)
        peers[position].sent(through: last, bytes: entries.payloadBytes + count * RaftLog.recordBytes)
    }

    /// Sends the entries between one and through another, maybe none.
    ///
    /// Without entries, the commit notice is no greater than what the peer is known to hold (trap 13).
    private func sendAppend(
        to position: Int, behind previous: LogIndex, through last: LogIndex, source: EntrySource, _ sending: Sending,
        log: RaftLog, into effects: inout [RaftEffect]
    ) {
        let next = previous.next
        let count = last - previous
        #if PLANTED_BUGS
        if planted(.heartbeatCommitsAll), count == 0 {
            let beat = RaftMessage.Body.append(
                previousIndex: previous, previousTerm: log.term(at: previous) ?? .zero, commit: sending.commitIndex,
                round: round, entryCount: 0)
            let message = RaftMessage(term: sending.term, body: beat)
            return effects.append(.send(to: peers[position].id, message, entriesFrom: next, source: source))
        }
        #endif
        let body = RaftMessage.Body.append(
            previousIndex: previous, previousTerm: log.term(at: previous) ?? .zero,
            commit: count == 0 ? min(peers[position].match, sending.commitIndex) : sending.commitIndex,
            round: round, entryCount: Int(count))
        effects.append(
            .send(
                to: peers[position].id, RaftMessage(term: sending.term, body: body), entriesFrom: next,
                source: source))
    }
}
