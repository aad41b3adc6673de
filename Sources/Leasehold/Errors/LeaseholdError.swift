/// Why a call failed, and above all what is known of what it asked for.
///
/// The three cases are never turned into one another: *refused* and *not done* mean that nothing was changed and nothing
/// of the request is under way any more; *unknown* means that it may have been done, or may yet be.
///
/// ```swift
/// do {
///     let lease = try await client.acquire("jobs/nightly", ttl: .seconds(15))
/// } catch .refused(.held(let other)) {
///     print("\(other.holder) is at it, under token \(other.token)")
/// } catch .notDone(let reason) {
///     print("nothing was done: \(reason)")   // may be tried again, as a new call
/// } catch .unknown {
///     print("no answer in time")             // an acquire is undone by the client itself
/// }
/// ```
public enum LeaseholdError: Error, Hashable, Sendable {
    /// Done: the cluster answered no, or the client for it where the request itself is wrong. Nothing was changed.
    case refused(Refusal)
    /// Not done, and nothing of it is under way. The call may be made again.
    case notDone(Obstacle)
    /// It may have been done, or may yet be. An acquire is undone by the client, which goes on sending a cancel.
    case unknown(Interruption)

    /// What is known of what a call asked for.
    public enum Fate: String, Hashable, Sendable {
        /// It was answered, and the answer stands.
        case done
        /// It never happened.
        case notDone
        /// Nobody here knows.
        case unknown
    }

    /// What is known of what the call asked for.
    public var fate: Fate {
        switch self {
        case .refused: .done
        case .notDone: .notDone
        case .unknown: .unknown
        }
    }

    /// Why the cluster said no.
    public enum Refusal: Hashable, Sendable {
        /// Somebody else holds the lease.
        case held(Holding)
        /// The name is empty, longer than 255 bytes, or has control characters.
        case nameInvalid
        /// The holder's label is empty, longer than 255 bytes, or has control characters.
        case holderInvalid
        /// The value is longer than 4 KiB.
        case valueTooLong
        /// The TTL is outside what this cluster allows.
        case ttlOutOfRange(shortest: Duration, longest: Duration)
        /// The lease exists with another capacity.
        case capacityMismatch
        /// The cluster is of a version that cannot do it.
        case notSupported
        /// The claim has ended.
        case ended(LeaseLost.Reason)
        /// The cluster knows no such claim.
        case claimUnknown
        /// The request came so late that it could not be told from an old one.
        case tooOld
        /// The request does not follow the protocol: client and cluster do not understand one another.
        case malformed
    }

    /// Who holds a lease that was asked for, as the cluster saw it when it answered.
    public struct Holding: Hashable, Sendable {
        /// The lease.
        public let name: String
        /// The holder's label.
        public let holder: String
        /// The holder's token.
        public let token: Lease.Token
        /// How long the holder's claim runs unless it is renewed. Advice, no promise.
        public let remaining: Duration
    }

    /// What stood in the way.
    public enum Obstacle: Hashable, Sendable {
        /// No node that could serve the call was reached in time. The text is the last word of a node, if one had any.
        case unreachable(String?)
        /// The cluster, or its leader, has more to do than it can, or is not ready; when to come back, if it said so.
        case unavailable(String, retryAfter: Duration?)
        /// The space that the cluster's journal may take is nearly used up: no new leases for now.
        case diskLow
        /// The cluster does not let this client do it.
        case denied
        /// The caller's task was cancelled.
        case cancelled
        /// The client was stopped, or is being stopped.
        case stopped
        /// The client has as many calls under way, or leases, as it was configured for.
        case tooMany
        /// The lease that the call was made on was lost before.
        case lost(LeaseLost.Reason)
        /// The operating system did not give what the client needs: a thread, descriptors.
        case system(String)
    }

    /// Why an outcome is not known.
    public enum Interruption: Hashable, Sendable {
        /// No answer came in time.
        case timedOut
        /// The caller's task was cancelled meanwhile.
        case cancelled
        /// The client was stopped meanwhile.
        case stopped
    }
}
