/// What a client has counted since its start, for metrics and tests.
public struct ClientCounts: Hashable, Sendable {
    /// Requests begun.
    public var requests = 0
    /// Tries sent.
    public var attempts = 0
    /// Tries that were charged to the retry budget.
    public var retries = 0
    /// Renewals of kept leases sent.
    public var renewals = 0
    /// Answers to tries that nobody waited for any more.
    public var lateAnswers = 0
    /// Connections ended because the other side broke the protocol.
    public var protocolErrors = 0
}
