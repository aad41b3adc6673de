/// Flat records that come and go, each in a numbered slot that stays its own until it is given back.
///
/// Which slot a record gets depends on what was given back before: slots are for finding, never for ordering.
@frozen public struct SlotPool<Record: BitwiseCopyable & Sendable>: Sendable {
    @usableFromInline var records = ChunkedTable<Record>()
    @usableFromInline var vacant = ChunkedTable<UInt32>()

    /// An empty pool.
    @inlinable public init() {}

    /// How many records there are.
    @inlinable public var count: Int { records.count &- vacant.count }
    /// One more than the highest slot ever used.
    @inlinable public var slotCount: Int { records.count }

    /// The record in a slot that is in use.
    @inlinable public subscript(slot: UInt32) -> Record {
        get { records[Int(slot)] }
        _modify { yield &records[Int(slot)] }
    }

    /// Puts a record into a free slot.
    /// - Complexity: O(1). Traps at 2³¹ records, which no limit allows.
    @inlinable public mutating func insert(_ record: Record) -> UInt32 {
        if let slot = vacant.popLast() {
            records[Int(slot)] = record
            return slot
        }
        precondition(records.count < 1 << 31, "a pool has fewer than 2³¹ slots")
        records.append(record)
        return UInt32(truncatingIfNeeded: records.count &- 1)
    }

    /// Gives a slot back.
    @inlinable public mutating func remove(_ slot: UInt32) {
        precondition(Int(slot) < records.count, "no such slot")
        vacant.append(slot)
    }

    /// The slots not in use, in no order that means anything: for checking.
    package var vacantSlots: [UInt32] {
        var slots: [UInt32] = []
        for position in 0..<vacant.count { slots.append(vacant[position]) }
        return slots
    }
}
