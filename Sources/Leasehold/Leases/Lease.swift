internal import LeaseholdBase
internal import LeaseholdSystem

/// A tenure: a lease that this client was granted, from the grant until its loss.
///
/// The client renews it on a thread of its own until it is released or lost. What is asked of it here is answered from
/// memory and by the clock: a lease whose deadline has passed is not held, whether or not anything has told so yet.
///
/// ```swift
/// let lease = try await client.acquire("jobs/nightly", ttl: .seconds(15))
/// while let batch = next() {
///     try lease.checkpoint()                                   // throws LeaseLost
///     try await database.write(batch, fencedBy: lease.token)   // refuses a token lower than it has seen
/// }
/// try await lease.release()
/// ```
///
/// A process may sleep between a look at the clock and what it does next; nothing in the process can help that. The
/// ``token`` does: a resource that keeps the highest token it has seen and refuses lower ones is safe under any clock.
///
/// A lease that nobody refers to any more goes on being renewed until its client ends: it is given back by
/// ``release(timeout:)``, never by forgetting it.
public final class Lease: Sendable {
    let tenure: Tenure
    let thread: ClientThread

    init(_ tenure: Tenure, thread: ClientThread) {
        self.tenure = tenure
        self.thread = thread
    }

    /// Orders the tenures of a name: each grant has a higher token than the one before.
    ///
    /// Hand it to the resource with every write. As text it is the decimal number.
    public struct Token: RawRepresentable, Hashable, Comparable, Sendable, CustomStringConvertible {
        /// The number.
        public let rawValue: UInt64

        /// Wraps a number, as read back from a resource.
        public init(rawValue: UInt64) { self.rawValue = rawValue }

        init(_ token: FencingToken) { rawValue = token.rawValue }

        /// Whether the left is that of the earlier tenure, given that both are of one name.
        public static func < (left: Token, right: Token) -> Bool { left.rawValue < right.rawValue }

        /// The number in decimal.
        public var description: String { String(rawValue) }
    }

    /// When a lease is renewed by itself.
    public enum Renewal: Hashable, Sendable {
        /// For as long as the process runs and the lease is not released.
        case always
        /// For as long as ``Lease/checkpoint()`` is called at least so often: work that hangs does not keep its lease
        /// for ever (trap 52). After that long without a checkpoint the lease is left to run out.
        case whileCheckpointed(within: Duration)
    }

    /// The lease's name.
    public var name: String { tenure.name }

    /// Orders the tenures of this name. It never changes during the tenure.
    public var token: Token { tenure.token }

    /// The claim's number, by which the command line names it.
    public var claim: UInt64 { tenure.claim }

    /// Whether the lease is held at this moment. Once false, it is never true again.
    /// - Complexity: a lock that nobody keeps, and a reading of the clock.
    public var isHeld: Bool {
        if case .held = tenure.standing { return true }
        return false
    }

    /// For how long the lease is held from this moment on unless it is renewed meanwhile; zero when it is lost.
    public var remaining: Duration {
        guard case .held(let until) = tenure.standing else { return .zero }
        return max(.zero, Duration(until - SystemClocks.steady))
    }

    /// Throws when the lease is not held any more. To be called before each step that has effects, and at least as
    /// often as ``Renewal/whileCheckpointed(within:)`` asks for.
    ///
    /// Answered from memory and by the clock, so that it may stand in an inner loop.
    public func checkpoint() throws(LeaseLost) {
        let (standing, mustTell) = tenure.checkpoint()
        if case .over(let reason) = standing { throw tenure.loss(reason) }
        if mustTell { thread.worked(tenure) }
    }

    /// Waits until the lease is lost or released, and says why. It has one answer a tenure, the same to all who ask.
    ///
    /// ```swift
    /// let loss = try await lease.lost()
    /// print(loss.reason)   // .expiredLocally, .revoked, .released, …
    /// ```
    /// - Throws: `CancellationError` when the waiting task is cancelled before.
    public func lost() async throws(CancellationError) -> LeaseLost {
        guard let reason = await tenure.waitForEnd() else { throw CancellationError() }
        return tenure.loss(reason)
    }

    /// Gives the lease another value, which observers read. Neither token nor deadline changes.
    /// - Parameters:
    ///   - value: At most 4 KiB: an address, a progress.
    ///   - timeout: For the whole call; without one, that of the client's configuration.
    /// - Throws: `.refused(.ended)` when the cluster counts the claim as ended; `.notDone(.lost)` when it was lost
    ///   before; `.unknown` when the value may or may not have been changed.
    public func update(value: some Sequence<UInt8>, timeout: Duration? = nil) async throws(LeaseholdError) {
        if case .over(let reason) = tenure.standing { throw .notDone(.lost(reason)) }
        _ = try await thread.perform(.update(tenure, [UInt8](value)), timeout: timeout)
    }

    /// Gives the lease back, so that others need not wait for its deadline. From any task, as often as one likes.
    ///
    /// From the moment of the call the lease is not held here, whatever comes of it: *unknown* only means that others
    /// may have to wait for the deadline. It never touches another tenure. A task that is cancelled stops waiting; the
    /// release goes on.
    /// - Returns: why the tenure ended: `.released`, or what had ended it before.
    @discardableResult
    public func release(timeout: Duration? = nil) async throws(LeaseholdError) -> LeaseLost.Reason {
        try await thread.release(tenure, timeout: timeout)
    }
}

extension Lease: CustomStringConvertible {
    /// For people: name and token.
    public var description: String { "\(name) under token \(token)" }
}
