internal import LeaseholdBase

/// What names and labels may hold.
enum Text {
    /// Whether the bytes are well-formed UTF-8 (Unicode 15, table 3-7) without control characters: none below U+0020,
    /// not U+007F, none of U+0080 to U+009F.
    /// - Complexity: O(n), no allocation.
    static func isPlain(_ bytes: RawSpan) -> Bool {
        var offset = 0
        while offset < bytes.byteCount {
            let lead = bytes[offset]
            offset += 1
            if lead < 0x80 {
                if lead < 0x20 || lead == 0x7F { return false }
                continue
            }
            let count: Int
            var second: ClosedRange<UInt8> = 0x80...0xBF
            switch lead {
            case 0xC2:
                (count, second) = (1, 0xA0...0xBF)
            case 0xC3...0xDF: count = 1
            case 0xE0: (count, second) = (2, 0xA0...0xBF)
            case 0xED: (count, second) = (2, 0x80...0x9F)
            case 0xE1...0xEF: count = 2
            case 0xF0: (count, second) = (3, 0x90...0xBF)
            case 0xF1...0xF3: count = 3
            case 0xF4: (count, second) = (3, 0x80...0x8F)
            default: return false
            }
            guard offset + count <= bytes.byteCount, second.contains(bytes[offset]) else { return false }
            for position in offset + 1..<max(offset + count, offset + 1) {
                guard bytes[position] & 0xC0 == 0x80 else { return false }
            }
            offset += count
        }
        return true
    }

    /// The bytes as a string; what is not UTF-8 is shown as replacement characters.
    static func string(_ bytes: RawSpan) -> String {
        unsafe bytes.withUnsafeBytes { unsafe String(decoding: $0, as: UTF8.self) }
    }
}

extension RawSpan {
    /// A copy of the bytes.
    var array: [UInt8] { unsafe withUnsafeBytes { unsafe [UInt8]($0) } }
}
