import LeaseMachine
import LeaseholdBase
import LeaseholdClientCore
import LeaseholdSystem

@testable import Leasehold

extension LeaseLost {
    /// The loss of a lease.
    static func of(_ lease: Lease, _ reason: Reason) -> LeaseLost {
        LeaseLost(name: lease.name, token: lease.token, reason: reason)
    }
}

/// What somebody else does to a lease: names its claim by number.
enum OtherClient {
    /// Releases the lease; true when that ended it.
    static func release(_ lease: Lease) async throws -> Bool {
        let claim = ClaimReference(claim: ClaimID(lease.claim), name: lease.name)
        let endpoint = try SharedNode.endpoint
        return try await onOwnThread { Result { try release(claim, at: endpoint) } }.get()
    }

    private static func release(_ claim: ClaimReference, at endpoint: String) throws -> Bool {
        var loop = try ClientLoop(connectionsMax: 4)
        _ = loop.add(
            ClientCore(
                configuration: ClientConfiguration(endpoints: [endpoint]),
                instance: ClientInstance(try SystemRandom.next()), seed: 1, now: SystemClocks.steady))
        _ = try loop.cores[0].release(claim, now: SystemClocks.steady)
        loop.touch(0)
        while true {
            try loop.turn(until: .never)
            for news in loop.news {
                if case .completed(_, let result) = news.effect {
                    return result == .done(.outcome(.released(claim: claim.claim, .released)))
                }
            }
        }
    }
}
