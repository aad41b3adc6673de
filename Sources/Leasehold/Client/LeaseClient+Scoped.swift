extension LeaseClient {
    /// Holds a lease while a body runs: acquires it, runs the body in a task of its own, and gives it back once the
    /// body has returned, never before.
    ///
    /// When the lease is lost meanwhile, the body's task is cancelled, and what follows if it does not return is said by
    /// a ``LossPolicy``. So is it when the caller's task is cancelled or the client stopped, but then the lease is held
    /// until the body has returned.
    ///
    /// ```swift
    /// let rows = try await client.withLease("jobs/nightly", ttl: .seconds(15), onLoss: .exit(after: .seconds(30))) { lease in
    ///     try lease.checkpoint()
    ///     return try await database.write(report, fencedBy: lease.token)
    /// }
    /// ```
    /// - Parameters:
    ///   - name: 1 to 255 bytes of UTF-8 without control characters.
    ///   - ttl: How long the lease outlives its last renewal. From 500 ms to a day, unless the cluster says otherwise.
    ///   - value: What others can read of the holder, at most 4 KiB.
    ///   - renewal: Whether the lease is renewed for ever, or only while the body calls ``Lease/checkpoint()``.
    ///   - onLoss: What follows when the body does not return some time after a loss.
    ///   - timeout: For the acquire and for the release, each; without one, that of the client's configuration.
    ///   - body: What to do under the lease.
    /// - Returns: what the body returned.
    /// - Throws: ``LeaseholdError`` when there was no lease to be had, and the body did not run; ``LeaseLost`` when the
    ///   lease was lost before the body had returned, or ended by its cancellation; otherwise what the body threw. A
    ///   release that fails is told to the observer only: the body has run.
    public func withLease<Result: Sendable>(
        _ name: String, ttl: Duration, value: some Sequence<UInt8> = [UInt8](), renewal: Lease.Renewal = .always,
        onLoss: LossPolicy = .wait, timeout: Duration? = nil,
        _ body: @escaping @Sendable (_ lease: Lease) async throws -> Result
    ) async throws -> Result {
        let request = request(name, ttl, [UInt8](value), renewal, isScoped: true)
        let tenure = try await acquire(request, timeout)
        let lease = Lease(tenure, thread: thread)
        // A task with a handle, so that it can be cancelled from the client's thread though every thread of the pool be
        // busy (trap 65); awaited in any case, as a child would be.
        let work = Task { try await body(lease) }
        if tenure.begin(Tenure.Work(cancel: { work.cancel() }, policy: onLoss)) { work.cancel() }
        let result = await withTaskCancellationHandler {
            await work.result
        } onCancel: {
            work.cancel()
        }
        let loss = tenure.workReturned()
        await giveBack(tenure, timeout)
        guard let loss else { return try result.get() }
        // What the body had to say for itself goes before the loss, unless it only says that it was cancelled.
        if case .failure(let error) = result, !(error is CancellationError), !(error is LeaseLost) { throw error }
        throw tenure.loss(loss)
    }

    /// Gives a lease back after its body. It goes on when the caller was cancelled, and takes no longer than it can be
    /// of use to those who wait.
    private func giveBack(_ tenure: Tenure, _ timeout: Duration?) async {
        let longest = timeout ?? thread.configuration.timeout
        do throws(LeaseholdError) {
            _ = try await thread.release(tenure, timeout: min(longest, tenure.ttl), toTheEnd: true)
        } catch {
            thread.courier.tell(
                .releaseFailed(name: tenure.name, token: tenure.token, error))
        }
    }
}
