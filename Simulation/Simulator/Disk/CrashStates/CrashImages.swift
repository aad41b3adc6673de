extension SimulatedDisk {
    /// Every disk that a loss of power at this moment may leave, one after the other: any subset and tearing of the
    /// writes, and of the changes of names, that were not durable. The first is the one that keeps nothing.
    ///
    /// - Parameters:
    ///   - tearing: How finely writes are torn, and which changes of names are kept.
    ///   - earlier: The same disk one call before, to leave out what was possible then too: a call that adds something
    ///     brings what keeps a part of it, and one that makes something durable brings nothing.
    ///   - limit: After so many it ends.
    ///   - body: Gets each; it may be the same as one before.
    /// - Returns: How many there were, and whether that was all.
    package func forEachCrashImage(
        _ tearing: Tearing, since earlier: SimulatedDisk? = nil, limit: Int = .max,
        _ body: (SimulatedDisk) throws -> Void
    ) rethrows -> (count: Int, isAll: Bool) {
        var writes: [(inode: Int, isNew: Bool, variants: [[PendingWrite]])] = []
        for position in inodes.indices {
            let known = earlier.map { position < $0.inodes.count ? $0.inodes[position].pending.count : 0 } ?? .max
            for (place, write) in inodes[position].pending.enumerated() {
                writes.append((position, place >= known, tearing.variants(of: write)))
            }
        }
        let hasNewName = earlier.map { $0.pendingNames.count < pendingNames.count } ?? false
        if earlier != nil, !hasNewName, !writes.contains(where: \.isNew) { return (0, true) }
        let keptNames = nameChoices(tearing).filter { !hasNewName || $0.contains(pendingNames.count - 1) }
        var count = 0
        var isAll = true
        func names(_ disk: SimulatedDisk) throws {
            for kept in keptNames {
                guard count < limit else {
                    isAll = false
                    return
                }
                var image = disk
                for place in kept { pendingNames[place].apply(to: &image.durableNames) }
                image.loseCaches()
                count += 1
                try body(image)
            }
        }
        func descend(_ place: Int, _ disk: SimulatedDisk) throws {
            guard place < writes.count else { return try names(disk) }
            if !writes[place].isNew { try descend(place + 1, disk) }
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

    /// Which changes of names may be kept together, by place, in order.
    private func nameChoices(_ tearing: Tearing) -> [[Int]] {
        if tearing.namesInAnySubset {
            return (0..<1 << min(16, pendingNames.count)).map { subset in
                pendingNames.indices.filter { subset & 1 << $0 != 0 }
            }
        }
        var choices: [[Int]] = [[]]
        for directory in pendingDirectories {
            let changes = pendingNames.indices.filter { pendingNames[$0].directory == directory }
            choices = choices.flatMap { choice in (0...changes.count).map { choice + changes.prefix($0) } }
        }
        return choices.map { $0.sorted() }
    }

    /// All of them at once.
    package func crashImages(_ tearing: Tearing) -> [SimulatedDisk] {
        var images: [SimulatedDisk] = []
        _ = forEachCrashImage(tearing) { images.append($0) }
        return images
    }
}
