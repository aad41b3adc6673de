/// A connection as its driver names it: a slot of the driver's table and the slot's generation.
///
/// A slot is used again once its connection has ended; the generation tells a late event of the old connection from one
/// of the new, so that a stale event is dropped instead of reaching a stranger.
@frozen public struct ConnectionID: Hashable, Sendable, CustomStringConvertible {
    /// The generation in the upper half, the slot in the lower.
    public let rawValue: UInt64

    /// Joins a slot and its generation.
    @inlinable public init(slot: Int, generation: UInt32) {
        rawValue = UInt64(generation) << 32 | UInt64(UInt32(truncatingIfNeeded: slot))
    }

    /// Wraps the number that a kernel handed back.
    @inlinable public init(_ rawValue: UInt64) { self.rawValue = rawValue }

    /// The place in the driver's table.
    @inlinable public var slot: Int { Int(UInt32(truncatingIfNeeded: rawValue)) }
    /// How often the place was given away before.
    @inlinable public var generation: UInt32 { UInt32(truncatingIfNeeded: rawValue >> 32) }

    /// `slot.generation`.
    public var description: String { "\(slot).\(generation)" }
}
