import LeaseholdBase
public import LeaseholdJournal

/// The blocking calls that recovery and the making of a directory use.
extension SimulatedDisk: Disk {
    /// The names in a directory.
    public func list(_ directory: String) throws(DiskError) -> [String] {
        guard directory.isEmpty || names[directory] == OrderedNames.directory else { throw DiskError(.notFound) }
        let prefix = directory.isEmpty ? "" : directory + "/"
        return names.all.filter { OrderedNames.directory(of: $0) == directory }.map {
            String($0.dropFirst(prefix.count))
        }
    }

    /// A file's size.
    public func size(_ file: String) throws(DiskError) -> Int { inodes[try inode(file)].cached.count }

    /// Reads as much as there is: what calls it promises whole reads, and goes on after short ones itself.
    public mutating func read(
        _ file: String, at offset: Int, count: Int, into bytes: inout [UInt8]
    ) throws(DiskError) {
        let inode = try inode(file)
        callsMade += 1
        try failRead()
        let content = inodes[inode].cached
        guard offset < content.count else { return }
        bytes.append(contentsOf: content[offset..<min(offset + count, content.count)])
    }

    /// Makes a file, or empties the one there is.
    public mutating func create(_ file: String) throws(DiskError) {
        let moment = try begin(.create)
        let directory = OrderedNames.directory(of: file)
        guard directory.isEmpty || names[directory] == OrderedNames.directory else { throw DiskError(.notFound) }
        if let capacity = faults.capacityBytes, allocatedBytes >= capacity { throw refuseSpace() }
        let inode = newInode()
        change(.set(file, inode))
        try end(moment)
    }

    /// Writes into the cache.
    public mutating func write(_ file: String, at offset: Int, _ bytes: RawSpan) throws(DiskError) {
        var copy: [UInt8] = []
        copy.append(bytes: bytes)
        try write(.write, PendingWrite(offset: offset, bytes: copy), try inode(file))
    }

    /// Makes a file durable.
    public mutating func sync(_ file: String) throws(DiskError) { try sync(try inode(file)) }

    /// Renames in the cache.
    public mutating func rename(_ file: String, to name: String) throws(DiskError) {
        let moment = try begin(.rename)
        let inode = try inode(file)
        // A directory may need a block for a new name.
        if let capacity = faults.capacityBytes, allocatedBytes >= capacity, names[name] == nil,
            draw(.diskSpace, below: 4) == 0
        {
            throw refuseSpace()
        }
        change(.rename(file, name, inode))
        try end(moment)
    }

    /// Removes in the cache.
    public mutating func remove(_ file: String) throws(DiskError) {
        let moment = try begin(.remove)
        _ = try inode(file)
        change(.remove(file))
        collect()
        try end(moment)
    }

    /// Makes a directory.
    public mutating func makeDirectory(_ directory: String) throws(DiskError) {
        let moment = try begin(.makeDirectory)
        if names[directory] == nil { change(.set(directory, OrderedNames.directory)) }
        try end(moment)
    }

    /// Makes the changes of names in a directory durable, in order.
    public mutating func syncDirectory(_ directory: String) throws(DiskError) {
        let moment = try begin(.syncDirectory)
        if script.lying == .syncDirectory { return }
        let count = pendingNames.count { $0.directory == directory }
        if faults.failingSyncs > 0 {
            faults.failingSyncs -= 1
            makeDurable(Int(draw(.diskFailure, below: UInt64(count) + 1)), changesOf: directory)
            throw fail()
        }
        let part = moment == .middle ? Int(draw(.diskCrash, below: UInt64(count) + 1)) : count
        makeDurable(part, changesOf: directory)
        collect()
        syncs += 1
        try end(moment)
    }

    // MARK: What the calls share

    /// Counts a call, and lets it fail, or the power or the process go. Answers at what moment of it, if one does.
    mutating func begin(_ call: DiskCall) throws(DiskError) -> CrashPoint.Moment? {
        if script.isRecording { script.log.append(call) }
        script.count += 1
        callsMade += 1
        if call == .sync || call == .syncDirectory { syncsMade += 1 }
        if isCrashDue { throw DiskError(.failed(code: 5)) }
        if script.count > script.failsFrom { throw DiskError(.failed(code: 5)) }
        if let failing = script.failing, failing.call == call {
            script.failing = nil
            hasFailed = true
            throw DiskError(failing.reason)
        }
        guard !crashPoints.isEmpty else { return nil }
        guard let point = crashPoints.first(where: { $0.calls <= 0 }) else {
            for place in crashPoints.indices { crashPoints[place].calls -= 1 }
            return nil
        }
        crashPoints = []
        isCrashDue = true
        isPowerLossDue = point.losesPower
        if point.moment == .before { throw DiskError(.failed(code: 5)) }
        return point.moment
    }

    /// Ends a call that the power, or the process, goes in or behind: nobody is told how it went.
    func end(_ moment: CrashPoint.Moment?) throws(DiskError) {
        if moment != nil { throw DiskError(.failed(code: 5)) }
    }

    /// An I/O error.
    mutating func fail() -> DiskError {
        hasFailed = true
        return DiskError(.failed(code: 5))
    }

    private mutating func refuseSpace() -> DiskError {
        hasRefusedSpace = true
        return DiskError(.spaceExhausted)
    }

    mutating func failRead() throws(DiskError) {
        guard faults.failingReads > 0 else { return }
        faults.failingReads -= 1
        throw fail()
    }

    private mutating func change(_ change: NameChange) {
        change.apply(to: &names)
        pendingNames.append(change)
    }

    /// Makes the first so many changes of a directory's names durable.
    private mutating func makeDurable(_ count: Int, changesOf directory: String) {
        var rest: [NameChange] = []
        var left = count
        for change in pendingNames {
            if left > 0, change.directory == directory {
                change.apply(to: &durableNames)
                left -= 1
            } else {
                rest.append(change)
            }
        }
        pendingNames = rest
    }

    /// Writes into the cache as much as there is room for.
    mutating func write(_ call: DiskCall, _ write: PendingWrite, _ inode: Int) throws(DiskError) {
        let moment = try begin(call)
        if faults.failingWrites > 0 {
            faults.failingWrites -= 1
            cacheSome(write, inode, .diskFailure)
            throw fail()
        }
        let size = inodes[inode].cached.count
        if let capacity = faults.capacityBytes, write.range.upperBound > size {
            let room = max(0, capacity - allocatedBytes)
            if write.range.upperBound - size > room {
                let part = min(write.bytes.count, max(0, size + room - write.offset))
                if part > 0 { cache(write.piece(0..<part), inode) }
                throw refuseSpace()
            }
        }
        if moment == .middle { cacheSome(write, inode, .diskCrash) } else { cache(write, inode) }
        try end(moment)
    }

    /// Writes the first few sectors.
    private mutating func cacheSome(_ write: PendingWrite, _ inode: Int, _ site: Draws.Site) {
        let sectors = write.sectors
        let count = Int(draw(site, below: UInt64(sectors.count) + 1))
        guard count > 0 else { return }
        cache(write.piece(0..<sectors[count - 1].upperBound), inode)
    }

    /// Makes a file durable, or gives up what was written to it.
    mutating func sync(_ inode: Int) throws(DiskError) {
        let moment = try begin(.sync)
        if script.lying == .sync { return }
        let isFailing = faults.failingSyncs > 0
        guard isFailing || moment == .middle else {
            makeDurable(inode)
            return try end(moment)
        }
        var random = source(isFailing ? .diskFailure : .diskCrash)
        for write in inodes[inode].pending {
            for sector in write.sectors where random.chance(1, in: 2) { makeDurable(write.piece(sector), inode) }
        }
        if isFailing {
            faults.failingSyncs -= 1
            inodes[inode].pending = []
            throw fail()
        }
        try end(moment)
    }
}
