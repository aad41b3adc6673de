import LeaseholdBase

extension ByteReader {
    /// A text behind a byte that counts it, UTF-8, not longer than the limit.
    @_lifetime(self: copy self)
    mutating func shortText(upTo limit: Int) throws(DecodingError) -> String {
        try text(count: Int(try byte()), upTo: limit)
    }

    /// A text behind two bytes that count it, UTF-8, not longer than the limit.
    @_lifetime(self: copy self)
    mutating func longText(upTo limit: Int) throws(DecodingError) -> String {
        try text(count: Int(try uint16()), upTo: limit)
    }

    @_lifetime(self: copy self)
    mutating func text(count: Int, upTo limit: Int) throws(DecodingError) -> String {
        guard count <= limit else { throw .invalid }
        let slice = try slice(count)
        guard let text = unsafe slice.withUnsafeBytes({ unsafe String(validating: $0, as: UTF8.self) }) else {
            throw .invalid
        }
        return text
    }

    /// A flag: one byte, 0 or 1.
    @_lifetime(self: copy self)
    mutating func flag() throws(DecodingError) -> Bool {
        switch try byte() {
        case 0: false
        case 1: true
        default: throw .invalid
        }
    }

    /// A length of time that is not negative.
    @_lifetime(self: copy self)
    mutating func nanoseconds() throws(DecodingError) -> Nanoseconds {
        let value = try uint64()
        guard value <= UInt64(Int64.max) else { throw .invalid }
        return Nanoseconds(Int64(value))
    }

    /// A length of time in whole milliseconds; zero is none.
    @_lifetime(self: copy self)
    mutating func milliseconds() throws(DecodingError) -> Nanoseconds {
        .milliseconds(Int64(try uint32()))
    }

    /// The fields that were added to a message since its first version, in the order in which they were: a sender of
    /// before sends fewer, and what a later one adds stands behind those that are known.
    @_lifetime(self: copy self)
    @_lifetime(copy self)
    mutating func optionalFields() throws(DecodingError) -> RawSpan {
        try slice(Int(try uint16()))
    }

    /// Fields of a later version, skipped by their length.
    @_lifetime(self: copy self)
    mutating func skipOptionalFields() throws(DecodingError) {
        _ = try slice(Int(try uint16()))
    }

    @_lifetime(self: copy self)
    mutating func cluster() throws(DecodingError) -> ClusterID {
        let high = try uint64()
        return ClusterID(high: high, low: try uint64())
    }
}

extension [UInt8] {
    /// Appends a text behind a byte that counts it, cut at the last whole character within the limit.
    mutating func append(shortText text: String, upTo limit: Int = 255) {
        let text = cut(text, to: Swift.min(limit, 255))
        append(UInt8(text.utf8.count))
        append(contentsOf: text.utf8)
    }

    /// Appends a text behind two bytes that count it, cut at the last whole character within the limit.
    mutating func append(longText text: String, upTo limit: Int) {
        let text = cut(text, to: Swift.min(limit, 65_535))
        append(uint16: UInt16(text.utf8.count))
        append(contentsOf: text.utf8)
    }

    mutating func append(flag: Bool) { append(flag ? 1 : 0) }

    /// Appends a length of time; a negative one counts as none.
    mutating func append(nanoseconds: Nanoseconds) {
        append(uint64: UInt64(Swift.max(0, nanoseconds.rawValue)))
    }

    /// Appends whole milliseconds, rounded up, within 32 bits.
    mutating func append(milliseconds time: Nanoseconds) {
        let rounded = (time + Nanoseconds(999_999)).milliseconds
        append(uint32: UInt32(clamping: Swift.max(0, rounded)))
    }

    mutating func append(cluster: ClusterID) {
        append(uint64: cluster.high)
        append(uint64: cluster.low)
    }

    mutating func appendNoOptionalFields() { append(uint16: 0) }

    /// Appends the fields that were added to a message since its first version; few of them.
    mutating func appendOptionalFields(_ fields: (inout [UInt8]) -> Void) {
        let start = count
        append(uint16: 0)
        fields(&self)
        let length = UInt16(clamping: count - start - 2)
        (self[start], self[start + 1]) = (UInt8(truncatingIfNeeded: length), UInt8(truncatingIfNeeded: length >> 8))
    }
}

private func cut(_ text: String, to limit: Int) -> String {
    guard text.utf8.count > limit else { return text }
    var cut = ""
    var count = 0
    for character in text.unicodeScalars {
        count += UTF8.width(character)
        if count > limit { break }
        cut.unicodeScalars.append(character)
    }
    return cut
}
