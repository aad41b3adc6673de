public import LeaseholdBase

/// What a turn of a ``ConnectionLoop`` saw.
public enum LoopEvent: Sendable {
    /// A connection came in at the listener of that tag.
    case accepted(ConnectionID, listener: Int)
    /// A dialled connection stands.
    case connected(ConnectionID)
    /// A dialled connection does not come about. Its id is gone.
    case dialFailed(ConnectionID, DialFailure)
    /// More bytes are in the connection's input.
    case received(ConnectionID)
    /// The connection ended, and not at our own request. Its id is gone.
    case closed(ConnectionID, CloseReason)
    /// The watched descriptor of that tag has something to be read.
    case ready(tag: Int)
}

/// Why a dialled connection does not come about.
public enum DialFailure: Hashable, Sendable, CustomStringConvertible {
    /// The name has no address; ``ConnectionLoop/lastResolutionError`` says more.
    case unresolvable
    /// Nobody answered in time.
    case timedOut
    /// The kernel's reason.
    case failed(SystemError)

    /// For a log line.
    public var description: String {
        switch self {
        case .unresolvable: "no address"
        case .timedOut: "no answer"
        case .failed(let error): "\(error)"
        }
    }
}

/// Why a connection ended.
public enum CloseReason: Hashable, Sendable, CustomStringConvertible {
    /// The other side closed it.
    case ended
    /// The other side did not read what was sent, and the bound was reached.
    case overflow
    /// The kernel's reason.
    case failed(SystemError)

    /// For a log line.
    public var description: String {
        switch self {
        case .ended: "closed by the other side"
        case .overflow: "the other side does not read"
        case .failed(let error): "\(error)"
        }
    }
}
