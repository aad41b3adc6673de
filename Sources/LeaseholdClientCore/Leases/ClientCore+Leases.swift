import LeaseMachine
public import LeaseholdBase
import LeaseholdWire

/// Kept leases: what the client believes it holds.
extension ClientCore {
    /// What is known of a kept lease, or nil when it is lost.
    public func lease(_ handle: LeaseHandle) -> HeldLease? { position(handle).map { leases[$0].facts } }

    /// Whether the client may believe at this moment that it holds the lease.
    public func holds(_ handle: LeaseHandle, at now: SteadyTime) -> Bool {
        guard let index = position(handle) else { return false }
        return now < leases[index].facts.heldUntil
    }

    /// How many leases are kept.
    public var keptLeases: Int { leases.count - freeLeases.count }

    /// All kept leases, in no particular order that means anything, and always the same one.
    public var allLeases: [LeaseHandle] {
        leases.indices.filter { leases[$0].isLive }.map(handle(lease:))
    }

    /// Has a kept lease renewed by itself only until a time, which a later call may put off: so that work that hangs does
    /// not keep its lease for ever (trap 52). Of a lost lease nothing changes.
    public mutating func renew(_ lease: LeaseHandle, until end: SteadyTime, now: SteadyTime) {
        advance(now)
        guard let index = position(lease) else { return }
        leases[index].renewUntil = end
        watch(index)
    }

    func position(_ handle: LeaseHandle) -> Int? {
        let index = Int(handle.slot)
        guard index < leases.count, leases[index].generation == handle.generation, leases[index].isLive
        else { return nil }
        return index
    }

    func handle(lease index: Int) -> LeaseHandle {
        LeaseHandle(slot: UInt32(index), generation: leases[index].generation)
    }

    /// The shortest TTL of all kept leases.
    var shortestTTL: Nanoseconds? {
        guard leases.count > freeLeases.count else { return nil }
        var shortest = Nanoseconds.max
        for lease in leases where lease.isLive { shortest = Swift.min(shortest, lease.facts.ttl) }
        return shortest
    }

    /// Begins to keep a lease that is held.
    mutating func keep(_ facts: HeldLease, sent: SteadyTime) -> LeaseHandle {
        let index: Int
        if let last = freeLeases.popLast() {
            index = Int(last)
        } else {
            index = leases.count
            leases.append(KeptLease())
        }
        leases[index].generation &+= 1
        leases[index].phase = .held
        leases[index].facts = facts
        leases[index].isRenewing = false
        leases[index].failures = 0
        leases[index].renewAt = sent + renewalInterval(facts.ttl)
        leases[index].renewUntil = .never
        watch(index)
        return handle(lease: index)
    }

    /// Tells the lease timer of what happens to the lease next.
    mutating func watch(_ index: Int) {
        leaseTimer = Swift.min(leaseTimer, leases[index].facts.heldUntil)
        if leases[index].isRenewable(now: clock), !leases[index].isRenewing {
            leaseTimer = Swift.min(leaseTimer, leases[index].renewAt)
        }
    }

    /// The tenure is over: told once, and its place is free, so that nothing can be told of it again (trap 59), and
    /// no renewal names it any more (trap 65).
    mutating func lose(_ index: Int, _ reason: LossReason) {
        effects.append(.leaseChanged(handle(lease: index), .lost(reason)))
        leases[index].phase = .free
        leases[index].facts.name = ""
        freeLeases.append(UInt32(index))
        leaseCount -= 1
    }

    /// A grant that came too late to be used is lost, and given back so that others need not wait (trap 66).
    mutating func loseUnused(_ lease: LeaseHandle) {
        guard let index = position(lease) else { return }
        let facts = leases[index].facts
        marks.hit(.lateGrantReleased)
        lose(index, .expiredLocally)
        giveBack(.release(ClaimReference(claim: facts.claim, name: facts.name)), ttl: facts.ttl)
    }

    /// Sends a command that no caller waits for and that ends a granted claim in which nobody believes (trap 66). When the
    /// claim has ended already, nothing comes of it.
    mutating func giveBack(_ command: Slot.PendingCommand, ttl: Nanoseconds) {
        requestCount += 1
        let undo = take(.undo)
        slots[undo].pending = command
        slots[undo].deadline = clock + Swift.max(ttl * 2, .seconds(10))
        slots[undo].attemptTimeout = configuration.attemptTimeout
        makeReady(undo)
    }

    /// What is due of leases happens: losses first, then renewals.
    /// - Complexity: O(leases).
    mutating func passLeases(now: SteadyTime) {
        let asked = deadline
        let late: Nanoseconds = asked == .never ? .zero : now - asked
        leaseTimer = .never
        var shortestDue: Nanoseconds?
        for index in leases.indices where leases[index].isLive {
            let heldUntil = leases[index].facts.heldUntil
            if now >= heldUntil {
                let reason = reasonOfEnd(index, late: late, asked: asked)
                if reason == .expiredLocally { marks.hit(.beliefEnded) }
                if case .processPaused = reason { marks.hit(.pauseNoticed) }
                lose(index, reason)
            } else {
                if leases[index].isRenewable(now: clock), !leases[index].isRenewing, now >= leases[index].renewAt {
                    shortestDue = Swift.min(shortestDue ?? .max, leases[index].facts.ttl)
                }
                watch(index)
            }
        }
        if let shortestDue { startRounds(within: shortestDue * 37 / 100, now: now) }
    }

    /// A deadline that passed although a turn was asked for before it means that the process did not run.
    private func reasonOfEnd(_ index: Int, late: Nanoseconds, asked: SteadyTime) -> LossReason {
        if case .ending(let reason) = leases[index].phase { return LossReason(reason) }
        if asked < leases[index].facts.heldUntil, late >= configuration.pauseThreshold { return .processPaused(late) }
        return .expiredLocally
    }
}
