public import LeaseholdBase

/// How much one connection may hold.
public struct ConnectionLimits: Hashable, Sendable {
    /// Bytes received and not consumed yet. At this bound nothing more is read: it must exceed the largest frame.
    public var inputBytes = 2 << 20
    /// Bytes to be sent beyond which the connection is closed: its peer does not read.
    public var outputBytes = 1 << 20
    /// Bytes to be sent beyond which nothing more is read from it.
    public var outputHigh = 256 << 10
    /// Bytes to be sent at which reading goes on.
    public var outputLow = 64 << 10

    /// The limits of a client's connection.
    public init() {}

    /// Limits for a connection whose output may hold so many bytes, and is not held back below half of them.
    public init(outputBytes: Int) {
        self.outputBytes = outputBytes
        outputHigh = outputBytes / 2
        outputLow = outputBytes / 8
    }
}

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
