public import LeaseholdBase

/// What an entry's payload is.
@frozen public enum EntryKind: UInt8, Sendable {
    /// Nothing: the first entry of a term, or a pulse that only carries time.
    case empty = 0
    /// A command for the state machine.
    case command = 1
    /// A ``Membership``, effective from its append.
    case membership = 2
}

/// All of an entry but its payload.
@frozen public struct EntryHeader: Hashable, Sendable {
    /// The entry's place in the log.
    public var index: LogIndex
    /// The term of the leader that made the entry.
    public var term: Term
    /// The leader's log clock at the append.
    public var logTime: LogTime
    /// The leader's wall clock at the append, for people only.
    public var wallTime: WallTime
    /// What the payload is.
    public var kind: EntryKind
    /// How many bytes the payload has.
    public var payloadCount: Int

    /// Joins the fields.
    @inlinable public init(
        index: LogIndex, term: Term, logTime: LogTime, wallTime: WallTime, kind: EntryKind, payloadCount: Int
    ) {
        self.index = index
        self.term = term
        self.logTime = logTime
        self.wallTime = wallTime
        self.kind = kind
        self.payloadCount = payloadCount
    }
}

/// Consecutive entries with their payloads in one buffer: what a decoder fills and consensus reads.
///
/// Reused: after `removeAll()` filling it again allocates nothing once warm.
public struct EntryBatch: Sendable {
    /// The headers, in order.
    public private(set) var headers: [EntryHeader] = []
    @usableFromInline private(set) var starts: [Int] = []
    @usableFromInline private(set) var payloads: [UInt8] = []

    /// An empty batch.
    public init() {}

    /// How many entries there are.
    public var count: Int { headers.count }
    /// Whether there is none.
    public var isEmpty: Bool { headers.isEmpty }
    /// How many bytes all payloads have.
    public var payloadBytes: Int { payloads.count }

    /// Forgets the entries and keeps the memory.
    public mutating func removeAll() {
        headers.removeAll(keepingCapacity: true)
        starts.removeAll(keepingCapacity: true)
        payloads.removeAll(keepingCapacity: true)
    }

    /// Adds an entry. The header's payload count is that of the payload.
    public mutating func append(_ header: EntryHeader, payload: RawSpan) {
        precondition(header.payloadCount == payload.byteCount, "a header describes its own payload")
        headers.append(header)
        starts.append(payloads.count)
        payloads.append(bytes: payload)
    }

    /// The payload of the entry at a position in the batch.
    @_lifetime(borrow self)
    public func payload(at position: Int) -> RawSpan {
        let start = starts[position]
        return unsafe payloads.span.bytes.extracting(start..<start + headers[position].payloadCount)
    }
}
