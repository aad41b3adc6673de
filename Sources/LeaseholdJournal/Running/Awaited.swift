import LeaseholdBase

/// A few effects, numbered in one go, whose completions are awaited together.
struct Awaited: Hashable, Sendable {
    private var first: UInt64 = 0
    private var mask: UInt64 = 0

    var isEmpty: Bool { mask == 0 }

    mutating func insert(_ number: DiskNumber) {
        if mask == 0 { first = number.rawValue }
        precondition(number.rawValue - first < 64, "a handful of effects is awaited at a time")
        mask |= 1 << (number.rawValue - first)
    }

    /// Removes a number, and tells whether it was there.
    mutating func remove(_ number: DiskNumber) -> Bool {
        guard number.rawValue >= first, number.rawValue - first < 64 else { return false }
        let bit: UInt64 = 1 << (number.rawValue - first)
        guard mask & bit != 0 else { return false }
        mask &= ~bit
        return true
    }

    mutating func removeAll() { mask = 0 }
}
