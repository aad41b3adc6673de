internal import LeaseholdBase

/// What the position of a snapshot promises of the rest.
struct SnapshotPromise: Sendable {
    var position: SnapshotPosition
    var digest: UInt128
    var counts: [Int]

    func isKept(by machine: LeaseMachine) -> Bool {
        machine.digest.rawValue == digest
            && counts == [
                machine.leaseCount, machine.claimCount, machine.instanceCount, machine.requestCount,
                machine.endingCount,
            ]
    }
}

/// What records say: each is checked against the limits and against those before it.
extension SnapshotLoader {
    @_lifetime(body: copy body)
    mutating func read(_ kind: SnapshotRecordKind, in section: SnapshotSection, _ body: inout ByteReader) throws {
        switch (kind, section) {
        case (.position, .position): try readPosition(&body)
        case (.setting, .settings): try readSetting(&body)
        case (.lease, .leases): try readLease(&body)
        case (.claim, .leases): try readClaim(&body)
        case (.instance, .instances): try readInstance(&body)
        case (.request, .instances): try readRequest(&body)
        case (.ending, .endings): try readEnding(&body)
        default: throw SnapshotFlaw("a record is in a section that is not its own")
        }
    }

    @_lifetime(body: copy body)
    private mutating func readPosition(_ body: inout ByteReader) throws {
        guard promised == nil else { throw SnapshotFlaw("there are two positions") }
        machine.appliedIndex = LogIndex(try body.uint64())
        machine.logTime = LogTime(try body.uint64())
        machine.floor = LogTime(try body.uint64())
        machine.wallTime = WallTime(try body.uint64())
        let low = UInt128(try body.uint64())
        let digest = UInt128(try body.uint64()) << 64 | low
        machine.restoredThrough = ClaimID(try body.uint64())
        machine.quarantineUntil = LogTime(try body.uint64())
        var counts: [Int] = []
        for _ in 0..<5 { counts.append(Int(clamping: try body.uint64())) }
        guard machine.floor <= machine.logTime else { throw SnapshotFlaw("what is forgotten is in the future") }
        guard machine.restoredThrough.rawValue <= machine.appliedIndex.rawValue,
            machine.quarantineUntil <= machine.logTime + Limits.ttl.upperBound
        else { throw SnapshotFlaw("the restore that it tells of cannot have been") }
        promised = SnapshotPromise(
            position: SnapshotPosition(
                index: machine.appliedIndex, logTime: machine.logTime, wallTime: machine.wallTime),
            digest: digest, counts: counts)
    }

    @_lifetime(body: copy body)
    private mutating func readSetting(_ body: inout ByteReader) throws {
        let number = try body.uint16()
        let value = try body.uint64()
        guard number > lastSetting else { throw SnapshotFlaw("settings are out of order") }
        lastSetting = number
        guard let key = SettingKey(rawValue: number) else { throw DecodingError.unknown }
        if key == .level, value > machine.knownLevel {
            throw UnknownCommand(level: value, known: machine.knownLevel)
        }
        machine.settings[key] = value
    }

    // MARK: Leases

    @_lifetime(body: copy body)
    private mutating func readLease(_ body: inout ByteReader) throws {
        try finishLease()
        let capacity = try body.uint32()
        let name = try body.slice(Int(try body.byte()))
        guard capacity == Limits.onlyCapacity else { throw DecodingError.unknown }
        guard CommandView.refusal(ofName: name) == nil else { throw SnapshotFlaw("a name is not one") }
        let isNext = unsafe CriticalBit(between: lastName.span.bytes, and: name)?.isSet(in: name)
        guard isNext == true else { throw SnapshotFlaw("leases are out of order") }
        lastName.removeAll(keepingCapacity: true)
        lastName.append(bytes: name)
        lease = machine.claims.addLease(named: name, capacity: capacity)
    }

    func finishLease() throws(SnapshotFlaw) {
        guard lease == noSlot || machine.claims.leases[lease].claimCount > 0 else {
            throw SnapshotFlaw("a lease has no claims")
        }
    }

    @_lifetime(body: copy body)
    private mutating func readClaim(_ body: inout ByteReader) throws {
        let id = ClaimID(try body.uint64())
        let token = FencingToken(try body.uint64())
        let deadline = LogTime(try body.uint64())
        let ttl = Nanoseconds(Int64(clamping: try body.uint64()))
        let request = RequestID(
            instance: ClientInstance(try body.uint64()), sequence: RequestSequence(try body.uint64()))
        let holderBytes = Int(try body.byte())
        let principalBytes = Int(try body.byte())
        let valueBytes = Int(try body.uint16())
        let holder = try body.slice(holderBytes)
        let principal = try body.slice(principalBytes)
        let value = try body.slice(valueBytes)
        guard lease != noSlot else { throw SnapshotFlaw("a claim has no lease") }
        let record = machine.claims.leases[lease]
        guard record.claimCount < record.capacity else { throw SnapshotFlaw("a lease has more holders than slots") }
        guard record.lastClaim == noSlot || machine.claims.claims[record.lastClaim].id < id, id.rawValue > 0,
            id.rawValue <= machine.appliedIndex.rawValue, machine.claims.claim(id) == nil, token.rawValue > 0
        else { throw SnapshotFlaw("a claim's id is not one") }
        guard Limits.ttl.contains(ttl), deadline <= machine.logTime + ttl else {
            throw SnapshotFlaw("a claim's deadline is not one")
        }
        guard holderBytes > 0, Text.isPlain(holder), Text.isPlain(principal), valueBytes <= Limits.valueBytes,
            request.instance.rawValue > 0, request.sequence.rawValue > 0
        else { throw SnapshotFlaw("a claim is outside of limits") }
        _ = machine.claims.add(
            id: id, token: token, deadline: deadline, ttl: ttl, request: request, holder: holder,
            principal: principal, value: value, lease: lease)
    }

    // MARK: Instances

    @_lifetime(body: copy body)
    private mutating func readInstance(_ body: inout ByteReader) throws {
        let number = ClientInstance(try body.uint64())
        let mark = RequestSequence(try body.uint64())
        let lastHeard = LogTime(try body.uint64())
        let latest = machine.requests.latest
        guard number.rawValue > 0, machine.requests.instance(number) == nil else {
            throw SnapshotFlaw("an instance's number is not one")
        }
        guard lastHeard <= machine.logTime,
            latest == noSlot || machine.requests.instances[latest].lastHeard <= lastHeard
        else { throw SnapshotFlaw("instances are out of order") }
        instance = machine.requests.hear(number, at: lastHeard)
        machine.requests.raiseMark(instance, to: mark)
        lastSequence = RequestSequence(0)
    }

    @_lifetime(body: copy body)
    private mutating func readRequest(_ body: inout ByteReader) throws {
        let sequence = RequestSequence(try body.uint64())
        let content = try body.uint64()
        let claim = ClaimID(try body.uint64())
        let kind = RequestRecord.Kind(rawValue: try body.byte())
        let answer = try body.slice(Int(try body.uint16()))
        guard instance != noSlot else { throw SnapshotFlaw("a request has no instance") }
        let owner = machine.requests.instances[instance]
        guard sequence > lastSequence, sequence >= owner.mark else {
            throw SnapshotFlaw("requests are out of order")
        }
        guard UInt64(owner.requestCount) < SettingKey.requestsPerInstance.range.upperBound + Limits.operatorReserve
        else {
            throw SnapshotFlaw("an instance has more requests than any setting allows")
        }
        guard let kind else { throw DecodingError.unknown }
        switch kind {
        case .acquired:
            guard answer.byteCount == 0, claim.rawValue > 0 else { throw SnapshotFlaw("a request has no claim") }
        case .cancelledBefore:
            guard answer.byteCount == 0, claim.rawValue == 0, content == 0 else {
                throw SnapshotFlaw("a request that was cancelled has an answer")
            }
        case .answered:
            guard claim.rawValue == 0, answer.byteCount <= ByteArena.maximumLength else {
                throw SnapshotFlaw("a request's answer is not one")
            }
            var reader = ByteReader(answer)
            _ = try Outcome(decoding: &reader, statuses: &statuses)
            try reader.finish()
        }
        lastSequence = sequence
        machine.requests.add(
            sequence, of: instance, kind: kind, content: content, claim: claim, answer: answer)
    }

    // MARK: Endings

    @_lifetime(body: copy body)
    private mutating func readEnding(_ body: inout ByteReader) throws {
        let id = ClaimID(try body.uint64())
        let endedAt = LogTime(try body.uint64())
        let nameTag = try body.uint32()
        let principalTag = try body.uint32()
        guard let reason = EndReason(rawValue: try body.byte()) else { throw DecodingError.unknown }
        let last = machine.endings.last
        guard endedAt <= machine.logTime, last == noSlot || machine.endings.endings[last].endedAt <= endedAt else {
            throw SnapshotFlaw("endings are out of order")
        }
        guard id.rawValue > 0, id.rawValue <= machine.appliedIndex.rawValue, machine.claims.claim(id) == nil,
            machine.endings.reason(of: id) == nil
        else { throw SnapshotFlaw("an ending's claim is not one") }
        machine.endings.append(id, reason, at: endedAt, nameTag: nameTag, principalTag: principalTag)
    }
}
