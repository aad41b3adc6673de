import LeaseholdBase

/// A tenure as the log has it: from the entry that granted it to the one that ends it.
struct Tenure: Hashable {
    /// Its claim: the index of the entry that granted it.
    var claim: ClaimID
    var token: FencingToken
    /// The position of its name.
    var name: Int
    /// Who asked for it.
    var request: RequestID
    /// How long it lives without renewal, in nanoseconds.
    var ttl: UInt64
    /// When it is over unless it is renewed, in log time.
    var deadline: UInt64
    /// When the entry of its grant or of its last renewal was stamped, in true time.
    var renewedAt: UInt64
    /// Which tenure of its name it is, counted from one in the order of the log.
    var number: UInt64

    /// Before when, in true time, it must not be over.
    ///
    /// A claim is over when an entry has a log time of at least its deadline, which is the log time of its grant or last
    /// renewal and its TTL on top. Log time is the leaders': it is stamped with a clock that runs at most ρ too fast, that
    /// counts nothing while there is no leader, and that a new leader takes up where the log ends. So between the stamp of
    /// the grant or renewal and that of the entry that ends the claim, at least TTL ÷ (1 + ρ) of true time has passed,
    /// which is more than TTL × (1 − ρ); nothing is taken off for pauses or leader changes, because those can only make it
    /// longer. The client counts from before its bytes left it, so from before the stamp, and takes off more.
    func notOverBefore(drift: UInt64) -> UInt64 {
        renewedAt + ttl - ttl / 1_000_000 * drift - drift
    }
}
