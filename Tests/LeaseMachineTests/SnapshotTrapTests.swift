import LeaseMachine
import LeaseholdBase
import Testing

@Suite struct SnapshotTrapTests {
    @Test func trap38_aSnapshotBegunAnewIsOfTheNewState() throws {
        var log = TestLog.varied
        var half: [UInt8] = []
        log.machine.beginSnapshot(chunkBytes: 60)
        #expect(!log.machine.writeSnapshot(atMost: 300, into: &half))
        log.renew(2, 3)
        log.release(4, 2)
        let expected = log.machine.snapshotBytes(chunkBytes: 60)
        // The second follows while the first is half done; nothing that was kept for the first may show in it.
        log.machine.beginSnapshot(chunkBytes: 60)
        var bytes: [UInt8] = []
        log.renew(5)
        while !log.machine.writeSnapshot(atMost: 100, into: &bytes) { log.renew(6, 7) }
        #expect(bytes == expected)
        #expect(log.machine.snapshotUnderWay == nil && log.machine.snapshotOverheadBytes == 0)
        // And a third at once.
        #expect(log.machine.snapshotBytes() != expected && log.violations.isEmpty)
    }

    @Test func trap39_aStateAndItsIndexAreOneWhateverIsAppliedMeanwhile() throws {
        for share in [1, 90, 400] {
            var log = TestLog.varied
            let (index, digest) = (log.machine.appliedIndex, log.machine.digest)
            log.machine.beginSnapshot()
            var bytes: [UInt8] = []
            var claim: UInt64 = 2
            while !log.machine.writeSnapshot(atMost: share, into: &bytes) {
                // Every claim in turn is renewed, changed or ended; and others come.
                switch claim % 4 {
                case 0: log.renew(claim, claim + 1)
                case 1:
                    let update = Update(claim: ClaimReference(claim: ClaimID(claim)), value: [UInt8(claim)])
                    log.apply(.update(log.head(7), update))
                case 2: log.release(claim, 8)
                default: log.acquire("jobs/\(claim)", 9)
                }
                claim = claim % 14 + 1
                log.pulse(after: .milliseconds(50))
            }
            let loaded = try LeaseMachine(snapshot: bytes)
            #expect(loaded.appliedIndex == index && loaded.digest == digest && log.machine.digest != digest)
            #expect(log.violations.isEmpty)
        }
    }

    @Test func trap44_aChunksLengthIsBelievedOnlyUnderItsOwnChecksum() {
        let bytes = TestLog.varied.machine.snapshotBytes()
        for length in [0, 5, 1 << 20, UInt32.max] {
            var damaged = bytes
            damaged.overwrite(uint32: length, at: 12)
            var loader = SnapshotLoader(hashSeed: 1)
            // It is seen with the head, before as many bytes as it says have come.
            let reason = "a chunk's head is damaged"
            #expect(throws: SnapshotError.corrupt(section: "position", offset: 0, reason: reason)) {
                try loader.load(damaged.span.bytes.extracting(0..<20))
            }
        }
    }

    @Test func trap45_noTwoRestoresShareATokenWithEachOtherOrWithTheOld() throws {
        let second: UInt64 = 1_000_000_000
        // How the state came about: of an old cluster, of one restored a short while ago, of one just restored.
        for (last, wall) in [(900, 100), (1 << 51, 1_700_000_000), (1 << 55, 1_700_000_000)] as [(UInt64, UInt64)] {
            var machine = LeaseMachine()
            var output = ApplyOutput()
            let stamp = EntryStamp(
                index: LogIndex(last), logTime: LogTime(1), wallTime: WallTime(wall * second))
            machine.applyEmpty(at: stamp, into: &output)
            var bases: [UInt64] = []
            for moment in [wall, wall + 1, wall + 100, 1_750_000_000] {
                var restored = machine
                let base = try restored.restore(at: WallTime(moment * second), quarantine: true).rawValue
                #expect(restored.appliedIndex.rawValue == base)
                #expect(base >= last + 1 << 40 && base >= moment << 20)
                // As far apart as a cluster that commits a million entries a second would come.
                if let before = bases.last { #expect(base >= before + 1 << 20) }
                bases.append(base)
            }
            var early = machine
            #expect(throws: RestoreError.self) {
                try early.restore(at: WallTime(wall * second - 1), quarantine: true)
            }
            #expect(early.digest == machine.digest, "what is refused changes nothing")
        }
        var exhausted = LeaseMachine()
        var output = ApplyOutput()
        let stamp = EntryStamp(index: LogIndex(.max - 5), logTime: .zero, wallTime: .zero)
        exhausted.applyEmpty(at: stamp, into: &output)
        #expect(throws: RestoreError.exhausted) { try exhausted.restore(at: .zero, quarantine: true) }
    }

    @Test func trap45_aRestoredClusterGrantsAboveEverythingBefore() throws {
        var log = TestLog.varied
        let tokens = log.index
        log.index = try log.machine.restore(at: WallTime(1_750_000_000_000_000_000), quarantine: false).rawValue
        guard case .acquired(_, .holding(let token, _)) = log.acquire("new", 30) else {
            Issue.record("nothing was granted")
            return
        }
        #expect(token.rawValue > tokens + 1 << 40 && token.rawValue > 1_750_000_000 << 20)
        #expect(log.violations.isEmpty)
    }
}
