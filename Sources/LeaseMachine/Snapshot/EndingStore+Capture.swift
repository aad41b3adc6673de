internal import LeaseholdBase

/// What a snapshot of the endings needs of the past while the machine goes on: those that were forgotten, from the first
/// on, before the walk had come to them.
///
/// Memory: 40 bytes an ending that is forgotten before it was written.
struct EndingCapture: Sendable {
    /// The ending that the walk comes to next; it is never behind one that is not written.
    fileprivate(set) var cursor = noSlot
    /// How many are to be written from the cursor on.
    fileprivate var left = 0
    fileprivate var saved = SavedRecords()
    /// How many of the saved ones are written.
    fileprivate var taken: UInt32 = 0

    /// How many bytes it takes: for measuring.
    var reservedBytes: Int { saved.reservedBytes }
}

extension EndingStore {
    /// From here on what is forgotten is kept.
    mutating func beginCapture() {
        capture = EndingCapture()
        capture.cursor = first
        capture.left = count
    }

    mutating func endCapture() { capture = EndingCapture() }

    /// Keeps the first ending, which the walk has not come to and which is about to be forgotten.
    mutating func keepFirst(_ ending: EndingRecord) {
        var bytes: [UInt8] = []
        Self.encode(ending, into: &bytes)
        _ = capture.saved.add(bytes)
        advance(past: ending)
    }

    private mutating func advance(past ending: EndingRecord) {
        capture.left -= 1
        capture.cursor = capture.left == 0 ? noSlot : ending.next
    }

    private static func encode(_ ending: EndingRecord, into bytes: inout [UInt8]) {
        let start = SnapshotFormat.begin(.ending, in: &bytes)
        bytes.append(uint64: ending.id.rawValue)
        bytes.append(uint64: ending.endedAt.rawValue)
        bytes.append(uint32: ending.nameTag)
        bytes.append(uint32: ending.principalTag)
        bytes.append(ending.reason.rawValue)
        SnapshotFormat.end(start, in: &bytes)
    }

    /// Writes endings until the turn's share is used up; answers whether that was all.
    mutating func writeEndings(into chunks: inout SnapshotChunks) -> Bool {
        var scratch: [UInt8] = []
        while !chunks.isFull {
            if Int(capture.taken) < capture.saved.count {
                chunks.add(capture.saved.records(capture.taken), to: .endings)
                capture.saved.remove(capture.taken)
                capture.taken += 1
            } else if capture.cursor != noSlot {
                let ending = endings[capture.cursor]
                scratch.removeAll(keepingCapacity: true)
                Self.encode(ending, into: &scratch)
                unsafe chunks.add(scratch.span.bytes, to: .endings)
                advance(past: ending)
            } else {
                return true
            }
        }
        return false
    }
}
