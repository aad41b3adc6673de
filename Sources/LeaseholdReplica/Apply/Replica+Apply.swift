internal import LeaseMachine
internal import LeaseholdBase
internal import LeaseholdWire
internal import Raft

extension Replica {
    /// Applies what is committed, entry by entry, and answers those who wait for it.
    mutating func apply(through last: LogIndex, now: TimeReading) {
        while appliedIndex < last, stopping != .ended {
            let index = appliedIndex.next
            guard let header = raft.header(at: index) else {
                // Consensus keeps in memory what is not applied yet.
                preconditionFailure("entry \(index) is committed and neither applied nor in memory")
            }
            #if PLANTED_BUGS
            machine.mistaken.steady = now.steady
            #endif
            let stamp = EntryStamp(index: index, logTime: header.logTime, wallTime: header.wallTime)
            do throws(UnknownCommand) {
                try Self.apply(header, of: raft.log, at: stamp, to: &machine, into: &output)
            } catch {
                return endAsTooOld("entry \(index) \(error)")
            }
            appliedIndex = index
            appliedLogTime = header.logTime
            counters.entriesApplied &+= 1
            if pulseInFlight == index { pulseInFlight = nil }
            if raiseInFlight == index { raiseInFlight = nil }
            // Whoever joined late has it from the log; every snapshot holds it.
            if index == LogIndex(1), header.kind == .membership { birthPayload = raft.payload(at: index).bytesCopied }
            answerPending(header)
            noteLevel()
        }
        raft.step(.applied(through: appliedIndex), now: now, into: &raftEffects)
    }

    /// Applies an entry of the log to a state.
    static func apply(
        _ header: EntryHeader, of log: borrowing RaftLog, at stamp: EntryStamp, to machine: inout LeaseMachine,
        into output: inout ApplyOutput
    ) throws(UnknownCommand) {
        #if PLANTED_BUGS
        machine.note(term: header.term, logTime: stamp.logTime)
        #endif
        switch header.kind {
        case .command: try machine.apply(log.payload(at: header.index), at: stamp, into: &output)
        case .empty, .membership: machine.applyEmpty(at: stamp, into: &output)
        }
    }

    /// Answers those who wait for the applied entry; a waiter of another term's entry at this index learns nothing of
    /// its own (traps 15, 16).
    private mutating func answerPending(_ header: EntryHeader) {
        guard !pending.isEmpty else { return }
        var firstClaim = 0
        settled.removeAll(keepingCapacity: true)
        pending.settle(index: header.index, term: header.term, into: &settled)
        #if PLANTED_BUGS
        if planted(.doneAfterTermChange) {
            for position in settled.indices where settled[position].share.claims == 0 {
                settled[position].isAnswered = true
            }
        }
        #endif
        for position in settled.indices {
            let (share, isAnswered) = settled[position]
            guard isAnswered else {
                answerUnknown(share.waiter)
                continue
            }
            let head = answerHead(share.waiter, .outcome)
            let start = outgoing.count
            let frame = head.begin(in: &outgoing)
            if output.outcome == .renewed {
                output.encodeRenewal(of: firstClaim..<firstClaim + share.claims, into: &outgoing)
                firstClaim += share.claims
            } else {
                output.encodeOutcome(into: &outgoing)
            }
            FrameWriter.finish(at: frame, in: &outgoing)
            effects.append(.send(share.waiter.connection, start..<outgoing.count))
        }
    }
}
