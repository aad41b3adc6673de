import LeaseholdBase

/// The journal's bytes on disk.
///
///     DIR/identity                              who owns the directory: ``DirectoryIdentity``
///     DIR/journal/<16 hex digits>.seg           a segment, named after its first index
///     DIR/journal/<16 hex digits>-<16 hex>.seg  the same where that name was taken: see ``SegmentName``
///     DIR/journal/spare.tmp                     the next segment being prepared; means nothing after a stop
///     DIR/journal/recovery.tmp                  a copy being made by recovery; means nothing after a stop
///     DIR/journal/<16 hex digits>.snap          a snapshot: see ``SnapshotFileFormat``
///
/// A segment is a ``SegmentHeader``, then batches one behind the other, then zeros to its physical end:
///
///     0                128                                                             size
///     | segment header | batch | batch | batch | seal | 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 |
///
/// A batch is a ``BatchHeader`` with a checksum of its own, then its records, padded with zeros (which the payload
/// length and checksum include) to a multiple of eight bytes, so that every header stands at a multiple of eight:
///
///     0              96
///     | batch header | record | record | … | 0…7 zeros |
///
/// A seal is a batch without records. A record is:
///
///     0     1      4             8
///     | kind| zero | body length | body … |
///
/// Everything is little-endian, and every checksum is CRC-32C. Kinds are those of ``RecordKind``; a kind of 128 or more
/// that is not known may be skipped by its length, any other is an error.
enum JournalFormat {
    /// The format that this build writes and reads.
    static let format: UInt8 = 1
    /// How many bytes a segment's header has.
    static let segmentHeaderBytes = 128
    /// How many bytes a batch's header has; also the size of a seal.
    static let batchHeaderBytes = 96
    /// How many bytes a record has before its body.
    static let recordHeaderBytes = 8
    /// What every batch begins and ends at a multiple of.
    static let alignment = 8
    /// "LHJS": the first bytes of a segment.
    static let segmentMagic: UInt32 = 0x534A_484C
    /// "LHJB": the first bytes of a batch.
    static let batchMagic: UInt32 = 0x424A_484C
    /// "LHID": the first bytes of the identity file.
    static let identityMagic: UInt32 = 0x4449_484C

    /// The number rounded up to a multiple of the alignment.
    static func aligned(_ count: Int) -> Int { (count + alignment - 1) & ~(alignment - 1) }

    /// Whether the bytes begin with the magic and carry the checksum that the common front of all headers promises.
    ///
    ///     0      4          8        9            10
    ///     | magic| checksum | format | length / 8 | …
    ///
    /// The checksum covers everything from byte 8 to the header's length, so the length is believed only under a
    /// checksum that covers it (trap 44), and a header of a newer format can be told from a damaged one.
    static func isHeader(_ bytes: RawSpan, magic: UInt32) -> Bool {
        guard bytes.byteCount >= 16 else { return false }
        guard unsafe bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: 0, as: UInt32.self).littleEndian == magic
        else { return false }
        let length = Int(unsafe bytes.unsafeLoad(fromUncheckedByteOffset: 9, as: UInt8.self)) * 8
        guard length >= 16, length <= bytes.byteCount else { return false }
        #if PLANTED_BUGS
        if planted(.headerNotCovered), magic == batchMagic { return true }
        #endif
        let checksum = unsafe bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: 4, as: UInt32.self).littleEndian
        return CRC32C.checksum(bytes.extracting(8..<length)) == checksum
    }
}
