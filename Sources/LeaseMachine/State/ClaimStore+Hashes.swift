internal import LeaseholdBase

/// The hashes of which the digest is the sum.
extension ClaimStore {
    static func hash(of id: ClaimID, deadline: LogTime) -> UInt128 {
        var hash = StateHash(.deadline)
        hash.add(id.rawValue)
        hash.add(deadline.rawValue)
        return hash.value
    }

    func hashOfClaim(_ slot: UInt32) -> UInt128 {
        let claim = claims[slot]
        var hash = StateHash(.claim)
        hash.add(claim.id.rawValue)
        hash.add(claim.token.rawValue)
        hash.add(UInt64(bitPattern: claim.ttl.rawValue))
        hash.add(claim.request.instance.rawValue)
        hash.add(claim.request.sequence.rawValue)
        hash.add(name(ofLease: claim.lease))
        hash.add(holder(ofClaim: slot))
        hash.add(principal(ofClaim: slot))
        return hash.value
    }

    func hashOfValue(_ slot: UInt32) -> UInt128 {
        guard claims[slot].valueLength > 0 else { return 0 }
        var hash = StateHash(.value)
        hash.add(claims[slot].id.rawValue)
        hash.add(value(ofClaim: slot))
        return hash.value
    }

    func hashOfLease(_ slot: UInt32) -> UInt128 {
        var hash = StateHash(.lease)
        hash.add(UInt64(leases[slot].capacity))
        hash.add(name(ofLease: slot))
        return hash.value
    }
}

#if PLANTED_BUGS
extension ClaimStore {
    /// Gives a claim another token.
    mutating func setToken(_ slot: UInt32, to token: FencingToken) {
        digest &-= hashOfClaim(slot)
        claims[slot].token = token
        digest &+= hashOfClaim(slot)
    }
}
#endif
