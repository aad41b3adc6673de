public import LeaseholdBase

/// Every limit of the protocol, in one place. What exceeds one is answered with the code named beside it.
public enum WireLimits {
    /// The greatest frame, its header included: 1 MiB (``ConnectionErrorCode/frameLength``).
    public static let frameBytes = 1 << 20
    /// The greatest body of a frame.
    public static let bodyBytes = frameBytes - FrameHeader.bytes
    /// The most payload and entry-header bytes that one append message can carry.
    public static let appendBytes = bodyBytes - 256
    /// The most bytes of a snapshot in one message, to a node or to a client (``ConnectionErrorCode/malformed``).
    public static let snapshotPieceBytes = 256 << 10
    /// The longest address, `host:port`, `[v6]:port` or `unix:path` (``ConnectionErrorCode/malformed``).
    public static let addressBytes = 255
    /// The longest text for people in an error (cut by the sender, ``ConnectionErrorCode/malformed`` beyond).
    public static let messageBytes = 1_024
    /// The most bytes of credentials in a handshake (``ConnectionErrorCode/malformed``).
    public static let credentialBytes = 4_096
    /// The most members a status answer names (``ConnectionErrorCode/malformed``).
    public static let statusMembers = 64
    /// The most leases in one page of a list; a greater limit in a request is lowered to it.
    public static let pageLeases = 1_000
    /// The most settings an answer names (``ConnectionErrorCode/malformed``).
    public static let settings = 1_024
    /// The most node ids in a birth message (``ConnectionErrorCode/malformed``).
    public static let listedNodes = 64
    /// Client connections a node holds (``ConnectionErrorCode/tooManyConnections``).
    public static let connections = 10_000
    /// Bytes queued toward one connection before it is closed (``ConnectionErrorCode/slowReader``): 1 MiB.
    public static let queuedBytes = 1 << 20
    /// A connection without a finished handshake ends after this (``ConnectionErrorCode/handshakeTimeout``).
    public static let handshakeTimeout = Nanoseconds.seconds(5)
    /// A connection with a frame begun and not finished ends after this (``ConnectionErrorCode/frameTimeout``).
    public static let frameTimeout = Nanoseconds.seconds(10)
}
