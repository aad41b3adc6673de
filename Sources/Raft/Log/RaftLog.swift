public import LeaseholdBase

/// The replicated log as one node has it: headers in a deque, payloads in one ring, terms of every index as runs.
///
/// What is kept in memory is bounded: entries at the front that are applied and durable are *released* once the log
/// takes more than its limit, and are read back from the journal when a peer needs them. Their terms stay known.
/// What a snapshot has made superfluous is *compacted*: no longer in the journal either, and of it only the index and
/// the term of the last entry are known.
///
///     … compacted … start | … released … | … in memory … last
///
/// No allocation an entry once the deque and the ring have grown to their working size.
public struct RaftLog: Sendable {
    struct Record: Sendable, BitwiseCopyable {
        var header: EntryHeader
        var place: UInt64
    }

    private var records = Deque<Record>()
    private var ring = PayloadRing()
    private var terms = TermRuns()
    private var releasedLogTime = LogTime.zero
    /// The last entry that is in the log no more, neither in memory nor in the journal; zero when all are.
    public private(set) var start = LogPosition.zero
    /// The index of the last entry that is no longer in memory, zero when all are.
    public private(set) var releasedIndex = LogIndex.zero
    /// How many bytes the entries in memory may take before those that may be are released.
    public let memoryLimit: Int
    /// What an entry costs besides its payload, in bytes.
    static let recordBytes = MemoryLayout<Record>.stride
    /// How often entries were cut from the end, for those who follow a log as it grows.
    package private(set) var cuts: UInt64 = 0
    /// The index behind which the log was cut last.
    package private(set) var lastCut = LogIndex.zero

    /// An empty log with a limit on its memory in bytes.
    public init(memoryLimit: Int) { self.memoryLimit = memoryLimit }

    /// The index of the last entry, zero when there is none.
    public var lastIndex: LogIndex { releasedIndex + UInt64(records.count) }
    /// The index of the first entry in memory; one behind the last when none is.
    public var firstIndexInMemory: LogIndex { releasedIndex.next }
    /// The term of the last entry, zero when there is none.
    public var lastTerm: Term { terms.lastTerm }
    /// The log time of the last entry, zero when there is none.
    public var lastLogTime: LogTime { records.last?.header.logTime ?? releasedLogTime }
    /// How many bytes the entries in memory take.
    public var memoryBytes: Int { ring.used + records.count * Self.recordBytes }

    /// The term of an entry, zero for index zero of a log that begins there, nil beyond the log's ends. Known for
    /// released entries too, and for the one behind which the log begins.
    public func term(at index: LogIndex) -> Term? {
        index > lastIndex || index < start.index ? nil : terms.term(at: index)
    }

    /// The greatest index at or below the given one whose term is at most the given one, with its term; zero when the
    /// log has none.
    func greatestIndex(atOrBelow index: LogIndex, termAtMost term: Term) -> (index: LogIndex, term: Term) {
        let found = terms.greatestIndex(atOrBelow: min(index, lastIndex), termAtMost: term)
        return (found, terms.term(at: found))
    }

    /// The header of an entry in memory.
    public func header(at index: LogIndex) -> EntryHeader? {
        guard let position = position(of: index) else { return nil }
        return records[position].header
    }

    /// The payload of an entry in memory; empty for any other index.
    @_lifetime(borrow self)
    public func payload(at index: LogIndex) -> RawSpan {
        guard let position = position(of: index) else { return ring.payload(at: 0, count: 0) }
        let record = records[position]
        return ring.payload(at: record.place, count: record.header.payloadCount)
    }

    /// How many bytes the entries behind an index take, which is not below the released one.
    func bytes(after index: LogIndex) -> Int {
        guard let position = position(of: index.next) else { return 0 }
        return Int(ring.end - records[position].place) + (records.count - position) * Self.recordBytes
    }

    /// The last of the entries from the given index on, at least one, whose payloads fit so many bytes together.
    func lastIndex(from first: LogIndex, fitting limit: Int, entries limitCount: Int) -> (last: LogIndex, bytes: Int) {
        guard var position = position(of: first) else { return (first.previous, 0) }
        var bytes = 0
        var last = first.previous
        var taken = 0
        while position < records.count, taken < limitCount {
            let size = records[position].header.payloadCount + Self.recordBytes
            if taken > 0, bytes + size > limit { break }
            bytes += size
            last = last.next
            taken += 1
            position += 1
        }
        return (last, bytes)
    }

    /// Adds the next entry, whose index is one behind the last and whose term is at least the last one's.
    mutating func append(_ header: EntryHeader, payload: RawSpan) {
        precondition(header.index == lastIndex.next && header.term >= lastTerm, "the log grows entry by entry")
        precondition(header.payloadCount == payload.byteCount, "a header describes its own payload")
        var place = ring.append(payload)
        while place == nil {
            growRing(for: payload.byteCount)
            place = ring.append(payload)
        }
        records.append(Record(header: header, place: place ?? 0))
        terms.append(header.index, header.term)
    }

    /// Drops the entries behind an index, which is not below the released one.
    mutating func truncate(after index: LogIndex) {
        precondition(index >= releasedIndex, "released entries are committed")
        guard let position = position(of: index.next) else { return }
        ring.truncate(to: records[position].place)
        records.removeLast(records.count - position)
        cuts &+= 1
        lastCut = index
        terms.truncate(after: index)
    }

    /// Releases entries from the front, none behind the index, until the log takes no more than its limit.
    /// - Complexity: O(entries released).
    mutating func release(through index: LogIndex) {
        guard memoryBytes > memoryLimit else { return }
        while memoryBytes > memoryLimit, releasedIndex < index, !records.isEmpty { releaseFirst() }
    }

    /// Gives up the entries up to an index for good, and keeps its term. It is neither before the start nor beyond the
    /// last.
    /// - Complexity: O(entries in memory that go).
    mutating func compact(through index: LogIndex) {
        precondition(index >= start.index && index <= lastIndex, "what is compacted was in the log")
        start = LogPosition(index: index, term: terms.term(at: index))
        while releasedIndex < index { releaseFirst() }
        terms.compact(through: index)
    }

    /// Begins anew behind an entry that is not in the log as it is: all of it goes.
    mutating func restart(behind position: LogPosition, logTime: LogTime) {
        records.removeAll()
        ring.release(before: ring.end)
        terms.restart(behind: position)
        (start, releasedIndex, releasedLogTime) = (position, position.index, logTime)
        cuts &+= 1
        lastCut = position.index
    }

    private mutating func releaseFirst() {
        guard let first = records.popFirst() else { return }
        releasedIndex = first.header.index
        releasedLogTime = first.header.logTime
        ring.release(before: records.first?.place ?? ring.end)
    }

    private func position(of index: LogIndex) -> Int? {
        guard index > releasedIndex, index <= lastIndex else { return nil }
        return Int(index.rawValue - releasedIndex.rawValue - 1)
    }

    /// Moves the payloads into a ring with room for as much again as is needed now.
    private mutating func growRing(for size: Int) {
        var larger = PayloadRing(capacity: max(ring.capacity * 2, (ring.used + size) * 2))
        for position in 0..<records.count {
            let record = records[position]
            let place = larger.append(ring.payload(at: record.place, count: record.header.payloadCount))
            precondition(place != nil, "twice the room holds what one held")
            records[position].place = place ?? 0
        }
        ring = larger
    }
}

extension RaftLog {
    /// What is wrong with the log's own structure; empty when nothing is. O(1): ends and boundaries only.
    func violations() -> [String] {
        var found: [String] = []
        if start.index > releasedIndex { found.append("compacted \(start.index), released \(releasedIndex)") }
        if terms.term(at: start.index) != start.term { found.append("the term at the log's start is another") }
        if let first = records.first, first.header.index != releasedIndex.next {
            found.append("the first entry in memory is \(first.header.index), released is \(releasedIndex)")
        }
        if let last = records.last {
            if last.header.index != lastIndex { found.append("the last record is not the last index") }
            if last.header.term != terms.term(at: lastIndex) { found.append("the last term differs from its run") }
        }
        if records.count > 1 {
            let (before, last) = (records[records.count - 2].header, records[records.count - 1].header)
            if before.term > last.term { found.append("terms fall at \(last.index)") }
            if before.logTime > last.logTime { found.append("log time runs backwards at \(last.index)") }
        }
        return found
    }
}
