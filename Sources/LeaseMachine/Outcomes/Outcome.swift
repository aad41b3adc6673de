public import LeaseholdBase

/// What came of a command.
public enum Outcome: Hashable, Sendable {
    /// The claim of an acquire, as it stands at the entry that answers: a duplicate is answered with the present.
    case acquired(claim: ClaimID, ClaimStatus)
    /// The claims of a renewal stand beside, one status each in the order of the request.
    case renewed
    /// The claim is over. `reason` is `released` when a release ended it, whichever try did it.
    case released(claim: ClaimID, EndReason)
    /// What a cancel found.
    case cancelled(Cancellation)
    /// The claim has the new value.
    case updated(claim: ClaimID)
    /// The settings are changed.
    case settingsChanged
    /// Nothing was done, and why.
    case refused(LeaseError)
}

/// What a cancel found.
public enum Cancellation: Hashable, Sendable {
    /// The acquire's claim, which ended by a cancel: this one or one before it.
    case ended(claim: ClaimID)
    /// No acquire; when it comes it will do nothing.
    case remembered
    /// The acquire's claim, which had ended otherwise.
    case hadEnded(claim: ClaimID, EndReason)
    /// The acquire had been refused, or it can no longer come.
    case nothing

    /// Whether a cancel is why the acquire holds nothing and never will.
    public var isEffective: Bool {
        switch self {
        case .ended, .remembered: true
        case .hadEnded, .nothing: false
        }
    }
}
