internal import LeaseholdBase

/// A lease: a name with its claims. It exists as long as it has any.
struct LeaseRecord: BitwiseCopyable, Sendable {
    var nameSlot: UInt32
    var nameLength: UInt8
    var capacity: UInt32
    /// The claims in the order of their ids, linked through the claim records.
    var firstClaim: UInt32
    var lastClaim: UInt32
    var claimCount: UInt32
    /// The capture that has no more use for the lease: it has it as it was, or the lease is younger.
    var capture: UInt32 = 0
}

/// A claim that has not been recorded as ended.
struct ClaimRecord: BitwiseCopyable, Sendable {
    /// Zero in a slot that is not in use.
    var id: ClaimID
    /// Zero while waiting, which nothing does yet.
    var token: FencingToken
    var deadline: LogTime
    var ttl: Nanoseconds
    var request: RequestID
    var lease: UInt32
    var previous: UInt32
    var next: UInt32
    /// Where a capture may have kept the deadline; any number.
    var kept: UInt32 = 0
    /// The holder's label and then the principal.
    var textSlot: UInt32
    var valueSlot: UInt32
    var valueLength: UInt16
    var holderLength: UInt8
    var principalLength: UInt8
}

/// No slot.
let noSlot: UInt32 = .max

/// All leases and claims, with what finds them: by name, by claim, in order of names, by deadline.
///
/// About 240 bytes for a held lease with a name of 25 bytes and a label of 20. A copy is cheap to keep.
struct ClaimStore: Sendable {
    var leases = SlotPool<LeaseRecord>()
    var claims = SlotPool<ClaimRecord>()
    var texts = ByteArena()
    var leaseByName = LookupTable()
    var claimByID = LookupTable()
    /// Lease slots in the byte order of their names.
    var order = OrderedIndex()
    /// Claim slots by (deadline, claim id). A renewal leaves the key as it is, so a key may be less than the deadline,
    /// never more; who takes the first of the heap corrects it first.
    var due = SlotHeap()
    /// The sum of the hashes of all facts in here.
    var digest: UInt128 = 0
    /// What a snapshot under way needs of the past.
    var capture = ClaimCapture()
    let hash: SeededHash

    init(hash: SeededHash) { self.hash = hash }

    // MARK: Finding

    func lease(named name: RawSpan) -> UInt32? {
        var probe = leaseByName.probe(hash(name))
        while let slot = leaseByName.next(&probe) {
            if self.name(ofLease: slot).hasSameBytes(as: name) { return slot }
        }
        return nil
    }

    func claim(_ id: ClaimID) -> UInt32? {
        var probe = claimByID.probe(hash(id.rawValue))
        while let slot = claimByID.next(&probe) {
            if claims[slot].id == id { return slot }
        }
        return nil
    }

    /// The first slot that may be the claim's, without looking at it; ``noSlot`` when there is none.
    func candidate(_ id: ClaimID) -> UInt32 {
        var probe = claimByID.probe(hash(id.rawValue))
        return claimByID.next(&probe) ?? noSlot
    }

    /// Whether a candidate is the claim. It may have gone since it was looked up.
    func holds(_ id: ClaimID, at candidate: UInt32) -> Bool {
        candidate != noSlot && id.rawValue > 0 && claims[candidate].id == id
    }

    @_lifetime(borrow self)
    func name(ofLease slot: UInt32) -> RawSpan {
        let lease = leases[slot]
        return texts.bytes(lease.nameSlot, length: Int(lease.nameLength))
    }

    @_lifetime(borrow self)
    func holder(ofClaim slot: UInt32) -> RawSpan {
        let claim = claims[slot]
        let length = Int(claim.holderLength) + Int(claim.principalLength)
        return texts.bytes(claim.textSlot, length: length).extracting(0..<Int(claim.holderLength))
    }

    @_lifetime(borrow self)
    func principal(ofClaim slot: UInt32) -> RawSpan {
        let claim = claims[slot]
        let length = Int(claim.holderLength) + Int(claim.principalLength)
        return texts.bytes(claim.textSlot, length: length).extracting(Int(claim.holderLength)..<length)
    }

    @_lifetime(borrow self)
    func value(ofClaim slot: UInt32) -> RawSpan {
        let claim = claims[slot]
        return texts.bytes(claim.valueSlot, length: Int(claim.valueLength))
    }

    /// Whether a claim is of this lease (any, when empty) and belongs to this principal.
    func matches(_ slot: UInt32, name: RawSpan, principal: RawSpan) -> Bool {
        let claim = claims[slot]
        if Int(claim.principalLength) != principal.byteCount { return false }
        if principal.byteCount > 0, !self.principal(ofClaim: slot).hasSameBytes(as: principal) { return false }
        return name.byteCount == 0 || self.name(ofLease: claim.lease).hasSameBytes(as: name)
    }

    // MARK: Changing

    /// Makes a claim that holds at once, and its lease when there is none yet. Names and labels are within limits.
    mutating func add(
        id: ClaimID, deadline: LogTime, command: borrowing CommandView, lease found: UInt32?
    ) -> UInt32 {
        let lease = found ?? addLease(named: command.name, capacity: command.capacity)
        return add(
            id: id, token: FencingToken(id.rawValue), deadline: deadline,
            ttl: Nanoseconds(Int64(clamping: command.ttl)), request: command.request, holder: command.holder,
            principal: command.principal, value: command.value, lease: lease)
    }

    /// Adds a claim to a lease. Its id is greater than those that the lease has, and its texts are within limits.
    mutating func add(
        id: ClaimID, token: FencingToken, deadline: LogTime, ttl: Nanoseconds, request: RequestID, holder: RawSpan,
        principal: RawSpan, value: RawSpan, lease: UInt32
    ) -> UInt32 {
        var text: [UInt8] = []
        let textSlot: UInt32
        if principal.byteCount == 0 {
            textSlot = texts.insert(holder)
        } else {
            text.append(bytes: holder)
            text.append(bytes: principal)
            textSlot = unsafe texts.insert(text.span.bytes)
        }
        let last = leases[lease].lastClaim
        let slot = claims.insert(
            ClaimRecord(
                id: id, token: token, deadline: deadline, ttl: ttl, request: request, lease: lease, previous: last,
                next: noSlot, textSlot: textSlot, valueSlot: texts.insert(value),
                valueLength: UInt16(truncatingIfNeeded: value.byteCount),
                holderLength: UInt8(truncatingIfNeeded: holder.byteCount),
                principalLength: UInt8(truncatingIfNeeded: principal.byteCount)))
        if last == noSlot { leases[lease].firstClaim = slot } else { claims[last].next = slot }
        leases[lease].lastClaim = slot
        leases[lease].claimCount += 1
        claimByID.insert(slot, hash: hash(id.rawValue))
        due.insert(slot, key: deadline.rawValue, tie: Self.tie(of: id))
        digest &+= hashOfClaim(slot) &+ hashOfValue(slot) &+ Self.hash(of: id, deadline: deadline)
        return slot
    }

    /// Removes a claim, and its lease with the last one.
    mutating func remove(_ slot: UInt32) {
        if capture.isActive { keepLease(claims[slot].lease) }
        let claim = claims[slot]
        digest &-= hashOfClaim(slot) &+ hashOfValue(slot) &+ Self.hash(of: claim.id, deadline: claim.deadline)
        due.remove(slot)
        claimByID.remove(slot, hash: hash(claim.id.rawValue))
        if claim.previous == noSlot {
            leases[claim.lease].firstClaim = claim.next
        } else {
            claims[claim.previous].next = claim.next
        }
        if claim.next == noSlot {
            leases[claim.lease].lastClaim = claim.previous
        } else {
            claims[claim.next].previous = claim.previous
        }
        leases[claim.lease].claimCount -= 1
        texts.remove(claim.textSlot, length: Int(claim.holderLength) + Int(claim.principalLength))
        texts.remove(claim.valueSlot, length: Int(claim.valueLength))
        claims[slot].id = ClaimID(0)
        claims.remove(slot)
        if leases[claim.lease].claimCount == 0 { removeLease(claim.lease) }
    }

    /// Moves a claim's deadline to a later time; an earlier one changes nothing.
    mutating func extend(_ slot: UInt32, to deadline: LogTime) {
        let claim = claims[slot]
        guard deadline > claim.deadline else { return }
        if capture.isActive { keepDeadline(of: slot, claim) }
        digest &-= Self.hash(of: claim.id, deadline: claim.deadline)
        digest &+= Self.hash(of: claim.id, deadline: deadline)
        claims[slot].deadline = deadline
    }

    mutating func setValue(_ slot: UInt32, to value: RawSpan) {
        if capture.isActive { keepLease(claims[slot].lease) }
        digest &-= hashOfValue(slot)
        texts.remove(claims[slot].valueSlot, length: Int(claims[slot].valueLength))
        claims[slot].valueSlot = texts.insert(value)
        claims[slot].valueLength = UInt16(truncatingIfNeeded: value.byteCount)
        digest &+= hashOfValue(slot)
    }

    mutating func addLease(named name: RawSpan, capacity: UInt32) -> UInt32 {
        let slot = leases.insert(
            LeaseRecord(
                nameSlot: texts.insert(name), nameLength: UInt8(truncatingIfNeeded: name.byteCount),
                capacity: capacity, firstClaim: noSlot, lastClaim: noSlot, claimCount: 0, capture: capture.number))
        leaseByName.insert(slot, hash: hash(name))
        let difference = order.closest(to: name).flatMap { CriticalBit(between: name, and: self.name(ofLease: $0)) }
        order.insert(slot, key: name, difference: difference)
        digest &+= hashOfLease(slot)
        return slot
    }

    private mutating func removeLease(_ slot: UInt32) {
        digest &-= hashOfLease(slot)
        leaseByName.remove(slot, hash: hash(name(ofLease: slot)))
        let lease = leases[slot]
        Self.remove(slot, named: lease.nameSlot, length: Int(lease.nameLength), in: texts, from: &order)
        texts.remove(lease.nameSlot, length: Int(lease.nameLength))
        leases.remove(slot)
    }

    /// Reads one part of the store while it changes another.
    private static func remove(
        _ slot: UInt32, named nameSlot: UInt32, length: Int, in texts: borrowing ByteArena,
        from order: inout OrderedIndex
    ) {
        order.remove(slot, key: texts.bytes(nameSlot, length: length))
    }

    // MARK: Deadlines

    /// What orders claims that are due at the same time.
    static func tie(of id: ClaimID) -> UInt64 {
        #if PLANTED_BUGS
        if planted(.tiesByInsertion) { return 0 }
        #endif
        return id.rawValue
    }

    /// The claim that is due first, when its deadline is not after the time; corrects what renewals have left behind.
    mutating func firstDue(at time: LogTime) -> UInt32? {
        while let first = due.first, first.key <= time.rawValue {
            let deadline = claims[first.slot].deadline.rawValue
            if deadline == first.key { return first.slot }
            due.update(first.slot, key: deadline)
        }
        return nil
    }

    /// Corrects up to so many deadlines at the front of the heap that renewals have left behind.
    mutating func correctFirst(atMost count: Int) {
        for _ in 0..<count {
            guard let first = due.first else { return }
            let deadline = claims[first.slot].deadline.rawValue
            if deadline == first.key { return }
            due.update(first.slot, key: deadline)
        }
    }
}
