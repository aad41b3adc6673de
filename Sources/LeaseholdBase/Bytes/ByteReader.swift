/// Why bytes could not be read: one case a reason, and never a trap, whatever a peer sent.
public enum DecodingError: Error, Hashable, Sendable {
    /// The bytes end before the value does.
    case truncated
    /// A value is outside what its field allows.
    case invalid
    /// Bytes were left over behind the last field.
    case trailing
    /// A format, version or kind that this build does not know.
    case unknown
}

/// Reads little-endian fields from borrowed bytes, in order, with a bound check on each.
public struct ByteReader: ~Escapable {
    /// All the bytes.
    public let bytes: RawSpan
    @usableFromInline var position: Int
    /// Where the next field begins.
    @inlinable public var offset: Int { position }

    /// A reader at the beginning of the bytes.
    @_lifetime(copy bytes)
    @inlinable public init(_ bytes: RawSpan) {
        self.bytes = bytes
        self.position = 0
    }

    /// How many bytes are left.
    @inlinable public var remaining: Int { bytes.byteCount &- position }

    /// The next byte.
    @inlinable @_lifetime(self: copy self)
    public mutating func byte() throws(DecodingError) -> UInt8 { try load(UInt8.self) }
    /// The next two bytes.
    @inlinable @_lifetime(self: copy self)
    public mutating func uint16() throws(DecodingError) -> UInt16 { try load(UInt16.self).littleEndian }
    /// The next four bytes.
    @inlinable @_lifetime(self: copy self)
    public mutating func uint32() throws(DecodingError) -> UInt32 { try load(UInt32.self).littleEndian }
    /// The next eight bytes.
    @inlinable @_lifetime(self: copy self)
    public mutating func uint64() throws(DecodingError) -> UInt64 { try load(UInt64.self).littleEndian }

    /// The next so many bytes, borrowed from the reader's own.
    @inlinable @_lifetime(self: copy self)
    @_lifetime(copy self)
    public mutating func slice(_ count: Int) throws(DecodingError) -> RawSpan {
        guard count >= 0, count <= remaining else { throw .truncated }
        let start = position
        position = start &+ count
        return bytes.extracting(start..<start &+ count)
    }

    /// Fails unless every byte was read.
    @inlinable public func finish() throws(DecodingError) {
        guard remaining == 0 else { throw .trailing }
    }

    @inlinable @_lifetime(self: copy self)
    mutating func load<Value: FixedWidthInteger & BitwiseCopyable>(
        _ type: Value.Type
    ) throws(DecodingError) -> Value {
        let size = MemoryLayout<Value>.size
        guard size <= remaining else { throw .truncated }
        let start = position
        position = start &+ size
        return unsafe bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: start, as: Value.self)
    }
}
