import LeaseMachine
import LeaseholdBase
import LeaseholdWire

/// The life of a slot: taken, made ready, sent from, delayed, finished.
extension ClientCore {
    /// An empty slot for a request.
    mutating func take(_ kind: RequestKind) -> Int {
        let index: Int
        if let last = freeSlots.popLast() {
            index = Int(last)
        } else {
            index = slots.count
            slots.append(Slot())
        }
        slots[index].reset(kind: kind)
        slotCount += 1
        return index
    }

    mutating func free(_ index: Int) {
        if slots[index].kind != .keepAlive { requestCount -= 1 }
        slots[index].phase = .free
        slots[index].pending = .none
        slots[index].generation &+= 1
        freeSlots.append(UInt32(index))
        slotCount -= 1
    }

    /// To be sent in this turn if there is a node for it; its timer is the end of the request.
    mutating func makeReady(_ index: Int) {
        slots[index].phase = .ready
        slots[index].timer = slots[index].deadline
        slotTimer = Swift.min(slotTimer, slots[index].timer)
        ready.append(handle(index))
    }

    /// To be made ready at a time, or at the end of the request if that is sooner.
    mutating func delay(_ index: Int, until time: SteadyTime) {
        slots[index].phase = .delayed
        slots[index].timer = Swift.min(time, slots[index].deadline)
        slotTimer = Swift.min(slotTimer, slots[index].timer)
    }

    /// The last try failed: the next comes after a random while, and not before the node said.
    mutating func retry(_ index: Int, after least: Nanoseconds = .zero, now: SteadyTime) {
        guard slots[index].kind != .keepAlive else { return missed(round: index, retryAfter: least, now: now) }
        slots[index].failures += 1
        slots[index].charged = !slots[index].kind.isExempt
        let wait = configuration.backoff.delay(afterFailures: slots[index].failures, &random)
        delay(index, until: now + least + wait)
    }

    /// What is due of requests happens: ends, tries that were not answered, delays that are over.
    /// - Complexity: O(slots).
    mutating func passSlots(now: SteadyTime) {
        slotTimer = .never
        for index in slots.indices where slots[index].phase != .free {
            if slots[index].timer > now {
                slotTimer = Swift.min(slotTimer, slots[index].timer)
            } else {
                pass(index, now: now)
            }
        }
    }

    private mutating func pass(_ index: Int, now: SteadyTime) {
        switch slots[index].phase {
        case .free: break
        case .listening: free(index)
        case .ready, .delayed, .inFlight:
            if slots[index].kind == .keepAlive {
                passRound(index, now: now)
            } else if now >= slots[index].deadline {
                finish(index, unanswered: unreached(index))
            } else if slots[index].phase == .inFlight {
                if let attempt = slots[index].open.last { unanswered(attempt, now: now) }
                retry(index, now: now)
            } else {
                makeReady(index)
            }
        }
    }

    private func unreached(_ index: Int) -> NotDone {
        if let refusal = slots[index].lastRefusal { return .refused(refusal) }
        // A node that belongs to no cluster yet refuses one that is named too, until it is asked whose it is.
        guard lastConnectionError != .wrongCluster || configuration.cluster != .unborn || hasMetOther else {
            return .unreachable(nil)
        }
        return .unreachable(lastConnectionError)
    }

    /// Completes a request that got no answer: what it says depends on what of it may still be under way (trap 25).
    mutating func finish(_ index: Int, unanswered reason: NotDone) {
        finish(index, slots[index].isSettled ? .notDone(reason) : .unknown)
    }

    /// Completes a request. An acquire of unknown outcome is undone: its slot sends a cancel from here on (trap 66).
    mutating func finish(_ index: Int, _ result: RequestResult) {
        guard slots[index].kind != .undo else { return finishUndo(index) }
        effects.append(.completed(handle(index), result))
        if slots[index].keeps { leaseCount -= 1 }
        if case .unknown = result, !isShutDown, case .acquire(let acquire) = slots[index].pending,
            let sequence = slots[index].sequence
        {
            undo(index, acquire, sequence)
            return
        }
        // From here on no try of the request is sent again, so that the mark may pass it. A try that is still under
        // way will find itself below the mark.
        if let sequence = slots[index].sequence { sequences.settle(sequence) }
        free(index)
    }

    /// Turns an acquire that was given up into its cancel. The acquire stays unanswered until the cancel is answered:
    /// the cluster finds it by its request as long as the mark has not passed it.
    mutating func undo(_ index: Int, _ acquire: Acquire, _ sequence: RequestSequence) {
        marks.hit(.acquireUndone)
        slots[index].reset(kind: .undo)
        slots[index].undone = sequence
        slots[index].pending = .cancel(
            Cancel(target: RequestID(instance: instance, sequence: sequence), name: acquire.name))
        slots[index].deadline = clock + Swift.max(acquire.ttl * 2, .seconds(10))
        slots[index].attemptTimeout = configuration.attemptTimeout
        makeReady(index)
    }

    mutating func finishUndo(_ index: Int) {
        if let sequence = slots[index].undone { sequences.settle(sequence) }
        if let sequence = slots[index].sequence { sequences.settle(sequence) }
        free(index)
    }
}
