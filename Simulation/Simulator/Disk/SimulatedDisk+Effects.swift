import LeaseholdBase
public import LeaseholdJournal

/// What the running journal asks for.
extension SimulatedDisk {
    /// How long an effect that is begun now takes, in nanoseconds of true time, with what is wrong with the disk now.
    public mutating func duration(of effect: DiskEffect, at now: UInt64) -> UInt64 {
        let until = standsStillUntil(effect)
        return (until > now ? until - now : 0) + time(waitsForMedium(effect) ? faults.syncTime : faults.writeTime)
    }

    /// Until when an effect that is under way does not complete, in nanoseconds of true time.
    public func standsStillUntil(_ effect: DiskEffect) -> UInt64 {
        waitsForMedium(effect) ? max(faults.stalledUntil, faults.hungUntil) : faults.hungUntil
    }

    /// How long the blocking calls of this life of the process take, if they begin now.
    public mutating func timeOfCalls(at now: UInt64) -> UInt64 {
        let until = syncsMade > 0 ? max(faults.stalledUntil, faults.hungUntil) : faults.hungUntil
        return (until > now ? until - now : 0) + (callsMade - syncsMade) * time(faults.writeTime)
            + syncsMade * time(faults.syncTime)
    }

    private func waitsForMedium(_ effect: DiskEffect) -> Bool {
        switch effect.operation {
        case .sync, .syncDirectory: true
        default: false
        }
    }

    private mutating func time(_ range: ClosedRange<Nanoseconds>) -> UInt64 {
        let width = UInt64(range.upperBound.rawValue - range.lowerBound.rawValue) + 1
        return (UInt64(range.lowerBound.rawValue) + draw(.diskTime, below: width)) * UInt64(max(1, faults.slowFactor))
    }

    /// Performs an effect at once; the bytes are those that a `write` names a range of. When the power or the process is
    /// to go at it, ``isCrashDue`` is true afterwards, and nobody is to be told of the completion.
    public mutating func perform(_ effect: DiskEffect, bytes: [UInt8]) -> (DiskCompletion, read: [UInt8]) {
        var read: [UInt8] = []
        do throws(DiskError) {
            switch effect.operation {
            case .open(let file, let name): open.append((file, try inode(name)))
            case .create(let file, let name):
                try create(name)
                open.append((file, try inode(name)))
            case .fill(let file, let offset, let count):
                let zeros = PendingWrite(offset: offset, bytes: [UInt8](repeating: 0, count: count))
                try write(.fill, zeros, try opened(file))
            case .write(let file, let offset, _), .writeSnapshot(let file, let offset, _):
                try write(.write, PendingWrite(offset: offset, bytes: bytes), try opened(file))
            case .sync(let file): try sync(try opened(file))
            case .rename(_, let from, let to): try rename(from, to: to)
            case .syncDirectory(let directory): try syncDirectory(directory)
            case .read(let file, let offset, let count): read = try readSome(try opened(file), offset, count)
            case .close(let file):
                open.removeAll { $0.file == file }
                collect()
            case .remove(let name): try remove(name)
            }
        } catch {
            let result: DiskCompletion.Result
            switch error.reason {
            case .spaceExhausted: result = .spaceExhausted
            case .failed(let code): result = .failed(code: code)
            case .notFound: result = .failed(code: 2)
            }
            return (DiskCompletion(number: effect.number, result: result), [])
        }
        return (DiskCompletion(number: effect.number, result: .success), read)
    }

    /// Reads what there is, or now and then less.
    private mutating func readSome(_ inode: Int, _ offset: Int, _ count: Int) throws(DiskError) -> [UInt8] {
        try failRead()
        let content = inodes[inode].cached
        guard offset < content.count else { return [] }
        var end = min(offset + count, content.count)
        if faults.shortReadsPerTenThousand > 0, end - offset > 1,
            draw(.diskShort, below: 10_000) < UInt64(faults.shortReadsPerTenThousand)
        {
            end = offset + 1 + Int(draw(.diskShort, below: UInt64(end - offset)))
        }
        return Array(content[offset..<end])
    }
}

extension Journal {
    /// A copy of the bytes that an effect writes.
    func copiedBytes(of effect: DiskEffect) -> [UInt8] {
        var copy: [UInt8] = []
        copy.append(bytes: bytes(of: effect))
        return copy
    }
}
