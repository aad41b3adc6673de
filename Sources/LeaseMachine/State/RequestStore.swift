internal import LeaseholdBase

/// What is remembered of a client instance.
struct InstanceRecord: BitwiseCopyable, Sendable {
    var instance: ClientInstance
    /// Its lowest unanswered request as far as it has said; nothing below is remembered, or done any more.
    var mark: RequestSequence
    var lastHeard: LogTime
    /// Neighbours in the order of last hearing.
    var earlier: UInt32
    var later: UInt32
    /// Its requests, linked through their records in no order that means anything.
    var firstRequest: UInt32
    var requestCount: UInt32
    /// Rises along the order of last hearing. Differs between nodes.
    var rank: UInt64 = 0
    /// The capture that has no more use for the instance: it has it as it was, or the instance is younger.
    var capture: UInt32 = 0
}

/// What is remembered of a request.
struct RequestRecord: BitwiseCopyable, Sendable {
    var sequence: RequestSequence
    /// A hash of all that the tries of the request must agree in.
    var content: UInt64
    /// The claim, for an acquire that was granted one.
    var claim: ClaimID
    var owner: UInt32
    var previous: UInt32
    var next: UInt32
    /// The outcome's bytes, for other outcomes.
    var textSlot: UInt32
    var textLength: UInt16
    var kind: Kind

    enum Kind: UInt8 {
        /// An acquire that was granted a claim, whose present state is the answer to a duplicate.
        case acquired = 1
        /// Any other outcome; duplicates get the first answer.
        case answered = 2
        /// A cancel that came before its acquire: the acquire does nothing (trap 66).
        case cancelledBefore = 3
    }
}

/// Exactly once (Ongaro's thesis, §6.3): per client instance its lowest unanswered request, and the outcome of every
/// request at or above it.
struct RequestStore: Sendable {
    var instances = SlotPool<InstanceRecord>()
    var requests = SlotPool<RequestRecord>()
    var texts = ByteArena()
    var instanceByNumber = LookupTable(segmentBits: 10)
    var requestByID = LookupTable(segmentBits: 10)
    /// The instance unheard for longest, and the one heard last.
    var earliest: UInt32 = noSlot
    var latest: UInt32 = noSlot
    /// The sum of the hashes of all facts in here.
    var digest: UInt128 = 0
    /// The rank of the instance heard last.
    var lastRank: UInt64 = 0
    /// What a snapshot under way needs of the past.
    var capture = RequestCapture()
    let hash: SeededHash

    init(hash: SeededHash) { self.hash = hash }

    // MARK: Finding

    func instance(_ number: ClientInstance) -> UInt32? {
        var probe = instanceByNumber.probe(hash(number.rawValue))
        while let slot = instanceByNumber.next(&probe) {
            if instances[slot].instance == number { return slot }
        }
        return nil
    }

    func request(_ id: RequestID) -> UInt32? {
        var probe = requestByID.probe(hash(id.instance.rawValue, id.sequence.rawValue))
        while let slot = requestByID.next(&probe) {
            if requests[slot].sequence == id.sequence, instances[requests[slot].owner].instance == id.instance {
                return slot
            }
        }
        return nil
    }

    /// The first answer to a request, as bytes of an ``Outcome``.
    @_lifetime(borrow self)
    func answer(_ slot: UInt32) -> RawSpan {
        texts.bytes(requests[slot].textSlot, length: Int(requests[slot].textLength))
    }

    // MARK: Instances

    /// Notes that an instance was heard now, and makes it known when it is not.
    mutating func hear(_ number: ClientInstance, at time: LogTime) -> UInt32 {
        if let slot = instance(number) {
            guard latest != slot || instances[slot].lastHeard != time else { return slot }
            if capture.isActive { keep(slot) }
            digest &-= Self.hash(of: instances[slot])
            unlink(slot)
            instances[slot].lastHeard = time
            linkLatest(slot)
            digest &+= Self.hash(of: instances[slot])
            return slot
        }
        let slot = instances.insert(
            InstanceRecord(
                instance: number, mark: RequestSequence(0), lastHeard: time, earlier: noSlot, later: noSlot,
                firstRequest: noSlot, requestCount: 0, capture: capture.number))
        linkLatest(slot)
        instanceByNumber.insert(slot, hash: hash(number.rawValue))
        digest &+= Self.hash(of: instances[slot])
        return slot
    }

    /// Raises an instance's mark and forgets the requests below.
    /// - Complexity: O(requests passed or remembered, whichever is less).
    mutating func raiseMark(_ slot: UInt32, to mark: RequestSequence) {
        let old = instances[slot].mark
        guard mark > old else { return }
        if capture.isActive { keep(slot) }
        digest &-= Self.hash(of: instances[slot])
        instances[slot].mark = mark
        digest &+= Self.hash(of: instances[slot])
        if mark - old <= UInt64(instances[slot].requestCount) {
            var sequence = old
            while sequence < mark {
                if let found = request(RequestID(instance: instances[slot].instance, sequence: sequence)) {
                    removeRequest(found)
                }
                sequence = sequence.next
            }
        } else {
            var next = instances[slot].firstRequest
            while next != noSlot {
                let current = next
                next = requests[current].next
                if requests[current].sequence < mark { removeRequest(current) }
            }
        }
        #if PLANTED_BUGS
        let named = RequestID(instance: instances[slot].instance, sequence: mark)
        if planted(.outcomeForgottenAtMark), let found = request(named) { removeRequest(found) }
        #endif
    }

    /// Forgets up to so many instances that were last heard before the time; answers whether there was any.
    mutating func forget(before time: LogTime, atMost count: Int) -> Bool {
        for forgotten in 0..<count {
            guard earliest != noSlot, instances[earliest].lastHeard < time else { return forgotten > 0 }
            let slot = earliest
            if capture.isActive { keep(slot) }
            while instances[slot].firstRequest != noSlot { removeRequest(instances[slot].firstRequest) }
            digest &-= Self.hash(of: instances[slot])
            instanceByNumber.remove(slot, hash: hash(instances[slot].instance.rawValue))
            unlink(slot)
            instances.remove(slot)
        }
        return count > 0
    }

    private mutating func unlink(_ slot: UInt32) {
        let (earlier, later) = (instances[slot].earlier, instances[slot].later)
        if capture.cursor == slot { capture.cursor = later }
        if earlier == noSlot { earliest = later } else { instances[earlier].later = later }
        if later == noSlot { latest = earlier } else { instances[later].earlier = earlier }
    }

    mutating func linkLatest(_ slot: UInt32) {
        lastRank += 1
        instances[slot].rank = lastRank
        instances[slot].earlier = latest
        instances[slot].later = noSlot
        if latest == noSlot { earliest = slot } else { instances[latest].later = slot }
        latest = slot
    }

    // MARK: Requests

    /// Remembers a request of an instance that does not have it.
    mutating func add(
        _ sequence: RequestSequence, of owner: UInt32, kind: RequestRecord.Kind, content: UInt64,
        claim: ClaimID = ClaimID(0), answer: RawSpan = RawSpan()
    ) {
        if capture.isActive { keep(owner) }
        let first = instances[owner].firstRequest
        let text = texts.insert(answer)
        let slot = requests.insert(
            RequestRecord(
                sequence: sequence, content: content, claim: claim, owner: owner, previous: noSlot, next: first,
                textSlot: text, textLength: UInt16(truncatingIfNeeded: answer.byteCount), kind: kind))
        if first != noSlot { requests[first].previous = slot }
        instances[owner].firstRequest = slot
        instances[owner].requestCount += 1
        requestByID.insert(slot, hash: hash(instances[owner].instance.rawValue, sequence.rawValue))
        digest &+= hashOfRequest(slot)
    }

    private mutating func removeRequest(_ slot: UInt32) {
        digest &-= hashOfRequest(slot)
        let request = requests[slot]
        if request.previous == noSlot {
            instances[request.owner].firstRequest = request.next
        } else {
            requests[request.previous].next = request.next
        }
        if request.next != noSlot { requests[request.next].previous = request.previous }
        instances[request.owner].requestCount -= 1
        requestByID.remove(
            slot, hash: hash(instances[request.owner].instance.rawValue, request.sequence.rawValue))
        texts.remove(request.textSlot, length: Int(request.textLength))
        requests.remove(slot)
    }

    // MARK: Hashes

    static func hash(of instance: InstanceRecord) -> UInt128 {
        var hash = StateHash(.instance)
        hash.add(instance.instance.rawValue)
        hash.add(instance.mark.rawValue)
        hash.add(instance.lastHeard.rawValue)
        return hash.value
    }

    func hashOfRequest(_ slot: UInt32) -> UInt128 {
        let request = requests[slot]
        var hash = StateHash(.request)
        hash.add(instances[request.owner].instance.rawValue)
        hash.add(request.sequence.rawValue)
        hash.add(request.content)
        hash.add(request.claim.rawValue)
        hash.add(UInt64(request.kind.rawValue))
        hash.add(answer(slot))
        return hash.value
    }
}
