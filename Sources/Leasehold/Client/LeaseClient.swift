internal import LeaseMachine
internal import LeaseholdBase
internal import LeaseholdWire

/// A client of a Leasehold cluster: acquires leases, keeps them renewed, and gives them back.
///
/// ```swift
/// let client = try LeaseClient(endpoints: ["127.0.0.1:7401", "127.0.0.1:7402", "127.0.0.1:7403"])
///
/// try await client.withLease("jobs/nightly-billing", ttl: .seconds(15)) { lease in
///     try lease.checkpoint()                                   // throws LeaseLost before a side effect
///     try await database.write(report, fencedBy: lease.token)  // the token goes to the resource
/// }                                                            // released after the body returned, never before
/// await client.stop()
/// ```
///
/// One client serves a whole process: any task may call it, and all its leases are renewed together. Making it starts
/// nothing. The first call, or ``run()``, starts a thread that finds the cluster's leader, follows it over failovers,
/// tries calls again until they are answered or their time is over, and renews leases however busy the tasks of the
/// process are. Each call has a deadline and can be cancelled; a cancelled acquire is undone.
///
/// A client is ended by ``stop(within:)``. One that nobody refers to any more goes on until its last lease has ended.
public final class LeaseClient: Sendable {
    let thread: ClientThread

    /// A client of the cluster that these endpoints belong to.
    /// - Parameters:
    ///   - endpoints: `host:port`, `[v6]:port` or `unix:path`; one is enough to find the others.
    ///   - observer: Is told what the client's leases go through.
    public convenience init(
        endpoints: [String], observer: (any LeaseObserver)? = nil
    ) throws(ConfigurationError) {
        try self.init(configuration: Configuration(endpoints: endpoints), observer: observer)
    }

    /// A client that is configured in detail.
    public init(configuration: Configuration, observer: (any LeaseObserver)? = nil) throws(ConfigurationError) {
        try configuration.validate()
        thread = ClientThread(configuration: configuration, observer: observer)
    }

    deinit { thread.put(.abandoned) }

    /// Asks for a lease, and answers at once: the lease, or who holds it.
    ///
    /// Prefer ``withLease(_:ttl:value:renewal:onLoss:timeout:_:)``, which cannot forget to give it back.
    ///
    /// ```swift
    /// let lease = try await client.acquire("services/scheduler", ttl: .seconds(10), value: "10.0.0.1:80".utf8)
    /// ```
    /// - Parameters:
    ///   - name: 1 to 255 bytes of UTF-8 without control characters.
    ///   - ttl: How long the lease outlives its last renewal, and so for how long others wait for a holder that died.
    ///     Renewals are made three times as often. From 500 ms to a day, unless the cluster says otherwise.
    ///   - value: What others can read of the holder, at most 4 KiB: an address, say.
    ///   - renewal: Whether the lease is renewed for ever, or only while its work reports.
    ///   - timeout: For the whole call; without one, that of the client's configuration.
    /// - Throws: `.refused(.held)` when somebody else holds it. After `.unknown`, and when the task is cancelled, the
    ///   client undoes the acquire by itself.
    public func acquire(
        _ name: String, ttl: Duration, value: some Sequence<UInt8> = [UInt8](), renewal: Lease.Renewal = .always,
        timeout: Duration? = nil
    ) async throws(LeaseholdError) -> Lease {
        let request = request(name, ttl, [UInt8](value), renewal, isScoped: false)
        return Lease(try await acquire(request, timeout), thread: thread)
    }

    /// Reads who holds a lease. It need not exist: then nobody does.
    /// - Parameters:
    ///   - name: The lease.
    ///   - freshness: Whether the answer must be the cluster's own, or may be any node's.
    ///   - timeout: For the whole call; without one, that of the client's configuration.
    public func get(
        _ name: String, freshness: Freshness = .current, timeout: Duration? = nil
    ) async throws(LeaseholdError) -> LeaseStatus {
        let answer = try await thread.perform(.get(name: name, isStale: freshness == .stale), timeout: timeout)
        guard case .lease(let lease) = answer else { throw .refused(.malformed) }
        return LeaseStatus(lease.lease, ReadPoint(lease.preface))
    }

    /// Reads a page of the leases that are held and whose names begin with a prefix, in the byte order of names.
    ///
    /// ```swift
    /// var page = try await client.list(prefix: "services/")
    /// while true {
    ///     for lease in page.leases { print(lease.name, lease.holders.first?.holder ?? "") }
    ///     guard page.hasMore, let last = page.leases.last else { break }
    ///     page = try await client.list(prefix: "services/", after: last.name)
    /// }
    /// ```
    /// - Parameters:
    ///   - prefix: What the names begin with; empty for all.
    ///   - after: The page begins behind this name.
    ///   - limit: How many leases the page may have, at most 1,000.
    ///   - freshness: Whether the answer must be the cluster's own, or may be any node's.
    ///   - timeout: For the whole call; without one, that of the client's configuration.
    public func list(
        prefix: String = "", after: String = "", limit: Int = 1_000, freshness: Freshness = .current,
        timeout: Duration? = nil
    ) async throws(LeaseholdError) -> LeaseListing {
        let request = CallRequest.list(
            prefix: prefix, after: after, limit: min(max(limit, 1), 1_000), isStale: freshness == .stale)
        guard case .page(let page) = try await thread.perform(request, timeout: timeout) else {
            throw .refused(.malformed)
        }
        return LeaseListing(page)
    }

    // MARK: Shared by both forms of acquire

    func request(
        _ name: String, _ ttl: Duration, _ value: [UInt8], _ renewal: Lease.Renewal, isScoped: Bool
    ) -> CallRequest {
        let acquire = Acquire(
            name: name, holder: thread.configuration.holder, ttl: Nanoseconds(ttl), value: value)
        var checkpointWithin: Nanoseconds?
        if case .whileCheckpointed(let within) = renewal { checkpointWithin = Nanoseconds(within) }
        return .acquire(acquire, checkpointWithin: checkpointWithin, isScoped: isScoped)
    }

    /// Acquires. A task that is cancelled gets no lease, even when the grant came first (trap 66).
    func acquire(_ request: CallRequest, _ timeout: Duration?) async throws(LeaseholdError) -> Tenure {
        if Task.isCancelled { throw .notDone(.cancelled) }
        guard case .acquired(let tenure) = try await thread.perform(request, timeout: timeout) else {
            throw .refused(.malformed)
        }
        guard Task.isCancelled else { return tenure }
        _ = try await thread.release(tenure, timeout: timeout)
        throw .unknown(.cancelled)
    }
}
