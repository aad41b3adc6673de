public import LeaseholdBase
public import Raft

/// The committed log as the run made it: the first apply of an index fixes its entry.
///
/// Every node's applies are shown to it, and it keeps the first of each index with the moment at which it happened.
public struct CommittedLog: Sendable {
    /// An entry.
    public struct Entry: Sendable {
        /// All but the payload.
        public var header: EntryHeader
        /// When a node first applied it: it was committed by then. Never before that of the entry before.
        public var appliedAt: UInt64
        fileprivate var start: Int
    }

    /// By index less one; an entry that was applied where nobody could see it is nil until another node applies it.
    public private(set) var entries: [Entry?] = []
    private var payloads: [UInt8] = []

    /// Nothing is committed.
    public init() {}

    /// The last entry that any node has applied.
    public var last: LogIndex { LogIndex(UInt64(entries.count)) }

    /// A node has applied an entry.
    public mutating func note(_ header: EntryHeader, payload: RawSpan, at now: UInt64) {
        guard header.index > .zero else { return }
        let place = Int(header.index.rawValue) - 1
        while entries.count <= place { entries.append(nil) }
        guard entries[place] == nil else { return }
        let later = entries[(place + 1)...].first { $0 != nil }
        let entry = Entry(header: header, appliedAt: min(now, later??.appliedAt ?? .max), start: payloads.count)
        entries[place] = entry
        payloads.append(bytes: payload)
    }

    /// An entry, if it was seen.
    public subscript(index: LogIndex) -> Entry? {
        index > .zero && index <= last ? entries[Int(index.rawValue) - 1] : nil
    }

    /// The bytes that an entry carries.
    public func payload(of entry: Entry) -> [UInt8] {
        Array(payloads[entry.start..<entry.start + entry.header.payloadCount])
    }

    /// The last entry that was committed for certain at a moment.
    /// - Complexity: O(log entries).
    public func committed(at moment: UInt64) -> LogIndex {
        var low = 0
        var high = entries.count
        while low < high {
            let middle = (low + high) / 2
            // An entry that was not seen counts with the next that was.
            let known = entries[middle...].first { $0 != nil }
            if let time = known??.appliedAt, time <= moment { low = middle + 1 } else { high = middle }
        }
        return LogIndex(UInt64(low))
    }
}
