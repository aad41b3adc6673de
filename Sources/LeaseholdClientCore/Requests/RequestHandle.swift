public import LeaseMachine

/// A request that a client was asked to make: answered by exactly one ``ClientEffect/completed(_:_:)``.
@frozen public struct RequestHandle: Hashable, Sendable {
    /// Its place among the requests under way: used again for others, so that a table by place stays small.
    public let slot: UInt32
    let generation: UInt32
}

/// Why a request was not even begun. Nothing was sent, and nothing will be answered.
public enum SubmissionError: Error, Hashable, Sendable {
    /// As many requests are under way as the client may have.
    case tooManyRequests
    /// As many leases are kept, or asked for, as the client may have.
    case tooManyLeases
    /// The request breaks a limit that needs no cluster to see.
    case invalid(LeaseError)
    /// The client was shut down, or is about to be and takes on no more leases.
    case shutDown
}
