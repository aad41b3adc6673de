/// Little-endian fields appended to a reused array of bytes: the project's one way of writing formats.
///
/// A buffer that is emptied with `removeAll(keepingCapacity: true)` and filled again allocates nothing once warm.
extension [UInt8] {
    /// Appends two bytes.
    @inlinable public mutating func append(uint16 value: UInt16) { appendInteger(value.littleEndian) }
    /// Appends four bytes.
    @inlinable public mutating func append(uint32 value: UInt32) { appendInteger(value.littleEndian) }
    /// Appends eight bytes.
    @inlinable public mutating func append(uint64 value: UInt64) { appendInteger(value.littleEndian) }

    /// Appends borrowed bytes.
    @inlinable public mutating func append(bytes: RawSpan) {
        unsafe bytes.withUnsafeBytes { source in unsafe append(contentsOf: source) }
    }

    /// Writes four bytes over those at an offset that is within the array.
    @inlinable public mutating func overwrite(uint32 value: UInt32, at offset: Int) {
        precondition(offset >= 0 && offset + 4 <= count, "the field must already have its place")
        unsafe withUnsafeMutableBytes { buffer in
            unsafe buffer.storeBytes(of: value.littleEndian, toByteOffset: offset, as: UInt32.self)
        }
    }

    /// Writes eight bytes over those at an offset that is within the array.
    @inlinable public mutating func overwrite(uint64 value: UInt64, at offset: Int) {
        precondition(offset >= 0 && offset + 8 <= count, "the field must already have its place")
        unsafe withUnsafeMutableBytes { buffer in
            unsafe buffer.storeBytes(of: value.littleEndian, toByteOffset: offset, as: UInt64.self)
        }
    }

    @inlinable mutating func appendInteger<Value: FixedWidthInteger & BitwiseCopyable>(_ value: Value) {
        unsafe Swift.withUnsafeBytes(of: value) { source in unsafe append(contentsOf: source) }
    }
}
