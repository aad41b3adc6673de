internal import LeaseholdBase

/// Reads, true at ``LeaseMachine/appliedIndex``. Dead claims are not shown, recorded or not.
extension LeaseMachine {
    /// A lease by its name.
    /// - Complexity: O(claims of the lease).
    public func lease(named name: RawSpan) -> LeaseView {
        guard let slot = claims.lease(named: name), let view = view(ofLease: slot) else {
            return LeaseView(name: Text.string(name), capacity: 1, holders: [], waiters: 0)
        }
        return view
    }

    /// A lease by its name.
    public func lease(named name: String) -> LeaseView {
        let bytes = Array(name.utf8)
        return unsafe lease(named: bytes.span.bytes)
    }

    /// Appends the bytes of ``lease(named:)-(RawSpan)`` without making a value of it.
    public func encodeLease(named name: RawSpan, into bytes: inout [UInt8]) {
        guard let slot = claims.lease(named: name), isAlive(slot) else {
            bytes.append(shortBytes: name)
            bytes.append(uint32: 1)
            bytes.append(uint32: 0)
            bytes.append(uint32: 0)
            return
        }
        encodeLease(slot, into: &bytes)
    }

    /// One page of the leases whose names begin with the prefix and come after a name (empty: from the first), in
    /// byte order; up to so many leases, and about so many bytes of their encoding.
    /// - Complexity: O(page + dead claims passed over).
    public func list(prefix: String, after: String = "", limit: Int, maxBytes: Int = 512 << 10) -> LeasePage {
        let prefix = Array(prefix.utf8)
        let after = Array(after.utf8)
        var leases: [LeaseView] = []
        let hasMore = unsafe visit(
            prefix: prefix.span.bytes, after: after.span.bytes, limit: limit, maxBytes: maxBytes
        ) { slot in
            if let view = view(ofLease: slot) { leases.append(view) }
        }
        return LeasePage(leases: leases, hasMore: hasMore, index: appliedIndex)
    }

    /// Appends the bytes of the page that ``list(prefix:after:limit:maxBytes:)`` answers, without making values of it.
    public func encodeList(
        prefix: RawSpan, after: RawSpan, limit: Int, maxBytes: Int = 512 << 10, into bytes: inout [UInt8]
    ) {
        bytes.append(uint64: appliedIndex.rawValue)
        let start = bytes.count
        bytes.append(0)
        bytes.append(uint32: 0)
        var count: UInt32 = 0
        let hasMore = visit(prefix: prefix, after: after, limit: limit, maxBytes: maxBytes) { slot in
            encodeLease(slot, into: &bytes)
            count += 1
        }
        bytes[start] = hasMore ? 1 : 0
        bytes.overwrite(uint32: count, at: start + 1)
    }

    /// Calls with the slots of a page in order; answers whether there are more behind it.
    private func visit(
        prefix: RawSpan, after: RawSpan, limit: Int, maxBytes: Int, _ body: (UInt32) -> Void
    ) -> Bool {
        let continues = after.byteCount > 0 && !Self.comesFirst(after, before: prefix)
        let start = continues ? after : prefix
        guard start.byteCount <= Int(UInt16.max) else { return false }
        let difference = claims.order.closest(to: start).flatMap {
            CriticalBit(between: start, and: claims.name(ofLease: $0))
        }
        var cursor = claims.order.cursor(from: start, strictly: continues, difference: difference)
        var left = min(max(limit, 1), Limits.leasesPerPage)
        var room = maxBytes
        while let slot = claims.order.next(&cursor) {
            guard claims.name(ofLease: slot).hasPrefix(prefix) else { return false }
            guard isAlive(slot) else { continue }
            if left == 0 || room <= 0 { return true }
            body(slot)
            left -= 1
            room -= encodedBytes(ofLease: slot)
        }
        return false
    }

    /// Whether the left comes before the right in byte order.
    private static func comesFirst(_ left: RawSpan, before right: RawSpan) -> Bool {
        guard let difference = CriticalBit(between: left, and: right) else { return false }
        return !difference.isSet(in: left)
    }

    private func isAlive(_ lease: UInt32) -> Bool {
        var next = claims.leases[lease].firstClaim
        while next != noSlot {
            if claims.claims[next].deadline > logTime { return true }
            next = claims.claims[next].next
        }
        return false
    }

    private func view(ofLease lease: UInt32) -> LeaseView? {
        var holders: [LeaseView.Holder] = []
        var next = claims.leases[lease].firstClaim
        while next != noSlot {
            let record = claims.claims[next]
            if record.deadline > logTime {
                holders.append(
                    LeaseView.Holder(
                        claim: record.id, token: record.token, holder: Text.string(claims.holder(ofClaim: next)),
                        value: claims.value(ofClaim: next).array, ttl: record.ttl,
                        remaining: record.deadline - logTime))
            }
            next = record.next
        }
        guard !holders.isEmpty else { return nil }
        return LeaseView(
            name: Text.string(claims.name(ofLease: lease)), capacity: claims.leases[lease].capacity,
            holders: holders, waiters: 0)
    }

    private func encodeLease(_ lease: UInt32, into bytes: inout [UInt8]) {
        bytes.append(shortBytes: claims.name(ofLease: lease))
        bytes.append(uint32: claims.leases[lease].capacity)
        bytes.append(uint32: 0)
        let countOffset = bytes.count
        bytes.append(uint32: 0)
        var count: UInt32 = 0
        var next = claims.leases[lease].firstClaim
        while next != noSlot {
            let record = claims.claims[next]
            if record.deadline > logTime {
                bytes.append(uint64: record.id.rawValue)
                bytes.append(uint64: record.token.rawValue)
                bytes.append(uint64: UInt64(bitPattern: record.ttl.rawValue))
                bytes.append(uint64: UInt64(bitPattern: (record.deadline - logTime).rawValue))
                bytes.append(shortBytes: claims.holder(ofClaim: next))
                bytes.append(shortBytes: claims.value(ofClaim: next))
                count += 1
            }
            next = record.next
        }
        bytes.overwrite(uint32: count, at: countOffset)
    }

    private func encodedBytes(ofLease lease: UInt32) -> Int {
        var bytes = 14 + Int(claims.leases[lease].nameLength)
        var next = claims.leases[lease].firstClaim
        while next != noSlot {
            let record = claims.claims[next]
            bytes += 36 + Int(record.holderLength) + Int(record.valueLength)
            next = record.next
        }
        return bytes
    }
}
