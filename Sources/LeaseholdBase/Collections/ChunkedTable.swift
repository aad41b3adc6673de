/// Flat records in chunks of 128, numbered from zero.
///
/// Copying the table costs nothing. The first write to a chunk that a copy still shares copies that chunk alone (and,
/// once, the list of chunks), so a kept copy of a table with a million records is cheap to keep. Growing never moves
/// the records there are.
@frozen public struct ChunkedTable<Record: BitwiseCopyable & Sendable>: Sendable {
    /// Every chunk has room for 128 records; those past `count` hold leftovers.
    @usableFromInline var chunks: [[Record]] = []
    @usableFromInline var used = 0

    /// An empty table.
    @inlinable public init() {}

    /// How many records there are.
    @inlinable public var count: Int { used }
    /// How many records there is room for.
    @inlinable public var capacity: Int { chunks.count &* 128 }

    /// The record with a number below `count`.
    /// - Complexity: O(1); the first write after a copy was kept copies 128 records.
    @inlinable public subscript(position: Int) -> Record {
        get {
            precondition(position < used, "no such record")
            return chunks[position >> 7][position & 127]
        }
        _modify {
            precondition(position < used, "no such record")
            yield &chunks[position >> 7][position & 127]
        }
    }

    /// Adds a record at the end.
    /// - Complexity: O(1); allocates once in 128 calls at most, and not where records were removed before.
    @inlinable public mutating func append(_ record: Record) {
        if used == chunks.count &* 128 { chunks.append([Record](repeating: record, count: 128)) }
        used &+= 1
        self[used &- 1] = record
    }

    /// Removes the last record, or answers nil when there is none. Keeps the memory.
    @inlinable public mutating func popLast() -> Record? {
        guard used > 0 else { return nil }
        let record = self[used &- 1]
        used &-= 1
        return record
    }
}
