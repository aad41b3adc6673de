internal import LeaseholdBase

/// What must hold between entries, whatever was applied: run after every step in tests and in simulation.
extension LeaseMachine {
    /// What is wrong with the state: nothing, unless there is a bug. Recomputes digests, indexes, lists and the heap.
    /// - Complexity: O(n log n) in all that the state holds.
    public func violations() -> [String] {
        claims.violations() + requests.violations() + endings.violations() + limitViolations()
    }

    private func limitViolations() -> [String] {
        var found: [String] = []
        if !settings.areValid { found.append("settings out of range") }
        if hasPending != (claimCount > 0 || logTime < quarantineUntil) {
            found.append("pending time does not match the claims")
        }
        return found
    }
}

extension ClaimStore {
    fileprivate func violations() -> [String] {
        var found = due.violations()
        var sum: UInt128 = 0
        var claimsSeen = 0
        var leasesSeen = 0
        var isVacant = [Bool](repeating: false, count: leases.slotCount)
        for slot in leases.vacantSlots { isVacant[Int(slot)] = true }
        for slot in 0..<UInt32(leases.slotCount) where !isVacant[Int(slot)] {
            leasesSeen += 1
            sum &+= hashOfLease(slot)
            if lease(named: name(ofLease: slot)) != slot { found.append("lease \(slot) is not found by its name") }
            let record = leases[slot]
            if record.claimCount == 0 { found.append("lease \(slot) has no claims") }
            if record.claimCount > record.capacity { found.append("lease \(slot) has more holders than slots") }
            claimsSeen += Int(record.claimCount)
            sum &+= visitClaims(ofLease: slot, &found)
        }
        if leasesSeen != leases.count { found.append("\(leasesSeen) leases seen of \(leases.count)") }
        if claimsSeen != claims.count { found.append("\(claimsSeen) claims seen of \(claims.count)") }
        if leaseByName.count != leases.count { found.append("names indexed: \(leaseByName.count)") }
        if claimByID.count != claims.count { found.append("claims indexed: \(claimByID.count)") }
        if due.count != claims.count { found.append("deadlines kept: \(due.count) of \(claims.count)") }
        if sum != digest { found.append("the digest of claims is not that of their facts") }
        return found + orderViolations()
    }

    private func visitClaims(ofLease slot: UInt32, _ found: inout [String]) -> UInt128 {
        var sum: UInt128 = 0
        var count: UInt32 = 0
        var previous = noSlot
        var next = leases[slot].firstClaim
        while next != noSlot, count <= leases[slot].claimCount {
            let record = claims[next]
            count += 1
            sum &+= hashOfClaim(next) &+ hashOfValue(next) &+ Self.hash(of: record.id, deadline: record.deadline)
            if record.lease != slot { found.append("claim \(record.id) is in another lease's list") }
            if record.previous != previous { found.append("claim \(record.id) has a wrong neighbour") }
            if previous != noSlot, claims[previous].id >= record.id { found.append("claims out of order") }
            if claim(record.id) != next { found.append("claim \(record.id) is not found by its id") }
            if let entry = due.entry(of: next) {
                if entry.key > record.deadline.rawValue || entry.tie != Self.tie(of: record.id) {
                    found.append("claim \(record.id) would be found due too late, or in a wrong order")
                }
            } else {
                found.append("claim \(record.id) has no place in the heap")
            }
            previous = next
            next = record.next
        }
        if count != leases[slot].claimCount || leases[slot].lastClaim != previous {
            found.append("lease \(slot)'s list of claims is broken")
        }
        return sum
    }

    private func orderViolations() -> [String] {
        var found: [String] = []
        let nothing = RawSpan()
        let difference = order.closest(to: nothing).flatMap {
            CriticalBit(between: nothing, and: name(ofLease: $0))
        }
        var cursor = order.cursor(from: nothing, strictly: false, difference: difference)
        var previous: UInt32?
        var count = 0
        while let slot = order.next(&cursor) {
            if let previous {
                let bit = CriticalBit(between: name(ofLease: previous), and: name(ofLease: slot))
                if bit?.isSet(in: name(ofLease: slot)) != true { found.append("names out of order at slot \(slot)") }
            }
            previous = slot
            count += 1
        }
        if count != leases.count || order.count != count { found.append("\(count) names in order") }
        return found
    }
}

extension EndingStore {
    fileprivate func violations() -> [String] {
        var found: [String] = []
        var sum: UInt128 = 0
        var count = 0
        var time = LogTime.zero
        var next = first
        while next != noSlot, count <= endings.count {
            let ending = endings[next]
            count += 1
            sum &+= Self.hash(of: ending)
            if ending.endedAt < time { found.append("endings out of order") }
            if reason(of: ending.id) != ending.reason { found.append("ending of \(ending.id) is not found") }
            if ending.next == noSlot, last != next { found.append("the last ending is another") }
            time = ending.endedAt
            next = ending.next
        }
        if count != endings.count || endingByID.count != count { found.append("\(count) endings of \(endings.count)") }
        if sum != digest { found.append("the digest of endings is not that of their facts") }
        return found
    }
}

extension RequestStore {
    fileprivate func violations() -> [String] {
        var found: [String] = []
        var sum: UInt128 = 0
        var count = 0
        var requestsSeen = 0
        var previous = noSlot
        var next = earliest
        while next != noSlot, count <= instances.count {
            let record = instances[next]
            count += 1
            sum &+= Self.hash(of: record)
            if instance(record.instance) != next { found.append("instance \(record.instance) is not found") }
            if record.earlier != previous { found.append("instance \(record.instance) has a wrong neighbour") }
            if previous != noSlot, instances[previous].lastHeard > record.lastHeard {
                found.append("instances out of order")
            }
            sum &+= visitRequests(of: next, &requestsSeen, &found)
            previous = next
            next = record.later
        }
        if latest != previous { found.append("the latest instance is another") }
        if count != instances.count || instanceByNumber.count != count { found.append("\(count) instances seen") }
        if requestsSeen != requests.count || requestByID.count != requestsSeen {
            found.append("\(requestsSeen) requests of \(requests.count)")
        }
        if sum != digest { found.append("the digest of requests is not that of their facts") }
        return found
    }

    private func visitRequests(of owner: UInt32, _ seen: inout Int, _ found: inout [String]) -> UInt128 {
        var sum: UInt128 = 0
        var count: UInt32 = 0
        var previous = noSlot
        var next = instances[owner].firstRequest
        while next != noSlot, count <= instances[owner].requestCount {
            let record = requests[next]
            count += 1
            seen += 1
            sum &+= hashOfRequest(next)
            let id = RequestID(instance: instances[owner].instance, sequence: record.sequence)
            if record.owner != owner || record.previous != previous { found.append("request \(id) is misplaced") }
            if record.sequence < instances[owner].mark { found.append("request \(id) is below the mark") }
            if request(id) != next { found.append("request \(id) is not found") }
            previous = next
            next = record.next
        }
        if count != instances[owner].requestCount { found.append("instance \(owner)'s requests are broken") }
        return sum
    }
}
