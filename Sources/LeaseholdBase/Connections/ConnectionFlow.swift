/// Decides what one connection may queue and when it is read and written, so that every driver decides alike.
///
/// A peer that does not read what it is sent is not read from either, and is cut off in the end: so one connection's memory
/// is bounded, whatever its peer does.
public struct ConnectionFlow: Hashable, Sendable {
    /// How much the connection may hold.
    public let limits: ConnectionLimits
    /// Whether the last write was a short one: nothing is written until the system takes bytes again.
    public private(set) var isBlocked = false
    /// Whether so much waits to be sent that nothing more is read.
    public private(set) var isHeldBack = false

    /// A connection with nothing queued.
    public init(limits: ConnectionLimits = ConnectionLimits()) { self.limits = limits }

    /// Whether so many bytes may be queued behind those that wait; if not, the connection is to end.
    @inlinable public func admits(_ count: Int, behind queued: Int) -> Bool { count <= limits.outputBytes - queued }

    /// A write has been tried, and has left so many bytes.
    public mutating func wrote(leaving left: Int) {
        isBlocked = left > 0
        if left > limits.outputHigh {
            isHeldBack = true
        } else if left <= limits.outputLow {
            isHeldBack = false
        }
    }

    /// The system takes bytes again.
    public mutating func unblock() { isBlocked = false }

    /// Whether the connection is read while so many bytes of it are not consumed.
    @inlinable public func reads(unconsumed: Int) -> Bool { !isHeldBack && unconsumed < limits.inputBytes }
}
