import LeaseholdBase

/// Where in the segments the entries stand: a sparse list of batches, each with the first index that it decides.
///
/// The items rise in both position and index. What stands from one item on decides the indices from its own first one up
/// to that of the next item, and for those indices the first version met is the newest: a truncation drops the items
/// behind it and always adds one, so that nothing an item leads to was overruled later. The first batch of a segment is
/// always an item, so what an item leads to is in its own segment.
///
/// Memory: 24 bytes an item; one for each segment, for each batch with a truncation, and for each 64 KiB of journal: 3 MiB
/// for a journal of 8 GiB.
struct PositionIndex: Sendable {
    struct Item: Hashable, Sendable {
        /// The lowest index that the batch, or one behind it and before the next item, decides.
        var firstIndex: LogIndex
        /// The segment, counted from the first there was when the journal was opened.
        var segment: Int32
        /// Where the batch begins.
        var offset: Int
    }
    private(set) var items: [Item] = []

    /// Notes a batch that has become durable.
    /// - Parameters:
    ///   - segment: The segment, counted from the first there was when the journal was opened.
    ///   - offset: Where the batch begins.
    ///   - firstIndex: The lowest index that it appends or voids; without either, the one behind the log's last.
    ///   - truncates: Whether it holds a truncation.
    ///   - spacing: How many bytes to leave between items where none is needed.
    mutating func note(segment: Int, offset: Int, firstIndex: LogIndex, truncates: Bool, spacing: Int) {
        if let last = items.last, !truncates, last.segment == segment, offset - last.offset < spacing { return }
        while let last = items.last, last.firstIndex >= firstIndex { items.removeLast() }
        items.append(Item(firstIndex: firstIndex, segment: Int32(segment), offset: offset))
    }

    /// Forgets all items: the log begins anew.
    mutating func removeAll() { items.removeAll(keepingCapacity: true) }

    /// Forgets what is in segments before this one.
    mutating func release(before segment: Int) {
        let kept = items.firstIndex { Int($0.segment) >= segment } ?? items.count
        items.removeFirst(kept)
    }

    /// The item to begin at for an index, and the index before which to stop.
    /// - Complexity: O(log n).
    func find(_ index: LogIndex) -> (item: Item, end: LogIndex?)? {
        var low = 0
        var high = items.count
        while low < high {
            let middle = (low + high) / 2
            if items[middle].firstIndex <= index { low = middle + 1 } else { high = middle }
        }
        guard low > 0 else { return nil }
        return (items[low - 1], low < items.count ? items[low].firstIndex : nil)
    }
}
