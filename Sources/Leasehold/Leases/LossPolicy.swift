/// What follows when the body of a `withLease` has not returned some time after its lease was lost.
///
/// At the loss the body's task is cancelled, in any case. `withLease` itself returns no sooner than the body does, so
/// that a body that ignores its cancellation goes on without a lease, next to the new holder. A policy says for how long
/// that is bearable.
public struct LossPolicy: Sendable {
    /// What is done once the grace period is over.
    enum Action: Sendable {
        case nothing
        case call(@Sendable (LeaseLost) -> Void)
        case exit(Int32)
    }

    let grace: Duration
    let action: Action

    /// Waits for the body however long it takes. An observer is told after ten seconds.
    public static var wait: LossPolicy { LossPolicy(grace: .seconds(10), action: .nothing) }

    /// Calls a function when the body has not returned in time: to close the connection that it hangs on, say.
    ///
    /// It is called on a thread of the client's that does nothing but such calls and observers'.
    public static func call(
        after grace: Duration, _ action: @escaping @Sendable (_ loss: LeaseLost) -> Void
    ) -> LossPolicy { LossPolicy(grace: grace, action: .call(action)) }

    /// Ends the process when the body has not returned in time, so that a supervisor starts it anew. Nothing of the
    /// process runs any more, exit handlers included.
    public static func exit(after grace: Duration, status: Int32 = 75) -> LossPolicy {
        LossPolicy(grace: grace, action: .exit(status))
    }
}
