public import LeaseholdBase
public import Raft

/// The committed log as the run made it: the first apply of an index fixes its entry.
///
/// Every node's applies are shown to it, and it keeps the first of each index and the moment at which it happened.
public struct CommittedLog: Sendable {
    /// An entry.
    public struct Entry: Sendable {
        /// All but the payload.
        public var header: EntryHeader
        fileprivate var start: Int
    }

    /// By index less one; nil for an entry that no node had in memory any more when its apply was looked at.
    public private(set) var entries: [Entry?] = []
    /// When each was first applied; never before the one before it.
    private var times: [UInt64] = []
    private var payloads: [UInt8] = []

    /// Nothing is committed.
    public init() {}

    /// The last entry that any node has applied.
    public var last: LogIndex { LogIndex(UInt64(times.count)) }

    /// A node has applied the log so far.
    public mutating func applied(through index: LogIndex, at now: UInt64) {
        while times.count < Int(index.rawValue) {
            times.append(now)
            entries.append(nil)
        }
    }

    /// A node has applied the log so far, and this is the last entry.
    public mutating func note(_ header: EntryHeader, payload: RawSpan, at now: UInt64) {
        guard header.index > .zero else { return }
        applied(through: header.index, at: now)
        let place = Int(header.index.rawValue) - 1
        guard entries[place] == nil else { return }
        entries[place] = Entry(header: header, start: payloads.count)
        payloads.append(bytes: payload)
    }

    /// When a node first applied an entry: it was committed by then. Nil when none has.
    public func appliedAt(_ index: LogIndex) -> UInt64? {
        index > .zero && index <= last ? times[Int(index.rawValue) - 1] : nil
    }

    /// The bytes that an entry carries.
    public func payload(of entry: Entry) -> [UInt8] {
        Array(payloads[entry.start..<entry.start + entry.header.payloadCount])
    }

    /// The last entry that was committed for certain at a moment.
    /// - Complexity: O(log entries).
    public func committed(at moment: UInt64) -> LogIndex {
        var low = 0
        var high = times.count
        while low < high {
            let middle = (low + high) / 2
            if times[middle] <= moment { low = middle + 1 } else { high = middle }
        }
        return LogIndex(UInt64(low))
    }
}
