import LeaseholdBase

/// The names of segments, relative to the data directory.
///
/// A segment is named after its first index. Two segments can have the same first index: a truncation takes the log back
/// below the first index of a live segment, and the log grows to it again; or a whole segment holds no entry. Then the
/// younger one's name has its first batch number behind the index, which no other segment shares, so a rename never
/// replaces a live file, unless nothing was ever stored in that: then the younger one takes its place and name. The order of segments is that of the first batch numbers in their headers, not of their names.
enum SegmentName {
    /// Where the segments are.
    static let directory = "journal"
    /// How a segment's name ends.
    static let ending = ".seg"
    /// How the names of files end that mean nothing after a stop.
    static let temporaryEnding = ".tmp"
    /// The next segment while it is prepared.
    static let spare = directory + "/spare" + temporaryEnding
    /// The copy of the last segment that recovery makes.
    static let recovery = directory + "/recovery" + temporaryEnding

    /// The usual name.
    static func plain(_ firstIndex: LogIndex) -> String {
        directory + "/" + hexadecimal(firstIndex.rawValue) + ending
    }

    /// The name where the usual one is taken.
    static func numbered(_ firstIndex: LogIndex, firstBatch: UInt64) -> String {
        directory + "/" + hexadecimal(firstIndex.rawValue) + "-" + hexadecimal(firstBatch) + ending
    }

    /// Whether a segment with this header may have this name.
    static func fits(_ name: String, _ header: SegmentHeader) -> Bool {
        name == plain(header.firstIndex) || name == numbered(header.firstIndex, firstBatch: header.firstBatch)
    }
}
