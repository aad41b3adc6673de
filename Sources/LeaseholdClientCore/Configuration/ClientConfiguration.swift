public import LeaseholdBase
public import LeaseholdWire

/// What one client is told at its start. Every field has a default that suits most.
public struct ClientConfiguration: Sendable {
    /// Where nodes can be reached: `host:port`, `[v6]:port` or `unix:path`. At least one; more are learnt.
    public var endpoints: [String]
    /// The only cluster to talk to, or unborn for whichever answers first. One that is named here is never left.
    public var cluster: ClusterID = .unborn
    /// For how long at least, and for no less than ``timeout``, every endpoint that is reached has to name the same other
    /// cluster before a client that holds nothing goes over to it.
    public var clusterPatience: Nanoseconds = .seconds(10)
    /// How long a request may take in all when its caller does not say.
    public var timeout: Nanoseconds = .seconds(10)
    /// How long one try of a request may go without an answer. A renewal's tries have at most a quarter of the TTL.
    public var attemptTimeout: Nanoseconds = .seconds(1)
    /// How long a dial and the handshake behind it may take.
    public var dialTimeout: Nanoseconds = .seconds(1)
    /// Another endpoint is dialed when one has not answered for so long while no leader is known.
    public var hedgeDelay: Nanoseconds = .milliseconds(100)
    /// Between tries of a request.
    public var backoff = Backoff(shortest: .milliseconds(10), longest: .milliseconds(500))
    /// Between dials of one endpoint.
    public var dialBackoff = Backoff(shortest: .milliseconds(20), longest: .seconds(1))
    /// Between questions for the leader while none is known.
    public var searchBackoff = Backoff(shortest: .milliseconds(10), longest: .milliseconds(200))
    /// ρ and margin where they are to be stricter than the cluster's.
    public var belief = BeliefRule(driftPartsPerMillion: 0, margin: .zero)
    /// Requests under way at once; further ones are refused. At most ``ClientLimits/requests``.
    public var requestLimit = 1_024
    /// Leases kept at once; further acquires of that kind are refused. At most ``ClientLimits/leases``.
    public var leaseLimit = 10_000
    /// Retries that may be made at once beyond a tenth of the offered load. Renew, release and cancel do not count.
    public var retryReserve = 100
    /// Dials a first node without waiting for a request, and stays connected.
    public var connectsEagerly = false
    /// A step that comes so much later than the deadline asked for means that the process did not run.
    public var pauseThreshold: Nanoseconds = .milliseconds(100)

    /// A configuration with defaults for all but the endpoints.
    public init(endpoints: [String]) { self.endpoints = endpoints }
}

/// The limits of one client, all in one place.
public enum ClientLimits {
    /// Requests under way at once, cancels and renewals made by the client itself included.
    public static let requests = 32_768
    /// Leases kept at once.
    public static let leases = 1_000_000
    /// Endpoints known at once, those learnt from hints included; a learnt one makes room for another.
    public static let endpoints = 32
    /// Claims in one renewal; more are renewed by several requests at the same time.
    public static let renewalClaims = 1_000
    /// Tries of one request whose answers are still awaited; the oldest is forgotten, and its fate is *unknown*.
    public static let openAttempts = 4
    /// Hints to another node that one request follows before they count as retries.
    public static let freeRedirects = 4
    /// How long a request may take in all.
    public static let longestTimeout = Nanoseconds.seconds(86_400)
    /// Request numbers between the lowest unanswered and the newest; further requests wait. What a cluster keeps on a
    /// client's behalf is bounded too, and by no less.
    public static let sequenceWindow = 8_192
    /// Bytes made ready in one turn; requests beyond wait for the next.
    public static let outgoingBytes = 4 << 20
}
