import LeaseholdBase
import LeaseholdJournal

/// How finely writes are torn when every state that a crash may leave is enumerated.
package struct Tearing: Hashable, Sendable {
    /// A write is cut at every multiple of so many bytes, and either its front or its back is kept.
    package var cutBytes: Int
    /// A write has so many parts at most, of which every subset is kept: what lies between the borders of sectors and of
    /// records, the smallest neighbours taken together where there are more, and the largest halved where there are fewer.
    package var parts: Int
    /// Whether changes of names are kept in any subset; else those of one directory up to some point, and those of
    /// different directories independently.
    package var namesInAnySubset: Bool

    /// Joins the three.
    package init(cutBytes: Int, parts: Int, namesInAnySubset: Bool) {
        self.cutBytes = cutBytes
        self.parts = parts
        self.namesInAnySubset = namesInAnySubset
    }

    /// Every eighth byte, every subset of eight parts, and any subset of names.
    package static let fine = Tearing(cutBytes: 8, parts: 8, namesInAnySubset: true)
    /// Every subset of four parts, and names up to a point.
    package static let coarse = Tearing(cutBytes: .max, parts: 4, namesInAnySubset: false)

    /// What of a write may be there; each item is a list of the pieces that are. The first is all of it, and nothing at
    /// all is not among them. A write of nothing but zeros is there or not, for zeros are what was there before.
    func variants(of write: PendingWrite) -> [[PendingWrite]] {
        guard write.bytes.contains(where: { $0 != 0 }) else { return [[write]] }
        var variants: [[PendingWrite]] = [[write]]
        let count = write.bytes.count
        if cutBytes < count {
            for cut in stride(from: cutBytes, to: count, by: cutBytes) {
                variants.append([write.piece(0..<cut)])
                variants.append([write.piece(cut..<count)])
            }
        }
        let parts = parts(of: write)
        guard parts.count > 1 else { return variants }
        for subset in 1..<(1 << parts.count) - 1 {
            var pieces: [PendingWrite] = []
            for place in parts.indices where subset & 1 << place != 0 { pieces.append(write.piece(parts[place])) }
            variants.append(pieces)
        }
        return variants
    }

    private func parts(of write: PendingWrite) -> [Range<Int>] {
        let count = write.bytes.count
        var borders = write.sectors.map(\.lowerBound) + Self.recordBorders(write.bytes)
        borders.sort()
        var parts: [Range<Int>] = []
        for (place, border) in borders.enumerated() {
            let next = place + 1 < borders.count ? borders[place + 1] : count
            if border < next { parts.append(border..<next) }
        }
        while parts.count > self.parts {
            var best = 0
            for place in parts.indices.dropLast()
            where parts[place].count + parts[place + 1].count < parts[best].count + parts[best + 1].count {
                best = place
            }
            parts[best] = parts[best].lowerBound..<parts[best + 1].upperBound
            parts.remove(at: best + 1)
        }
        while parts.count < self.parts {
            var largest = 0
            for place in parts.indices where parts[place].count > parts[largest].count { largest = place }
            let part = parts[largest]
            guard part.count > 8 else { break }
            let middle = part.lowerBound + (part.count / 2 + 7) / 8 * 8
            parts[largest] = part.lowerBound..<middle
            parts.insert(middle..<part.upperBound, at: largest + 1)
        }
        return parts
    }

    /// Where the records of a batch begin, if the bytes are one.
    private static func recordBorders(_ bytes: [UInt8]) -> [Int] {
        guard bytes.count >= 96, case .header(let batch) = unsafe BatchHeader.read(bytes.span.bytes.extracting(0..<96))
        else { return [] }
        var borders = [96]
        var place = 96
        let end = min(bytes.count, batch.totalCount)
        while place + 8 <= end {
            let length = (4..<8).reduce(0) { $0 | Int(bytes[place + $1]) << (8 * ($1 - 4)) }
            guard bytes[place] != 0, place + 8 + length <= end else { break }
            place += 8 + length
            if place < bytes.count { borders.append(place) }
        }
        return borders
    }
}
