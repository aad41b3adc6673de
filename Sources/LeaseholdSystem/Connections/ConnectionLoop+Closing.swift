internal import CLeaseholdSystem
public import LeaseholdBase

/// Ending connections on purpose. None of these is told back as an event.
extension ConnectionLoop {
    /// Ends a connection once what is queued for it has been sent. Its id is stale for everything else at once.
    public mutating func close(_ id: ConnectionID) {
        guard let slot = table.slot(of: id) else { return }
        switch table[slot].phase {
        case .resolving, .connecting: give(slot)
        case .open:
            table[slot].phase = .closing
            table[slot].input.removeAll(keeping: Connection.memoryKept)
            setDeadline(id, in: lingerTimeout)
            markDirty(slot)
            updateInterest(slot)
        case .free, .closing, .draining: break
        }
    }

    /// Ends a connection at once; what is queued for it is lost.
    public mutating func abandon(_ id: ConnectionID) {
        if let slot = table.slot(of: id) { give(slot) }
    }

    mutating func beginDraining(_ slot: Int) {
        _ = leasehold_shutdown_writing(table[slot].descriptor)
        table[slot].phase = .draining
    }

    mutating func drain(_ slot: Int) {
        do throws(SystemError) {
            switch try table[slot].input.receive(from: table[slot].descriptor, atMost: Connection.memoryKept) {
            case .moved: table[slot].input.removeAll()
            case .wouldWait: break
            case .ended: give(slot)
            }
        } catch { give(slot) }
    }

    mutating func setDeadline(_ id: ConnectionID, in time: Nanoseconds) {
        let by = SystemClocks.steady + time
        deadlines.append((id, by))
        deadlineNext = min(deadlineNext, by)
    }

    /// Ends dials and closings whose time has come.
    mutating func expire(_ events: inout [LoopEvent]) {
        let now = SystemClocks.steady
        guard deadlineNext <= now else { return }
        deadlineNext = .never
        var kept = 0
        for index in 0..<deadlines.count {
            let (id, by) = deadlines[index]
            guard let slot = table.slot(of: id), table[slot].phase != .open else { continue }
            if by <= now {
                let wasDialling = table[slot].phase == .connecting || table[slot].phase == .resolving
                give(slot)
                if wasDialling { events.append(.dialFailed(id, .timedOut)) }
            } else {
                deadlines[kept] = deadlines[index]
                kept += 1
                deadlineNext = min(deadlineNext, by)
            }
        }
        deadlines.removeSubrange(kept...)
    }
}
