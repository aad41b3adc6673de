import LeaseMachine
import LeaseholdBase

/// Snapshots that both machines of a run are taking, and what they must come to.
struct SnapshotsUnderWay {
    /// The same state frozen, and written in one go.
    var expected: [UInt8]
    var chunkBytes: Int
    var first: [UInt8] = []
    var second: [UInt8] = []
    var isFirstDone = false
    var isSecondDone = false
    /// What was applied since.
    var log: [(command: [UInt8]?, stamp: EntryStamp)] = []
}

extension ModelRun {
    /// Begins a snapshot now and then, on both machines at the same entry, and goes on with it by shares of any size. When
    /// both are done, a machine made of it takes the place of the second.
    mutating func goOnTakingSnapshots(_ command: [UInt8]?, _ stamp: EntryStamp) {
        guard var taking else {
            if random.chance(1, in: 6) { begin() }
            return
        }
        taking.log.append((command, stamp))
        if random.chance(1, in: 60) {
            first.abandonSnapshot()
            second.abandonSnapshot()
            coverage.note("snapshot abandoned")
            self.taking = nil
            return
        }
        if !taking.isFirstDone, random.chance(2, in: 3) {
            taking.isFirstDone = first.writeSnapshot(atMost: share(), into: &taking.first)
        }
        if !taking.isSecondDone, random.chance(1, in: 2) {
            taking.isSecondDone = second.writeSnapshot(atMost: share(), into: &taking.second)
        }
        self.taking = taking
        guard taking.isFirstDone, taking.isSecondDone else { return }
        self.taking = nil
        coverage.note("snapshot")
        if taking.first != taking.expected { differences.append("entry \(index): what was kept is not what was") }
        if taking.second != taking.expected { differences.append("entry \(index): snapshots of an entry differ") }
        join(taking)
    }

    private mutating func share() -> Int { random.integer(in: 1...(random.chance(1, in: 4) ? 2_000 : 150)) }

    private mutating func begin() {
        let chunkBytes = random.integer(in: 1...(random.chance(1, in: 2) ? 3_000 : 200))
        var frozen = first
        frozen.beginSnapshot(chunkBytes: chunkBytes)
        var expected: [UInt8] = []
        if !frozen.writeSnapshot(atMost: .max, into: &expected) { differences.append("a share without end is not all") }
        first.beginSnapshot(chunkBytes: chunkBytes)
        second.beginSnapshot(chunkBytes: chunkBytes)
        taking = SnapshotsUnderWay(expected: expected, chunkBytes: chunkBytes)
    }

    /// A machine made of the snapshot applies what came since, and is the second one from here on.
    private mutating func join(_ taken: SnapshotsUnderWay) {
        do throws(SnapshotError) {
            var loaded = try load(taken.expected)
            differences += loaded.violations().map { "loaded: \($0)" }
            var again: [UInt8] = []
            loaded.beginSnapshot(chunkBytes: taken.chunkBytes)
            _ = loaded.writeSnapshot(atMost: 100_000, into: &again)
            if again != taken.expected { differences.append("entry \(index): a snapshot of a snapshot differs") }
            for (command, stamp) in taken.log {
                if let command {
                    try? loaded.apply(command.span.bytes, at: stamp, into: &otherOutput)
                } else {
                    loaded.applyEmpty(at: stamp, into: &otherOutput)
                }
            }
            if loaded.digest != first.digest { differences.append("entry \(index): who joined is in another state") }
            second = loaded
            coverage.note("joined")
            if first.marks.contains(.deadlineKept) { coverage.note("deadline kept") }
            if first.marks.contains(.leaseKept) { coverage.note("lease kept") }
        } catch {
            differences.append("entry \(index): \(error)")
        }
    }

    private mutating func load(_ bytes: [UInt8]) throws(SnapshotError) -> LeaseMachine {
        var loader = SnapshotLoader(hashSeed: random.next())
        var offset = 0
        while offset < bytes.count {
            let count = min(bytes.count - offset, random.integer(in: 1...300))
            try loader.load(bytes.span.bytes.extracting(offset..<offset + count))
            offset += count
        }
        return try loader.finish()
    }

    /// Makes what there is the state of another cluster.
    mutating func restore() {
        taking = nil
        let clock = first.wallTime + .seconds(Int64(random.below(100_000)))
        let isWaived = random.chance(1, in: 2)
        do throws(RestoreError) {
            let base = try first.restore(at: clock, quarantine: !isWaived)
            if try second.restore(at: clock, quarantine: !isWaived) != base { differences.append("the bases differ") }
            if base.rawValue < index + 1 << 40 { differences.append("the base is too low") }
            index = base.rawValue
        } catch { differences.append("\(error)") }
        model.index = index
        model.restoredThrough = index
        model.quarantineUntil = isWaived ? .zero : model.now + Limits.ttl.upperBound
        if first.digest != second.digest { differences.append("the digests of restored states differ") }
        coverage.note("restore")
    }
}
