/// The Castagnoli checksum (CRC-32C, RFC 3720 appendix B.4), by slicing eight bytes at a time: about 2 GB/s.
public enum CRC32C {
    /// The checksum of the bytes, or its continuation from the checksum of what stood before them.
    /// - Complexity: O(n), no allocation.
    public static func checksum(_ bytes: RawSpan, from previous: UInt32 = 0) -> UInt32 {
        var crc = ~previous
        var offset = 0
        let count = bytes.byteCount
        let table = tables.span
        while offset &+ 8 <= count {
            let word = unsafe bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: UInt64.self).littleEndian
            let low = UInt32(truncatingIfNeeded: word) ^ crc
            let high = UInt32(truncatingIfNeeded: word >> 32)
            crc =
                table[7 * 256 + Int(low & 0xFF)] ^ table[6 * 256 + Int(low >> 8 & 0xFF)]
                ^ table[5 * 256 + Int(low >> 16 & 0xFF)] ^ table[4 * 256 + Int(low >> 24)]
                ^ table[3 * 256 + Int(high & 0xFF)] ^ table[2 * 256 + Int(high >> 8 & 0xFF)]
                ^ table[256 + Int(high >> 16 & 0xFF)] ^ table[Int(high >> 24)]
            offset &+= 8
        }
        while offset < count {
            let byte = unsafe bytes.unsafeLoad(fromUncheckedByteOffset: offset, as: UInt8.self)
            crc = table[Int((crc ^ UInt32(byte)) & 0xFF)] ^ (crc >> 8)
            offset &+= 1
        }
        return ~crc
    }

    /// The checksum of the array's bytes.
    public static func checksum(_ bytes: [UInt8]) -> UInt32 { unsafe checksum(bytes.span.bytes) }

    /// Eight tables of 256, one after the other.
    private static let tables: [UInt32] = {
        var tables = [UInt32](repeating: 0, count: 8 * 256)
        for byte in 0..<256 {
            var crc = UInt32(byte)
            for _ in 0..<8 { crc = crc & 1 == 1 ? (crc >> 1) ^ 0x82F6_3B78 : crc >> 1 }
            tables[byte] = crc
        }
        for byte in 0..<256 {
            for slice in 1..<8 {
                let crc = tables[(slice - 1) * 256 + byte]
                tables[slice * 256 + byte] = tables[Int(crc & 0xFF)] ^ (crc >> 8)
            }
        }
        return tables
    }()
}
