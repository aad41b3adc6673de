package import LeaseholdBase

/// Counts lengths of time in buckets, in a fixed amount of memory, each within a hundredth of its true length.
///
/// Lengths below 128 ns have a bucket each; above, each doubling is cut into 128 equal buckets, up to nine hours, which
/// holds whatever is longer too.
package struct LatencyHistogram: Sendable {
    private static let stepBits = 7
    private static let steps = 1 << stepBits
    private static let doublings = 38
    private var counts: [UInt64]
    /// How many were counted.
    package private(set) var count: UInt64 = 0
    /// The longest.
    package private(set) var longest = Nanoseconds.zero

    /// Nothing counted yet.
    package init() { counts = [UInt64](repeating: 0, count: (Self.doublings + 1) * Self.steps) }

    /// Counts one.
    package mutating func record(_ time: Nanoseconds) {
        counts[Self.bucket(of: time)] += 1
        count += 1
        if time > longest { longest = time }
    }

    private static func bucket(of time: Nanoseconds) -> Int {
        let value = Swift.max(0, time.rawValue)
        guard value >= steps else { return Int(value) }
        let shift = 63 - value.leadingZeroBitCount - stepBits
        guard shift < doublings else { return (doublings + 1) * steps - 1 }
        // The leading bit of the shifted value is what makes the next row of buckets.
        return shift * steps + Int(value >> Int64(shift))
    }

    /// The greatest length that falls into a bucket.
    private static func upperEnd(of bucket: Int) -> Nanoseconds {
        guard bucket >= 2 * steps else { return Nanoseconds(Int64(bucket)) }
        let shift = bucket / steps - 1
        let value = Int64(bucket - shift * steps)
        return Nanoseconds((value + 1) << Int64(shift) - 1)
    }

    /// The length that so many thousandths of those counted do not exceed (nearest rank); nil when none were counted.
    package func quantile(thousandths: UInt64) -> Nanoseconds? {
        guard count > 0 else { return nil }
        let rank = Swift.max(1, (count * thousandths + 999) / 1_000)
        var seen: UInt64 = 0
        for bucket in counts.indices {
            seen += counts[bucket]
            if seen >= rank { return Swift.min(Self.upperEnd(of: bucket), longest) }
        }
        return longest
    }
}
