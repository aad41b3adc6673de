internal import LeaseMachine
internal import LeaseholdBase
internal import LeaseholdWire
internal import Raft

extension Replica {
    /// A read is at the door. A linearizable one waits for a quorum's word that this node still leads; a stale one is
    /// answered from what is applied here.
    mutating func read(_ operation: RequestOperation, _ body: RawSpan, _ waiter: Waiter, now: TimeReading) {
        let query: ReadQuery
        let stale: Bool
        do throws(DecodingError) {
            switch operation {
            case .get:
                let request = try GetRequest(decoding: body)
                if CommandView.refusal(ofName: request.name) != nil {
                    return answer(waiter, declining: .nameInvalid)
                }
                (query, stale) = (.get(name: request.name.bytesCopied), request.stale)
            case .list:
                let request = try ListRequest(decoding: body)
                if request.prefix.byteCount > 0, CommandView.refusal(ofName: request.prefix) != nil {
                    return answer(waiter, declining: .nameInvalid)
                }
                query = .list(
                    prefix: request.prefix.bytesCopied, after: request.after.bytesCopied, limit: request.limit)
                stale = request.stale
            case .settings: (query, stale) = (.settings, false)
            case .members: (query, stale) = (.members, false)
            case .command, .status, .transfer, .changeMembers, .snapshot: return
            }
        } catch {
            return answer(waiter, refusal: Refusal(.malformed, message: "the request cannot be read"))
        }
        if stale { return answerRead(query, waiter, silence: silence(at: now)) }
        guard raft.isLeader, stopping == .running else { return answerNotLeader(waiter) }
        guard reads.count < ReplicaLimits.readsPending else {
            return answer(
                waiter, refusal: Refusal(.overloaded, retryAfter: retry, message: "too many reads are waiting"))
        }
        #if PLANTED_BUGS
        if planted(.oldLeaderServesReads) { return answerRead(query, waiter, silence: .zero) }
        #endif
        guard let number = raft.requestRead(now: now) else {
            marks.hit(.readNotReady)
            return answer(waiter, refusal: Refusal(.notReady, retryAfter: .milliseconds(5)))
        }
        reads.add(PendingReads.Read(number: number, waiter: waiter, query: query))
    }

    /// A quorum has confirmed the reads up to the number; everything committed when they were asked is applied.
    mutating func answerReads(through number: ReadNumber, now: TimeReading) {
        while let read = reads.next(through: number) { answerRead(read.query, read.waiter, silence: .zero) }
    }

    /// For how long this node may have been behind: since it heard from a leader, or, as a leader, since a quorum last
    /// confirmed it. A leader that was stopped does not know yet that it leads no more, and its clock does.
    private func silence(at now: TimeReading) -> Nanoseconds {
        max(.zero, now.steady - (raft.confirmedAt(now: now) ?? leaderHeard))
    }

    private mutating func answerRead(_ query: ReadQuery, _ waiter: Waiter, silence: Nanoseconds) {
        let start = outgoing.count
        let frame: Int
        switch query {
        case .members: return answerMembers(waiter)
        case .get(let name):
            frame = answerHead(waiter, .lease).begin(in: &outgoing)
            ReadPreface(index: appliedIndex, silence: silence).encode(into: &outgoing)
            unsafe machine.encodeLease(named: name.span.bytes, into: &outgoing)
        case .list(let prefix, let after, let limit):
            frame = answerHead(waiter, .page).begin(in: &outgoing)
            ReadPreface(index: appliedIndex, silence: silence).encode(into: &outgoing)
            unsafe machine.encodeList(
                prefix: prefix.span.bytes, after: after.span.bytes, limit: limit, into: &outgoing)
        case .settings:
            frame = answerHead(waiter, .settings).begin(in: &outgoing)
            SettingsAnswer.encode(machine.settings, into: &outgoing)
        }
        FrameWriter.finish(at: frame, in: &outgoing)
        effects.append(.send(waiter.connection, start..<outgoing.count))
    }
}

extension RawSpan {
    /// A copy of the bytes, for what outlives the connection's buffer.
    var bytesCopied: [UInt8] {
        var copy: [UInt8] = []
        copy.reserveCapacity(byteCount)
        copy.append(bytes: self)
        return copy
    }
}
