public import LeaseMachine
public import LeaseholdBase
public import LeaseholdWire

/// Requests. Each is answered by one ``ClientEffect/completed(_:_:)``, in whatever turn; `timeout` is for the whole of
/// it, and without one the configuration's holds.
extension ClientCore {
    /// Asks for a lease. With `keep`, a claim that holds is renewed by itself until it is lost or given back.
    ///
    /// Given up without a known outcome, it is undone: the client goes on sending a cancel (trap 66).
    public mutating func acquire(
        _ acquire: Acquire, keep: Bool, timeout: Nanoseconds? = nil, now: SteadyTime
    ) throws(SubmissionError) -> RequestHandle {
        guard mayAcquire else { throw .shutDown }
        guard (1...Limits.nameBytes).contains(acquire.name.utf8.count) else { throw .invalid(.nameInvalid) }
        guard (1...Limits.holderBytes).contains(acquire.holder.utf8.count) else { throw .invalid(.holderInvalid) }
        guard acquire.value.count <= Limits.valueBytes else { throw .invalid(.valueTooLong) }
        guard acquire.ttl > .zero else {
            throw .invalid(.ttlOutOfRange(minimum: limits.shortestTTL, maximum: limits.longestTTL))
        }
        if keep, leaseCount >= Swift.min(configuration.leaseLimit, ClientLimits.leases) { throw .tooManyLeases }
        let index = try submit(.acquire, timeout: timeout, now: now)
        slots[index].pending = .acquire(acquire)
        slots[index].keeps = keep
        if keep { leaseCount += 1 }
        return handle(index)
    }

    /// Extends claims of the caller's own keeping: up to ``ClientLimits/renewalClaims`` in one request.
    ///
    /// Not identified, because doing it twice is doing it once; tried anew until its timeout.
    public mutating func renew(
        _ items: [Renewal], timeout: Nanoseconds? = nil, attemptTimeout: Nanoseconds? = nil, now: SteadyTime
    ) throws(SubmissionError) -> RequestHandle {
        guard items.count <= ClientLimits.renewalClaims else { throw .invalid(.malformed) }
        for item in items {
            guard item.name.utf8.count <= Limits.nameBytes, item.principal.utf8.count <= Limits.principalBytes
            else { throw .invalid(.nameInvalid) }
        }
        let index = try submit(.renew, timeout: timeout, now: now)
        if let attemptTimeout { slots[index].attemptTimeout = attemptTimeout }
        Command.renew(items).encode(into: &slots[index].bytes)
        return handle(index)
    }

    /// Gives a claim back. A kept lease of that claim is lost at this moment, whatever comes of the request (trap 60).
    public mutating func release(
        _ claim: ClaimReference, timeout: Nanoseconds? = nil, now: SteadyTime
    ) throws(SubmissionError) -> RequestHandle {
        guard claim.name.utf8.count <= Limits.nameBytes else { throw .invalid(.nameInvalid) }
        let index = try submit(.release, timeout: timeout, now: now)
        slots[index].pending = .release(claim)
        for lease in leases.indices where leases[lease].isLive && leases[lease].facts.claim == claim.claim {
            lose(lease, .released)
        }
        return handle(index)
    }

    /// Gives a kept lease back; nil when it is lost already, and then nothing is sent.
    public mutating func release(
        _ lease: LeaseHandle, timeout: Nanoseconds? = nil, now: SteadyTime
    ) throws(SubmissionError) -> RequestHandle? {
        guard let index = position(lease) else { return nil }
        let facts = leases[index].facts
        let request = try submit(.release, timeout: timeout, now: now)
        slots[request].pending = .release(ClaimReference(claim: facts.claim, name: facts.name))
        lose(index, .released)
        return handle(request)
    }

    /// Gives a claim another value.
    public mutating func update(
        _ update: Update, timeout: Nanoseconds? = nil, now: SteadyTime
    ) throws(SubmissionError) -> RequestHandle {
        guard update.claim.name.utf8.count <= Limits.nameBytes else { throw .invalid(.nameInvalid) }
        guard update.value.count <= Limits.valueBytes else { throw .invalid(.valueTooLong) }
        let index = try submit(.update, timeout: timeout, now: now)
        slots[index].pending = .update(update)
        return handle(index)
    }

    /// Undoes an acquire, of this client or another. A kept lease that it made is lost at this moment; when the acquire
    /// is still under way, a grant of it that is answered from here on is told as ended and given back, whatever becomes
    /// of this request (trap 66).
    public mutating func cancel(
        _ cancel: Cancel, timeout: Nanoseconds? = nil, now: SteadyTime
    ) throws(SubmissionError) -> RequestHandle {
        guard cancel.name.utf8.count <= Limits.nameBytes else { throw .invalid(.nameInvalid) }
        let index = try submit(.cancel, timeout: timeout, now: now)
        slots[index].pending = .cancel(cancel)
        for lease in leases.indices where leases[lease].isLive && leases[lease].facts.request == cancel.target {
            lose(lease, .cancelled)
        }
        if cancel.target.instance == instance {
            for other in slots.indices where slots[other].phase != .free && slots[other].kind == .acquire {
                if slots[other].sequence == cancel.target.sequence { slots[other].isUndone = true }
            }
        }
        return handle(index)
    }

    /// Changes replicated settings.
    public mutating func changeSettings(
        _ changes: [SettingChange], timeout: Nanoseconds? = nil, now: SteadyTime
    ) throws(SubmissionError) -> RequestHandle {
        guard changes.count <= Limits.settingsPerCommand else { throw .invalid(.malformed) }
        let index = try submit(.changeSettings, timeout: timeout, now: now)
        slots[index].pending = .settings(changes)
        return handle(index)
    }

    /// Reads one lease: as the cluster has it now, or, `stale`, as any node has it.
    public mutating func get(
        name: String, stale: Bool = false, timeout: Nanoseconds? = nil, now: SteadyTime
    ) throws(SubmissionError) -> RequestHandle {
        guard (1...Limits.nameBytes).contains(name.utf8.count) else { throw .invalid(.nameInvalid) }
        let index = try submit(.get, timeout: timeout, now: now)
        slots[index].operation = .get
        slots[index].stale = stale
        GetRequest.encode(name: name, stale: stale, into: &slots[index].bytes)
        return handle(index)
    }

    /// Reads a page of leases whose names begin with a prefix, behind a name, in byte order.
    public mutating func list(
        prefix: String, after: String = "", limit: Int = WireLimits.pageLeases, stale: Bool = false,
        timeout: Nanoseconds? = nil, now: SteadyTime
    ) throws(SubmissionError) -> RequestHandle {
        guard prefix.utf8.count <= Limits.nameBytes, after.utf8.count <= Limits.nameBytes else {
            throw .invalid(.nameInvalid)
        }
        let index = try submit(.list, timeout: timeout, now: now)
        slots[index].operation = .list
        slots[index].stale = stale
        ListRequest.encode(prefix: prefix, after: after, limit: limit, stale: stale, into: &slots[index].bytes)
        return handle(index)
    }

    /// Asks the node at an address how it fares, or any node when there is none. A node that cannot be connected to is
    /// *not done* at once.
    public mutating func status(
        of address: String? = nil, timeout: Nanoseconds? = nil, now: SteadyTime
    ) throws(SubmissionError) -> RequestHandle {
        var pinned = -1
        if let address {
            guard let endpoint = endpoint(at: address) else { throw .tooManyRequests }
            pinned = endpoint
        }
        let index = try submit(.status, timeout: timeout, now: now)
        slots[index].operation = .status
        slots[index].stale = true
        slots[index].pinned = pinned
        return handle(index)
    }

    /// Reads the replicated settings.
    public mutating func settings(
        timeout: Nanoseconds? = nil, now: SteadyTime
    ) throws(SubmissionError) -> RequestHandle {
        let index = try submit(.settings, timeout: timeout, now: now)
        slots[index].operation = .settings
        return handle(index)
    }

    /// Asks the leader to hand over to a voter, or to whichever holds most of the log.
    ///
    /// Tried anew until its timeout: without a target, an answer that was lost may mean one hand-over more.
    public mutating func transferLeadership(
        to target: NodeID?, timeout: Nanoseconds? = nil, now: SteadyTime
    ) throws(SubmissionError) -> RequestHandle {
        let index = try submit(.transfer, timeout: timeout, now: now)
        slots[index].operation = .transfer
        TransferRequest(target: target).encode(into: &slots[index].bytes)
        return handle(index)
    }

    /// Asks the leader for another membership, and waits until it holds for good.
    ///
    /// Tried anew until its timeout, also while a learner does not keep up or another change is under way: doing it twice
    /// is doing it once.
    public mutating func changeMembers(
        _ request: MemberRequest, timeout: Nanoseconds? = nil, now: SteadyTime
    ) throws(SubmissionError) -> RequestHandle {
        let index = try submit(.changeMembers, timeout: timeout, now: now)
        slots[index].operation = .changeMembers
        request.encode(into: &slots[index].bytes)
        return handle(index)
    }

    /// Asks who belongs to the cluster.
    public mutating func members(
        timeout: Nanoseconds? = nil, now: SteadyTime
    ) throws(SubmissionError) -> RequestHandle {
        let index = try submit(.members, timeout: timeout, now: now)
        slots[index].operation = .members
        return handle(index)
    }

    /// Asks the node at an address for its snapshot, or for bytes of it (``SnapshotPull``). A node that cannot be connected
    /// to is *not done* at once.
    public mutating func snapshot(
        _ request: SnapshotRequest, at address: String, timeout: Nanoseconds? = nil, now: SteadyTime
    ) throws(SubmissionError) -> RequestHandle {
        guard let endpoint = endpoint(at: address) else { throw .tooManyRequests }
        let index = try submit(.snapshot, timeout: timeout, now: now)
        slots[index].operation = .snapshot
        slots[index].pinned = endpoint
        // A piece takes its time over a slow line, and asking twice does not make it faster.
        slots[index].attemptTimeout = Swift.max(configuration.attemptTimeout, (slots[index].deadline - now) / 3)
        request.encode(into: &slots[index].bytes)
        return handle(index)
    }

    /// Waits no longer for a request: it is completed as *not done* when nothing of it is under way, and as *unknown*
    /// otherwise. Nothing happens when it was completed before.
    public mutating func giveUp(_ request: RequestHandle, now: SteadyTime) {
        advance(now)
        guard let index = position(request) else { return }
        finish(index, unanswered: .givenUp)
    }

    /// No lease can be asked for from here on, and the acquires under way are given up: the client is about to end.
    public mutating func endAcquires(now: SteadyTime) {
        advance(now)
        mayAcquire = false
        for index in slots.indices where slots[index].phase != .free && slots[index].kind == .acquire {
            finish(index, unanswered: .givenUp)
        }
    }

    /// What names the request in the log, once it was sent.
    public func requestID(of request: RequestHandle) -> RequestID? {
        guard let index = position(request), let sequence = slots[index].sequence else { return nil }
        return RequestID(instance: instance, sequence: sequence)
    }

    /// How many requests of callers are under way, acquires that are being undone included.
    public var requestsUnderWay: Int { requestCount }

    /// Completes every request, loses every lease, and closes every connection. Nothing can be submitted afterwards.
    ///
    /// Leases are not given back: who wants that releases them first and waits for the answers.
    public mutating func shutDown(now: SteadyTime) {
        advance(now)
        guard !isShutDown else { return }
        isShutDown = true
        for index in leases.indices where leases[index].isLive { lose(index, .shutDown) }
        for index in slots.indices where slots[index].phase != .free {
            if slots[index].kind.isInternal { free(index) } else { finish(index, unanswered: .shutDown) }
        }
        for index in endpoints.indices {
            if let connection = endpoints[index].connection { effects.append(.close(connection)) }
            if case .dialing = endpoints[index].link { effects.append(.abandon(dialID(index))) }
            endpoints[index].link = .idle
            endpoints[index].dial &+= 1
        }
        (leader, slotTimer, leaseTimer, deadline) = (nil, .never, .never, .never)
    }

    mutating func submit(
        _ kind: RequestKind, timeout: Nanoseconds?, now: SteadyTime
    ) throws(SubmissionError) -> Int {
        guard !isShutDown else { throw .shutDown }
        guard requestCount < Swift.min(configuration.requestLimit, ClientLimits.requests) else {
            throw .tooManyRequests
        }
        requestCount += 1
        counts.requests += 1
        budget.offered()
        let index = take(kind)
        let timeout = Swift.min(timeout ?? configuration.timeout, ClientLimits.longestTimeout)
        slots[index].deadline = now + Swift.max(timeout, .zero)
        slots[index].attemptTimeout = configuration.attemptTimeout
        makeReady(index)
        return index
    }

    func handle(_ index: Int) -> RequestHandle {
        RequestHandle(slot: UInt32(index), generation: slots[index].generation)
    }

    func position(_ request: RequestHandle) -> Int? {
        let index = Int(request.slot)
        guard index < slots.count, slots[index].generation == request.generation, slots[index].phase != .free,
            !slots[index].kind.isInternal
        else { return nil }
        return index
    }
}
