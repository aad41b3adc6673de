internal import LeaseMachine
internal import LeaseholdBase
internal import LeaseholdClientCore
internal import LeaseholdSystem
internal import LeaseholdWire

extension Command {
    /// Extends a claim.
    static let renew = Command(
        name: "renew",
        parameters: [.required("NAME")],
        flags: [.claim] + Flag.client,
        summary: "Hold a lease for another time to live.",
        details: """
            A claim that has ended is never revived: exit 79 says so, with the reason, and the lease is to be acquired
            anew, under a new token.
            """,
        setting: "while leasehold dev runs",
        example: """
            claim=$(leasehold acquire jobs/hourly -o json | sed 's/.*"claim": "//; s/".*//')
            leasehold renew jobs/hourly --claim $claim
            """
    ) { (invocation) throws(CommandFailure) -> Int32 in
        let name = invocation.arguments.words[0]
        let claim = try invocation.arguments.claim()
        var session = try ClientSession(invocation.arguments)
        let tenure = try session.renew(name, claim)
        try invocation.output.write(tenure.json, done: tenure.sentence, details: tenure.keys) { tenure.table }
        return 0
    }
}

extension ClientSession {
    /// Extends a claim, and learns its label.
    mutating func renew(_ name: String, _ claim: ClaimID) throws(CommandFailure) -> Tenure {
        let timeout = remaining
        let answer = try ask { (core, now) throws(SubmissionError) in
            try core.renew([Renewal(claim: claim, name: name)], timeout: timeout, now: now)
        }
        guard case .renewed(let range) = answer, let renewed = renewals(range).first else {
            throw Self.unexpected(answer)
        }
        switch renewed.status {
        case .holding(let token, let validFor):
            // A renewal tells how long the claim runs from its entry on: that is its time to live.
            let holder = try? holder(of: name, claim)
            let left = renewed.heldUntil - SystemClocks.steady
            guard left > .zero else { throw CommandFailure.ended(.expired) }
            return Tenure(
                name: name, claim: claim, token: token, holder: holder?.holder, ttl: holder?.ttl ?? validFor,
                validFor: left)
        case .ended(let reason), .ending(let reason, _): throw CommandFailure.ended(reason)
        case .unknown: throw CommandFailure(.claimUnknown)
        case .waiting: throw CommandFailure(.notSupported)
        }
    }

    /// The claim as readers see it.
    private mutating func holder(of name: String, _ claim: ClaimID) throws(CommandFailure) -> LeaseView.Holder? {
        try get(name, stale: false).lease.holders.first { $0.claim == claim }
    }
}
