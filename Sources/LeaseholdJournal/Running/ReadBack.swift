public import LeaseholdBase

/// A read of older entries that is under way.
struct ReadBack: Hashable, Sendable {
    var number: DiskNumber
    var reader: NodeID
    var from: LogIndex
    var maxBytes: Int
    /// The segment, counted from the first there ever was in this life, and what of it is wanted.
    var segment: Int
    var offset: Int
    var count: Int
    /// What earlier reads have brought of it: its first bytes.
    var held: [UInt8] = []
    /// The index before which to stop.
    var end: LogIndex
    /// How many reads in a row brought nothing. A short read is gone on with; a file that has ended brings nothing more.
    var emptyReads = 0
    /// After so many of them the file is taken to have ended.
    static let emptyReadsMax = 16
}

/// An entry met in a batch that was read back.
struct ReadFound: Hashable, Sendable {
    var index: LogIndex
    /// Where its record's body stands in the bytes read.
    var body: Int
}

/// What a read completion brought about.
public enum ReadBackResult: Hashable, Sendable {
    /// The batch holds consecutive entries from this index on: at least one.
    case entries(for: NodeID, from: LogIndex)
    /// More has to be read first; an effect for it was emitted.
    case reading
    /// What was asked for, from this index on, was cut from the log meanwhile: there is nothing to be read.
    case overtaken(for: NodeID, from: LogIndex)
    /// The bytes could not be read, or are not what was once written.
    case failed(for: NodeID, JournalError)
    /// The completion is not that of a read under way.
    case unknown
}
