extension SimulatedDisk {
    /// Every disk that a loss of power at this moment may leave, one after the other: any subset and tearing of the
    /// writes, and any subset of the changes of names, that were not durable. The first is the one that keeps nothing.
    ///
    /// - Parameters:
    ///   - tearing: How finely writes are torn.
    ///   - limit: After so many it ends.
    ///   - body: Gets each; it may be the same as one before.
    /// - Returns: How many there were, and whether that was all.
    package func forEachCrashImage(
        _ tearing: Tearing, limit: Int = .max, _ body: (SimulatedDisk) throws -> Void
    ) rethrows -> (count: Int, isAll: Bool) {
        var writes: [(inode: Int, variants: [[PendingWrite]])] = []
        for position in inodes.indices {
            for write in inodes[position].pending { writes.append((position, tearing.variants(of: write))) }
        }
        var count = 0
        var isAll = true
        func names(_ disk: SimulatedDisk) throws {
            for subset in 0..<1 << min(16, pendingNames.count) {
                guard count < limit else {
                    isAll = false
                    return
                }
                var image = disk
                for place in pendingNames.indices where subset & 1 << place != 0 {
                    pendingNames[place].apply(to: &image.durableNames)
                }
                image.loseCaches()
                count += 1
                try body(image)
            }
        }
        func descend(_ place: Int, _ disk: SimulatedDisk) throws {
            guard place < writes.count else { return try names(disk) }
            try descend(place + 1, disk)
            for pieces in writes[place].variants where isAll {
                var image = disk
                for piece in pieces { image.makeDurable(piece, writes[place].inode) }
                try descend(place + 1, image)
            }
        }
        var start = self
        (start.faults, start.script) = (DiskFaults(), CallScript())
        try descend(0, start)
        return (count, isAll)
    }

    /// All of them at once.
    package func crashImages(_ tearing: Tearing) -> [SimulatedDisk] {
        var images: [SimulatedDisk] = []
        _ = forEachCrashImage(tearing) { images.append($0) }
        return images
    }
}
