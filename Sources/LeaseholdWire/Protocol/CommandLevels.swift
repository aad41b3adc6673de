import LeaseholdBase

/// The levels of commands of a node: what it understands, and what its cluster has agreed on.
///
/// A program that does not tell them is one of the first level.
@frozen public struct CommandLevels: Hashable, Sendable {
    /// How many bytes they take.
    static let bytes = 16
    /// The greatest level that the node's program understands.
    public var known: UInt64
    /// The level in force, as of what the node has applied.
    public var inForce: UInt64

    /// Joins both.
    @inlinable public init(known: UInt64, inForce: UInt64) {
        self.known = known
        self.inForce = inForce
    }

    /// Those of a program that does not tell any.
    public static let first = CommandLevels(known: 1, inForce: 1)

    func encode(into bytes: inout [UInt8]) {
        bytes.append(uint64: known)
        bytes.append(uint64: inForce)
    }

    /// Reads them from fields that may have been added: none are those of the first.
    @_lifetime(reader: copy reader)
    init(decoding reader: inout ByteReader) throws(DecodingError) {
        guard reader.remaining > 0 else {
            self = .first
            return
        }
        known = try reader.uint64()
        inForce = try reader.uint64()
        guard known > 0, inForce > 0 else { throw .invalid }
    }
}
