import LeaseholdBase
import LeaseholdJournal

extension MemoryDisk {
    /// Every disk that a crash at this moment may leave: any subset and tearing of the writes, and any subset of the
    /// changes of names, that were not durable.
    ///
    /// A write is torn at every eighth byte, from the front and from the back, and into every subset of at most eight
    /// pieces of equal size; or when that is to be coarse, into thirds. One of zeros only is there or not.
    func crashImages(coarse: Bool = false) -> [MemoryDisk] {
        var images = [durableImage()]
        for inode in inodes.keys.sorted() {
            for write in inodes[inode]?.pending ?? [] {
                let variants = Self.tearings(of: write, coarse)
                images = images.flatMap { image in
                    [image]
                        + variants.map { pieces in
                            var torn = image
                            for piece in pieces { torn.write(inode: inode, piece) }
                            torn.sync(inode: inode)
                            return torn
                        }
                }
            }
        }
        for change in pendingNames {
            images += images.map { image in
                var changed = image
                Self.apply(change, to: &changed.names)
                changed.durableNames = changed.names
                return changed
            }
        }
        return images
    }

    /// The disk when all that was not durable is lost.
    func durableImage() -> MemoryDisk {
        var image = self
        for inode in inodes.keys {
            let durable = inodes[inode]?.durable ?? []
            image.inodes[inode]?.cached = durable
            image.inodes[inode]?.pending = []
        }
        image.names = durableNames
        image.pendingNames = []
        image.open = [:]
        image.failsFrom = .max
        image.failing = nil
        return image
    }

    private static func tearings(of write: Write, _ coarse: Bool) -> [[Write]] {
        guard write.bytes.contains(where: { $0 != 0 }) else { return [[write]] }
        func piece(_ range: Range<Int>) -> Write {
            Write(offset: write.offset + range.lowerBound, bytes: Array(write.bytes[range]))
        }
        let count = write.bytes.count
        var variants: [[Write]] = [[write]]
        for cut in stride(from: coarse ? max(8, count / 3) : 8, to: count, by: coarse ? max(8, count / 3) : 8) {
            variants.append([piece(0..<cut)])
            variants.append([piece(cut..<count)])
        }
        if coarse { return variants }
        let size = max(8, (count / 8 + 7) / 8 * 8)
        let pieces = stride(from: 0, to: count, by: size).map { piece($0..<min($0 + size, count)) }
        for subset in 1..<(1 << pieces.count) {
            variants.append(pieces.indices.filter { subset & 1 << $0 != 0 }.map { pieces[$0] })
        }
        return variants
    }
}
