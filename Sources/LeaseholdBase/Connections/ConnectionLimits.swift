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

/// How long a driver waits for the other side of a connection.
public enum ConnectionTimes {
    /// How long a connection that was dialled may take to come about.
    public static let dial: Nanoseconds = .seconds(5)
    /// How long the other side may take to close after this one did.
    public static let linger: Nanoseconds = .seconds(1)
}
