internal import LeaseholdBase

/// What is kept of a claim that has ended.
struct EndingRecord: BitwiseCopyable, Sendable {
    var id: ClaimID
    var endedAt: LogTime
    /// Hashes of the lease's name and of the principal, to tell another's claim.
    var nameTag: UInt32
    var principalTag: UInt32
    var next: UInt32
    var reason: EndReason
}

/// The claims that ended of late and why: for so long and so many as the settings say, the oldest forgotten first.
struct EndingStore: Sendable {
    var endings = SlotPool<EndingRecord>()
    var endingByID = LookupTable(segmentBits: 10)
    var first: UInt32 = noSlot
    var last: UInt32 = noSlot
    /// The sum of the hashes of all facts in here.
    var digest: UInt128 = 0
    /// What a snapshot under way needs of the past.
    var capture = EndingCapture()
    let hash: SeededHash

    init(hash: SeededHash) { self.hash = hash }

    var count: Int { endings.count }

    /// Why the claim ended; nil when nothing is known of it, or it was of another lease or principal.
    func reason(of id: ClaimID, name: RawSpan, principal: RawSpan) -> EndReason? {
        guard let slot = slot(of: id) else { return nil }
        let ending = endings[slot]
        guard name.byteCount == 0 || ending.nameTag == Self.tag(name), ending.principalTag == Self.tag(principal)
        else { return nil }
        return ending.reason
    }

    func reason(of id: ClaimID) -> EndReason? { slot(of: id).map { endings[$0].reason } }

    private func slot(of id: ClaimID) -> UInt32? {
        var probe = endingByID.probe(hash(id.rawValue))
        while let slot = endingByID.next(&probe) {
            if endings[slot].id == id { return slot }
        }
        return nil
    }

    mutating func add(
        _ id: ClaimID, _ reason: EndReason, at time: LogTime, nameTag: UInt32, principalTag: UInt32,
        atMost limit: UInt64
    ) {
        // Two for one, so that a limit made lower is come to without a long pause.
        for _ in 0..<2 where UInt64(endings.count) >= max(1, limit) { removeFirst() }
        append(id, reason, at: time, nameTag: nameTag, principalTag: principalTag)
    }

    /// Adds an ending behind the last one.
    mutating func append(
        _ id: ClaimID, _ reason: EndReason, at time: LogTime, nameTag: UInt32, principalTag: UInt32
    ) {
        let slot = endings.insert(
            EndingRecord(
                id: id, endedAt: time, nameTag: nameTag, principalTag: principalTag, next: noSlot, reason: reason))
        if last == noSlot { first = slot } else { endings[last].next = slot }
        last = slot
        endingByID.insert(slot, hash: hash(id.rawValue))
        digest &+= Self.hash(of: endings[slot])
    }

    /// Forgets up to so many endings of before the time; answers whether there was any.
    mutating func forget(before time: LogTime, atMost count: Int) -> Bool {
        for forgotten in 0..<count {
            guard first != noSlot, endings[first].endedAt < time else { return forgotten > 0 }
            removeFirst()
        }
        return count > 0
    }

    private mutating func removeFirst() {
        guard first != noSlot else { return }
        let slot = first
        let ending = endings[slot]
        if capture.cursor == slot { keepFirst(ending) }
        first = ending.next
        if first == noSlot { last = noSlot }
        digest &-= Self.hash(of: ending)
        endingByID.remove(slot, hash: hash(ending.id.rawValue))
        endings.remove(slot)
    }

    static func hash(of ending: EndingRecord) -> UInt128 {
        var hash = StateHash(.ending)
        hash.add(ending.id.rawValue)
        hash.add(ending.endedAt.rawValue)
        hash.add(UInt64(ending.nameTag) << 32 | UInt64(ending.principalTag))
        hash.add(UInt64(ending.reason.rawValue))
        return hash.value
    }

    static func tag(_ bytes: RawSpan) -> UInt32 {
        var hash = StateHash(.content)
        hash.add(bytes)
        return UInt32(truncatingIfNeeded: hash.half)
    }
}
