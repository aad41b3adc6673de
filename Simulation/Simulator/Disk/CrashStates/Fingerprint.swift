import LeaseholdBase

/// 128 bits that tell two disks apart.
struct Fingerprint: Hashable, Sendable {
    private var first: UInt64 = 1
    private var second: UInt64 = 2

    mutating func add(_ word: UInt64, _ other: UInt64) {
        first = mix(first ^ word) &+ other
        second = mix(second &+ other &* 0x9E37_79B9_7F4A_7C15) ^ word
    }

    mutating func add(_ bytes: [UInt8]) {
        add(UInt64(bytes.count), unsafe UInt64(CRC32C.checksum(bytes.span.bytes)))
        let span = unsafe bytes.span.bytes
        var place = 0
        var sum = UInt64(0)
        while place + 8 <= bytes.count {
            let word = unsafe span.unsafeLoadUnaligned(fromUncheckedByteOffset: place, as: UInt64.self)
            sum = (sum ^ word) &* 0x9FB2_1C65_1E98_DF25
            sum ^= sum >> 29
            place += 8
        }
        while place < bytes.count {
            sum = (sum ^ UInt64(bytes[place])) &* 0x9FB2_1C65_1E98_DF25
            place += 1
        }
        add(sum, mix(sum))
    }

    mutating func add(_ text: String) {
        for byte in text.utf8 { first = (first ^ UInt64(byte)) &* 0x100_0000_01B3 }
        add(first, UInt64(text.utf8.count))
    }
}

extension SimulatedDisk {
    /// Tells two disks apart by all that a process or a loss of power can make of them.
    /// - Parameter isDeep: Whether contents count of files that mean nothing after a stop; that they are there does.
    func fingerprint(isDeep: Bool = true) -> Fingerprint {
        var print = Fingerprint()
        func add(_ names: OrderedNames) {
            print.add(UInt64(names.entries.count), 7)
            for entry in names.entries {
                print.add(entry.name)
                guard entry.inode >= 0, isDeep || !entry.name.hasSuffix(".tmp") else { continue }
                print.add(inodes[entry.inode].durable)
                guard !inodes[entry.inode].pending.isEmpty || inodes[entry.inode].isUnlikeDurable else { continue }
                print.add(inodes[entry.inode].cached)
                for write in inodes[entry.inode].pending {
                    print.add(UInt64(write.offset), 3)
                    print.add(write.bytes)
                }
            }
        }
        add(names)
        if names != durableNames { add(durableNames) }
        for change in pendingNames {
            switch change {
            case .set(let name, let inode): print.add(name + "+\(inode)")
            case .rename(let from, let to, let inode): print.add(from + ">" + to + "\(inode)")
            case .remove(let name): print.add(name + "-")
            }
        }
        return print
    }
}
