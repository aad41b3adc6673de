/// How durable bytes come to be others than those that were written.
public enum DamageKind: String, Codable, Hashable, Sendable, CaseIterable {
    /// A bit turned over, or a sector is garbage.
    case rot
    /// A write that a sync acknowledged never reached the medium: what was there before is there again.
    case lostWrite
    /// A write that a sync acknowledged landed in another place, of this file or another.
    case misdirectedWrite
    /// The directory is gone.
    case wipe
}

/// Durable bytes that are not what was written there, and what they should be.
struct DiskDamage: Sendable {
    var inode: Int
    var offset: Int
    /// What was written there last.
    var intended: [UInt8]

    var range: Range<Int> { offset..<offset + intended.count }

    /// Something is written over it, or over a part of it.
    mutating func overwrite(_ write: PendingWrite) {
        let common = range.clamped(to: write.range)
        guard !common.isEmpty else { return }
        intended.replaceSubrange(
            common.lowerBound - offset..<common.upperBound - offset,
            with: write.bytes[common.lowerBound - write.offset..<common.upperBound - write.offset])
    }

    /// Puts back what should be there.
    func repair(_ contents: inout [UInt8]) { PendingWrite(offset: offset, bytes: intended).apply(to: &contents) }

    /// Whether there is a difference still.
    func isIn(_ contents: [UInt8]) -> Bool {
        guard range.upperBound <= contents.count else { return true }
        return !contents[range].elementsEqual(intended)
    }
}

/// Bytes to be put in the place of durable ones.
public struct DamagedRange: Hashable, Sendable {
    /// The file, relative to the data directory.
    public var file: String
    /// Where in it.
    public var offset: Int
    /// What is there instead.
    public var bytes: [UInt8]

    /// The bytes of the file that are hit.
    public var range: Range<Int> { offset..<offset + bytes.count }

    /// Joins the parts.
    public init(file: String, offset: Int, bytes: [UInt8]) {
        self.file = file
        self.offset = offset
        self.bytes = bytes
    }
}

extension SimulatedDisk {
    /// Whether whoever reads a file sees something else, in one of these places, than what was written there.
    func showsDamage(in file: String, _ ranges: [Range<Int>]) -> Bool {
        guard let inode = names[file], inode >= 0 else { return false }
        return damages.contains { damage in
            damage.inode == inode && ranges.contains { $0.overlaps(damage.range) } && damage.isIn(inodes[inode].cached)
        }
    }

    /// Changes durable bytes behind everybody's back.
    ///
    /// - Parameters:
    ///   - places: What becomes of which bytes. Files are those of the durable names; bytes behind a file's end are left.
    ///   - isSeen: Whether whoever reads sees it at once; else the cache hides it until the next loss of power.
    public mutating func damage(_ places: [DamagedRange], isSeen: Bool) {
        for place in places {
            guard let inode = durableNames[place.file], inode >= 0 else { continue }
            let end = min(place.range.upperBound, inodes[inode].durable.count)
            guard end > place.offset else { continue }
            let range = place.offset..<end
            // Where something is damaged already, what should be there is known from then.
            var intended = inodes[inode].durable
            for damage in damages where damage.inode == inode { damage.repair(&intended) }
            damages.append(DiskDamage(inode: inode, offset: range.lowerBound, intended: Array(intended[range])))
            inodes[inode].durable.replaceSubrange(range, with: place.bytes.prefix(range.count))
            if isSeen, end <= inodes[inode].cached.count {
                inodes[inode].cached.replaceSubrange(range, with: place.bytes.prefix(range.count))
            }
        }
        damages.removeAll { !$0.isIn(inodes[$0.inode].durable) }
    }

    /// Whether there are durable bytes that are not what was written there.
    public var isDamaged: Bool { damages.contains { $0.isIn(inodes[$0.inode].durable) } }

    /// The durable contents of a file; empty when its name is not durable.
    func durableContents(_ file: String) -> [UInt8] {
        guard let inode = durableNames[file], inode >= 0 else { return [] }
        return inodes[inode].durable
    }
}
