/// The lease is not held any more: which tenure it was, and why it ended.
///
/// Thrown by ``Lease/checkpoint()`` and by `withLease` when the lease was lost before its body had returned; also what
/// ``Lease/lost()`` answers.
public struct LeaseLost: Error, Hashable, Sendable, CustomStringConvertible {
    /// The lease.
    public let name: String
    /// The tenure's token.
    public let token: Lease.Token
    /// Why it ended.
    public let reason: Reason

    /// Why a tenure ended.
    public enum Reason: Hashable, Sendable {
        /// No renewal was confirmed in time, so that the client stopped believing. The cluster may count the claim as
        /// holding for a little longer.
        case expiredLocally
        /// The deadline passed while the process did not run, for about so long.
        case processPaused(Duration)
        /// No checkpoint came in the time that the acquire had asked for, so that the lease was not renewed any more.
        case workStalled
        /// The holder gave it back.
        case released
        /// The cluster counts the claim as expired.
        case expired
        /// The acquire was undone.
        case cancelled
        /// An administrator took it.
        case revoked
        /// An administrator ended it after a grace.
        case broken
        /// It was passed on to another.
        case handedOver
        /// The cluster was made anew from a backup.
        case restored
        /// The cluster knows no such claim.
        case claimUnknown
        /// The cluster does not let this client renew it.
        case unauthorized
        /// The client was stopped, and could not give it back in time.
        case stopped
    }

    /// For people.
    public var description: String { "the lease \(name) under token \(token) is lost: \(reason)" }
}
