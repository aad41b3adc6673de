import LeaseholdBase

/// A segment as the running journal knows it.
public struct JournalSegment: Hashable, Sendable {
    /// Its name, relative to the data directory.
    public internal(set) var name: String
    /// Its header.
    public internal(set) var header: SegmentHeader
    /// Its physical size in bytes.
    public internal(set) var size: Int
    /// Where the next batch goes, or where the last one ends.
    public internal(set) var end: Int
    /// The file, if the journal has it open.
    var file: FileID?
    /// Whether nothing was ever stored in it: a crash came before its first batch.
    var isEmpty: Bool { end == JournalFormat.segmentHeaderBytes }
}
