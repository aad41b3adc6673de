import LeaseholdBase

/// The bytes of a snapshot's file.
///
///     DIR/journal/<16 hex digits>.snap   a snapshot, named after its last index
///     DIR/journal/snapshot.tmp           one being taken; or room kept for the next; means nothing after a stop
///     DIR/journal/received.tmp           one being received; means nothing after a stop
///
/// A file is a head, the membership, the payload of the cluster's first entry, the content (bytes of the state machine)
/// in chunks, and an end:
///
///     0      88
///     | head | membership | birth | chunk | chunk | … | end |
///
/// The head:
///
///      0        4          8        9            10     12
///      | magic  | checksum | format | length / 8 | zero | group |
///     16                  32                     48
///      | cluster           | last index, its term | log time, wall time |
///     64                  72                  76             80
///      | membership index  | membership length | birth length | checksum of both | zero |
///
/// A chunk has 64 KiB of content, the last one what is left:
///
///     0        4          8        9            10     12       16       20
///     | magic  | checksum | format | length / 8 | zero | number | length | payload checksum | payload …
///
/// The end:
///
///     0        4          8        9            10     16       24              32
///     | magic  | checksum | format | length / 8 | zero | chunks | content bytes | checksum of the whole | zero |
///
/// Every part has the common front of all headers of the journal, with a checksum of its own (trap 44). The checksum of
/// the whole covers all bytes before the end. Nothing in a file is of one node: the snapshots of an index are equal on
/// all of them, and a file is sent as it is. What stands behind the end means nothing: a file may have been a larger one.
enum SnapshotFileFormat {
    static let headBytes = 88
    static let chunkHeadBytes = 24
    static let endBytes = 40
    /// How much content a chunk has.
    static let chunkBytes = 64 << 10
    /// How long a membership may be, in effect or at the birth.
    static let membershipBytesMax = 64 << 10
    /// "LHSN"
    static let headMagic: UInt32 = 0x4E53_484C
    /// "LHSC"
    static let chunkMagic: UInt32 = 0x4353_484C
    /// "LHSE"
    static let endMagic: UInt32 = 0x4553_484C

    /// Begins a part: magic, room for the checksum, format and length. Answers where it began.
    static func begin(_ magic: UInt32, count: Int, in bytes: inout [UInt8]) -> Int {
        let start = bytes.count
        bytes.append(uint32: magic)
        bytes.append(uint32: 0)
        bytes.append(JournalFormat.format)
        bytes.append(UInt8(count / 8))
        bytes.append(uint16: 0)
        return start
    }

    /// Fills a part up with zeros and sets its checksum.
    static func end(_ start: Int, count: Int, in bytes: inout [UInt8]) {
        while bytes.count < start + count { bytes.append(0) }
        let checksum = unsafe CRC32C.checksum(bytes.span.bytes.extracting(start + 8..<start + count))
        bytes.overwrite(uint32: checksum, at: start + 4)
    }

    /// What the four bytes at the front of a part are.
    static func magic(_ bytes: RawSpan) -> UInt32 {
        unsafe bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: 0, as: UInt32.self).littleEndian
    }
}

/// The names of snapshots, relative to the data directory.
enum SnapshotName {
    static let ending = ".snap"
    static let taking = SegmentName.directory + "/snapshot" + SegmentName.temporaryEnding
    static let receiving = SegmentName.directory + "/received" + SegmentName.temporaryEnding

    static func installed(_ lastIndex: LogIndex) -> String {
        SegmentName.directory + "/" + hexadecimal(lastIndex.rawValue) + ending
    }
}
