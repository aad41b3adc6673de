internal import CLeaseholdSystem
public import LeaseholdBase

/// Bytes in and out.
extension ConnectionLoop {
    /// The bytes that came in and were not consumed yet; none when the id is stale.
    @_lifetime(borrow self)
    public func input(of id: ConnectionID) -> RawSpan {
        guard let slot = table.slot(of: id) else { return RawSpan() }
        return unsafe _overrideLifetime(table[slot].input.readable, borrowing: self)
    }

    /// Drops bytes at the front of a connection's input. A stale id is no mistake: the connection may have ended.
    public mutating func consume(_ count: Int, of id: ConnectionID) {
        guard let slot = table.slot(of: id), table[slot].phase == .open else { return }
        table[slot].input.consume(count)
        updateInterest(slot)
    }

    /// Queues bytes to be written by the next flush.
    ///
    /// - Returns: false when they go nowhere: the id is stale, or the connection's bound was passed, which ends it.
    @discardableResult
    public mutating func send(_ bytes: RawSpan, to id: ConnectionID) -> Bool {
        guard let slot = table.slot(of: id), table[slot].phase == .open else { return false }
        guard table[slot].flow.admits(bytes.byteCount, behind: table[slot].output.count),
            table[slot].output.append(bytes)
        else {
            endLater(slot, .overflow)
            return false
        }
        markDirty(slot)
        return true
    }

    /// As ``send(_:to:)``, for bytes that stand alone.
    @discardableResult
    public mutating func send(_ bytes: [UInt8], to id: ConnectionID) -> Bool { unsafe send(bytes.span.bytes, to: id) }

    /// Bytes that wait to be sent to a connection.
    public func queued(for id: ConnectionID) -> Int {
        guard let slot = table.slot(of: id) else { return 0 }
        return table[slot].output.count
    }

    /// Writes each connection that has something queued, once.
    public mutating func flush() {
        // Nothing is added while this runs: a write only takes away.
        for index in 0..<dirty.count { flush(dirty[index]) }
        dirty.removeAll(keepingCapacity: true)
    }

    @inline(__always)
    mutating func markDirty(_ slot: Int) {
        if table[slot].isDirty || table[slot].flow.isBlocked { return }
        table[slot].isDirty = true
        dirty.append(slot)
    }

    private mutating func flush(_ slot: Int) {
        // A place that was freed and given out again since is not dirty, or was listed once more for itself.
        guard table[slot].isDirty else { return }
        table[slot].isDirty = false
        if !table[slot].output.isEmpty {
            do throws(SystemError) {
                _ = try table[slot].output.send(to: table[slot].descriptor)
            } catch {
                endLater(slot, .failed(error))
                return
            }
        }
        let left = table[slot].output.count
        table[slot].flow.wrote(leaving: left)
        if left == 0 && table[slot].phase == .closing { beginDraining(slot) }
        updateInterest(slot)
    }

    /// The socket takes bytes again.
    mutating func unblock(_ slot: Int) {
        table[slot].flow.unblock()
        markDirty(slot)
    }

    mutating func receive(_ slot: Int, _ events: inout [LoopEvent]) {
        // Both can have become so since the poller was told what to watch for.
        guard table[slot].flow.reads(unconsumed: table[slot].input.count) else { return }
        let readSize = table[slot].readSize
        do throws(SystemError) {
            switch try table[slot].input.receive(from: table[slot].descriptor, atMost: readSize) {
            case .moved(let moved):
                if moved == readSize && readSize < Connection.readSizeMax { table[slot].readSize = readSize &* 4 }
                events.append(.received(table.id(at: slot)))
                if !table[slot].flow.reads(unconsumed: table[slot].input.count) { updateInterest(slot) }
            case .wouldWait: break
            case .ended: end(slot, .ended, &events)
            }
        } catch { end(slot, .failed(error), &events) }
    }
}
