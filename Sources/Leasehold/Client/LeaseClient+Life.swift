extension LeaseClient {
    /// Runs the client until it is stopped: for those who run services side by side, in a task group or under a service
    /// runner. A client works without it as well.
    ///
    /// ```swift
    /// try await withThrowingTaskGroup { group in
    ///     group.addTask { try await client.run() }
    ///     group.addTask { try await serve(with: client) }
    ///     try await group.next()
    ///     await client.stop()
    /// }
    /// ```
    /// A graceful end is that of ``stop(within:)``: then this returns. Cancelling the task that runs it is the quick
    /// end: leases are given back too, but nothing is waited for longer than a second.
    /// - Throws: `CancellationError` after a cancellation; ``LeaseholdError`` when the system gave no thread or failed.
    public func run() async throws {
        if let obstacle = thread.start() { throw LeaseholdError.notDone(obstacle) }
        let obstacle = await withTaskCancellationHandler {
            await thread.waitForEnd()
        } onCancel: {
            thread.stop(within: .seconds(1))
        }
        if case .system = obstacle { throw LeaseholdError.notDone(obstacle) }
        try Task.checkCancellation()
    }

    /// Ends the client gracefully, and returns when it has ended.
    ///
    /// From now on nothing is acquired. Bodies of `withLease` are cancelled, and their leases given back when they have
    /// returned; all other leases are given back at once; calls under way are waited for. What has not come to an end
    /// within the limit is left: such leases are lost for the reason ``LeaseLost/Reason/stopped``, and others get them
    /// when they have run out. A task that is cancelled while it waits here makes that at once.
    ///
    /// Stopping twice is no error. A stopped client cannot be started again.
    public func stop(within limit: Duration = .seconds(10)) async {
        thread.stop(within: limit)
        _ = await withTaskCancellationHandler {
            await thread.waitForEnd()
        } onCancel: {
            thread.stop(within: .zero)
        }
    }
}
