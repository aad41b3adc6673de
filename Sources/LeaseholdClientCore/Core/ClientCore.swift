import LeaseMachine
public import LeaseholdBase
public import LeaseholdWire

/// One client without its I/O: what it asks for, whom it asks, how often, and what it believes it holds.
///
/// A driver owns sockets and clock. In each turn it reports what happened (``connected(_:_:now:)``,
/// ``received(_:_:now:)``, ``closed(_:now:)``, …) and submits requests, calls ``endTurn(now:)`` once, carries out
/// ``effects`` in order, and calls ``effectsTaken()``. It starts a turn no later than ``deadline``.
///
///     var core = ClientCore(configuration: …, instance: …, seed: …, now: clock())
///     let wanted = Acquire(name: "jobs/nightly", holder: "host:1", ttl: .seconds(15))
///     let request = try core.acquire(wanted, keep: true, now: clock())
///     core.endTurn(now: clock())
///     var next = 0
///     while next < core.effects.count { carryOut(core.effects[next]); next += 1 }
///     core.effectsTaken()
///
/// Requests may be submitted while effects are carried out: the list only grows. The time handed in with an event was
/// read after that event's bytes were received, on a clock that counts suspension; the time handed to ``endTurn(now:)``
/// before any byte made ready in it is handed to a socket. A belief is counted from that (trap 67).
public struct ClientCore: Sendable {
    /// What to do, in order, since the last ``effectsTaken()``.
    public internal(set) var effects: [ClientEffect] = []
    /// The bytes that ``ClientEffect/send(_:_:)`` names parts of.
    public internal(set) var outgoing: [UInt8] = []
    /// The claims that ``RequestAnswer/renewed(_:)`` names parts of.
    public internal(set) var renewals: [RenewedClaim] = []
    /// By when the next turn is due, as of the last ``endTurn(now:)``; `never` when nothing is waited for.
    public internal(set) var deadline = SteadyTime.never

    /// The run of this client.
    public let instance: ClientInstance
    /// The cluster: the configured one, or that of the first node that answered; unborn until then. One that was not
    /// configured may be left for another that has taken its place (``ClientEffect/clusterChanged(from:to:)``).
    public internal(set) var cluster: ClusterID
    /// ρ and margin as they are applied: the strictest of what was configured and what was told.
    public internal(set) var belief: BeliefRule
    /// What the cluster allows, as last told.
    public internal(set) var limits = AdvertisedLimits()
    /// The newest log time that any node has told.
    public internal(set) var newestSeen = LogTime.zero
    /// What was counted since the start.
    public internal(set) var counts = ClientCounts()
    /// Which of its branches were taken.
    package internal(set) var marks = MarkSet<ClientMark>()

    let configuration: ClientConfiguration
    var random: RandomSource
    var clock: SteadyTime
    var isShutDown = false
    /// Whether leases may be asked for still.
    var mayAcquire = true

    var endpoints: [Endpoint] = []
    /// Where requests for the leader go, while it is known.
    var leader: Int?
    /// The term of the hint that named it.
    var leaderTerm = Term.zero
    var searchFailures = 0
    var searchCursor = 0
    var lastConnectionError: ConnectionErrorCode?
    /// Another cluster that endpoints name.
    var successor: Successor?
    /// Until when callers may believe in claims that they look after themselves.
    var looseUntil = SteadyTime.zero

    var slots: [Slot] = []
    var freeSlots: [UInt32] = []
    /// Slots to be sent from, oldest first; those that are not ready any more are passed over.
    var ready: [RequestHandle] = []
    /// No request ends its phase before this.
    var slotTimer = SteadyTime.never
    /// Requests of callers, and undos of theirs.
    var requestCount = 0
    /// All slots in use, the client's own renewals included.
    var slotCount = 0
    var attemptNumber: UInt64 = 0
    var sequences: SequenceWindow
    var budget: RetryBudget
    var statuses: [ClaimStatus] = []

    var leases: [KeptLease] = []
    var freeLeases: [UInt32] = []
    /// Nothing happens to a kept lease by itself before this.
    var leaseTimer = SteadyTime.never
    /// Kept leases, and acquires under way that ask for one.
    var leaseCount = 0
    var renewEvery = Nanoseconds.zero
    var renewalItems: [Renewal] = []

    /// A client that is connected to nothing yet. The instance and the seed are drawn at random by the caller.
    public init(configuration: ClientConfiguration, instance: ClientInstance, seed: UInt64, now: SteadyTime) {
        self.configuration = configuration
        self.instance = instance
        cluster = configuration.cluster
        belief = configuration.belief
        random = RandomSource(seed: seed)
        clock = now
        sequences = SequenceWindow(limit: ClientLimits.sequenceWindow)
        budget = RetryBudget(reserve: configuration.retryReserve, now: now)
        for address in configuration.endpoints.prefix(ClientLimits.endpoints) {
            endpoints.append(Endpoint(address: address, learnt: false))
        }
        if !endpoints.isEmpty { searchCursor = random.integer(in: 0...endpoints.count - 1) }
    }

    /// Ends the driver's turn: what is due happens, and what is ready is sent.
    /// - Complexity: O(requests sent + endpoints), and O(requests + leases) when a timer is due.
    public mutating func endTurn(now: SteadyTime) {
        guard !isShutDown else { return }
        // What falls due may make something else due at once: a try that ends, the next renewal.
        for _ in 0..<4 {
            advance(now)
            if clock >= slotTimer { passSlots(now: clock) }
            steer(now: clock)
            if clock < slotTimer, clock < leaseTimer { break }
        }
        send(now: now)
        let next = Swift.min(slotTimer, Swift.min(leaseTimer, endpointTimer))
        deadline = Swift.max(next, clock + Nanoseconds(1))
    }

    /// Nothing but time has passed.
    public mutating func tick(now: SteadyTime) { advance(now) }

    /// Forgets the effects that were carried out, and keeps the memory.
    public mutating func effectsTaken() {
        effects.removeAll(keepingCapacity: true)
        outgoing.removeAll(keepingCapacity: true)
        renewals.removeAll(keepingCapacity: true)
        for index in endpoints.indices { endpoints[index].lastSend = -1 }
    }

    /// Time has come this far. What is lost by it is lost before anything that the turn brings is looked at: an answer
    /// that was read late does not bring a lease back.
    mutating func advance(_ now: SteadyTime) {
        clock = Swift.max(clock, now)
        if clock >= leaseTimer { passLeases(now: clock) }
    }
}
