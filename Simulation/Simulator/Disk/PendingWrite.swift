/// A write that is not durable yet.
struct PendingWrite: Hashable, Sendable {
    var offset: Int
    var bytes: [UInt8]

    /// What a disk writes whole or not at all.
    static let sectorBytes = 512

    /// Where in the file it goes.
    var range: Range<Int> { offset..<offset + bytes.count }

    /// Brings it into a file's contents; what lies between the end and it becomes zero.
    func apply(to contents: inout [UInt8]) {
        let end = offset + bytes.count
        if contents.count == offset {
            contents.append(contentsOf: bytes)
            return
        }
        if contents.count < end { contents.append(contentsOf: repeatElement(0, count: end - contents.count)) }
        contents.replaceSubrange(offset..<end, with: bytes)
    }

    /// A part of it, by place within its bytes.
    func piece(_ part: Range<Int>) -> PendingWrite {
        PendingWrite(offset: offset + part.lowerBound, bytes: Array(bytes[part]))
    }

    /// Its parts by sectors of the file, by place within its bytes.
    var sectors: [Range<Int>] {
        var parts: [Range<Int>] = []
        var start = 0
        while start < bytes.count {
            let next = min(bytes.count, ((offset + start) / Self.sectorBytes + 1) * Self.sectorBytes - offset)
            parts.append(start..<next)
            start = next
        }
        return parts
    }
}
