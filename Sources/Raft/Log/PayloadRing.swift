import LeaseholdBase

/// The payloads of the entries in memory, one after the other in a ring of bytes.
///
/// Places are logical: they only grow, and a payload's bytes lie at the place modulo the capacity (a power of two). A
/// payload never wraps: one that would is placed at the beginning of the ring, so that it can be borrowed as one span.
struct PayloadRing: Sendable {
    private var bytes: [UInt8]
    /// The place of the first byte still needed.
    private(set) var start: UInt64 = 0
    /// The place behind the last byte.
    private(set) var end: UInt64 = 0

    init(capacity: Int = 4096) {
        var size = 64
        while size < capacity { size *= 2 }
        bytes = [UInt8](repeating: 0, count: size)
    }

    var capacity: Int { bytes.count }
    /// How many bytes are taken, skipped ends of the ring included.
    var used: Int { Int(end - start) }

    /// Copies a payload in behind the last one and answers its place, or nil when there is no room.
    mutating func append(_ payload: RawSpan) -> UInt64? {
        let size = payload.byteCount
        var place = end
        let offset = Int(place & UInt64(capacity - 1))
        if offset + size > capacity { place += UInt64(capacity - offset) }
        guard Int(place - start) + size <= capacity else { return nil }
        if size > 0 {
            let target = Int(place & UInt64(capacity - 1))
            unsafe bytes.withUnsafeMutableBytes { ring in
                unsafe payload.withUnsafeBytes { source in
                    unsafe UnsafeMutableRawBufferPointer(rebasing: ring[target..<target + size])
                        .copyMemory(from: source)
                }
            }
        }
        end = place + UInt64(size)
        return place
    }

    /// The bytes at a place that `append` answered.
    @_lifetime(borrow self)
    func payload(at place: UInt64, count: Int) -> RawSpan {
        let offset = count == 0 ? 0 : Int(place & UInt64(capacity - 1))
        return unsafe bytes.span.bytes.extracting(offset..<offset + count)
    }

    /// Gives up what lies before a place.
    mutating func release(before place: UInt64) { start = min(max(start, place), end) }

    /// Gives up what lies at a place and behind it.
    mutating func truncate(to place: UInt64) { end = max(start, min(end, place)) }
}
