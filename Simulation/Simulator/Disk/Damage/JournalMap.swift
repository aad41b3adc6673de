import LeaseholdBase
import LeaseholdJournal

/// What stands where on a disk's durable image, read by the format alone: it knows nothing of how recovery judges.
///
/// It says of damage, before that is done, whether a node must notice it at its next start. Whoever hides from it what
/// recovery does with damage hides no bug of recovery.
struct JournalMap {
    /// A batch of a segment.
    struct Batch {
        var range: Range<Int>
        var number: UInt64
        /// Whether it holds nothing.
        var isSeal: Bool
        var header: Range<Int> { range.lowerBound..<range.lowerBound + 96 }
    }

    /// A segment of the journal.
    struct Segment {
        var name: String
        var size: Int
        var firstBatch: UInt64
        var batches: [Batch]
        /// Where the last batch ends.
        var end: Int { batches.last?.range.upperBound ?? JournalMap.headerBytes }
    }

    /// What becomes of damage.
    enum Consequence: Hashable {
        /// Nothing that was acknowledged is hit, and the node starts as ever.
        case none
        /// The next start that sees it is refused, and says one of these offsets of the file.
        case noticed([Int])
        /// What was acknowledged would be gone, and nobody could know: the last batch is hit and nothing behind it says
        /// that it was ever whole, as after a torn write. Outside of what a journal can promise.
        case silent
    }

    static let headerBytes = 128
    static let identity = "identity"

    /// In the order of their batches.
    private(set) var segments: [Segment] = []
    /// Whether there is an identity file.
    private(set) var hasIdentity = false

    init(_ disk: SimulatedDisk) {
        hasIdentity = !disk.durableContents(Self.identity).isEmpty
        for name in disk.durableNames.all where name.hasSuffix(".seg") {
            let contents = disk.durableContents(name)
            guard case .header(let header) = unsafe SegmentHeader.read(contents.span.bytes) else { continue }
            var segment = Segment(name: name, size: contents.count, firstBatch: header.firstBatch, batches: [])
            while segment.end + 96 <= contents.count {
                let start = segment.end
                guard
                    case .header(let batch) = unsafe BatchHeader.read(
                        contents.span.bytes.extracting(start..<start + 96)),
                    batch.segment == header.segment, start + batch.totalCount <= contents.count,
                    unsafe CRC32C.checksum(contents.span.bytes.extracting(start + 96..<start + batch.totalCount))
                        == batch.payloadChecksum
                else { break }
                segment.batches.append(
                    Batch(
                        range: start..<start + batch.totalCount, number: batch.number,
                        isSeal: batch.flags.contains(.seal)))
            }
            segments.append(segment)
        }
        segments.sort { ($0.firstBatch, $0.name) < ($1.firstBatch, $1.name) }
    }

    /// What becomes of damage to these ranges of one file. Temporary files mean nothing after a stop.
    ///
    /// - Parameter isAtRest: Whether the node has had the time to prove its last batch. One that is not proved all the same
    ///   is to be missed: the journal promises that it is.
    func consequence(of ranges: [Range<Int>], in file: String, isAtRest: Bool = false) -> Consequence {
        if file == Self.identity { return ranges.contains { $0.lowerBound < 32 } ? .noticed([0]) : .none }
        guard let place = segments.firstIndex(where: { $0.name == file }) else { return .none }
        let segment = segments[place]
        if ranges.contains(where: { $0.lowerBound < Self.headerBytes }) { return .noticed([0]) }
        let hit = segment.batches.filter { batch in ranges.contains { $0.overlaps(batch.range) } }
        guard let first = hit.first else { return .none }
        // A later segment proves every batch of this one; in the last one only a whole header behind does.
        let isProved =
            place < segments.count - 1
            || segment.batches.contains { batch in
                batch.number > first.number && !ranges.contains { $0.overlaps(batch.header) }
            }
            || isAtRest && !first.isSeal && first.number == segment.batches.last?.number
        // Where two batches could be the first that is found, either may be named.
        return isProved ? .noticed(hit.map(\.range.lowerBound)) : .silent
    }
}
