package import LeaseholdBase

/// What an acquire and a renewal tell of the tenure that they began or went on with.
package struct Tenure: Hashable, Sendable {
    /// The lease.
    package let name: String
    /// The claim, which renews and releases it.
    package let claim: ClaimID
    /// For the resource.
    package let token: FencingToken
    /// The label; nil when it could not be learnt.
    package let holder: String?
    /// What the claim lives without renewal; nil when it could not be learnt.
    package let ttl: Nanoseconds?
    /// For how long from now it may be believed that the lease is held.
    package let validFor: Nanoseconds

    /// Joins the fields.
    package init(
        name: String, claim: ClaimID, token: FencingToken, holder: String?, ttl: Nanoseconds?, validFor: Nanoseconds
    ) {
        self.name = name
        self.claim = claim
        self.token = token
        self.holder = holder
        self.ttl = ttl
        self.validFor = validFor
    }

    /// The form for scripts.
    package var json: JSON {
        .object([
            ("name", .string(name)), ("claim", .digits(claim.rawValue)), ("token", .digits(token.rawValue)),
            ("holder", .optional(holder.map(JSON.string))), ("ttl_ms", .optional(ttl.map { .count($0.milliseconds) })),
            ("valid_for_ms", .count(validFor.milliseconds)),
        ])
    }

    /// What is to be known of it when nothing else can be told.
    package var sentence: String { "\(name) is held under claim \(claim) and token \(token)" }

    /// The same for scripts.
    package var keys: [(key: String, value: JSON)] {
        [("name", .string(name)), ("claim", .digits(claim.rawValue)), ("token", .digits(token.rawValue))]
    }

    /// The form for people.
    package var table: String {
        describe([
            ("name", name), ("claim", "\(claim)"), ("token", "\(token)"), ("holder", holder ?? ""),
            ("ttl", ttl.map(readable) ?? ""), ("valid for", approximate(validFor)),
        ])
    }
}
