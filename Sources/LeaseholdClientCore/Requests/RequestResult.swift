public import LeaseMachine
public import LeaseholdBase
public import LeaseholdWire

/// What is known of a request. None of the three is ever turned into another (trap 25).
public enum RequestResult: Sendable, Equatable {
    /// The cluster answered; a refusal by the state machine is an answer too.
    case done(RequestAnswer)
    /// Nothing was done, and nothing of the request is under way any more.
    case notDone(NotDone)
    /// The request may have been done, or may yet be. Of an acquire the client itself then sends a cancel (trap 66).
    case unknown
}

/// Why nothing was done.
public enum NotDone: Sendable, Hashable {
    /// No node that could serve it was reached in time; the last error that ended a connection, if one did.
    case unreachable(ConnectionErrorCode?)
    /// The last node that was asked refused it.
    case refused(Refusal)
    /// The request itself is wrong, or came too late to be told from an old one.
    case declined(LeaseError)
    /// Its caller gave it up.
    case givenUp
    /// The client was shut down.
    case shutDown
}

/// What the cluster answered.
public enum RequestAnswer: Sendable, Equatable {
    /// To an acquire: its claim as it stood at the entry that answered.
    case acquired(Acquired)
    /// To a renewal: the claims in the order asked, as a range of ``ClientCore/renewals``.
    case renewed(Range<Int>)
    /// To any other command: what came of it. To an acquire too: why the state machine refused it.
    case outcome(Outcome)
    /// To a get.
    indirect case lease(LeaseAnswer)
    /// To a list.
    indirect case page(PageAnswer)
    /// To a status.
    indirect case status(NodeStatus)
    /// To a question for the replicated settings.
    indirect case settings(SettingsAnswer)
    /// To a hand-over: who leads now.
    case transferred(LeaderHint)
    /// To a change of the membership, or to a question for it: who belongs to the cluster.
    indirect case members(MemberList)
    /// To a question for a snapshot to save, or for bytes of it.
    case snapshot(SnapshotAnswer)
}

/// A claim that an acquire made.
public struct Acquired: Sendable, Hashable {
    /// The claim.
    public var claim: ClaimID
    /// How it stood at the entry that answered.
    public var status: ClaimStatus
    /// When the attempt that was answered was sent.
    public var sent: SteadyTime
    /// Until when the client may believe that it holds; `sent` when it does not hold.
    public var heldUntil: SteadyTime
    /// The kept lease, when it was asked to be kept and holds.
    public var lease: LeaseHandle?

    /// Joins the fields.
    public init(
        claim: ClaimID, status: ClaimStatus, sent: SteadyTime, heldUntil: SteadyTime, lease: LeaseHandle? = nil
    ) {
        self.claim = claim
        self.status = status
        self.sent = sent
        self.heldUntil = heldUntil
        self.lease = lease
    }
}

/// A claim that was renewed by a request of the caller's own.
public struct RenewedClaim: Sendable, Hashable {
    /// How the claim stood at the entry that answered.
    public var status: ClaimStatus
    /// Until when the client may believe that it holds.
    public var heldUntil: SteadyTime

    /// Joins the fields.
    public init(status: ClaimStatus, heldUntil: SteadyTime) {
        self.status = status
        self.heldUntil = heldUntil
    }
}
