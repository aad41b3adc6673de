internal import LeaseholdBase

/// Records of the past that a snapshot has not come to yet, as bytes of its format.
///
/// They stand in pieces of 64 KiB, each given back once all of it has been taken: nothing large is ever moved, or given
/// back at once.
struct SavedRecords: Sendable {
    private struct Place: BitwiseCopyable, Sendable {
        var piece: UInt32
        var offset: UInt32
        var count: UInt32
        /// How many bytes of a lease's name stand where a lease's record has it.
        var nameCount: UInt8
    }
    /// Where a lease's name begins in its record.
    static let nameOffset = SnapshotFormat.recordHeaderBytes + 5
    private static let pieceBytes = 64 << 10

    private var places = ChunkedTable<Place>()
    private var pieces: [[UInt8]] = []
    private var left: [UInt32] = []

    /// How many were ever saved.
    var count: Int { places.count }
    /// How many bytes the pieces have: for measuring.
    var reservedBytes: Int { pieces.reduce(0) { $0 + $1.capacity } }

    /// Saves some records; they are numbered from 0.
    mutating func add(_ records: [UInt8], nameCount: Int = 0) -> UInt32 {
        if pieces.isEmpty || pieces[pieces.count - 1].count + records.count > Self.pieceBytes {
            var piece: [UInt8] = []
            piece.reserveCapacity(max(Self.pieceBytes, records.count))
            pieces.append(piece)
            left.append(0)
        }
        let piece = pieces.count - 1
        places.append(
            Place(
                piece: UInt32(truncatingIfNeeded: piece), offset: UInt32(truncatingIfNeeded: pieces[piece].count),
                count: UInt32(truncatingIfNeeded: records.count), nameCount: UInt8(truncatingIfNeeded: nameCount)))
        pieces[piece].append(contentsOf: records)
        left[piece] += 1
        return UInt32(truncatingIfNeeded: places.count - 1)
    }

    /// The bytes saved under a number, which have not been given back.
    @_lifetime(borrow self)
    func records(_ number: UInt32) -> RawSpan {
        let place = places[Int(number)]
        let start = Int(place.offset)
        return bytes(start..<start + Int(place.count), of: place.piece)
    }

    /// The name of the lease that was saved under a number.
    @_lifetime(borrow self)
    func name(_ number: UInt32) -> RawSpan {
        let place = places[Int(number)]
        let start = Int(place.offset) + Self.nameOffset
        return bytes(start..<start + Int(place.nameCount), of: place.piece)
    }

    @_lifetime(borrow self)
    private func bytes(_ range: Range<Int>, of piece: UInt32) -> RawSpan {
        let piece = pieces[Int(piece)]
        let bytes = unsafe piece.span.bytes.extracting(range)
        // The piece lives as long as this is borrowed and not changed, which is what the result is bound to.
        return unsafe _overrideLifetime(bytes, borrowing: self)
    }

    /// Gives back what was saved under a number.
    mutating func remove(_ number: UInt32) {
        let piece = Int(places[Int(number)].piece)
        left[piece] -= 1
        // The last piece may still be added to.
        if left[piece] == 0, piece < pieces.count - 1 { pieces[piece] = [] }
    }
}
