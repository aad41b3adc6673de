/// When elections were seen: also those of times in which no majority is well, which are nobody's excuse later (property 16).
struct ElectionTimes {
    /// How much earlier than seen one may have been, in nanoseconds of true time.
    let samplePeriod: UInt64
    /// One for each term that had a leader, in order.
    private var seenAt: [UInt64] = []

    init(samplePeriod: UInt64) { self.samplePeriod = samplePeriod }

    /// So many terms have had a leader by now.
    mutating func saw(_ count: Int, by now: UInt64) { while seenAt.count < count { seenAt.append(now) } }

    /// How many there may have been since a time.
    func count(since start: UInt64) -> UInt64 {
        UInt64(seenAt.reversed().prefix { $0 + samplePeriod >= start }.count)
    }
}
